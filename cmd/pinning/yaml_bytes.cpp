// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/yaml_bytes.h"

#include "cmd/pinning/dockerfile_lines.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// libyaml compares each %TAG with all before it: without a limit a file of a megabyte takes minutes.
constexpr std::size_t kMostDirectives = 100;

}  // namespace

void check_yaml_bytes(std::string_view text) {
  const auto stop = [&](std::size_t place, const char* what) {
    if (place != std::string_view::npos) fail(Fault::usage, "line ", line_of(text, place), ": ", what);
  };
  for (const std::string_view odd : {"\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"}) {
    stop(text.find(odd), "a line break that not every reader of YAML knows");
  }
  stop(text.find(kByteOrderMark, 1), "a byte order mark within the file");
  std::size_t directives = 0;
  for (std::size_t at = text.find("\n%"); at != std::string_view::npos; at = text.find("\n%", at + 1)) {
    if (++directives > kMostDirectives) stop(at + 1, "more directives than anybody writes");
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const bool is_return = byte == '\r';
    if (is_return && (at + 1 == text.size() || text[at + 1] != '\n')) stop(at, "a carriage return without a line feed");
    if (!is_return && byte != '\t' && byte != '\n' && (byte < 0x20 || byte == 0x7f)) stop(at, "a control character");
  }
}

}  // namespace hallmark::cmd
