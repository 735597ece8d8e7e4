// SPDX-License-Identifier: Apache-2.0
#include "cmd/images/listed_image.h"

#include <fnmatch.h>

#include <algorithm>
#include <set>
#include <vector>

#include "cmd/images/local_image.h"
#include "cmd/images/still_there.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

std::optional<Time> in_seconds(const std::optional<Time>& time) {
  if (!time) return std::nullopt;
  return std::chrono::floor<std::chrono::seconds>(*time);
}

/// Takes the entry once it was read.
ListedImage listed(const store::Store& store, store::Entry& entry) {
  // Noted by a commit, and only told while the files are those that it verified: no document is read for a list.
  if (entry.summary) {
    const Digest id = entry.summary->id;
    const std::optional<Time> created = in_seconds(entry.summary->created);
    const std::uint64_t size = entry.uncompressed_size;
    return {std::move(entry), id, created, size};
  }
  const LocalImage image = read_image(store, entry);
  return {std::move(entry), image.id, in_seconds(store::parse_config(image.config).created), image.size};
}

/// Of the same repository, and the same in what counts.
template <class Sameness>
bool has_tag_beside(const ListedImage& image, const std::deque<ListedImage>& all, const Sameness& is_same) {
  if (image.entry.name.tag()) return false;
  return std::any_of(all.begin(), all.end(), [&](const ListedImage& other) {
    return other.entry.name.tag() && other.entry.name.repository() == image.entry.name.repository() && is_same(other);
  });
}

}  // namespace

std::deque<ListedImage> list_images(const store::Store& store, Batch& batch) {
  // A deque, and entries that are given up one by one: a store of many names is never in memory twice.
  std::deque<ListedImage> images;
  for (std::deque<store::Entry> entries = store.list_with_summaries(); !entries.empty(); entries.pop_front()) {
    store::Entry& entry = entries.front();
    // Damage of one image is told, and the others are listed.
    batch.attempt([&] { unless_removed(store, entry, [&] { images.push_back(listed(store, entry)); }); });
  }
  // By the image, not by the name: docker calls an image dangling that no tag leads to.
  std::set<Digest> tagged;
  for (const ListedImage& image : images) {
    if (image.entry.name.tag()) tagged.insert(image.id);
  }
  for (ListedImage& image : images) image.is_dangling = !tagged.contains(image.id);
  return images;
}

bool is_told_by_a_tag(const ListedImage& image, const std::deque<ListedImage>& all) {
  return has_tag_beside(image, all, [&](const ListedImage& other) { return other.entry.told() == image.entry.told(); });
}

bool is_shown_by_a_tag(const ListedImage& image, const std::deque<ListedImage>& all) {
  return has_tag_beside(image, all, [&](const ListedImage& other) { return other.id == image.id; });
}

void check_pattern(const std::string& pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;  // what follows stands for itself
    } else if (pattern[i] == '[') {
      i = pattern.find(']', i + 2);
    }
    // fnmatch() would take such a pattern for plain text, and it would match nothing without a word.
    if (i >= pattern.size()) fail(Fault::usage, "syntax error in pattern: ", printable(pattern, 200));
  }
}

bool matches_reference(const store::Entry& entry, const std::string& pattern) {
  const Reference& name = entry.name;
  // By the digest that was admitted: that of an index around it is not given out.
  const Reference by_digest = name.at_digest(entry.told());
  const std::vector<std::string> spellings{name.familiar(),  name.familiar_repository(), by_digest.familiar(),
                                           name.to_string(), name.repository(),          by_digest.to_string()};
  return std::any_of(spellings.begin(), spellings.end(), [&](const std::string& spelling) {
    return fnmatch(pattern.c_str(), spelling.c_str(), FNM_PATHNAME) == 0;
  });
}

}  // namespace hallmark::cmd
