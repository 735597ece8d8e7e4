// SPDX-License-Identifier: Apache-2.0
//
// What a bundle is, byte for byte, and that no damaged blob goes into one.
#include "store/bundle/bundle.h"

#include <array>
#include <map>

#include "store/bundle/tar_writer.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"
#include "trust/json.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

class Collected final : public ByteSink {
 public:
  void write(ByteView piece) override { bytes.insert(bytes.end(), piece.begin(), piece.end()); }
  Bytes bytes;
};

std::string text_at(const Bytes& bytes, std::size_t at, std::size_t size) {
  return string_of(ByteView(bytes).subspan(at, size));
}

Bytes bundle_of(const Store& store, BundlePlan bundle_plan) {
  Collected out;
  write_bundle(store, plan_bundle(store, std::move(bundle_plan)), out, [](std::uint64_t) {});
  return out.bytes;
}

BundleImage packed(const Store& store, const std::string& name) {
  const Entry entry = store.find(name).value();
  return {entry.name, entry.root, entry.manifests};
}

BundlePlan bundle_plan_of(const Store& store, const std::vector<std::string>& names) {
  BundlePlan bundle_plan;
  bundle_plan.creator = "hallmark/test";
  for (const std::string& name : names) bundle_plan.images.push_back(packed(store, name));
  return bundle_plan;
}

Evidence evidence(const std::string& gun, const std::string& text) {
  return make_evidence("tuf", "application/x", {{"gun", gun}}, "application/y", {{{{"name", "a"}}, bytes_of(text)}});
}

std::string path_of(const Digest& digest) { return "blobs/sha256/" + digest.hex(); }

}  // namespace

TEST_CASE("the header of a file is fixed in every field but name, size and checksum", "[store]") {
  Collected out;
  TarWriter tar(out);
  tar.begin("oci-layout", 30);
  tar.write(Bytes(30, 'x'));
  tar.finish();
  REQUIRE(out.bytes.size() == 4 * 512);
  std::string expected(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) { expected.replace(at, text.size(), text); };
  put(0, "oci-layout");
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, "00000000036");
  put(136, "00000000000");
  put(148, std::string("011214\0 ", 8));
  put(156, "0");
  put(257, "ustar");
  put(263, "00");
  put(329, "0000000");
  put(337, "0000000");
  CHECK(text_at(out.bytes, 0, 512) == expected);
  CHECK(text_at(out.bytes, 512, 512) == std::string(30, 'x') + std::string(482, '\0'));
  CHECK(text_at(out.bytes, 1024, 1024) == std::string(1024, '\0'));
}

TEST_CASE("what the header cannot say stands in a pax record before it", "[store]") {
  Collected out;
  TarWriter tar(out);
  const std::string name = "blobs/sha512/" + std::string(128, 'a');
  tar.begin(name, 1);
  tar.write(Bytes(1, 'x'));
  tar.begin("large", std::uint64_t{9} << 30U);
  CHECK(text_at(out.bytes, 0, 13) == std::string("PaxHeaders/1\0", 13));
  CHECK(text_at(out.bytes, 156, 1) == "x");
  CHECK(text_at(out.bytes, 512, 152) == "151 path=" + name + "\n" + std::string(1, '\0'));
  CHECK(text_at(out.bytes, 1024, 100) == name.substr(0, 100));
  CHECK(text_at(out.bytes, 2048, 13) == std::string("PaxHeaders/2\0", 13));
  CHECK(text_at(out.bytes, 2560, 20) == std::string("19 size=9663676416\n\0", 20));
  CHECK(text_at(out.bytes, 3072 + 124, 11) == "00000000000");
}

TEST_CASE("the largest size that eleven octal digits can say has no pax record", "[store]") {
  Collected out;
  TarWriter(out).begin("large", (std::uint64_t{1} << 33U) - 1);
  CHECK(out.bytes.size() == 512);
  CHECK(text_at(out.bytes, 124, 11) == "77777777777");
}

TEST_CASE("a file of the tar has the bytes that were said, no more and no fewer", "[store]") {
  Collected out;
  TarWriter tar(out);
  tar.begin("a", 2);
  CHECK_THROWS_AS(tar.write(Bytes(3)), std::logic_error);
  tar.write(Bytes(1));
  CHECK_THROWS_AS(tar.begin("b", 1), std::logic_error);
  CHECK_THROWS_AS(tar.finish(), std::logic_error);
}

TEST_CASE("a bundle is the same whatever order images and evidence are given in", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", simple_image(1));
  bring_in(store, "b:1", simple_image(2));
  BundlePlan one = bundle_plan_of(store, {"a:1", "b:1"});
  BundlePlan other = bundle_plan_of(store, {"b:1", "a:1"});
  one.evidence = {evidence("a", "1"), evidence("b", "2")};
  other.evidence = {evidence("b", "2"), evidence("a", "1")};
  CHECK(bundle_of(store, one) == bundle_of(store, other));
}

TEST_CASE("everything that decides comes before the first layer, and nothing comes twice", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  bring_in(store, "a:1", image);
  bring_in(store, "b:1", image);
  BundlePlan bundle_plan = bundle_plan_of(store, {"a:1", "b:1"});
  bundle_plan.evidence = {evidence("a", "1"), evidence("b", "1")};  // the same blob for both
  const std::vector<Part> parts = plan_bundle(store, bundle_plan);
  const Manifest manifest = parse_manifest(image.root);
  // Layout, index, docker's list, statement; evidence index, two manifests, empty config, one blob.
  REQUIRE(parts.size() == 4 + 5 + 2 + 2);
  CHECK(parts[9].path == path_of(image.root.descriptor.digest));
  CHECK(parts[10].path == path_of(manifest.config.digest));
  CHECK(parts[11].path == path_of(manifest.layers[0].digest));
  CHECK(parts[12].path == path_of(manifest.layers[1].digest));
  std::map<std::string, int> count;
  for (const Part& part : parts) CHECK(++count[part.path] == 1);
}

TEST_CASE("of an index the platforms that stay behind are listed as such", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  Recipe arm;
  arm.layers = {gzip_layer(noise(500, 3))};
  arm.architecture = "arm64";
  const TestImage index = make_index({simple_image(1), make_image(arm)});
  bring_in(store, "a:1", index);
  BundlePlan bundle_plan = bundle_plan_of(store, {"a:1"});
  bundle_plan.images[0].manifests = {index.manifests[1].descriptor.digest};
  const std::vector<Part> parts = plan_bundle(store, bundle_plan);
  const json::Value envelope = json::parse("statement", std::get<Bytes>(parts[3].content));
  const json::Value statement = json::parse("payload", parse_base64(envelope.object().at("payload").string()));
  const json::Array& platforms =
      statement.object().at("predicate").object().at("images").array()[0].object().at("platforms").array();
  REQUIRE(platforms.size() == 2);
  CHECK(platforms[0].object().at("architecture").string() == "arm64");
  CHECK(platforms[0].object().at("present").boolean());
  CHECK_FALSE(platforms[1].object().at("present").boolean());
  CHECK(platforms[1].object().at("manifest").string() == index.manifests[0].descriptor.digest.to_string());
  for (const Part& part : parts) CHECK(part.path != path_of(index.manifests[0].descriptor.digest));

  bundle_plan.images[0].manifests = {};
  REQUIRE_FAULT(plan_bundle(store, bundle_plan), Fault::missing);
}

TEST_CASE("a blob that is not what it is called ends the bundle before its end mark", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  bring_in(store, "a:1", image);
  const std::size_t whole = bundle_of(store, bundle_plan_of(store, {"a:1"})).size();
  const std::vector<Part> parts = plan_bundle(store, bundle_plan_of(store, {"a:1"}));
  const Descriptor layer = parse_manifest(image.root).layers[1];
  const auto path = folder.path() / path_of(layer.digest);
  Bytes bytes = read_whole(path);
  bytes.back() ^= 1U;
  std::filesystem::remove(path);
  write_file(path, bytes);
  Collected out;
  REQUIRE_FAULT(write_bundle(store, parts, out, [](std::uint64_t) {}), Fault::corrupt);
  CHECK(out.bytes.size() <= whole - 1024);
  bytes.pop_back();
  write_file(path, bytes);
  REQUIRE_FAULT(write_bundle(store, parts, out, [](std::uint64_t) {}), Fault::corrupt);
  std::filesystem::remove(path);
  REQUIRE_FAULT(write_bundle(store, parts, out, [](std::uint64_t) {}), Fault::missing);

  const Document config{parse_manifest(image.root).config, {}};
  std::filesystem::remove(folder.path() / path_of(config.descriptor.digest));
  REQUIRE_FAULT(plan_bundle(store, bundle_plan_of(store, {"a:1"})), Fault::missing);
}
