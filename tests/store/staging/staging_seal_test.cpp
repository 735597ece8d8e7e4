// SPDX-License-Identifier: Apache-2.0
//
// Sealing, threads that share a quarantine, and blobs that the store has already.
#include <thread>

#include "store/staging/staging.h"
#include "tests/store/staging/two_layers.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

TEST_CASE("only what was taken whole can be sealed", "[store]") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  const TestImage image = simple_image(1);
  const TestImage index = make_index({image});
  const Manifest manifest = parse_manifest(image.root);
  const Config config = parse_config(image.blobs.at(manifest.config.digest));
  MemorySource source(image.blobs);
  Staging staging(store.directory());
  const auto seal = [&] { return staging.seal(image.root.descriptor, image.chosen); };
  REQUIRE_FAULT(seal(), Fault::corrupt);
  staging.take(image.root);
  REQUIRE_FAULT(seal(), Fault::corrupt);
  staging.take_config(manifest.config, source);
  REQUIRE_FAULT(seal(), Fault::corrupt);
  staging.take_layer(manifest.layers[0], config.diff_ids[0], source, [](std::uint64_t) {});
  REQUIRE_FAULT(seal(), Fault::corrupt);
  staging.take_layer(manifest.layers[1], config.diff_ids[1], source, [](std::uint64_t) {});
  const Staged staged = seal();
  CHECK(staged.uncompressed_size() == 270'000);
  CHECK(staged.manifests().size() == 1);
  REQUIRE_FAULT(staging.seal(image.root.descriptor, {}), Fault::corrupt);
  REQUIRE_FAULT(staging.seal(index.root.descriptor, index.chosen), Fault::corrupt);
  staging.take(index.root);
  CHECK_NOTHROW(staging.seal(index.root.descriptor, index.chosen));
  REQUIRE_FAULT(staging.seal(image.root.descriptor, {index.root.descriptor}), Fault::corrupt);
}

TEST_CASE("a manifest that the index does not list cannot be sealed under it", "[store]") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  const TestImage index = make_index({simple_image(1)});
  const TestImage other = simple_image(2);
  MemorySource source(index.blobs);
  source.blobs().insert(other.blobs.begin(), other.blobs.end());
  Staging staging(store.directory());
  stage(staging, index, source);
  stage(staging, other, source);
  REQUIRE_FAULT(staging.seal(index.root.descriptor, {other.root.descriptor}), Fault::corrupt);
  Descriptor longer = index.chosen[0];
  longer.size += 1;
  REQUIRE_FAULT(staging.seal(index.root.descriptor, {longer}), Fault::corrupt);
}

TEST_CASE("one blob cannot be two layers with different DiffIDs", "[store]") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  const TestLayer layer = gzip_layer(noise(100, 1));
  const Descriptor descriptor{layer.media_type, Digest::of(layer.blob), layer.blob.size(), std::nullopt, {}};
  MemorySource source({{descriptor.digest, layer.blob}});
  Staging staging(store.directory());
  const auto take = [&](const Descriptor& what, const Digest& diff_id) {
    return staging.take_layer(what, diff_id, source, [](std::uint64_t) {});
  };
  CHECK(take(descriptor, layer.diff_id) == LayerOrigin::fetched);
  CHECK(take(descriptor, layer.diff_id) == LayerOrigin::already_here);
  CHECK(source.fetches == 1);
  REQUIRE_FAULT(take(descriptor, Digest::of(view_of("x"))), Fault::corrupt);
  Descriptor other = descriptor;
  other.media_type = "application/vnd.oci.image.layer.v1.tar";
  REQUIRE_FAULT(take(other, layer.diff_id), Fault::corrupt);
}

TEST_CASE("threads that want the same layer fetch it once", "[store]") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  const TestLayer layer = gzip_layer(noise(3'000'000, 1));
  const Descriptor descriptor{layer.media_type, Digest::of(layer.blob), layer.blob.size(), std::nullopt, {}};
  MemorySource source({{descriptor.digest, layer.blob}});
  Staging staging(store.directory());
  std::atomic<int> fetched = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        const auto origin = staging.take_layer(descriptor, layer.diff_id, source, [](std::uint64_t) {});
        if (origin == LayerOrigin::fetched) ++fetched;
      });
    }
  }
  CHECK(fetched == 1);
  CHECK(source.fetches == 1);
}

TEST_CASE("a thread that waited for a layer tries itself when the first one failed", "[store]") {
  class FailsOnce final : public Source {
   public:
    explicit FailsOnce(Bytes blob) : blob_(std::move(blob)) {}
    void fetch(const Descriptor& /*blob*/, ByteSink& out) override {
      out.write(ByteView(blob_).first(100));
      if (calls++ == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        fail(Fault::unavailable, "cut");
      }
      out.write(ByteView(blob_).subspan(100));
    }
    std::atomic<int> calls = 0;

   private:
    Bytes blob_;
  };
  const TemporaryFolder folder;
  const Store store(folder.path());
  const TestLayer layer = gzip_layer(noise(1000, 1));
  const Descriptor descriptor{layer.media_type, Digest::of(layer.blob), layer.blob.size(), std::nullopt, {}};
  FailsOnce source(layer.blob);
  Staging staging(store.directory());
  std::atomic<int> failed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        if (fault_of([&] { staging.take_layer(descriptor, layer.diff_id, source, [](std::uint64_t) {}); })) ++failed;
      });
    }
  }
  CHECK(failed == 1);
  CHECK(source.calls == 2);
}

TEST_CASE("progress says how many bytes have passed, and may stop the pass", "[store]") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  const TestLayer layer = gzip_layer(noise(300'000, 1));
  const Descriptor descriptor{layer.media_type, Digest::of(layer.blob), layer.blob.size(), std::nullopt, {}};
  MemorySource source({{descriptor.digest, layer.blob}});
  Staging staging(store.directory());
  REQUIRE_FAULT(staging.take_layer(descriptor, layer.diff_id, source,
                                   [](std::uint64_t passed) {
                                     if (passed > 100'000) fail(Fault::interrupted, "interrupted");
                                   }),
                Fault::interrupted);
  std::vector<std::uint64_t> seen;
  staging.take_layer(descriptor, layer.diff_id, source, [&](std::uint64_t passed) { seen.push_back(passed); });
  CHECK(std::is_sorted(seen.begin(), seen.end()));
  CHECK(seen.back() == descriptor.size);
}

TEST_CASE("a blob of the store is hashed again and not fetched", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  bring_in(store, kName, image);
  MemorySource nothing({});
  bring_in(store, "localhost:5000/lib/other:1", image, nothing);
  CHECK(nothing.fetches == 0);
  CHECK(store.list().size() == 2);
  CHECK(has_no_residue(folder.path()));
}

TEST_CASE("a damaged blob of the store is fetched anew and mended", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  bring_in(store, kName, image);
  const Descriptor layer = parse_manifest(image.root).layers[0];
  const std::filesystem::path path = folder.path() / "blobs" / "sha256" / layer.digest.hex();
  SECTION("a flipped bit") {
    Bytes bytes = read_whole(path);
    bytes[1000] ^= 1U;
    write_file(path, bytes);
  }
  SECTION("cut") { std::filesystem::resize_file(path, 100); }
  SECTION("gone") { std::filesystem::remove(path); }
  SECTION("a link to a sound copy elsewhere") {
    std::filesystem::rename(path, folder.path() / ".hallmark" / "copy");
    std::filesystem::create_symlink(folder.path() / ".hallmark" / "copy", path);
  }
  MemorySource source(image.blobs);
  bring_in(store, "localhost:5000/lib/other:1", image, source);
  CHECK(source.fetches == 1);
  CHECK(read_whole(path) == image.blobs.at(layer.digest));
  CHECK_FALSE(std::filesystem::is_symlink(path));
  CHECK(store.check([](const Descriptor&) {}, [] {}).empty());
}

TEST_CASE("a blob in the store with a DiffID that the image does not have is still refused", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, kName, make_image(two_layers()));
  Recipe recipe = two_layers();
  recipe.diff_ids = {recipe.layers[1].diff_id, recipe.layers[0].diff_id};
  const auto before = visible(folder.path());
  REQUIRE_FAULT(bring_in(store, "localhost:5000/lib/other:1", make_image(recipe)), Fault::corrupt);
  CHECK(visible(folder.path()) == before);
}

TEST_CASE("what a dead run left in the quarantine is swept, what a live one has is not", "[store]") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  const auto staging = folder.path() / ".hallmark" / "staging";
  std::filesystem::create_directories(staging / "0123456789abcdef");
  write_file(staging / "0123456789abcdef" / "sha256-abc", bytes_of("x"));
  std::filesystem::create_directories(staging / "fedcba9876543210");
  write_file(staging / "thesis.txt", bytes_of("precious"));  // no run makes such a name: not ours to remove
  const Staging live(store.directory());
  const auto count = [&] {
    return std::distance(std::filesystem::directory_iterator(staging), std::filesystem::directory_iterator());
  };
  CHECK(count() == 2);
  {
    const Staging second(store.directory());
    CHECK(count() == 3);
  }
  CHECK(count() == 2);
  CHECK(std::filesystem::exists(staging / "thesis.txt"));
}

TEST_CASE("a store whose own folders are links is refused before anything is removed", "[store]") {
  const TemporaryFolder folder;
  const TemporaryFolder victim;
  std::filesystem::create_directories(victim.path() / "0123456789abcdef");
  write_file(victim.path() / "0123456789abcdef" / "thesis.txt", bytes_of("precious"));
  const Store store(folder.path());
  SECTION("the quarantine") {
    std::filesystem::create_directories(folder.path() / ".hallmark");
    std::filesystem::create_directory_symlink(victim.path(), folder.path() / ".hallmark" / "staging");
  }
  SECTION("all of them") { std::filesystem::create_directory_symlink(victim.path(), folder.path() / ".hallmark"); }
  REQUIRE_FAULT(Staging(store.directory()), Fault::local);
  CHECK(std::filesystem::exists(victim.path() / "0123456789abcdef" / "thesis.txt"));
}
