// SPDX-License-Identifier: Apache-2.0
//
// Changes a tar as libFuzzer likes, and then makes the checksums of its headers right: else nothing behind them would
// ever be seen.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed);

namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kSumAt = 148;
constexpr std::size_t kSumDigits = 6;
constexpr std::size_t kSumSize = 8;
constexpr std::size_t kMagicAt = 257;

void sign(std::span<std::uint8_t> header) {
  const auto sum = header.subspan(kSumAt, kSumSize);
  std::fill(sum.begin(), sum.end(), ' ');
  std::size_t value = std::accumulate(header.begin(), header.end(), std::size_t{0});
  for (std::size_t at = kSumDigits; at-- > 0; value /= 8) sum[at] = static_cast<std::uint8_t>('0' + value % 8);
  sum[kSumDigits] = 0;
}

}  // namespace

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  const std::size_t changed = LLVMFuzzerMutate(data, size, most);
  if (seed % 8 == 0) return changed;
  const std::span<std::uint8_t> all(data, changed);
  for (std::size_t at = 0; at + kBlock <= all.size(); at += kBlock) {
    const std::span<std::uint8_t> block = all.subspan(at, kBlock);
    constexpr std::string_view kMagic = "ustar";
    if (std::equal(kMagic.begin(), kMagic.end(), block.begin() + kMagicAt)) sign(block);
  }
  return changed;
}
