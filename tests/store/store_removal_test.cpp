// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "store/store.h"
#include "tests/store/shared_layers.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

std::size_t count_of_blobs(const TemporaryFolder& folder) {
  std::size_t count = 0;
  for (const auto& [name, bytes] : visible(folder.path())) count += name.starts_with("blobs/") ? 1U : 0U;
  return count;
}

}  // namespace

TEST_CASE("a name that was given to another image since it was chosen is not removed", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", sharing(10));
  bring_in(store, "a:2", sharing(10));
  const std::vector<Entry> chosen = entries_of(store, {named("a:1"), named("a:2")});
  bring_in(store, "a:1", sharing(11));
  REQUIRE_FAULT(store.remove(chosen), Fault::missing);
  CHECK(message_of([&] { store.remove(chosen); }).find("a:1 was given to another image meanwhile") == 0);
  CHECK(store.list().size() == 3);  // what had the name stays, by its digest
  CHECK(store.remove(entries_of(store, {named("a:1"), named("a:2")})).untagged.size() == 2);
}

TEST_CASE("the last name takes the image with it, and shared blobs stay", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage first = sharing(10);
  const TestImage second = sharing(11);
  bring_in(store, "a:1", first);
  bring_in(store, "a:2", first);
  bring_in(store, "b:1", second);
  CHECK(count_of_blobs(folder) == 7);

  Store::Removal removal = store.remove(entries_of(store, {named("a:1")}));
  CHECK(removal.untagged == std::vector<std::string>{"a:1"});
  CHECK(removal.deleted.empty());
  CHECK(removal.unclear.empty());
  CHECK(count_of_blobs(folder) == 7);

  removal = store.remove(entries_of(store, {named("a:2")}));
  REQUIRE(removal.deleted.size() == 3);
  CHECK(removal.deleted[0] == parse_manifest(first.root).config.digest);
  CHECK(count_of_blobs(folder) == 4);
  CHECK(damages(store).empty());
  CHECK(has_no_residue(folder.path()));

  removal = store.remove(entries_of(store, {named("b:1")}));
  CHECK(removal.deleted.size() == 4);
  CHECK(count_of_blobs(folder) == 0);
  CHECK(store.list().empty());
}

TEST_CASE("several names go in one step, and none when one of them is not here", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", sharing(10));
  bring_in(store, "a:2", sharing(10));
  const auto before = visible(folder.path());
  REQUIRE_FAULT(store.remove(entries_of(store, {named("a:1"), named("a:3")})), Fault::missing);
  CHECK(visible(folder.path()) == before);
  CHECK(store.remove(entries_of(store, {named("a:1"), named("a:2")})).deleted.size() == 4);
}

TEST_CASE("an index goes with the platforms that are here", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  Recipe recipe;
  recipe.layers = {gzip_layer(noise(500, 1))};
  TestImage other = make_image(recipe);
  recipe.architecture = "s390x";
  TestImage index = make_index({make_image(recipe), other});
  index.manifests.pop_back();
  index.chosen.pop_back();
  bring_in(store, "a:1", index);
  CHECK(count_of_blobs(folder) == 4);
  CHECK(store.remove(entries_of(store, {named("a:1")})).deleted.size() == 4);
  CHECK(count_of_blobs(folder) == 0);
}

TEST_CASE("blobs that an entry of another tool needs stay", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = sharing(10);
  bring_in(store, "a:1", image);
  append_entry(folder, R"({"mediaType":")" + image.root.descriptor.media_type + R"(","digest":")" +
                           image.root.descriptor.digest.to_string() + R"(","size":)" +
                           std::to_string(image.root.descriptor.size) + "}");
  CHECK(store.remove(entries_of(store, {named("a:1")})).deleted.empty());
  CHECK(count_of_blobs(folder) == 4);
}

TEST_CASE("when it is not clear what an entry needs, names go and blobs stay, and that is said", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", sharing(10));
  bring_in(store, "b:1", sharing(11));
  SECTION("an entry of a kind that is not known") {
    append_entry(folder, R"({"mediaType":"application/x","digest":"blake3:00","size":7})");
  }
  SECTION("a root that is missing") { std::filesystem::remove(blob(folder, sharing(11).root.descriptor.digest)); }
  SECTION("a root that is damaged") { write_file(blob(folder, sharing(11).root.descriptor.digest), view_of("{}")); }
  const std::size_t before = count_of_blobs(folder);
  const Store::Removal removal = store.remove(entries_of(store, {named("a:1")}));
  CHECK(removal.untagged.size() == 1);
  CHECK(removal.deleted.empty());
  CHECK(removal.unclear.size() == 1);
  CHECK(count_of_blobs(folder) == before);
  CHECK_FALSE(store.find(named("a:1")));
}

TEST_CASE("a damaged image can be removed", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = sharing(10);
  bring_in(store, "a:1", image);
  std::filesystem::remove(blob(folder, image.root.descriptor.digest));
  CHECK_NOTHROW(store.remove(entries_of(store, {named("a:1")})));
  CHECK(store.list().empty());
}

TEST_CASE("a removal does not disturb a pull that has taken the blobs already", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = sharing(10);
  bring_in(store, "a:1", image);
  MemorySource nothing({});
  Staging staging(store.directory());
  const Staged staged = stage(staging, image, nothing);
  store.remove(entries_of(store, {named("a:1")}));
  CHECK(count_of_blobs(folder) == 0);
  store.commit(staged, approve(named("b:1"), image), store.lock());
  CHECK(damages(store).empty());
  CHECK(count_of_blobs(folder) == 4);
}
