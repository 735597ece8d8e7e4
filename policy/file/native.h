// SPDX-License-Identifier: Apache-2.0
//
// The requirements of the native dialect, every part of it strict. What its schema has
// and this version does not support yet is an error that names it.
#pragma once

#include <string>

#include "policy/policy.h"
#include "trust/json.h"
#include "trust/system/system.h"

namespace hallmark::policy {

/// A list that is not whole throws, with its place in the file. Requirements may name the stores that are given.
Requirements read_native_requirements(const json::Value& list, const std::string& pointer, const trust::Stores& stores);

/// Whether every image passes the list.
/// Asked of the default, which must not be so, and of the empty scope, which is remarked on.
bool accepts_anything(const Requirements& requirements);

}  // namespace hallmark::policy
