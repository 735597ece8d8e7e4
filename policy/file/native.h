// SPDX-License-Identifier: Apache-2.0
//
// The native dialect: named trust stores and more requirement types, every part of it strict. What its schema has
// and this version does not support yet is an error that names it.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "policy/policy.h"
#include "trust/json.h"

namespace hallmark::policy {

using Stores = std::map<std::string, TrustStore>;
using SigningKeys = std::map<std::string, SigningKey>;

/// Throws the error again with the place in the file before its message, unless a place further in stands there.
[[noreturn]] void throw_at(const std::string& pointer, const Error& error);

/// Runs the work; an Error that leaves it says where in the file it happened.
template <class Work>
decltype(auto) at_pointer(const std::string& pointer, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    throw_at(pointer, error);
  }
}

[[noreturn]] void not_supported_yet(const std::string& what);

/// Names of stores and requirements: "acme-dct", at most 64 characters.
void check_name(const std::string& name);
/// A list with at least one text.
std::vector<std::string> texts_in(const json::Value& value);
/// Trust roles: "targets", "targets/releases".
std::vector<std::string> roles_in(const json::Value& value);
/// The globally unique name of a trust collection; never a reference with tag or digest.
std::string gun_in(const json::Value& value);

/// In UTC, whole seconds.
Time time_in(const json::Value& value);

/// Stores of kind tuf, everything they name read.
Stores read_stores(const json::Value& value, const Policy::ReadFile& read_file);
/// Those of kind key.
SigningKeys read_keys(const json::Value& value, const Policy::ReadFile& read_file);

Freshness read_freshness(const json::Object& object, const SigningKeys& keys);

Requirements read_native_requirements(const json::Value& list, const std::string& pointer, const Stores& stores);

/// Whether every image passes the list.
bool accepts_anything(const Requirements& requirements);

}  // namespace hallmark::policy
