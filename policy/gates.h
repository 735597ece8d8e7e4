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
  std::vector<std::string> listed;
  std::optional<Pattern> pattern;

  [[nodiscard]] bool accepts(const std::string& text) const;
  /// What is expected, for a person.
  [[nodiscard]] std::string shown() const;
};

struct Gates {
  struct Reference {
    bool digest_required = false;
    std::vector<std::string> forbidden_tags;
    std::optional<Pattern> tag_pattern;
  };
  struct MediaTypes {
    std::vector<std::string> manifest;  ///< an empty list asks nothing
    std::vector<std::string> config;
    std::vector<std::string> layer;
  };
  struct Size {
    std::optional<std::uint64_t> most_compressed;
    std::optional<std::uint64_t> most_uncompressed;
    std::optional<std::uint64_t> largest_layer;
    std::optional<std::uint64_t> most_layers;
  };
  struct Age {
    std::chrono::seconds most{};
    bool missing_allowed = false;
  };
  struct Config {
    bool non_root = false;
    std::vector<std::string> users;
    std::map<std::string, TextMatch> labels;
    std::vector<Pattern> forbidden_environment;
    bool volumes_forbidden = false;
    bool entrypoint_required = false;
    std::optional<std::int64_t> highest_port;
  };
  std::optional<Reference> reference;
  std::vector<std::string> platforms;
  std::optional<MediaTypes> media_types;
  std::optional<Size> size;
  std::optional<Age> age;
  std::optional<Config> config;
};

}  // namespace hallmark::policy
