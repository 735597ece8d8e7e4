// SPDX-License-Identifier: Apache-2.0
#include "cmd/images/image_facts.h"

#include "store/image/image_facts.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// An index may list a thousand configs of megabytes each.
constexpr std::uint64_t kMostKept = std::uint64_t{16} << 20U;
/// Of all of one image, whose facts are kept.
constexpr std::uint64_t kMostImageConfigs = std::uint64_t{16} << 20U;

/// Keeps bytes in memory, no more than promised.
class Keeper final : public ByteSink {
 public:
  explicit Keeper(std::uint64_t promised) : promised_(promised) {}
  void write(ByteView piece) override {
    if (bytes.size() + piece.size() > promised_) fail(Fault::corrupt, "promised ", promised_, " bytes, got more");
    bytes.insert(bytes.end(), piece.begin(), piece.end());
  }
  Bytes bytes;

 private:
  std::uint64_t promised_;
};

}  // namespace

std::vector<ImageFacts> facts_of(const std::vector<store::Document>& manifests) {
  std::vector<ImageFacts> facts;
  facts.reserve(manifests.size());
  for (const store::Document& manifest : manifests) facts.push_back(store::facts_of_manifest(manifest));
  return facts;
}

void add_configs(const std::vector<store::Document>& manifests, const std::vector<store::Descriptor>& chosen,
                 const std::function<Bytes(const store::Descriptor&)>& read, std::vector<ImageFacts>& facts) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < manifests.size(); ++i) {
    const store::Descriptor descriptor = store::parse_manifest(manifests[i]).config;
    bytes += descriptor.size;
    if (bytes > kMostImageConfigs) {
      fail(Fault::corrupt, "the configs of the image have more than ", kMostImageConfigs, " bytes");
    }
    const Bytes config = read(descriptor);
    within("manifest " + manifests[i].descriptor.digest.to_string(),
           [&] { facts.at(i).config = store::facts_of_config(config, chosen.at(i).platform); });
  }
}

Bytes ConfigCache::read(const store::Descriptor& config, store::Source& source) {
  if (const auto kept = kept_.find(config.digest); kept != kept_.end()) return kept->second;
  return within("config " + config.digest.to_string(), [&] {
    Keeper keeper(config.size);
    source.fetch(config, keeper);
    const Digest found = Digest::of(keeper.bytes, config.digest.algorithm());
    if (keeper.bytes.size() != config.size || found != config.digest) {
      fail(Fault::corrupt, "expected ", config.size, " bytes and ", config.digest.to_string(), ", found ",
           keeper.bytes.size(), " bytes and ", found.to_string());
    }
    if (bytes_kept_ + config.size <= kMostKept) {
      bytes_kept_ += config.size;
      kept_.emplace(config.digest, keeper.bytes);
    }
    return std::move(keeper.bytes);
  });
}

void ConfigCache::fetch(const store::Descriptor& blob, ByteSink& out) {
  const auto kept = kept_.find(blob.digest);
  if (kept == kept_.end()) return source_->fetch(blob, out);
  out.write(kept->second);
}

}  // namespace hallmark::cmd
