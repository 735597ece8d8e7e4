// SPDX-License-Identifier: Apache-2.0
//
// Requirements as containers-policy.json(5) writes them, read by the rules and with the words of its own tools.
// signedBy, sigstoreSigned and signedBaseLayer are read whole and never pass.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "policy/policy.h"
#include "trust/json.h"

namespace hallmark::policy {

/// The object, or an error with the words of containers-policy's tools.
const json::Object& object_in(const json::Value& value);
/// The member's text; empty when it is absent or null, as the readers of this format take it.
std::string text_in(const json::Object& object, std::string_view name);
/// The member "type" of an object; empty when the value is null or has none.
std::string type_in(const json::Value& value);

/// A list of requirements. Any fault throws.
Requirements read_containers_requirements(const json::Value& list, const std::string& pointer);

/// The two types that the native dialect takes over: the members but "type" are checked, nothing is kept.
/// Fault::usage or Fault::corrupt for what the format's own tools refuse; read_policy() makes one fault of both.
void check_signed_by(const json::Object& object);
void check_sigstore_signed(const json::Object& object);

}  // namespace hallmark::policy
