// SPDX-License-Identifier: Apache-2.0
//
// Asks a simulated repository and says the answer in one word.
#pragma once

#include <string>

#include "tests/support/catch.h"
#include "tests/support/tuf_repository.h"
#include "trust/tuf/notary.h"
#include "trust/tuf/update.h"

namespace hallmark::test {

inline const Time kNow = parse_time("2026-11-24T00:00:00Z");
inline constexpr std::chrono::hours kDay(24);
inline const std::string kGun = "registry.example/lib/app";

/// A key whose certificate is good for the repository now.
inline SigningKey root_key(const std::string& name = kGun) {
  return SigningKey::ecdsa().certified({name, kNow - 10 * kDay, kNow + 100 * kDay});
}

inline std::string id_of(const TufRepository& server) { return server.rings.at("root").keys.front().id(); }

inline tuf::Outcome ask(TufRepository& server, const tuf::TrustedMetadata& memory = {},
                        const tuf::Anchor& anchor = {}) {
  return tuf::update(tuf::notary(), {kGun, anchor, false}, memory, server, kNow);
}

inline tuf::Outcome ask_tolerant(TufRepository& server, const tuf::TrustedMetadata& memory,
                                 const tuf::Anchor& anchor = {}) {
  return tuf::update(tuf::notary(), {kGun, anchor, true}, memory, server, kNow);
}

/// "accepted", or the code of the refusal.
inline std::string word(const tuf::Outcome& outcome) {
  if (const auto* refusal = std::get_if<tuf::Refusal>(&outcome.result)) {
    UNSCOPED_INFO(refusal->detail);
    return tuf::code_of(*refusal);
  }
  return "accepted";
}

inline const tuf::Refusal& refusal_of(const tuf::Outcome& outcome) { return std::get<tuf::Refusal>(outcome.result); }

inline const tuf::Repository& repository_of(const tuf::Outcome& outcome) {
  if (const auto* refusal = std::get_if<tuf::Refusal>(&outcome.result))
    FAIL(tuf::code_of(*refusal) + ": " + refusal->detail);
  return std::get<tuf::Repository>(outcome.result);
}

/// What is remembered after an accepted run.
inline tuf::TrustedMetadata learned(const tuf::Outcome& outcome) {
  static_cast<void>(repository_of(outcome));
  return outcome.learned;
}

inline bool has_warning(const tuf::Outcome& outcome, const std::string& part) {
  for (const std::string& line : outcome.warnings) {
    if (line.find(part) != std::string::npos) return true;
  }
  return false;
}

/// Replaces the one place where `from` stands.
inline std::function<void(std::string&)> replace(const std::string& from, const std::string& to) {
  return [from, to](std::string& text) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
  };
}

}  // namespace hallmark::test
