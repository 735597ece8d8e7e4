// SPDX-License-Identifier: Apache-2.0
//
// Gates: what a policy asks of the image itself, once somebody trusted vouches for it. Each group of them can be
// waived by its name.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "policy/pattern.h"

namespace hallmark::policy {

/// A text as the policy wants it: one that is listed, or one that fits a pattern.
struct TextMatch {
  /// Meaningful without a pattern, and then not empty.
  std::vector<std::string> listed;
  std::optional<Pattern> pattern;

  /// Compared byte by byte; a pattern has to describe the whole text.
  [[nodiscard]] bool accepts(const std::string& text) const;
  /// What is expected, for a person.
  [[nodiscard]] std::string shown() const;
};

/// One requirement of type "gates". A group that is absent asks nothing; a requirement without any does not load.
struct Gates {
  /// Looks at the name that a person typed, not at what trust made of it.
  struct Reference {
    bool digest_required = false;
    std::vector<std::string> forbidden_tags;
    std::optional<Pattern> tag_pattern;
  };
  /// Exact types of the manifests that would be stored; an index above them is not looked at.
  struct MediaTypes {
    std::vector<std::string> manifest;  ///< an empty list asks nothing
    std::vector<std::string> config;
    std::vector<std::string> layer;
  };
  /// Of each image by itself, in bytes.
  struct Size {
    /// The sum of what the manifest says of its layers: known before one of them is fetched.
    std::optional<std::uint64_t> most_compressed;
    /// Known only while layers inflate: the approval carries it, and the store holds the image to it.
    std::optional<std::uint64_t> most_uncompressed;
    std::optional<std::uint64_t> largest_layer;
    std::optional<std::uint64_t> most_layers;
  };
  /// Compared with what the config says of itself. A date that is still to come is refused.
  struct Age {
    std::chrono::seconds most{};
    /// Whether a config without a date passes.
    bool missing_allowed = false;
  };
  struct Config {
    /// A number other than 0, or a name that `users` has: names are not looked up in the image's /etc/passwd.
    bool non_root = false;
    /// `User` as it is written, or its part before the colon. An empty list asks nothing.
    std::vector<std::string> users;
    /// By name. An annotation of the manifest stands in for a label that the config has not.
    std::map<std::string, TextMatch> labels;
    /// Held against NAME and against NAME=value.
    std::vector<Pattern> forbidden_environment;
    bool volumes_forbidden = false;
    bool entrypoint_required = false;
    /// From 0 to 65535. A range of ports counts by its higher end.
    std::optional<std::int64_t> highest_port;
  };
  std::optional<Reference> reference;
  /// "os/architecture" stands for each of its variants. An empty list asks nothing.
  std::vector<std::string> platforms;
  std::optional<MediaTypes> media_types;
  std::optional<Size> size;
  std::optional<Age> age;
  std::optional<Config> config;
};

}  // namespace hallmark::policy
