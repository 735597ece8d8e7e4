// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/file_url.h"

#include <algorithm>

#include "registry/http/shown_address.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

constexpr std::string_view kScheme = "file://";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

[[noreturn]] void refuse(const std::string& text, std::string_view why) {
  throw Error(Fault::usage, "\"" + shown_address(text) + "\" is no address of a folder: " + std::string(why),
              "write file:///absolute/path");
}

std::string decoded(const std::string& text, std::string_view rest) {
  std::string path;
  for (std::size_t at = 0; at < rest.size(); ++at) {
    if (rest[at] != '%') {
      path += rest[at];
      continue;
    }
    const int high = at + 2 < rest.size() ? hex_value(rest[at + 1]) : -1;
    const int low = high >= 0 ? hex_value(rest[at + 2]) : -1;
    if (low < 0) refuse(text, "% without two hex digits");
    path += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return path;
}

}  // namespace

bool is_file_url(std::string_view text) { return text.starts_with("file:"); }

std::filesystem::path folder_of_file_url(const std::string& text) {
  if (!text.starts_with(kScheme)) refuse(text, "it does not begin with file://");
  const std::string path = decoded(text, std::string_view(text).substr(kScheme.size()));
  // What stands there would be a host, or the first folder of a path that lacks its slash.
  if (!path.starts_with('/')) refuse(text, "the path is not absolute");
  // For the system the path would end there, and be another one than is shown.
  if (path.find('\0') != std::string::npos) refuse(text, "it has a zero byte");
  std::filesystem::path folder(path);
  // Where .. leads behind a link the text does not say.
  if (std::any_of(folder.begin(), folder.end(), [](const auto& part) { return part == ".."; })) {
    refuse(text, "it goes up");
  }
  return folder;
}

}  // namespace hallmark::registry
