// SPDX-License-Identifier: Apache-2.0
#include "registry/http/shown_address.h"

#include "trust/error.h"

namespace hallmark::registry {
namespace {

constexpr std::string_view kHidden = "***";
constexpr std::size_t kShownBytes = 200;

/// Of what ends with the "@" at `at`.
std::size_t begin_of_user(std::string_view address, std::size_t at) {
  const auto mark = address.substr(0, at).find("://");
  return mark == std::string_view::npos ? 0 : mark + 3;
}

}  // namespace

std::string shown_address(std::string_view address) {
  // A password may hold anything, "/" and "?" as well, so the last "@" counts.
  const auto at = address.rfind('@');
  if (at == std::string_view::npos) return printable(address.substr(0, address.find('?')), kShownBytes);
  const auto begin = begin_of_user(address, at);
  const std::string_view place = address.substr(at);
  return printable(std::string(address.substr(0, begin)).append(kHidden).append(place.substr(0, place.find('?'))),
                   kShownBytes);
}

}  // namespace hallmark::registry
