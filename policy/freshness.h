// SPDX-License-Identifier: Apache-2.0
//
// What a policy says about time where there is no network: how old a bundle may be, and who may say when it was packed.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trust/crypto/key.h"
#include "trust/digest.h"
#include "trust/time.h"

namespace hallmark::policy {

/// A store of kind key: one public key, and when it counts.
struct SigningKey {
  std::string store;  ///< its name
  std::string id;     ///< as `trust key ls` shows it
  crypto::PublicKey key;
  /// This moment is included. Compared with the time of packing as well as with now.
  std::optional<Time> not_before;
  /// This moment is excluded. Compared with now alone: whoever stole the key writes the time of packing.
  std::optional<Time> not_after;
  /// Ends the key at once, whatever the times say.
  bool is_distrusted = false;
  std::string reason;
  std::optional<std::string> path;  ///< of its file; absent when the key stands in the policy
  Digest digest;                    ///< of what was read
};

/// The member "freshness" of a native policy, as docs/policy.md has it. The reader refuses a bundle_time that has no
/// signer or no greatest age.
struct Freshness {
  enum class Mode {
    strict,      ///< every end is compared with now
    bundle_time  ///< of what comes in a bundle: with the time at which a trusted signer packed it
  };
  Mode mode = Mode::strict;
  /// The most that may lie between packing and now: so long can somebody hold updates back.
  std::optional<std::chrono::seconds> most_age;
  std::optional<std::chrono::seconds> most_transit;  ///< as most_age, for a bundle that was never loaded before
  std::chrono::seconds clock_skew = kUsualSkew;
  std::vector<std::string> signers;  ///< stores of kind key; any of them will do
  bool signature_required = false;   ///< always in bundle_time
  std::optional<std::string> state;  ///< where the memory of bundles and of the clock lies; beside the store without it

  /// How far two clocks may differ when the policy does not say.
  static constexpr std::chrono::seconds kUsualSkew = std::chrono::minutes(5);
};

}  // namespace hallmark::policy
