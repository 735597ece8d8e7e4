// SPDX-License-Identifier: Apache-2.0
//
// A place in somebody's file that names an image.
#pragma once

#include <optional>
#include <string>

#include "trust/error.h"

namespace hallmark::cmd {

/// Found by the readers of Dockerfiles and of YAML alike; whoever pins writes a digest at `end`.
struct ImageUse {
  std::string reference;  ///< as it is meant, variables put in
  std::size_t line;       ///< the first is 1
  /// The place after its last byte, or after that of the variable's value or default which it ends with. Absent: it
  /// cannot be edited.
  std::optional<std::size_t> end = {};
  std::optional<std::string> platform = {};  ///< that a Dockerfile asks for
  std::string why_fixed = {};                ///< without `end`: what keeps it from being edited
  /// Why nobody can say which image it is; there is no reference then.
  std::optional<Error> trouble = {};
  /// What stands before the digest: nothing where a member of its own has it (Helm's `digest:`).
  std::string lead = "@";
};

/// More than that in one file is no file of a person.
constexpr std::size_t kMostImageUses = 1000;

}  // namespace hallmark::cmd
