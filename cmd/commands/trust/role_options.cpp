// SPDX-License-Identifier: Apache-2.0
#include "cmd/commands/trust/role_options.h"

#include <algorithm>
#include <charconv>

#include "trust/error.h"
#include "trust/text.h"

namespace hallmark::cmd {

std::optional<std::int64_t> number_of(const Arguments& arguments, const std::string& option, std::int64_t least,
                                      std::int64_t most) {
  const auto text = arguments.value(option);
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  // All of the text: "7d" is a mistake, and 7 of something else.
  const bool is_number = error == std::errc() && end == text->data() + text->size();
  if (is_number && number >= least && number <= most) return number;
  fail(Fault::usage, "--", option, ": expected a number from ", least, " to ", most, ", found \"", printable(*text, 80),
       "\"");
}

std::optional<std::chrono::days> days_of(const Arguments& arguments, const std::string& option) {
  // Days are compared as microseconds: no number that may be typed overflows them.
  constexpr std::int64_t kMostDays = 10'000;
  const auto days = number_of(arguments, option, 0, kMostDays);
  return days ? std::optional(std::chrono::days(*days)) : std::nullopt;
}

std::vector<std::string> key_ids(const KeyStore& keys, const std::vector<std::string>& prefixes) {
  std::vector<std::string> ids;
  for (const std::string& prefix : prefixes) {
    std::string id = keys.find(prefix);
    // Two prefixes of one key would look like two keys, and count as one toward the threshold.
    if (holds(ids, id)) fail(Fault::usage, "key ", id, " is named twice");
    ids.push_back(std::move(id));
  }
  return ids;
}

Reference repository_name(const std::string& text) {
  Reference name = Reference::parse(text);
  // A tag is refused, not passed over: whoever types one thinks that only this tag is changed.
  if (!name.digest() && name.tag_defaulted()) return name;
  throw Error(Fault::usage, "expected a repository, found " + printable(text, 300),
              "this counts for the whole repository: leave the tag and the digest out");
}

}  // namespace hallmark::cmd
