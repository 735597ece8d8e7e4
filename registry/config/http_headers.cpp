// SPDX-License-Identifier: Apache-2.0
#include "registry/config/http_headers.h"

#include <algorithm>
#include <array>

#include "registry/config/docker_config.h"
#include "registry/http/headers.h"
#include "trust/bytes.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

constexpr std::size_t kMostHeaders = 64;
constexpr std::size_t kMostHeaderBytes = std::size_t{8} << 10U;

/// These say what is asked, of whom, and by whom.
constexpr std::array<std::string_view, 13> kReserved{
    "accept",           "accept-encoding", "authorization",       "connection", "expect",  "host",
    "keep-alive",       "range",           "proxy-authorization", "te",         "trailer", "upgrade",
    "transfer-encoding"};

/// token characters, RFC 9110 section 5.6.2.
bool is_name(std::string_view text) {
  static constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

/// A line break would begin a header of its own, which no list of reserved names sees.
bool is_value(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::vector<std::string> headers_of(const json::Object& config) {
  std::vector<std::string> headers;
  const json::Object* const listed = object_member(config, "HttpHeaders");
  if (listed == nullptr) return headers;
  for (const auto& [name, value] : listed->members()) {
    const std::string small = lower_case(name);
    // docker, too, sends its own in the place of this one.
    if (small == "user-agent") continue;
    const bool is_reserved = small.starts_with("content-") || small.starts_with("if-") ||
                             std::find(kReserved.begin(), kReserved.end(), small) != kReserved.end();
    if (is_reserved) fail(Fault::usage, "HttpHeaders must not say ", printable(name, 80));
    const std::string text(trimmed(value.string()));
    if (!is_name(name) || !is_value(text) || name.size() + text.size() > kMostHeaderBytes) {
      fail(Fault::usage, "HttpHeaders: \"", printable(name, 80), "\" with its value is no header");
    }
    headers.push_back(detail::joined(name, ": ", text));
    if (headers.size() > kMostHeaders) fail(Fault::usage, "HttpHeaders are more than ", kMostHeaders);
  }
  return headers;
}

}  // namespace

std::vector<std::string> configured_headers(const std::filesystem::path& docker_config) {
  const std::filesystem::path file = docker_config / "config.json";
  const auto text = read_docker_config(file);
  if (!text) return {};
  try {
    std::vector<std::string> headers = headers_of(json::parse("docker's config", view_of(*text)).object());
    if (!headers.empty()) require_own_config(file);
    return headers;
  } catch (const Error& error) {
    throw Error(Fault::usage, file.string() + ": " + error.what(), error.hint());
  }
}

}  // namespace hallmark::registry
