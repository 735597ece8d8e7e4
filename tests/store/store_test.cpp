// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include <fstream>

#include "store/layout/layout.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

std::string name_of(const std::optional<Entry>& entry) { return entry ? entry->name.to_string() : "none"; }

Digest config_of(const TestImage& image) { return parse_manifest(image.root).config.digest; }

Recipe for_architecture(const std::string& architecture) {
  Recipe recipe;
  recipe.layers = {gzip_layer(noise(5000, static_cast<unsigned>(architecture.size()))), gzip_layer(noise(900, 9))};
  recipe.architecture = architecture;
  return recipe;
}

/// The index with only some of its manifests chosen.
TestImage only(const TestImage& index, std::size_t which) {
  TestImage part = index;
  part.manifests = {index.manifests[which]};
  part.chosen = {index.chosen[which]};
  return part;
}

}  // namespace

TEST_CASE("a committed image is found by its names and ids", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  bring_in(store, "debian:12", image);
  const std::string full = "docker.io/library/debian:12";
  CHECK(name_of(store.find(std::string("debian:12"))) == full);
  CHECK(name_of(store.find(std::string("docker.io/library/debian:12"))) == full);
  CHECK(name_of(store.find(std::string("library/debian:12"))) == full);
  CHECK(name_of(store.find(named("debian:12"))) == full);
  CHECK(name_of(store.find("debian@" + image.root.descriptor.digest.to_string())) == full);
  CHECK(name_of(store.find(config_of(image).hex())) == full);
  CHECK(name_of(store.find(config_of(image).to_string())) == full);
  CHECK(name_of(store.find(config_of(image).hex().substr(0, 12))) == full);
  CHECK(name_of(store.find(config_of(image).hex().substr(0, 4))) == full);
  CHECK(name_of(store.find("sha256:" + config_of(image).hex().substr(0, 12))) == full);
  CHECK(name_of(store.find(image.root.descriptor.digest.hex().substr(0, 12))) == full);
  CHECK_FALSE(store.find(config_of(image).hex().substr(0, 3)));
  CHECK_FALSE(store.find(std::string("debian")));
  CHECK_FALSE(store.find(std::string("debian:13")));
  CHECK_FALSE(store.find(std::string("ffffffffffff")));
  CHECK_FALSE(store.find("busybox@" + image.root.descriptor.digest.to_string()));
  REQUIRE_FAULT(store.find(std::string("Debian:12")), Fault::usage);

  const Entry entry = store.list().at(0);
  CHECK(entry.root.digest == image.root.descriptor.digest);
  CHECK(entry.manifests == std::vector{image.root.descriptor.digest});
  CHECK(entry.uncompressed_size == 270'000);
  CHECK(store.read(entry.root).bytes == image.root.bytes);
}

TEST_CASE("latest is what a name without tag means", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "debian", simple_image(1));
  CHECK(name_of(store.find(named("debian:latest"))) == "docker.io/library/debian:latest");
  CHECK(name_of(store.find(std::string("debian"))) == "docker.io/library/debian:latest");
}

TEST_CASE("a name wins over an id, and an ambiguous id is refused", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  std::vector<TestImage> images;
  for (unsigned seed = 0; seed < 600; ++seed) {
    Recipe recipe;
    recipe.variant = "x" + std::to_string(seed);
    images.push_back(make_image(recipe));
  }
  // Two configs that share four digits: among 600 that is as good as certain.
  std::map<std::string, const TestImage*> seen;
  for (const TestImage& image : images) {
    const std::string start = config_of(image).hex().substr(0, 4);
    const auto [place, is_new] = seen.emplace(start, &image);
    if (is_new) continue;
    bring_in(store, "a:1", *place->second);
    bring_in(store, "b:1", image);
    REQUIRE_FAULT(store.find(start), Fault::usage);
    CHECK(name_of(store.find(config_of(image).hex())) == "docker.io/library/b:1");
    bring_in(store, start, images[0]);
    CHECK(name_of(store.find(start)) == "docker.io/library/" + start + ":latest");
    return;
  }
  FAIL("no two ids that begin alike");
}

TEST_CASE("one image under two names is not ambiguous", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  bring_in(store, "a:1", image);
  bring_in(store, "b:1", image);
  CHECK(store.find(config_of(image).hex().substr(0, 12)));
  CHECK(store.list().size() == 2);
}

TEST_CASE("an approval for other bytes than were staged changes nothing", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "old:1", simple_image(9));
  const auto before = visible(folder.path());
  const TestImage image = simple_image(1);
  const TestImage other = simple_image(2);
  MemorySource source(image.blobs);
  Staging staging(store.directory());
  const Staged staged = stage(staging, image, source);
  const Subject right{
      named("a:1"), image.root.descriptor.digest, image.root.descriptor.size, {image.root.descriptor.digest}};
  const auto commit = [&](const Subject& subject) { store.commit(staged, approve(subject), store.lock()); };
  Subject wrong = right;
  SECTION("another digest") { wrong.digest = other.root.descriptor.digest; }
  SECTION("another size") { wrong.size += 1; }
  SECTION("other instances") { wrong.instances = {other.root.descriptor.digest}; }
  SECTION("more instances") { wrong.instances.push_back(other.root.descriptor.digest); }
  SECTION("no instances") { wrong.instances.clear(); }
  CHECK_THROWS_AS(commit(wrong), std::logic_error);
  CHECK(visible(folder.path()) == before);
  commit(right);
  CHECK(store.find(named("a:1")));
}

TEST_CASE("layers that inflate to more than an approval allows are not committed", "[store]") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  const TestImage image = simple_image(1);
  MemorySource source(image.blobs);
  Staging staging(store.directory());
  const Staged staged = stage(staging, image, source);
  const std::uint64_t inflated = staged.most_uncompressed().value();
  CHECK(inflated > 0);
  Subject subject{
      named("a:1"), image.root.descriptor.digest, image.root.descriptor.size, {image.root.descriptor.digest}};
  subject.most_uncompressed = inflated;
  CHECK_NOTHROW(check_approval(staged, subject));
  subject.most_uncompressed = inflated - 1;
  REQUIRE_FAULT(check_approval(staged, subject), Fault::refused);
}

TEST_CASE("a layer that inflates beyond the limit is stopped, fetched or found", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  bring_in(store, "a:1", image);
  const auto before = visible(folder.path());
  SECTION("fetched") {
    const TemporaryFolder other;
    const Store empty(other.path());
    MemorySource source(image.blobs);
    Staging staging(empty.directory());
    staging.limit_inflation(1);
    REQUIRE_FAULT(stage(staging, image, source), Fault::refused);
  }
  SECTION("found") {
    Staging staging(store.directory());
    staging.limit_inflation(1);
    REQUIRE_FAULT(staging.present(*store.find(named("a:1")), [](std::uint64_t) {}), Fault::refused);
  }
  SECTION("found, and below it") {
    Staging staging(store.directory());
    staging.limit_inflation(std::uint64_t{1} << 30U);
    CHECK(staging.present(*store.find(named("a:1")), [](std::uint64_t) {}).most_uncompressed());
  }
  CHECK(visible(folder.path()) == before);
}

TEST_CASE("what was not measured is not committed under a limit", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  bring_in(store, "a:1", image);
  Staging staging(store.directory());
  const Staged looked_at = staging.present(*store.find(named("a:1")), [](std::uint64_t) {});
  Subject subject{
      named("b:1"), image.root.descriptor.digest, image.root.descriptor.size, {image.root.descriptor.digest}};
  CHECK_NOTHROW(check_approval(looked_at, subject));
  subject.most_uncompressed = std::uint64_t{1} << 30U;
  CHECK_THROWS_AS(check_approval(looked_at, subject), std::logic_error);
}

TEST_CASE("an approval is good for one commit", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  MemorySource source(image.blobs);
  Staging staging(store.directory());
  const Staged staged = stage(staging, image, source);
  policy::Approval approval = approve(named("a:1"), image);
  store.commit(staged, std::move(approval), store.lock());
  const auto before = visible(folder.path());
  CHECK_THROWS_AS(store.commit(staged, std::move(approval), store.lock()),
                  std::logic_error);  // NOLINT(bugprone-use-after-move)
  CHECK(visible(folder.path()) == before);
  store.commit(staged, approve(named("b:1"), image), store.lock());
  CHECK(store.list().size() == 2);
}

TEST_CASE("a tag that moves leaves the old image under its digest", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage old = simple_image(1);
  const TestImage young = simple_image(2);
  bring_in(store, "localhost:5000/a:1", old);
  bring_in(store, "localhost:5000/a:1", young);
  REQUIRE(store.list().size() == 2);
  CHECK(store.find(named("localhost:5000/a:1"))->root.digest == young.root.descriptor.digest);
  const std::string by_digest = "localhost:5000/a@" + old.root.descriptor.digest.to_string();
  CHECK(name_of(store.find(by_digest)) == by_digest);
  CHECK(store.find(by_digest)->uncompressed_size == 270'000);
  CHECK(store.check([](const Descriptor&) {}, [] {}).empty());

  SECTION("and it is one entry again when the tag moves back") {
    bring_in(store, "localhost:5000/a:1", old);
    REQUIRE(store.list().size() == 2);
    CHECK(name_of(store.find(by_digest)) == "localhost:5000/a:1");
    CHECK(name_of(store.find(young.root.descriptor.digest.hex())) ==
          "localhost:5000/a@" + young.root.descriptor.digest.to_string());
  }
  SECTION("and a pull by that digest makes it a name of its own") {
    bring_in(store, by_digest, old);
    bring_in(store, "localhost:5000/a:2", old);
    CHECK(store.list().size() == 3);
    CHECK(name_of(store.find(by_digest)) == by_digest);
  }
}

TEST_CASE("the same image again changes nothing but may be said again", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", simple_image(1));
  const auto before = visible(folder.path());
  bring_in(store, "a:1", simple_image(1));
  CHECK(visible(folder.path()) == before);
}

TEST_CASE("a pull by digest is an entry by that digest, a tag beside it is not kept", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  const std::string digest = image.root.descriptor.digest.to_string();
  bring_in(store, "a:1@" + digest, image);
  CHECK(name_of(store.find("a@" + digest)) == "docker.io/library/a@" + digest);
  CHECK(name_of(store.find("a:7@" + digest)) == "docker.io/library/a@" + digest);
  CHECK_FALSE(store.find(named("a:1")));
}

TEST_CASE("of an index only the chosen platforms are stored, and later ones are added", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage index = make_index({make_image(for_architecture("amd64")), make_image(for_architecture("s390x"))});
  bring_in(store, "a:1", only(index, 0));
  Entry entry = store.list().at(0);
  CHECK(entry.root.digest == index.root.descriptor.digest);
  CHECK(entry.manifests == std::vector{index.chosen[0].digest});
  CHECK(store.is_complete(index.root.descriptor, {index.chosen[0]}));
  CHECK_FALSE(store.is_complete(index.root.descriptor, {index.chosen[1]}));
  CHECK_FALSE(store.is_complete(index.root.descriptor, index.chosen));
  CHECK_FALSE(store.is_complete(index.root.descriptor, {}));

  bring_in(store, "a:1", only(index, 1));
  REQUIRE(store.list().size() == 1);
  entry = store.list().at(0);
  CHECK(entry.manifests == std::vector{index.chosen[1].digest, index.chosen[0].digest});
  CHECK(store.is_complete(index.root.descriptor, index.chosen));

  SECTION("those that are no longer complete are not counted") {
    std::filesystem::remove(blob(folder, config_of(make_image(for_architecture("amd64")))));
    bring_in(store, "a:1", only(index, 1));
    CHECK(store.list().at(0).manifests == std::vector{index.chosen[1].digest});
  }
  SECTION("ids of each are ids of the image") {
    CHECK(store.find(index.chosen[1].digest.hex().substr(0, 12)));
    CHECK(store.find(config_of(make_image(for_architecture("amd64"))).hex().substr(0, 12)));
  }
}

TEST_CASE("an image is complete when every blob is the file that a commit verified", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  CHECK_FALSE(store.is_complete(image.root.descriptor, image.chosen));
  bring_in(store, "a:1", image);
  CHECK(store.is_complete(image.root.descriptor, image.chosen));
  std::vector<Digest> all{image.root.descriptor.digest};
  for (const auto& [digest, bytes] : image.blobs) all.push_back(digest);
  for (const Digest& digest : all) {
    const Bytes bytes = read_whole(blob(folder, digest));
    std::filesystem::resize_file(blob(folder, digest), bytes.size() - 1);
    CHECK_FALSE(store.is_complete(image.root.descriptor, image.chosen));
    std::filesystem::remove(blob(folder, digest));
    CHECK_FALSE(store.is_complete(image.root.descriptor, image.chosen));
    write_file(blob(folder, digest), bytes);
    CHECK_FALSE(store.is_complete(image.root.descriptor, image.chosen));
    MemorySource nothing({});
    bring_in(store, "a:1", image, nothing);
    CHECK(store.is_complete(image.root.descriptor, image.chosen));
  }
}

TEST_CASE("another name can be given to an image that is here, without reading it again", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  bring_in(store, "a:1", image);
  {
    Staging staging(store.directory());
    store.commit(staging.present(*store.find(named("a:1")), [](std::uint64_t) {}), approve(named("b:1"), image),
                 store.lock());
  }
  CHECK(store.find(named("b:1"))->uncompressed_size == 270'000);
  CHECK(store.find(named("b:1"))->manifests == store.find(named("a:1"))->manifests);
  CHECK(has_no_residue(folder.path()));

  SECTION("but not when something of it is missing") {
    std::filesystem::remove(blob(folder, config_of(image)));
    Staging staging(store.directory());
    REQUIRE_FAULT(staging.present(*store.find(named("a:1")), [](std::uint64_t) {}), Fault::corrupt);
  }
  SECTION("also when another pull gave a blob a second name meanwhile, as it does while it looks") {
    Staging staging(store.directory());
    const Staged staged = staging.present(*store.find(named("a:1")), [](std::uint64_t) {});
    const auto layer = blob(folder, parse_manifest(image.root).layers.front().digest);
    const auto second = folder.path() / "second";
    std::filesystem::create_hard_link(layer, second);
    std::filesystem::remove(second);
    CHECK_NOTHROW(store.commit(staged, approve(named("c:1"), image), store.lock()));
    CHECK(store.find(named("c:1")));
  }
  SECTION("but not when its bytes changed meanwhile") {
    Staging staging(store.directory());
    const Staged staged = staging.present(*store.find(named("a:1")), [](std::uint64_t) {});
    const auto layer = blob(folder, parse_manifest(image.root).layers.front().digest);
    std::fstream(layer, std::ios::in | std::ios::out | std::ios::binary).put('x');
    REQUIRE_FAULT(store.commit(staged, approve(named("c:1"), image), store.lock()), Fault::local);
    CHECK_FALSE(store.find(named("c:1")));
  }
  SECTION("nor when it went between the look and the commit") {
    Staging staging(store.directory());
    const Staged staged = staging.present(*store.find(named("a:1")), [](std::uint64_t) {});
    store.remove(entries_of(store, {named("a:1"), named("b:1")}));
    REQUIRE_FAULT(store.commit(staged, approve(named("c:1"), image), store.lock()), Fault::local);
    CHECK(store.list().empty());
  }
}
