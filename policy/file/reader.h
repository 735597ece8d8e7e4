// SPDX-License-Identifier: Apache-2.0
//
// A policy file, read in either dialect.
#pragma once

#include <string>

#include "policy/file/stores_reader.h"
#include "policy/policy.h"
#include "trust/bytes.h"

namespace hallmark::policy {

/// Fault::usage, with `path` in the message, for anything that is not a usable policy.
/// Fault::local stays what it is: then this machine could not read a file, and the policy may be good.
Policy read_policy(const std::string& path, ByteView bytes, const trust::ReadFile& read_file);

}  // namespace hallmark::policy
