// SPDX-License-Identifier: Apache-2.0
//
// A place in somebody's file that names an image.
#pragma once

#include <optional>
#include <string>

namespace hallmark::cmd {

/// Found by the readers of Dockerfiles and of YAML alike; whoever pins writes a digest at `end`.
struct ImageUse {
  std::string reference;  ///< as it is meant, variables put in
  std::size_t line;       ///< the first is 1
  /// The place after its last byte, when it stands in the file as it is. Absent: it cannot be edited there.
  std::optional<std::size_t> end = {};
  std::optional<std::string> platform = {};  ///< that a Dockerfile asks for
};

/// More than that in one file is no file of a person.
constexpr std::size_t kMostImageUses = 1000;

}  // namespace hallmark::cmd
