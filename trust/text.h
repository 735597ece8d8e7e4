// SPDX-License-Identifier: Apache-2.0
//
// Letters where only those of ASCII have a case: hosts, members of documents, names of systems.
#pragma once

#include <string>
#include <string_view>

namespace hallmark {

/// A to Z become a to z; every other byte stays.
std::string lowered(std::string_view text);

}  // namespace hallmark
