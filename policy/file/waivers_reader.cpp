// SPDX-License-Identifier: Apache-2.0
#include "policy/file/waivers_reader.h"

#include <algorithm>
#include <array>
#include <set>

#include "trust/json_pointer.h"
#include "trust/quantity.h"
#include "trust/system/scope.h"
#include "trust/system/values.h"
#include "trust/text.h"

namespace hallmark::policy {
namespace {

/// All that can be waived. Signatures, digests and rejections have no name here.
constexpr std::array<std::string_view, 6> kGroups{"age", "config", "size", "platform", "mediaType", "reference"};
/// Known and not supported, which is told apart from a slip.
constexpr std::array<std::string_view, 5> kLaterGroups{"freshness", "vulnerabilities", "attestation", "base",
                                                       "content"};
/// In bytes. The record has it, for whoever asks later why the image came in.
constexpr std::size_t kShortestReason = 8;

template <class List>
bool has(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::vector<std::string> groups_in(const json::Value& value) {
  std::vector<std::string> groups = trust::texts_in(value);
  for (const std::string& group : groups) {
    if (has(kLaterGroups, group)) trust::not_supported_yet("waiving \"" + group + "\"");
    if (has(kGroups, group)) continue;
    throw Error(Fault::usage, "\"" + printable(group, 80) + "\" is no group of gates to waive",
                hint_for(group, {kGroups.begin(), kGroups.end()}));
  }
  // The second of two was probably meant to be another group.
  if (std::set<std::string>(groups.begin(), groups.end()).size() != groups.size()) {
    fail(Fault::usage, "a group stands twice in the list");
  }
  return groups;
}

std::string clean_path_in(const json::Value& value) {
  // Where a record goes must not depend on the folder in which somebody stands.
  if (!is_clean_path(value.string())) {
    fail(Fault::usage, "\"", printable(value.string(), 200), "\" is no clean absolute path");
  }
  return value.string();
}

Exception read_exception(const json::Object& object) {
  // All six are needed: without an end, a digest or a reason it is a hole that nobody closes.
  object.allow_only({"id", "scope", "digest", "waive", "until", "reason"});
  // By a digest and no tag: what is pushed under the name later is not excepted.
  Exception exception{object.at("id").string(),
                      object.at("scope").string(),
                      Digest::parse(object.at("digest").string()),
                      within("waive", [&] { return groups_in(object.at("waive")); }),
                      within("until", [&] { return parse_plain_time(object.at("until").string()); }),
                      object.at("reason").string()};
  // Records show it, and it cannot be spelled like kBreakGlass.
  trust::check_name(exception.id);
  // The empty scope holds for every name.
  if (exception.scope.empty()) fail(Fault::usage, "scope must not be empty");
  // One that matches nothing would be found out in the emergency that it was written for.
  if (const std::string fault = strict_scope_fault("docker", exception.scope); !fault.empty()) {
    fail(Fault::usage, "scope \"", printable(exception.scope, 200), "\" matches nothing: ", fault);
  }
  if (exception.reason.size() < kShortestReason) {
    fail(Fault::usage, "reason must have at least ", kShortestReason, " characters");
  }
  return exception;
}

}  // namespace

std::vector<Exception> read_exceptions(const json::Value& value) {
  std::vector<Exception> exceptions;
  std::set<std::string> ids;
  for (const json::Value& item : at_pointer("/exceptions", [&]() -> const json::Array& { return value.array(); })) {
    at_pointer(item_of("/exceptions", exceptions.size()), [&] {
      exceptions.push_back(read_exception(item.object()));
      // Records know exceptions by their ids alone.
      if (!ids.insert(exceptions.back().id).second) fail(Fault::usage, "id stands twice: ", exceptions.back().id);
    });
  }
  return exceptions;
}

BreakGlass read_break_glass(const json::Value& value) {
  const json::Object& object = value.object();
  object.allow_only({"allow", "reasonPattern", "audit", "waivable"});
  BreakGlass break_glass;
  // It has to be said: whether a person may go past gates is left to no default.
  break_glass.is_allowed = object.at("allow").boolean();
  if (const json::Value* pattern = object.find("reasonPattern")) {
    break_glass.reason_pattern = within("reasonPattern", [&] { return Pattern::parse(pattern->string()); });
  }
  if (const json::Value* audit = object.find("audit")) {
    break_glass.audit = within("audit", [&] { return clean_path_in(*audit); });
  }
  if (const json::Value* groups = object.find("waivable")) {
    break_glass.waivable = within("waivable", [&] { return groups_in(*groups); });
  }
  return break_glass;
}

Audit read_audit(const json::Value& value) {
  const json::Object& object = value.object();
  object.allow_only({"file", "required"});
  Audit audit;
  if (const json::Value* file = object.find("file")) audit.file = within("file", [&] { return clean_path_in(*file); });
  if (const json::Value* required = object.find("required")) audit.is_required = required->boolean();
  // With no place to write to nothing could fail, and images would come in without the record that is demanded.
  if (audit.is_required && !audit.file) fail(Fault::usage, "a record is required, and no \"file\" says where");
  return audit;
}

}  // namespace hallmark::policy
