// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/pins.h"

#include <algorithm>
#include <map>

namespace hallmark::cmd {
namespace {

constexpr std::size_t kContextLines = 3;

/// What stands in the text from `begin` on is exchanged up to `end`.
struct Edit {
  std::size_t begin;
  std::string words;
  const Pin* pin;
};

/// "debian" is given the tag that it means, so that the pinned name can still be read and judged by it.
std::string words_of(const Pin& pin) {
  const std::string tag = pin.name.tag_defaulted() ? ":" + pin.name.tag().value() : "";
  return tag + pin.use->lead + pin.digest.to_string();
}

Edit edit_of(const std::string& text, const Pin& pin) {
  const std::size_t end = pin.use->end.value();
  if (!pin.name.digest()) return {end, words_of(pin), &pin};
  const std::string old = pin.use->lead + pin.name.digest()->to_string();
  if (end < old.size() || text.compare(end - old.size(), old.size(), old) != 0) {
    throw Error(Fault::usage,
                "line " + std::to_string(pin.use->line) + ": " + printable(pin.use->reference, 200) +
                    ": its digest is not written there as it is",
                "write the digest behind the name, without variables");
  }
  return {end - old.size(), words_of(pin), &pin};
}

/// By their places. One value may be the end of several names.
std::map<std::size_t, Edit> edits_of(const std::string& text, const std::vector<Pin>& pins) {
  std::map<std::size_t, Edit> edits;
  for (const Pin& pin : pins) {
    if (is_pinned(pin)) continue;
    const auto [place, is_new] = edits.emplace(pin.use->end.value(), edit_of(text, pin));
    const Pin& other = *place->second.pin;
    if (is_new || (other.digest == pin.digest && other.name == pin.name)) continue;
    throw Error(Fault::usage,
                "lines " + std::to_string(other.use->line) + " and " + std::to_string(pin.use->line) + ": " +
                    other.name.familiar() + " and " + pin.name.familiar() + " end in one value, and are two images",
                "give each a value of its own");
  }
  return edits;
}

std::vector<std::string_view> lines_in(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    lines.push_back(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return lines;
}

void add_line(std::string& out, char mark, std::string_view line) {
  out += mark;
  out += line;
  if (!line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
}

std::string range_of(std::size_t first, std::size_t count) {
  return std::to_string(first + 1) + (count == 1 ? "" : "," + std::to_string(count));
}

}  // namespace

bool is_pinned(const Pin& pin) { return pin.name.digest() == pin.digest; }

std::string with_pins(const std::string& text, const std::vector<Pin>& pins) {
  std::string result;
  std::size_t at = 0;
  for (const auto& [end, edit] : edits_of(text, pins)) {
    result.append(text, at, edit.begin - at);
    result += edit.words;
    at = end;
  }
  return result.append(text, at);
}

void require_same_images(const std::vector<ImageUse>& after, const std::vector<Pin>& pins) {
  bool is_same = after.size() == pins.size();
  for (std::size_t i = 0; is_same && i < pins.size(); ++i) {
    // Read by the same reader as before: a pin that changes how the rest of the file is read is found here.
    if (after[i].trouble) throw Error(*after[i].trouble);
    const Reference name = Reference::parse(after[i].reference);
    is_same = name.repository() == pins[i].name.repository() && name.digest() == pins[i].digest;
  }
  if (!is_same) fail(Fault::local, "internal: the pinned text would mean other images; nothing was written");
}

std::string unified_diff(const std::string& name, std::string_view before, std::string_view after) {
  const std::vector<std::string_view> old_lines = lines_in(before);
  const std::vector<std::string_view> new_lines = lines_in(after);
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < old_lines.size(); ++i) {
    if (old_lines[i] != new_lines.at(i)) changed.push_back(i);
  }
  if (changed.empty()) return {};
  std::string out = "--- " + name + "\n+++ " + name + "\n";
  for (std::size_t next = 0; next < changed.size();) {
    // Changes whose contexts touch are one hunk.
    std::size_t last = next;
    while (last + 1 < changed.size() && changed[last + 1] - changed[last] <= 2 * kContextLines) ++last;
    const std::size_t first = changed[next] - std::min(changed[next], kContextLines);
    const std::size_t end = std::min(changed[last] + kContextLines + 1, old_lines.size());
    const std::string range = range_of(first, end - first);
    out += "@@ -" + range + " +" + range + " @@\n";
    for (std::size_t i = first; i < end;) {
      if (old_lines[i] == new_lines[i]) {
        add_line(out, ' ', old_lines[i++]);
        continue;
      }
      std::size_t stop = i;
      while (stop < end && old_lines[stop] != new_lines[stop]) ++stop;
      for (std::size_t j = i; j < stop; ++j) add_line(out, '-', old_lines[j]);
      for (std::size_t j = i; j < stop; ++j) add_line(out, '+', new_lines[j]);
      i = stop;
    }
    next = last + 1;
  }
  return out;
}

}  // namespace hallmark::cmd
