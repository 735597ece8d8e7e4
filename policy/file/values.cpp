// SPDX-License-Identifier: Apache-2.0
#include "policy/file/values.h"

#include <algorithm>

#include "policy/scope.h"
#include "trust/error.h"
#include "trust/quantity.h"
#include "trust/reference.h"

namespace hallmark::policy {
namespace {

template <class... Parts>
[[noreturn]] void refuse(const Parts&... parts) {
  fail(Fault::usage, parts...);
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// ^targets(/[a-z0-9_/-]+)?$
bool is_role(std::string_view text) {
  if (!text.starts_with("targets")) return false;
  text.remove_prefix(std::string_view("targets").size());
  if (text.empty()) return true;
  return text.size() > 1 && text.front() == '/' && std::all_of(text.begin(), text.end(), [](char c) {
           return is_lower_or_digit(c) || c == '_' || c == '/' || c == '-';
         });
}

}  // namespace

std::string gun_fault(std::string_view text) {
  if (text.empty() || text.find_first_of("*@") != std::string_view::npos) return "this is no name of a repository";
  if (std::string fault = strict_scope_fault("docker", text); !fault.empty()) return fault;
  if (text.find('/') == std::string_view::npos) return {};
  const Reference name = Reference::parse(text);
  if (!name.tag_defaulted()) return "a tag is not part of it";
  return name.repository() == text ? "" : "the full name is " + name.repository();
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

std::vector<std::string> roles_in(const json::Value& value) {
  std::vector<std::string> roles = texts_in(value);
  for (const std::string& role : roles) {
    if (!is_role(role)) refuse("\"", printable(role, 120), "\" is no role: targets, or targets/NAME in lower case");
  }
  return roles;
}

std::string gun_in(const json::Value& value) {
  const std::string& text = value.string();
  if (const std::string fault = gun_fault(text); !fault.empty()) refuse("\"", printable(text, 200), "\": ", fault);
  return text;
}

}  // namespace hallmark::policy
