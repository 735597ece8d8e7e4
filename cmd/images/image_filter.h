// SPDX-License-Identifier: Apache-2.0
//
// --filter: one engine for every list of images. reference given twice means one of them, label given twice both,
// filters of different names all of them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cmd/images/listed_image.h"
#include "store/store.h"
#include "trust/time.h"

namespace hallmark::cmd {

/// What `images` shows with it is what `image prune` removes with it.
class ImageFilter {
 public:
  /// Of texts like "label=key=value", with names that are among `known`. Fault::usage in docker's words for others;
  /// Fault::missing for an image of before or since that is not here.
  ImageFilter(const std::vector<std::string>& texts, std::span<const std::string_view> known, const store::Store& store,
              Time now);

  /// One more of those of which one must fit: REPOSITORY[:TAG], an operand or a filter. Fault::usage for a pattern that
  /// does not come to its end.
  void add_reference(const std::string& pattern);
  /// Whether dangling=... was said, and how; from now on it does not count here.
  [[nodiscard]] std::optional<bool> take_dangling() { return std::exchange(dangling_, std::nullopt); }

  /// Reads the config when labels are asked for.
  [[nodiscard]] bool admits(const ListedImage& image) const;

 private:
  struct Label {
    std::string key;
    std::optional<std::string> value;
    bool is_wanted;
  };
  void add(const std::string& name, const std::string& value, Time now);
  [[nodiscard]] Time created_of(const std::string& text) const;
  [[nodiscard]] bool admits_labels(const ListedImage& image) const;

  const store::Store* store_;
  std::vector<std::string> references_;
  std::vector<Label> labels_;
  std::optional<bool> dangling_;
  std::optional<Time> before_;  ///< created before that
  std::optional<Time> since_;   ///< created after that
  std::optional<Time> until_;   ///< not created after that
};

/// "24h", "1h30m", "2026-01-02", "2026-01-02T15:04:05", with a zone or in this machine's, or seconds since 1970.
/// Fault::usage for anything else.
Time parse_moment(const std::string& text, Time now);

}  // namespace hallmark::cmd
