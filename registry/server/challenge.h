// SPDX-License-Identifier: Apache-2.0
//
// What a server wants to see before it answers (RFC 9110 section 11.6.1, WWW-Authenticate). Text from outside: what
// cannot be read is no challenge.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hallmark::registry {

struct Challenge {
  std::string scheme;                             ///< lower case: "bearer", "basic"
  std::map<std::string, std::string> parameters;  ///< names in lower case

  /// Empty when it is not there.
  [[nodiscard]] std::string parameter(const std::string& name) const;
};

/// All challenges of one header; several may stand in a row. Reading ends where the grammar does.
std::vector<Challenge> parse_challenges(std::string_view header);

/// The one to answer, of all headers: Bearer with a realm, else Basic; others are not spoken.
std::optional<Challenge> choose_challenge(const std::vector<std::string>& headers);

/// "repository:a/b:pull repository:c:pull" as its entries, each once, in order.
/// Eight at most: each becomes a part of the address of the token server.
std::vector<std::string> scopes_of(std::string_view text);

}  // namespace hallmark::registry
