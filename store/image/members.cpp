// SPDX-License-Identifier: Apache-2.0
#include "store/image/members.h"

#include "trust/error.h"
#include "trust/text.h"

namespace hallmark::store {

std::string folded(std::string_view text) {
  std::string out = lowered(text);
  for (const auto& [letter, plain] : {std::pair{"\xc5\xbf", "s"}, std::pair{"\xe2\x84\xaa", "k"}}) {
    const std::string_view from = letter;
    for (std::size_t at = out.find(from); at != std::string::npos; at = out.find(from))
      out.replace(at, from.size(), plain);
  }
  return out;
}

void refuse_other_spellings(const json::Object& object, std::initializer_list<std::string_view> names) {
  for (const auto& [name, value] : object.members()) {
    const std::string plain = folded(name);
    for (const std::string_view known : names) {
      if (name != known && plain == lowered(known)) {
        fail(Fault::corrupt, "member \"", printable(name, 80), "\" is another spelling of \"", known, "\"");
      }
    }
  }
}

const json::Value* optional_member(const json::Object& object, std::string_view name) {
  const json::Value* found = object.find(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::string string_or_empty(const json::Object& object, std::string_view name) {
  const json::Value* found = optional_member(object, name);
  return found == nullptr ? std::string() : within(name, [&] { return found->string(); });
}

}  // namespace hallmark::store
