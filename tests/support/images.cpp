// SPDX-License-Identifier: Apache-2.0
#include "tests/support/images.h"

#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "policy/gate.h"

namespace hallmark::test {
namespace {

std::uint32_t crc_of(ByteView bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

void put_little_endian(Bytes& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::string descriptor_text(const std::string& type, const Digest& digest, std::int64_t size,
                            const std::string& extra) {
  return R"({"mediaType":")" + type + R"(","digest":")" + digest.to_string() + R"(","size":)" + std::to_string(size) +
         extra + "}";
}

std::int64_t signed_size(const Bytes& bytes) { return static_cast<std::int64_t>(bytes.size()); }

store::Document document_of(const std::string& type, const std::string& text) {
  Bytes bytes = bytes_of(text);
  store::Descriptor descriptor{type, Digest::of(bytes), bytes.size(), std::nullopt, {}};
  return {std::move(descriptor), std::move(bytes)};
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "hallmark-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Bytes gzip_of(ByteView plain) {
  Bytes out{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
  std::size_t at = 0;
  do {
    const std::size_t length = std::min<std::size_t>(plain.size() - at, 0xffff);
    out.push_back(at + length == plain.size() ? 1 : 0);
    put_little_endian(out, length, 2);
    put_little_endian(out, ~length, 2);
    out.insert(out.end(), plain.begin() + static_cast<std::ptrdiff_t>(at),
               plain.begin() + static_cast<std::ptrdiff_t>(at + length));
    at += length;
  } while (at < plain.size());
  put_little_endian(out, crc_of(plain), 4);
  put_little_endian(out, plain.size(), 4);
  return out;
}

Bytes noise(std::size_t size, unsigned seed) {
  Bytes bytes(size);
  std::uint32_t state = seed * 2654435761U + 1;
  for (auto& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 24U);
  }
  return bytes;
}

Bytes read_whole(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return bytes_of(text);
}

Bytes vector_file(const std::string& name) {
  return read_whole(std::filesystem::path(HALLMARK_VECTORS) / "store" / name);
}

void write_file(const std::filesystem::path& path, ByteView bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << string_of(bytes);
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
}

TestLayer gzip_layer(const Bytes& plain) {
  return {"application/vnd.oci.image.layer.v1.tar+gzip", gzip_of(plain), Digest::of(plain)};
}

TestImage make_image(const Recipe& recipe) {
  std::vector<Digest> diff_ids = recipe.diff_ids;
  std::map<Digest, Bytes> blobs;
  std::string layers;
  for (const TestLayer& layer : recipe.layers) {
    const Digest digest = Digest::of(layer.blob);
    if (!layers.empty()) layers += ",";
    layers +=
        descriptor_text(layer.media_type, digest, signed_size(layer.blob) + recipe.size_error, recipe.layer_extra);
    blobs.emplace(digest, layer.blob);
    if (recipe.diff_ids.empty()) diff_ids.push_back(layer.diff_id);
  }
  std::string ids;
  for (const Digest& diff_id : diff_ids) ids += (ids.empty() ? "\"" : ",\"") + diff_id.to_string() + "\"";
  std::string variant = recipe.variant.empty() ? "" : R"(,"variant":")" + recipe.variant + "\"";
  const Bytes config =
      bytes_of(R"({"created":"2026-01-02T03:04:05Z","os":")" + recipe.os + R"(","architecture":")" +
               recipe.architecture + "\"" + variant + R"(,"rootfs":{"type":"layers","diff_ids":[)" + ids + "]}}");
  const std::string manifest = R"({"schemaVersion":2,"mediaType":")" + recipe.manifest_type + R"(","config":)" +
                               descriptor_text(recipe.config_type, Digest::of(config), signed_size(config), "") +
                               R"(,"layers":[)" + layers + "]}";
  blobs.emplace(Digest::of(config), config);
  const store::Document root = document_of(recipe.manifest_type, manifest);
  return {root, {root}, {root.descriptor}, std::move(blobs)};
}

TestImage simple_image(unsigned seed) {
  Recipe recipe;
  recipe.layers = {gzip_layer(noise(200'000, seed)), gzip_layer(noise(70'000, seed + 1000))};
  return make_image(recipe);
}

TestImage make_index(const std::vector<TestImage>& images) {
  std::vector<store::Document> manifests;
  std::vector<store::Descriptor> chosen;
  std::map<Digest, Bytes> blobs;
  std::string list;
  for (const TestImage& image : images) {
    const store::Manifest parts = store::parse_manifest(image.root);
    const store::Config config = store::parse_config(image.blobs.at(parts.config.digest));
    std::string platform =
        R"(,"platform":{"os":")" + config.platform.os + R"(","architecture":")" + config.platform.architecture + "\"";
    if (!config.platform.variant.empty()) platform += R"(,"variant":")" + config.platform.variant + "\"";
    list += (list.empty() ? "" : ",") + descriptor_text(image.root.descriptor.media_type, image.root.descriptor.digest,
                                                        signed_size(image.root.bytes), platform + "}");
    manifests.push_back(image.root);
    chosen.push_back(image.root.descriptor);
    chosen.back().platform = config.platform;
    blobs.insert(image.blobs.begin(), image.blobs.end());
  }
  const std::string type = "application/vnd.oci.image.index.v1+json";
  const store::Document root =
      document_of(type, R"({"schemaVersion":2,"mediaType":")" + type + R"(","manifests":[)" + list + "]}");
  return {root, std::move(manifests), std::move(chosen), std::move(blobs)};
}

void MemorySource::fetch(const store::Descriptor& blob, ByteSink& out) {
  ++fetches;
  const auto found = blobs_.find(blob.digest);
  if (found == blobs_.end()) fail(Fault::missing, "blob unknown to registry");
  ByteView rest = found->second;
  while (!rest.empty()) {
    const ByteView now = rest.first(std::min(piece, rest.size()));
    out.write(now);
    rest = rest.subspan(now.size());
  }
}

policy::Approval approve(const Subject& subject) {
  const policy::Gate gate(std::nullopt, false);
  policy::Decision decision = gate.decide(gate.plan(subject.name), subject, {}, Time{});
  return std::move(decision.approval.value());
}

policy::Approval approve(const Reference& name, const TestImage& image) {
  Subject subject{name, image.root.descriptor.digest, image.root.descriptor.size, {}};
  for (const store::Descriptor& manifest : image.chosen) subject.instances.push_back(manifest.digest);
  return approve(subject);
}

store::Staged stage(store::Staging& staging, const TestImage& image, store::Source& source) {
  staging.take(image.root);
  for (const store::Document& document : image.manifests) {
    staging.take(document);
    const store::Manifest manifest = store::parse_manifest(document);
    const store::Config config = store::parse_config(staging.take_config(manifest.config, source));
    for (std::size_t i = 0; i < manifest.layers.size() && i < config.diff_ids.size(); ++i) {
      staging.take_layer(manifest.layers[i], config.diff_ids[i], source, [](std::uint64_t) {});
    }
  }
  return staging.seal(image.root.descriptor, image.chosen);
}

void bring_in(store::Store& store, const std::string& name, const TestImage& image, store::Source& source) {
  store::Staging staging(store.directory());
  const store::Staged staged = stage(staging, image, source);
  store.commit(staged, approve(Reference::parse(name), image), store.lock());
}

void bring_in(store::Store& store, const std::string& name, const TestImage& image) {
  MemorySource source(image.blobs);
  bring_in(store, name, image, source);
}

std::map<std::string, Bytes> visible(const std::filesystem::path& folder) {
  std::map<std::string, Bytes> files;
  for (const auto& item : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = std::filesystem::relative(item.path(), folder).string();
    if (!item.is_regular_file() || name.starts_with(".hallmark/")) continue;
    files.emplace(name, read_whole(item.path()));
  }
  return files;
}

bool has_no_residue(const std::filesystem::path& folder) {
  const auto staging = folder / ".hallmark" / "staging";
  if (std::filesystem::exists(staging) && !std::filesystem::is_empty(staging)) return false;
  for (const auto& item : std::filesystem::directory_iterator(folder / ".hallmark")) {
    if (item.path().filename().string().ends_with(".new")) return false;
  }
  return true;
}

std::vector<store::Entry> entries_of(const store::Store& store, const std::vector<Reference>& names) {
  std::vector<store::Entry> entries;
  for (const Reference& name : names) {
    const auto found = store.find(name);
    entries.push_back(found ? *found : store::Entry{name, simple_image(1).root.descriptor, {}, 0});
  }
  return entries;
}

}  // namespace hallmark::test
