// SPDX-License-Identifier: Apache-2.0
//
// The quarantine: what it refuses, and that a refusal leaves the store as it was.
#include "store/staging/staging.h"

#include <thread>

#include "tests/store/staging/two_layers.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

/// What a pull of the image answers, in a store that must then be as it was.
std::optional<Fault> answer(const TestImage& image, MemorySource& source) {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "localhost:5000/lib/old:1", simple_image(77));
  const auto before = visible(folder.path());
  const auto fault = fault_of([&] { bring_in(store, kName, image, source); });
  if (fault) {
    CHECK(visible(folder.path()) == before);
    CHECK(has_no_residue(folder.path()));
  }
  return fault;
}

std::optional<Fault> answer(const TestImage& image) {
  MemorySource source(image.blobs);
  return answer(image, source);
}

std::string message(const TestImage& image, MemorySource& source) {
  const TemporaryFolder folder;
  Store store(folder.path());
  return message_of([&] { bring_in(store, kName, image, source); });
}

}  // namespace

TEST_CASE("a sound image is taken", "[store]") { REQUIRE(answer(make_image(two_layers())) == std::nullopt); }

TEST_CASE("an image without layers is taken", "[store]") { REQUIRE(answer(make_image(Recipe{})) == std::nullopt); }

TEST_CASE("a wrong DiffID is refused", "[store]") {
  Recipe recipe = two_layers();
  recipe.diff_ids = {recipe.layers[0].diff_id, Digest::of(view_of("other"))};
  REQUIRE(answer(make_image(recipe)) == Fault::corrupt);
  const TestImage image = make_image(recipe);
  MemorySource source(image.blobs);
  const std::string text = message(image, source);
  CHECK(text.find("expected DiffID " + recipe.diff_ids[1].to_string()) != std::string::npos);
  CHECK(text.find("found " + recipe.layers[1].diff_id.to_string()) != std::string::npos);
}

TEST_CASE("swapped DiffIDs are refused", "[store]") {
  Recipe recipe = two_layers();
  recipe.diff_ids = {recipe.layers[1].diff_id, recipe.layers[0].diff_id};
  REQUIRE(answer(make_image(recipe)) == Fault::corrupt);
}

TEST_CASE("fewer DiffIDs than layers are refused", "[store]") {
  Recipe recipe = two_layers();
  recipe.diff_ids = {recipe.layers[0].diff_id};
  REQUIRE(answer(make_image(recipe)) == Fault::corrupt);
}

TEST_CASE("more DiffIDs than layers are refused", "[store]") {
  Recipe recipe = two_layers();
  recipe.diff_ids = {recipe.layers[0].diff_id, recipe.layers[1].diff_id, Digest::of(view_of("third"))};
  REQUIRE(answer(make_image(recipe)) == Fault::corrupt);
}

TEST_CASE("a layer of another size than promised is refused", "[store]") {
  Recipe recipe = two_layers();
  recipe.size_error = GENERATE(1, -1);
  REQUIRE(answer(make_image(recipe)) == Fault::corrupt);
}

TEST_CASE("a layer of an unknown media type is refused", "[store]") {
  Recipe recipe = two_layers();
  recipe.layers[0].media_type = "application/vnd.unknown.layer";
  REQUIRE(answer(make_image(recipe)) == Fault::corrupt);
}

TEST_CASE("a media type that says tar or zstd of a gzip stream is refused", "[store]") {
  Recipe recipe = two_layers();
  recipe.layers[1].media_type =
      GENERATE(as<std::string>{}, "application/vnd.oci.image.layer.v1.tar",
               "application/vnd.oci.image.layer.v1.tar+zstd", "application/vnd.docker.image.rootfs.diff.tar");
  REQUIRE(answer(make_image(recipe)) == Fault::corrupt);
}

TEST_CASE("a gzip stream whose DiffID is its own digest, called a tar, is refused", "[store]") {
  Recipe recipe = two_layers();
  recipe.layers[1].media_type = "application/vnd.oci.image.layer.v1.tar";
  recipe.layers[1].diff_id = Digest::of(recipe.layers[1].blob);
  REQUIRE(answer(make_image(recipe)) == Fault::corrupt);
}

TEST_CASE("an image for another system is refused", "[store]") {
  Recipe recipe = two_layers();
  recipe.os = "windows";
  REQUIRE(answer(make_image(recipe)) == Fault::missing);
}

TEST_CASE("a config that contradicts the platform of the index is refused", "[store]") {
  Recipe recipe = two_layers();
  CHECK(answer(make_index({make_image(recipe)})) == std::nullopt);
  TestImage image = make_index({make_image(recipe)});
  const std::string text = string_of(image.root.bytes);
  for (const auto& [from, to] : {std::pair{"linux", "windows"}, std::pair{"amd64", "arm64"}}) {
    std::string other = text;
    other.replace(other.find(from), std::string(from).size(), to);
    TestImage lying = image;
    lying.root.bytes = bytes_of(other);
    lying.root.descriptor.digest = Digest::of(lying.root.bytes);
    lying.root.descriptor.size = lying.root.bytes.size();
    lying.chosen = parse_index(lying.root).manifests;
    CHECK(answer(lying) == Fault::corrupt);
  }
}

TEST_CASE("the variant of the config is not held against an image", "[store]") {
  Recipe recipe = two_layers();
  recipe.architecture = "arm";
  recipe.variant = "v7";
  TestImage image = make_index({make_image(recipe)});
  std::string text = string_of(image.root.bytes);
  text.replace(text.find("\"v7\""), 4, "\"v6\"");
  image.root.bytes = bytes_of(text);
  image.root.descriptor.digest = Digest::of(image.root.bytes);
  image.chosen = parse_index(image.root).manifests;
  REQUIRE(answer(image) == std::nullopt);
}

TEST_CASE("a config of an unknown media type is refused", "[store]") {
  Recipe recipe = two_layers();
  recipe.config_type = "application/vnd.unknown.config.v1+json";
  REQUIRE(answer(make_image(recipe)) == Fault::corrupt);
}

TEST_CASE("embedded data that differs from its blob is refused", "[store]") {
  Recipe recipe = two_layers();
  recipe.layer_extra = R"(,"data":"aGVsbG8=")";
  REQUIRE(answer(make_image(recipe)) == Fault::corrupt);
}

TEST_CASE("a gzip layer with bytes after its end is refused", "[store]") {
  Recipe recipe = two_layers();
  Bytes& blob = recipe.layers[1].blob;
  const Bytes more = bytes_of("more");
  blob.insert(blob.end(), more.begin(), more.end());
  REQUIRE(answer(make_image(recipe)) == Fault::corrupt);
}

TEST_CASE("a gzip layer that is cut off is refused", "[store]") {
  Recipe recipe = two_layers();
  recipe.layers[1].blob.resize(recipe.layers[1].blob.size() - GENERATE(as<std::size_t>{}, 1, 8, 9, 500));
  REQUIRE(answer(make_image(recipe)) == Fault::corrupt);
}

TEST_CASE("zstd, plain and docker layers are taken", "[store]") {
  const Bytes plain = vector_file("plain.bin");
  Recipe recipe;
  recipe.layers = {{"application/vnd.oci.image.layer.v1.tar+zstd", vector_file("frames.zst"), Digest::of(plain)},
                   {"application/vnd.oci.image.layer.v1.tar", plain, Digest::of(plain)},
                   {"application/vnd.docker.image.rootfs.diff.tar.gzip", vector_file("members.gz"), Digest::of(plain)}};
  REQUIRE(answer(make_image(recipe)) == std::nullopt);
}

TEST_CASE("a source that lies about a layer is found out", "[store]") {
  const TestImage image = make_image(two_layers());
  const Descriptor layer = parse_manifest(image.root).layers[0];
  MemorySource source(image.blobs);
  Bytes& blob = source.blobs().at(layer.digest);
  SECTION("a flipped bit") { blob[5000] ^= 1U; }
  SECTION("a byte too many") { blob.push_back(0); }
  SECTION("a byte too few") { blob.pop_back(); }
  SECTION("nothing") { blob.clear(); }
  SECTION("another blob of the same size") { blob = noise(blob.size(), 5); }
  REQUIRE(answer(image, source) == Fault::corrupt);
}

TEST_CASE("a damaged layer is told by its digest, not by what went wrong inside", "[store]") {
  const TestImage image = make_image(two_layers());
  const Descriptor layer = parse_manifest(image.root).layers[0];
  MemorySource source(image.blobs);
  source.blobs().at(layer.digest)[11] ^= 0xffU;
  const std::string text = message(image, source);
  CHECK(text.find("layer " + layer.digest.to_string()) == 0);
  CHECK(text.find("expected " + layer.digest.to_string()) != std::string::npos);
  CHECK(text.find(", found sha256:") != std::string::npos);
}

TEST_CASE("wrong bytes are fetched again while there is somebody else to ask", "[store]") {
  /// The first so many answers are wrong.
  class Several final : public Source {
   public:
    Several(const TestImage& image, int liars) : truth_(image.blobs), lie_(image.blobs), liars_(liars) {
      for (const Descriptor& layer : parse_manifest(image.root).layers) lie_.blobs().at(layer.digest)[20] ^= 0x10U;
    }
    void fetch(const Descriptor& blob, ByteSink& out) override {
      ++fetches;
      (asked_ < liars_ ? lie_ : truth_).fetch(blob, out);
    }
    bool asks_elsewhere_after(const Digest& /*blob*/) override { return ++asked_ < 3; }
    int fetches = 0;

   private:
    MemorySource truth_;
    MemorySource lie_;
    int liars_;
    int asked_ = 0;
  };
  const TemporaryFolder folder;
  const Store store(folder.path());
  Recipe recipe;
  recipe.layers = {gzip_layer(noise(150'000, 1))};
  const TestImage image = make_image(recipe);
  const Descriptor layer = parse_manifest(image.root).layers[0];
  const auto take = [&](Source& source) {
    Staging staging(store.directory());
    return staging.take_layer(layer, recipe.layers[0].diff_id, source, [](std::uint64_t) {});
  };
  Several two(image, 2);
  CHECK(take(two) == LayerOrigin::fetched);
  CHECK(two.fetches == 3);
  Several all(image, 3);
  REQUIRE_FAULT(take(all), Fault::corrupt);
  CHECK(all.fetches == 3);
}

TEST_CASE("an endless blob is stopped at the first byte too many", "[store]") {
  class Endless final : public Source {
   public:
    void fetch(const Descriptor& /*blob*/, ByteSink& out) override {
      const Bytes piece(1000);
      for (;; sent += piece.size()) out.write(piece);
    }
    std::size_t sent = 0;
  };
  const TemporaryFolder folder;
  const Store store(folder.path());
  Staging staging(store.directory());
  Endless endless;
  const Digest digest = Digest::of(view_of("x"));
  const Descriptor layer{"application/vnd.oci.image.layer.v1.tar", digest, 10'500, std::nullopt, {}};
  REQUIRE_FAULT(staging.take_layer(layer, digest, endless, [](std::uint64_t) {}), Fault::corrupt);
  CHECK(endless.sent == 10'000);
  const Descriptor config{"application/vnd.oci.image.config.v1+json", digest, 10'500, std::nullopt, {}};
  endless.sent = 0;
  REQUIRE_FAULT(staging.take_config(config, endless), Fault::corrupt);
  CHECK(endless.sent == 10'000);
}

TEST_CASE("a config that is not the promised one is refused", "[store]") {
  const TestImage image = make_image(two_layers());
  const Descriptor config = parse_manifest(image.root).config;
  MemorySource source(image.blobs);
  Bytes& blob = source.blobs().at(config.digest);
  SECTION("changed") { blob[3] ^= 1U; }
  SECTION("longer") { blob.push_back(' '); }
  SECTION("shorter") { blob.pop_back(); }
  REQUIRE(answer(image, source) == Fault::corrupt);
}

TEST_CASE("what the source does not have stays its own kind of error", "[store]") {
  const TestImage image = make_image(two_layers());
  MemorySource source({});
  REQUIRE(answer(image, source) == Fault::missing);
}

TEST_CASE("a document is hashed again when it is taken", "[store]") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  Staging staging(store.directory());
  Document document = simple_image(1).root;
  document.bytes.back() = ' ';
  REQUIRE_FAULT(staging.take(document), Fault::corrupt);
  document = simple_image(1).root;
  document.descriptor.size += 1;
  REQUIRE_FAULT(staging.take(document), Fault::corrupt);
}
