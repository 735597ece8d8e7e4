// SPDX-License-Identifier: Apache-2.0
//
// A trust system as small as one can be: whoever has the key of a store signs lists of digests, and attaches them to
// images. It shows what a trust system adds: this folder and one line of systems.cpp.
#pragma once

#include "trust/system/system.h"

namespace hallmark::example {

inline constexpr const char* kListType = "application/vnd.example.digest-list+json";

extern const trust::System kSystem;

}  // namespace hallmark::example
