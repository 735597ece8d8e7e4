// SPDX-License-Identifier: Apache-2.0
#include "store/image/config_cache.h"

#include <utility>

#include "trust/error.h"

namespace hallmark::store {
namespace {

/// An index may list a thousand configs of megabytes each.
constexpr std::uint64_t kMostKept = std::uint64_t{16} << 20U;

/// Keeps bytes in memory, no more than promised.
class Keeper final : public ByteSink {
 public:
  explicit Keeper(std::uint64_t promised) : promised_(promised) {}
  void write(ByteView piece) override {
    // Before it is kept: what a source sends beyond its promise costs no memory.
    if (bytes.size() + piece.size() > promised_) fail(Fault::corrupt, "promised ", promised_, " bytes, got more");
    bytes.insert(bytes.end(), piece.begin(), piece.end());
  }
  Bytes bytes;

 private:
  std::uint64_t promised_;
};

}  // namespace

Bytes ConfigCache::read(const Descriptor& config, Source& source) {
  if (const auto kept = kept_.find(config.digest); kept != kept_.end()) return kept->second;
  return within("config " + config.digest.to_string(), [&] {
    Keeper keeper(config.size);
    source.fetch(config, keeper);
    // Both: a descriptor whose size lies is wrong, though its digest is right.
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

void ConfigCache::fetch(const Descriptor& blob, ByteSink& out) {
  const auto kept = kept_.find(blob.digest);
  if (kept == kept_.end()) return source_->fetch(blob, out);
  // Whoever takes it hashes it again, as if the source had sent it.
  out.write(kept->second);
}

}  // namespace hallmark::store
