// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <fstream>
#include <thread>

#include "store/store.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

namespace hallmark::test {
namespace {

using store::Store;

bool is_complete(const Store& store, const TestImage& image) {
  return store.is_complete(image.root.descriptor, image.chosen);
}

std::filesystem::path vouchers_of(const TemporaryFolder& folder) { return folder.path() / ".hallmark" / "verified"; }

}  // namespace

TEST_CASE("a copy of a store vouches for nothing until it has been hashed", "[store]") {
  const TemporaryFolder original;
  const TemporaryFolder copied;
  const TestImage image = simple_image(1);
  Store store(original.path());
  bring_in(store, "a:1", image);
  CHECK(is_complete(store, image));

  std::filesystem::copy(original.path(), copied.path(), std::filesystem::copy_options::recursive);
  REQUIRE(std::filesystem::exists(vouchers_of(copied)));
  Store copy(copied.path());
  CHECK(copy.list().size() == 1);
  CHECK_FALSE(is_complete(copy, image));

  MemorySource nothing({});
  bring_in(copy, "a:1", image, nothing);
  CHECK(is_complete(copy, image));
  CHECK(is_complete(store, image));
}

TEST_CASE("other bytes of the same size under a verified name are found out", "[store]") {
  const TemporaryFolder folder;
  const TestImage image = simple_image(1);
  Store store(folder.path());
  bring_in(store, "a:1", image);
  for (const auto& [digest, bytes] : image.blobs) {
    const auto path = folder.path() / "blobs" / "sha256" / digest.hex();
    const auto time = std::filesystem::last_write_time(path);
    // File systems tell times apart in steps of some milliseconds.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    write_file(path, Bytes(bytes.size(), 'x'));
    std::filesystem::last_write_time(path, time);
    CHECK_FALSE(is_complete(store, image));
    MemorySource source(image.blobs);
    bring_in(store, "a:1", image, source);
    CHECK(source.fetches == 1);
    CHECK(read_whole(path) == bytes);
    CHECK(is_complete(store, image));
  }
}

TEST_CASE("vouchers that cannot be read or written cost a second hash and nothing else", "[store]") {
  const TemporaryFolder folder;
  const TestImage image = simple_image(1);
  Store store(folder.path());
  bring_in(store, "a:1", image);
  SECTION("nonsense") {
    write_file(vouchers_of(folder), view_of(std::string("sha256:beef 1 2 3\n")));
    CHECK_FALSE(is_complete(store, image));
  }
  SECTION("cut off") {
    std::filesystem::resize_file(vouchers_of(folder), 100);
    CHECK_FALSE(is_complete(store, image));
  }
  SECTION("one line without a number behind those that are good") {
    CHECK(is_complete(store, image));
    std::ofstream(vouchers_of(folder), std::ios::app) << Digest::of({}).to_string() << " 1 2 three\n";
    CHECK_FALSE(is_complete(store, image));
  }
  SECTION("a folder in their place") {
    std::filesystem::remove(vouchers_of(folder));
    std::filesystem::create_directory(vouchers_of(folder));
    CHECK_FALSE(is_complete(store, image));
    bring_in(store, "b:1", image);
    CHECK(store.list().size() == 2);
    std::filesystem::remove(vouchers_of(folder));
  }
  MemorySource nothing({});
  bring_in(store, "a:1", image, nothing);
  CHECK(is_complete(store, image));
}

TEST_CASE("nothing is vouched for where others could have written the list or the file", "[store]") {
  const TemporaryFolder folder;
  const TestImage image = simple_image(1);
  Store store(folder.path());
  bring_in(store, "a:1", image);
  const auto others = std::filesystem::perms::others_write;
  SECTION("the list") { std::filesystem::permissions(vouchers_of(folder), others, std::filesystem::perm_options::add); }
  SECTION("the folder of the list") {
    std::filesystem::permissions(folder.path() / ".hallmark", others, std::filesystem::perm_options::add);
  }
  SECTION("the folder of the list is somewhere else") {
    std::filesystem::rename(folder.path() / ".hallmark", folder.path() / "elsewhere");
    std::filesystem::create_directory_symlink("elsewhere", folder.path() / ".hallmark");
  }
  CHECK_FALSE(is_complete(store, image));
}

TEST_CASE("an image keeps its vouchers when another one shares its layers or goes", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestLayer shared = gzip_layer(noise(20'000, 1));
  Recipe recipe;
  recipe.layers = {shared};
  const TestImage first = make_image(recipe);
  recipe.layers.push_back(gzip_layer(noise(20'000, 2)));
  const TestImage second = make_image(recipe);
  bring_in(store, "a:1", first);
  bring_in(store, "b:1", second);
  CHECK(is_complete(store, first));
  CHECK(is_complete(store, second));
}

}  // namespace hallmark::test
