// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "store/store.h"
#include "tests/store/shared_layers.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

TEST_CASE("a sound store has no damage, and every blob is looked at once", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", sharing(10));
  bring_in(store, "b:1", sharing(11));
  std::vector<Digest> seen;
  CHECK(store.check([&](const Descriptor& descriptor) { seen.push_back(descriptor.digest); }, [] {}).empty());
  std::sort(seen.begin(), seen.end());
  CHECK(seen.size() == 7);
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
}

TEST_CASE("damage is named with the images that need the blob", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", sharing(10));
  bring_in(store, "b:1", sharing(11));
  bring_in(store, "c:1", simple_image(5));
  const Digest shared = parse_manifest(sharing(10).root).layers[0].digest;
  const Bytes good = read_whole(blob(folder, shared));
  Bytes bad = good;
  SECTION("a flipped bit") {
    bad[50] ^= 1U;
    write_file(blob(folder, shared), bad);
    CHECK(damages(store).at(0).what ==
          "expected " + shared.to_string() + ", found " + Digest::of(bad).to_string() + " (E_BLOB_DIGEST)");
  }
  SECTION("a byte too few") {
    bad.pop_back();
    write_file(blob(folder, shared), bad);
    CHECK(damages(store).at(0).what.find(std::to_string(good.size()) + " bytes") != std::string::npos);
  }
  SECTION("missing") {
    std::filesystem::remove(blob(folder, shared));
    CHECK(damages(store).at(0).what == "missing");
  }
  const std::vector<DamagedBlob> found = damages(store);
  REQUIRE(found.size() == 1);
  CHECK(found[0].digest == shared);
  CHECK(found[0].names == std::vector<std::string>{"docker.io/library/a:1", "docker.io/library/b:1"});
}

TEST_CASE("damaged manifests and configs are found", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = sharing(10);
  bring_in(store, "a:1", image);
  const Digest config = parse_manifest(image.root).config.digest;
  for (const Digest& digest : {image.root.descriptor.digest, config}) {
    const Bytes good = read_whole(blob(folder, digest));
    std::filesystem::remove(blob(folder, digest));
    REQUIRE(damages(store).size() == 1);
    CHECK(damages(store)[0].digest == digest);
    write_file(blob(folder, digest), good);
  }
  CHECK(damages(store).empty());
}

TEST_CASE("a foreign image whose DiffIDs are wrong is damage", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", sharing(10));
  Recipe recipe;
  recipe.layers = {gzip_layer(noise(500, 1))};
  recipe.diff_ids = {Digest::of(view_of("other"))};
  const TestImage image = make_image(recipe);
  write_file(blob(folder, image.root.descriptor.digest), image.root.bytes);
  for (const auto& [digest, bytes] : image.blobs) write_file(blob(folder, digest), bytes);
  append_entry(folder, R"({"mediaType":")" + image.root.descriptor.media_type + R"(","digest":")" +
                           image.root.descriptor.digest.to_string() + R"(","size":)" +
                           std::to_string(image.root.descriptor.size) + "}");
  const std::vector<DamagedBlob> found = damages(store);
  REQUIRE(found.size() == 1);
  CHECK(found[0].what.find("DiffID") != std::string::npos);
}
