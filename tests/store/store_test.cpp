// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include "images.h"
#include "store/layout.h"
#include "tests/support/catch.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

Reference named(const std::string& text) { return Reference::parse(text); }

std::string name_of(const std::optional<Entry>& entry) { return entry ? entry->name.to_string() : "none"; }

Digest config_of(const TestImage& image) { return parse_manifest(image.root).config.digest; }

std::filesystem::path blob(const TemporaryFolder& folder, const Digest& digest) {
  return folder.path() / "blobs" / "sha256" / digest.hex();
}

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

/// Adds an entry as another tool would.
void add_foreign(const TemporaryFolder& folder, const std::string& entry) {
  const auto path = folder.path() / "index.json";
  std::string text = string_of(read_whole(path));
  const std::string list = R"("manifests":[)";
  const std::size_t at = text.find(list) + list.size();
  text.insert(at, entry + (text[at] == ']' ? "" : ","));
  write_file(path, bytes_of(text));
}

std::string foreign_entry(const Descriptor& root, const std::string& name) {
  return R"({"mediaType":")" + root.media_type + R"(","digest":")" + root.digest.to_string() + R"(","size":)" +
         std::to_string(root.size) + R"(,"annotations":{"org.opencontainers.image.ref.name":")" + name +
         R"("},"x-other":{"b":1.50,"a":[true,null]}})";
}

void put_blob(const TemporaryFolder& folder, ByteView bytes) {
  std::filesystem::create_directories(folder.path() / "blobs" / "sha256");
  write_file(blob(folder, Digest::of(bytes)), bytes);
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
  Staging staging(store);
  const Staged staged = stage(staging, image, source);
  const Subject right{
      named("a:1"), image.root.descriptor.digest, image.root.descriptor.size, {image.root.descriptor.digest}};
  const auto commit = [&](const Subject& subject) { store.commit(staged, approve(subject)); };
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

TEST_CASE("an approval is good for one commit", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  MemorySource source(image.blobs);
  Staging staging(store);
  const Staged staged = stage(staging, image, source);
  policy::Approval approval = approve(named("a:1"), image);
  store.commit(staged, std::move(approval));
  const auto before = visible(folder.path());
  CHECK_THROWS_AS(store.commit(staged, std::move(approval)), std::logic_error);  // NOLINT(bugprone-use-after-move)
  CHECK(visible(folder.path()) == before);
  store.commit(staged, approve(named("b:1"), image));
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
  CHECK(store.check([](const Descriptor&) {}).empty());

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

TEST_CASE("an image is complete when every blob is there with its size", "[store]") {
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
  }
  CHECK(store.is_complete(image.root.descriptor, image.chosen));
}

TEST_CASE("another name can be given to an image that is here, without reading it again", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  bring_in(store, "a:1", image);
  {
    const Staging staging(store);
    store.commit(staging.present(*store.find(named("a:1"))), approve(named("b:1"), image));
  }
  CHECK(store.find(named("b:1"))->uncompressed_size == 270'000);
  CHECK(store.find(named("b:1"))->manifests == store.find(named("a:1"))->manifests);
  CHECK(has_no_residue(folder.path()));

  SECTION("but not when something of it is missing") {
    std::filesystem::remove(blob(folder, config_of(image)));
    const Staging staging(store);
    REQUIRE_FAULT(staging.present(*store.find(named("a:1"))), Fault::corrupt);
  }
  SECTION("nor when it went between the look and the commit") {
    const Staging staging(store);
    const Staged staged = staging.present(*store.find(named("a:1")));
    store.remove({named("a:1"), named("b:1")});
    REQUIRE_FAULT(store.commit(staged, approve(named("c:1"), image)), Fault::local);
    CHECK(store.list().empty());
  }
}

TEST_CASE("what another tool brought in is listed, but counts as verified only after a pull", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", simple_image(1));
  const TestImage image = simple_image(2);
  put_blob(folder, image.root.bytes);
  for (const auto& [digest, bytes] : image.blobs) put_blob(folder, bytes);
  add_foreign(folder, foreign_entry(image.root.descriptor, "localhost:5000/foreign:1"));

  const std::optional<Entry> entry = store.find(named("localhost:5000/foreign:1"));
  REQUIRE(entry);
  CHECK(entry->manifests == std::vector{image.root.descriptor.digest});
  CHECK_FALSE(store.is_complete(image.root.descriptor, image.chosen));
  {
    const Staging staging(store);
    REQUIRE_FAULT(staging.present(*entry), Fault::corrupt);
  }
  MemorySource nothing({});
  bring_in(store, "localhost:5000/foreign:1", image, nothing);
  CHECK(store.is_complete(image.root.descriptor, image.chosen));
  CHECK(store.list().size() == 2);
  CHECK(string_of(read_whole(folder.path() / "index.json")).find("ref.name\":\"localhost:5000/foreign:1") !=
        std::string::npos);
}

TEST_CASE("a short name that another tool wrote is not taken for one of docker.io", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", simple_image(1));
  const TestImage image = simple_image(2);
  put_blob(folder, image.root.bytes);
  add_foreign(folder, foreign_entry(image.root.descriptor, "12"));
  add_foreign(folder, foreign_entry(image.root.descriptor, "debian:12"));
  CHECK(store.list().size() == 1);
  CHECK_FALSE(store.find(named("debian:12")));
}

TEST_CASE("of two names in one entry the one that tools change counts", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", simple_image(1));
  const Descriptor root = simple_image(1).root.descriptor;
  const auto add = [&](const std::string& ref_name, const std::string& image_name) {
    const std::string extra = ref_name.empty() ? "" : R"("org.opencontainers.image.ref.name":")" + ref_name + R"(",)";
    add_foreign(folder, R"({"mediaType":")" + root.media_type + R"(","digest":")" + root.digest.to_string() +
                            R"(","size":)" + std::to_string(root.size) + R"(,"annotations":{)" + extra +
                            R"("io.containerd.image.name":")" + image_name + "\"}}");
  };
  add("localhost:5000/new:1", "localhost:5000/old:1");
  add("2", "localhost:5000/containerd:2");
  add("", "localhost:5000/containerd:3");
  add("other", "localhost:5000/containerd:4");
  CHECK(store.find(named("localhost:5000/new:1")));
  CHECK(store.find(named("localhost:5000/containerd:2")));
  CHECK(store.find(named("localhost:5000/containerd:3")));
  CHECK_FALSE(store.find(named("localhost:5000/old:1")));
  CHECK_FALSE(store.find(named("localhost:5000/containerd:4")));
  CHECK(store.list().size() == 4);
}

TEST_CASE("entries and members of other tools survive a commit and a removal", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", simple_image(1));
  const std::string entry = foreign_entry(simple_image(2).root.descriptor, "latest");
  const std::string strange = R"({"mediaType":"application/x","digest":"blake3:00","size":7,"k":[{}]})";
  add_foreign(folder, entry);
  add_foreign(folder, strange);
  std::string text = string_of(read_whole(folder.path() / "index.json"));
  text.insert(text.find('{') + 1, R"("annotations":{"who":"other"},)");
  write_file(folder.path() / "index.json", bytes_of(text));
  bring_in(store, "b:1", simple_image(3));
  store.remove({named("a:1")});
  const json::Value index = json::parse("index", read_whole(folder.path() / "index.json"));
  const std::string after = json::to_text(index);
  CHECK(after.find(json::to_text(json::parse("entry", view_of(entry)))) != std::string::npos);
  CHECK(after.find(json::to_text(json::parse("entry", view_of(strange)))) != std::string::npos);
  CHECK(after.find(R"("annotations":{"who":"other"})") != std::string::npos);
}

TEST_CASE("a damaged index is told and never written over", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", simple_image(1));
  const auto text = GENERATE(as<std::string>{}, "", "{", "[]", R"({"schemaVersion":2,"manifests":{}})",
                             R"({"schemaVersion":1,"manifests":[]})", R"({"manifests":[]})",
                             R"({"schemaVersion":2,"manifests":[],"manifests":[]})");
  write_file(folder.path() / "index.json", bytes_of(text));
  const auto before = visible(folder.path());
  REQUIRE_FAULT(store.list(), Fault::corrupt);
  REQUIRE_FAULT(store.find(named("a:1")), Fault::corrupt);
  REQUIRE_FAULT(store.remove({named("a:1")}), Fault::corrupt);
  REQUIRE_FAULT(store.check([](const Descriptor&) {}), Fault::corrupt);
  REQUIRE_FAULT(bring_in(store, "b:1", simple_image(2)), Fault::corrupt);
  CHECK(visible(folder.path()) == before);
}

TEST_CASE("a damaged oci-layout is told and never written over", "[store]") {
  const TemporaryFolder folder;
  {
    Store store(folder.path());
    bring_in(store, "a:1", simple_image(1));
  }
  const auto text =
      GENERATE(as<std::string>{}, "", "{}", R"({"imageLayoutVersion":"2.0.0"})", R"({"imageLayoutVersion":1})");
  write_file(folder.path() / "oci-layout", bytes_of(text));
  REQUIRE_FAULT(Store(folder.path()), Fault::local);
  CHECK(string_of(read_whole(folder.path() / "oci-layout")) == text);
  std::filesystem::remove(folder.path() / "oci-layout");
  REQUIRE_FAULT(Store(folder.path()), Fault::local);
}

TEST_CASE("only a layout, an empty folder or nothing is taken for a store", "[store]") {
  const TemporaryFolder folder;
  CHECK_NOTHROW(Store(folder.path()));
  CHECK_NOTHROW(Store(folder.path() / "new" / "deep"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "new"));
  CHECK(std::filesystem::is_empty(folder.path()));
  std::filesystem::create_directory(folder.path() / "lost+found");
  CHECK_NOTHROW(Store(folder.path()));
  write_file(folder.path() / "letter.txt", bytes_of("dear"));
  REQUIRE_FAULT(Store(folder.path()), Fault::local);
  REQUIRE_FAULT(Store(folder.path() / "letter.txt"), Fault::local);
}

TEST_CASE("looking into a store that is not there makes nothing", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path() / "store");
  CHECK(store.list().empty());
  CHECK_FALSE(store.find(std::string("a:1")));
  CHECK(store.check([](const Descriptor&) {}).empty());
  REQUIRE_FAULT(store.remove({named("a:1")}), Fault::missing);
  REQUIRE_FAULT(store.read(simple_image(1).root.descriptor), Fault::missing);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a refused first pull leaves only empty folders", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path() / "deep" / "store");
  TestImage image = simple_image(1);
  MemorySource source({});
  REQUIRE_FAULT(bring_in(store, "a:1", image, source), Fault::missing);
  CHECK(visible(folder.path() / "deep" / "store").empty());
  CHECK(has_no_residue(folder.path() / "deep" / "store"));
  CHECK_NOTHROW(Store(folder.path() / "deep" / "store"));
}

TEST_CASE("a document of the store is hashed while it is read", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  bring_in(store, "a:1", image);
  const auto path = blob(folder, image.root.descriptor.digest);
  Bytes bytes = read_whole(path);
  bytes.back() ^= 1U;
  write_file(path, bytes);
  REQUIRE_FAULT(store.read(image.root.descriptor), Fault::corrupt);
  bytes.pop_back();
  write_file(path, bytes);
  REQUIRE_FAULT(store.read(image.root.descriptor), Fault::corrupt);
}
