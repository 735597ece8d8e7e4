// SPDX-License-Identifier: Apache-2.0
//
// What an interrupted pull leaves for the next one: less to fetch, and nothing to trust.
#include <chrono>
#include <filesystem>
#include <fstream>

#include "store/layout/kept_blobs.h"
#include "store/layout/layout_paths.h"
#include "store/staging/staging.h"
#include "tests/store/staging/two_layers.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

namespace fs = std::filesystem;

/// Gives blobs from any byte on, and ends at a chosen place of one of them.
class CutSource final : public Source {
 public:
  explicit CutSource(const TestImage& image) : blobs_(image.blobs) {}
  void fetch(const Descriptor& blob, ByteSink& out) override { fetch_rest(blob, 0, out); }
  void fetch_rest(const Descriptor& blob, std::uint64_t offset, ByteSink& out) override {
    offsets[blob.digest] = offset;
    const ByteView bytes = ByteView(blobs_.at(blob.digest)).subspan(static_cast<std::size_t>(offset));
    const bool is_cut = cut_of && *cut_of == blob.digest;
    out.write(is_cut ? bytes.first(std::min(cut_after, bytes.size())) : bytes);
    if (is_cut) fail(why, "cut");
  }

  std::map<Digest, std::uint64_t> offsets;  // of each blob that was asked for
  std::optional<Digest> cut_of;
  std::size_t cut_after = 200'000;
  Fault why = Fault::unavailable;

 private:
  std::map<Digest, Bytes> blobs_;
};

struct Scene {
  Scene() : image(make_image(recipe())), source(image), store(folder.path()) {
    const Manifest manifest = parse_manifest(image.root);
    first = manifest.layers.at(0).digest;
    second = manifest.layers.at(1).digest;
  }
  static Recipe recipe() {
    Recipe made;
    made.layers = {gzip_layer(noise(300'000, 1)), gzip_layer(noise(500'000, 2))};
    return made;
  }
  /// A pull that ends in the second layer.
  void interrupted(Fault why = Fault::unavailable) {
    source.cut_of = second;
    source.why = why;
    Staging staging(folder.path());
    CHECK(fault_of([&] { static_cast<void>(stage(staging, image, source)); }) == why);
    staging.keep_for_next_try();
    source.cut_of.reset();
    source.offsets.clear();
  }
  void pull() { bring_in(store, kName, image, source); }
  [[nodiscard]] fs::path kept(const Digest& digest) const {
    return kept_folder(folder.path()) / blob_file_name(digest);
  }

  TemporaryFolder folder;
  TestImage image;
  CutSource source;
  Store store;
  Digest first = Digest::of({});
  Digest second = Digest::of({});
};

}  // namespace

TEST_CASE("a layer that was whole is not fetched again, and of another only the rest", "[store]") {
  Scene scene;
  scene.interrupted(GENERATE(Fault::unavailable, Fault::interrupted, Fault::unauthorized));
  CHECK(has_no_residue(scene.folder.path()));
  CHECK(visible(scene.folder.path()).empty());
  CHECK(fs::file_size(scene.kept(scene.second)) == 196'608);
  scene.pull();
  CHECK_FALSE(scene.source.offsets.contains(scene.first));
  CHECK(scene.source.offsets.at(scene.second) == 196'608);
  CHECK(fs::is_empty(kept_folder(scene.folder.path())));
  CHECK(scene.store.check([](const Descriptor&) {}, [] {}).empty());
}

TEST_CASE("what an earlier try received is hashed again, and fetched anew when it is wrong", "[store]") {
  Scene scene;
  scene.interrupted();
  const Digest changed = GENERATE(true, false) ? scene.first : scene.second;
  {
    std::fstream file(scene.kept(changed), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100'000);
    file.write("changed", 7);
  }
  scene.pull();
  CHECK(scene.source.offsets.at(changed) == 0);
  CHECK(scene.store.find(Reference::parse(kName)));
}

TEST_CASE("bytes that are no layer, a link, and a file with two names are not taken for one", "[store]") {
  Scene scene;
  scene.interrupted();
  const fs::path other = scene.folder.path() / "other";
  std::ofstream(other) << std::string(600'000, 'x');
  fs::remove(scene.kept(scene.first));
  SECTION("too long") { fs::rename(other, scene.kept(scene.first)); }
  SECTION("a link") { fs::create_symlink(other, scene.kept(scene.first)); }
  SECTION("two names") { fs::create_hard_link(other, scene.kept(scene.first)); }
  scene.pull();
  CHECK(scene.source.offsets.at(scene.first) == 0);
  CHECK((!fs::exists(other) || fs::file_size(other) == 600'000));
}

TEST_CASE("bytes that were wrong are not kept", "[store]") {
  Scene scene;
  scene.source.cut_of = scene.second;
  scene.source.why = GENERATE(Fault::corrupt, Fault::local);
  {
    Staging staging(scene.folder.path());
    CHECK(fault_of([&] { static_cast<void>(stage(staging, scene.image, scene.source)); }) == scene.source.why);
  }
  CHECK_FALSE(fs::exists(scene.kept(scene.second)));
  CHECK_FALSE(fs::exists(scene.kept(scene.first)));
}

TEST_CASE("what waits for the next try is bounded by age and size", "[store]") {
  Scene scene;
  scene.interrupted();
  const KeptBlobs kept(scene.folder.path());
  kept.trim(KeptBlobs::kMostBytes);
  CHECK(fs::exists(scene.kept(scene.first)));
  fs::last_write_time(scene.kept(scene.first), fs::file_time_type::clock::now() - std::chrono::hours(24 * 8));
  { const Staging staging(scene.folder.path()); }
  CHECK_FALSE(fs::exists(scene.kept(scene.first)));
  CHECK(fs::exists(scene.kept(scene.second)));
  kept.trim(100'000);
  CHECK_FALSE(fs::exists(scene.kept(scene.second)));
}
