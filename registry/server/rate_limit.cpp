// SPDX-License-Identifier: Apache-2.0
#include "registry/server/rate_limit.h"

#include <charconv>
#include <cstdint>

#include "trust/error.h"

namespace hallmark::registry {
namespace {

constexpr std::uint32_t kFew = 5;
constexpr std::uint32_t kFewPart = 10;
/// An address or an account: whose pulls Docker Hub counts.
constexpr std::size_t kMostSourceBytes = 64;

/// The number that the text begins with, if it ends there or at a ";".
std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || (rest != end && *rest != ';')) return std::nullopt;
  return value;
}

/// ", counted in 6 h": the window behind the number, in seconds.
std::string window_of(std::string_view text) {
  const auto mark = text.find(";w=");
  const auto seconds = mark == std::string_view::npos ? std::nullopt : number_of(text.substr(mark + 3));
  if (!seconds || *seconds == 0) return {};
  if (*seconds % 3600 == 0) return " in " + std::to_string(*seconds / 3600) + " h";
  return " in " + std::to_string(*seconds) + " s";
}

}  // namespace

std::optional<std::string> few_pulls_left(const Headers& headers) {
  const std::string limit_text = headers.find("ratelimit-limit").value_or("");
  const auto limit = number_of(limit_text);
  const auto left = number_of(headers.find("ratelimit-remaining").value_or(""));
  if (!limit || !left || *limit == 0 || *left > *limit) return std::nullopt;
  if (*left > kFew && *left > *limit / kFewPart) return std::nullopt;
  const std::string source = printable(headers.find("docker-ratelimit-source").value_or(""), kMostSourceBytes);
  return std::to_string(*left) + " of " + std::to_string(*limit) + " pulls are left" + window_of(limit_text) +
         (source.empty() ? "" : " for " + source);
}

}  // namespace hallmark::registry
