// SPDX-License-Identifier: Apache-2.0
//
// What another program gets of our environment, and where it comes from. PATH counts as far as it begins at the root:
// its empty and relative parts name whatever folder somebody stands in, and that may be full of strangers' files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hallmark::registry {

/// "/usr/bin" and "/bin" of ":/usr/bin:.:bin:/bin".
std::vector<std::string> absolute_parts(std::string_view path);

struct FoundProgram {
  std::string file;         ///< the first that can be run, from the root; empty: there is none
  std::string passed_over;  ///< when there is none: one that an empty or relative part names, or empty
};
/// Looks for a file name in the folders of `path`. A name with a slash is in no folder.
FoundProgram find_program(const std::string& name, std::string_view path);

/// Whether the variable ("NAME=value", or its name) is a passphrase of signing keys, ours or those of docker and
/// notary, whatever the role is called.
bool opens_keys(std::string_view variable);
/// The same, or what is shown to servers to log in: "NAME=value".
bool is_for_us_alone(std::string_view variable);

/// "NAME=value" of these, without those that open keys of signers or log in to servers, and with a PATH of absolute
/// parts alone.
std::vector<std::string> child_environment(const std::vector<std::string>& environment);

}  // namespace hallmark::registry
