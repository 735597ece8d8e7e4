// SPDX-License-Identifier: Apache-2.0
//
// Scalars of a YAML file that are names of images or parts of them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "cmd/pinning/image_use.h"

namespace hallmark::cmd {

/// A scalar, or what an alias says again.
struct YamlPart {
  std::string text;
  std::size_t line;
  std::size_t begin;               ///< of its text in the file
  std::optional<std::size_t> end;  ///< absent: it is not written as it is meant
  bool is_plain;
  bool is_null;       ///< nothing, or a word for it
  std::string why{};  ///< without `end`
};

/// `image: NAME`; absent where it names none. Variables stand for their defaults.
std::optional<ImageUse> use_of_name(const YamlPart& name);
/// `image:` with members, by their keys; absent where none of them names an image.
std::optional<ImageUse> use_of_members(const std::map<std::string, YamlPart>& members, std::size_t line);
/// A place where something other than a name stands.
ImageUse unread_use(std::size_t line, const std::string& why, const std::string& hint);

}  // namespace hallmark::cmd
