// SPDX-License-Identifier: Apache-2.0
#include "store/disk/unfinished_name.h"

#include <random>

#include "trust/bytes.h"

namespace hallmark::store {
namespace {

constexpr std::string_view kUnfinished = "unfinished-";
/// Bytes by chance: no two processes have one name, and nobody can guess one to lay a link there.
constexpr std::size_t kNameBytes = 12;

}  // namespace

std::string unfinished_name() {
  std::random_device device;
  Bytes bytes(kNameBytes);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(device());
  return std::string(kUnfinished) + hex_of(bytes);
}

bool is_unfinished(std::string_view name) {
  return name.size() == kUnfinished.size() + 2 * kNameBytes && name.starts_with(kUnfinished) &&
         name.find_first_not_of("0123456789abcdef", kUnfinished.size()) == std::string_view::npos;
}

}  // namespace hallmark::store
