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

Requirements read_native_requirements(const json::Value& list, const std::string& pointer, const trust::Stores& stores);

/// Whether every image passes the list.
bool accepts_anything(const Requirements& requirements);

}  // namespace hallmark::policy
