// SPDX-License-Identifier: Apache-2.0
//
// The images of the store as lists and filters see them.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "cmd/cli/batch.h"
#include "store/store.h"

namespace hallmark::cmd {

/// One name of the store. An image with several names is listed as often.
struct ListedImage {
  store::Entry entry;
  Digest id;                          ///< of the config
  std::optional<Time> created;        ///< in whole seconds
  std::optional<std::uint64_t> size;  ///< uncompressed
  bool is_dangling = false;           ///< no name with a tag has this image
};

/// Every entry; from what was noted of it, else from its documents. What cannot be read is told by `batch`.
std::deque<ListedImage> list_images(const store::Store& store, Batch& batch);

/// Where digests are shown, one needs no line of its own beside a tag of the same repository that means it.
bool is_told_by_a_tag(const ListedImage& image, const std::deque<ListedImage>& all);
/// Where they are not, an image needs none beside a tag of the same repository that means the same image, whatever
/// manifest it came with: an archive of docker's and a registry have different ones of the same config.
bool is_shown_by_a_tag(const ListedImage& image, const std::deque<ListedImage>& all);

/// Fault::usage for a pattern that does not come to its end: "app[", "app\\".
void check_pattern(const std::string& pattern);
/// REPOSITORY[:TAG] with the wildcards of a shell, of which none matches a slash; in short or in full.
bool matches_reference(const store::Entry& entry, const std::string& pattern);

}  // namespace hallmark::cmd
