// SPDX-License-Identifier: Apache-2.0
//
// Configs that are read to judge an image, and again to take it in.
#pragma once

#include <cstdint>
#include <map>

#include "store/image/image.h"
#include "store/image/source.h"
#include "trust/digest.h"

namespace hallmark::store {

/// Configs that were fetched to be judged are not fetched again: some of them are kept.
class ConfigCache final : public Source {
 public:
  /// From the source, hashed. Fault::corrupt when it is not what it is called.
  Bytes read(const Descriptor& config, Source& source);
  /// A source of what is kept, and for the rest the one given, which must outlive this.
  void fall_back_on(Source& source) { source_ = &source; }
  /// From several threads at once; nothing is added any more by then.
  void fetch(const Descriptor& blob, ByteSink& out) override;
  [[nodiscard]] bool was_resumed(const Digest& blob) const override { return source_->was_resumed(blob); }
  [[nodiscard]] bool asks_elsewhere_after(const Digest& blob) override { return source_->asks_elsewhere_after(blob); }

 private:
  Source* source_ = nullptr;
  std::map<Digest, Bytes> kept_;
  std::uint64_t bytes_kept_ = 0;
};

}  // namespace hallmark::store
