// SPDX-License-Identifier: Apache-2.0
//
// All images of one file: judged, and pinned in place.
#pragma once

#include <optional>
#include <string>

#include "cmd/cli/command.h"
#include "cmd/commands/resolve/resolver.h"

namespace hallmark::cmd {

/// A file, and what is to become of it.
struct FileWish {
  std::string name;                       ///< "-" is standard input, whose pinned text is printed
  std::optional<std::string> dockerfile;  ///< the same file, when it is to be read as one whatever its name
  bool is_checked;                        ///< nothing is written; Fault::refused when something would be
  bool is_shown;                          ///< nothing is written; the changes are printed
  bool is_updated;                        ///< tags beside digests are asked again
};

/// Fault::usage where the name does not tell what the file is.
void require_known_kind(const FileWish& file);

/// The status of the command.
int rewrite_file(Resolver& resolver, const FileWish& file, const Arguments& arguments, const Environment& environment);
/// Judges the images of a Dockerfile, and prints their digests.
int resolve_file(Resolver& resolver, const std::string& name, const Arguments& arguments,
                 const Environment& environment);

}  // namespace hallmark::cmd
