// SPDX-License-Identifier: Apache-2.0
#include "store/stream/layer_probe.h"

#include <string_view>
#include <utility>

namespace hallmark::store {
namespace {

using namespace std::string_view_literals;

}  // namespace

Packing packing_of(ByteView head) {
  const std::string_view text = text_of(head);
  if (text.starts_with("\x1f\x8b")) return Packing::gzip;
  if (begins_zstd(head)) return Packing::zstd;
  return text.starts_with("BZh") || text.starts_with(
                                        "\xfd"
                                        "7zXZ\0"sv)
             ? Packing::other
             : Packing::none;
}

template <class Work>
void LayerProbe::inflate(Work&& work) {
  if (!inflater_) return;
  try {
    std::forward<Work>(work)();
  } catch (const DecompressionLimitExceeded& error) {
    trouble_ = Error(Fault::corrupt, ErrorCode{"E_RATIO"}, error.what());
    inflater_.reset();
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;  // of this machine, not of the bytes
    trouble_ = Error(Fault::corrupt, ErrorCode{"E_COMPRESSION"}, error.what());
    inflater_.reset();
  }
}

void LayerProbe::push(std::span<std::uint8_t> piece) {
  if (!packing_) {
    packing_ = packing_of(piece);
    // No layer of an image may be bzip2 or xz: nothing is inflated here, and Staging unpacks the blob if an image has
    // it.
    if (*packing_ != Packing::other) {
      const auto compression = *packing_ == Packing::gzip   ? Compression::gzip
                               : *packing_ == Packing::zstd ? Compression::zstd
                                                            : Compression::none;
      inflater_.emplace(compression, inner_, kMostInflatedLayer, large_windows_);
    }
  }
  inflate([&] { inflater_->push(piece); });
}

LayerFacts LayerProbe::finish() && {
  if (!packing_) push({});
  inflate([&] { inflater_->finish(); });
  LayerFacts facts{*packing_, std::nullopt, inner_.size(), inflater_ ? inflater_->padding() : 0, trouble_};
  // After trouble there is none: that of a part of the bytes would be the DiffID of another layer.
  if (inflater_) facts.diff_id = std::move(inner_).finish();
  return facts;
}

}  // namespace hallmark::store
