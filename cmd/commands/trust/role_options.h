// SPDX-License-Identifier: Apache-2.0
//
// What the commands that change keys read from their command line: whole numbers, ids of keys, a repository.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cmd/cli/options.h"
#include "cmd/publishing/key_store.h"
#include "trust/reference.h"

namespace hallmark::cmd {

/// Absent when the option was not given. Fault::usage when it is no decimal number within the limits.
std::optional<std::int64_t> number_of(const Arguments& arguments, const std::string& option, std::int64_t least,
                                      std::int64_t most);

/// The same for days, from none to ten thousand.
std::optional<std::chrono::days> days_of(const Arguments& arguments, const std::string& option);

/// The keys of the folder that these prefixes mean. Fault::missing when there is none, Fault::usage when two mean the
/// same.
std::vector<std::string> key_ids(const KeyStore& keys, const std::vector<std::string>& prefixes);

/// The name of a whole repository. Fault::usage with a tag or a digest: what is changed there counts for every tag.
Reference repository_name(const std::string& text);

}  // namespace hallmark::cmd
