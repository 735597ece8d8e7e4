// SPDX-License-Identifier: Apache-2.0
//
// Which bytes a YAML file may have, so that every reader sees the same lines in it.
#pragma once

#include <string_view>

namespace hallmark::cmd {

/// It may begin a file.
inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// Fault::usage, with the line, for breaks of lines that some readers of YAML see and others do not, for control
/// characters, for a byte order mark within the file, and for more directives than readers manage in time.
void check_yaml_bytes(std::string_view text);

}  // namespace hallmark::cmd
