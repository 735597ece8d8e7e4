// SPDX-License-Identifier: Apache-2.0
#include "trust/system/values.h"

#include <algorithm>

#include "trust/error.h"
#include "trust/quantity.h"
#include "trust/reference.h"
#include "trust/system/scope.h"

namespace hallmark::trust {
namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

std::string shown(std::string_view text) { return "\"" + printable(text, 200) + "\""; }

std::string repository_fault(std::string_view text) {
  if (text.empty() || text.find_first_of("*@") != std::string_view::npos) return "this is no name of a repository";
  if (std::string fault = strict_scope_fault("docker", text); !fault.empty()) return fault;
  if (text.find('/') == std::string_view::npos) return {};
  const Reference name = Reference::parse(text);
  if (!name.tag_defaulted()) return "a tag is not part of it";
  // Rules and trust data are looked up by the full name; a short one would never be found.
  return name.repository() == text ? "" : "the full name is " + name.repository();
}

std::string repository_prefix_fault(std::string_view text) {
  if (text.empty() || text.find_first_of("*@") != std::string_view::npos) return "this is no name of a repository";
  if (std::string fault = strict_scope_fault("docker", text); !fault.empty()) return fault;
  const bool has_tag = text.find('/') != std::string_view::npos && !Reference::parse(text).tag_defaulted();
  return has_tag ? "a tag is not part of it" : "";
}

Time time_in(const json::Value& value) { return parse_plain_time(value.string()); }

void not_supported_yet(const std::string& what) {
  throw Error(Fault::usage, what + " is not supported yet", "take it out of the policy; nothing in it is ever ignored");
}

void check_name(const std::string& name) {
  const bool good = !name.empty() && name.size() <= 64 && is_lower_or_digit(name.front()) &&
                    std::all_of(name.begin(), name.end(),
                                [](char c) { return is_lower_or_digit(c) || c == '.' || c == '_' || c == '-'; });
  if (!good)
    refuse("\"", printable(name, 80), "\" is no name: lower-case letters, digits, \".\", \"_\", \"-\", at most 64");
}

std::vector<std::string> texts_in(const json::Value& value) {
  std::vector<std::string> texts;
  for (const json::Value& item : value.array()) texts.push_back(item.string());
  if (texts.empty()) refuse("the list must not be empty");
  return texts;
}

}  // namespace hallmark::trust
