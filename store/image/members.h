// SPDX-License-Identifier: Apache-2.0
//
// Members of documents that other programs read as well, some of them without regard to case.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "trust/json.h"

namespace hallmark::store {

/// As readers see it that match names without regard to case: lowered(), and with the two letters outside ASCII whose
/// simple case folding lies in it (Unicode, CaseFolding.txt): U+017F is an s, U+212A a k.
std::string folded(std::string_view text);

/// Some readers of these documents match names without regard to case, and would see another document than we do:
/// a member that only they would take for one of these is Fault::corrupt.
void refuse_other_spellings(const json::Object& object, std::initializer_list<std::string_view> names);

/// A member that may be absent or null: Go writes an empty list so. nullptr for both.
const json::Value* optional_member(const json::Object& object, std::string_view name);

/// The text of one; empty when it is absent or null.
std::string string_or_empty(const json::Object& object, std::string_view name);

}  // namespace hallmark::store
