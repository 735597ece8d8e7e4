// SPDX-License-Identifier: Apache-2.0
#include "registry/http/shown_address.h"

#include "trust/error.h"

namespace hallmark::registry {
namespace {

constexpr std::string_view kHidden = "***";
constexpr std::size_t kShownBytes = 200;
/// Of a text that breaks off within the address, as much of it tells that it is the address.
constexpr std::size_t kTelling = 16;

/// Of what ends with the "@" at `at`.
std::size_t begin_of_user(std::string_view address, std::size_t at) {
  const auto mark = address.substr(0, at).find("://");
  return mark == std::string_view::npos ? 0 : mark + 3;
}

}  // namespace

std::string shown_address(std::string_view address) {
  // A password may hold anything, "/" as well, so the last "@" counts.
  const auto at = address.rfind('@');
  if (at == std::string_view::npos) return printable(address, kShownBytes);
  const auto begin = begin_of_user(address, at);
  return printable(std::string(address.substr(0, begin)).append(kHidden).append(address.substr(at)), kShownBytes);
}

std::string without_user(std::string text, std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos) return text;
  const std::string_view secret = address.substr(0, at + 1);
  const std::string shown = std::string(address.substr(0, begin_of_user(address, at))).append(kHidden);
  for (auto found = text.find(secret); found != std::string::npos; found = text.find(secret, found + shown.size())) {
    text.replace(found, at, shown);
  }
  // The library's messages have a limit, so that one may break off in the middle of the password.
  const auto cut = text.find(secret.substr(0, kTelling));
  if (secret.size() > kTelling && cut != std::string::npos) text.replace(cut, std::string::npos, shown);
  return text;
}

}  // namespace hallmark::registry
