// SPDX-License-Identifier: Apache-2.0
//
// When a bundle was packed, as far as the policy believes it, and whether this machine's clock can be right.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "policy/decision.h"
#include "policy/policy.h"
#include "trust/dsse.h"

namespace hallmark::policy {

class Gate;

/// The newest bundle that was loaded of one signer.
struct SeenBundle {
  Time created;
  Digest statement;  ///< of the payload

  bool operator==(const SeenBundle&) const = default;
};

/// What this machine remembers of time: never less than before.
struct ClockMemory {
  std::optional<Time> high_water;          ///< the latest time that was certain
  std::map<std::string, SeenBundle> seen;  ///< by the id of the signer's key
  std::string place = {};                  ///< the file that has the latest time, for people

  bool operator==(const ClockMemory&) const = default;
};

/// Time as it counts for one bundle. Only the gate makes one.
class BundleTime {
 public:
  /// What the ends of trust data that came in the bundle are compared with.
  [[nodiscard]] Time at() const { return packed_ && mode_ == Freshness::Mode::bundle_time ? *packed_ : now_; }
  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] Freshness::Mode mode() const { return mode_; }
  /// Said by a signer whom the policy believes; absent when none was asked or believed.
  [[nodiscard]] const std::optional<Time>& packed() const { return packed_; }
  /// The ids of the keys that signed it and are believed.
  [[nodiscard]] const std::vector<std::string>& signers() const { return signers_; }
  /// What was asked of the clock and of the bundle. A clock that is right and a policy that asks nothing leave none.
  [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }
  /// Of what was remembered before this bundle. Absent when nothing was.
  [[nodiscard]] const std::optional<Time>& high_water() const { return before_.high_water; }
  /// To be remembered once the images are taken.
  [[nodiscard]] ClockMemory learned() const;

 private:
  friend class Gate;
  BundleTime(Time now, ClockMemory before) : now_(now), before_(std::move(before)) {}

  /// Asked only when the policy wants a signature. Leaves a finding, whatever comes of it.
  void judge_statement(const Policy& policy, const std::optional<dsse::Envelope>& statement);
  /// A time that is not believed is taken back, so that at() falls back on now.
  void judge_age(const Freshness& freshness, const std::string& signer);
  /// Of the signers who count the first, in words; absent, with a finding, when there is none.
  [[nodiscard]] std::optional<std::string> believed_signer(const Policy& policy, const dsse::Envelope& statement);
  void find(Result result, std::string_view code, std::string detail);

  Time now_;
  ClockMemory before_;
  Freshness::Mode mode_ = Freshness::Mode::strict;
  std::optional<Time> packed_;
  // Tells this bundle from others of its signer. Set only beside a time that a believed signer said.
  std::optional<Digest> statement_;
  std::vector<std::string> signers_;
  std::vector<Finding> findings_;
};

/// What there is to say of a clock that is behind the latest time that was certain.
/// Nothing within the skew that the policy allows, and when nothing is remembered. `place`: the file that remembers.
std::optional<Finding> find_clock(const std::optional<Policy>& policy, const std::optional<Time>& latest,
                                  const std::string& place, Time now);

/// One line for each role whose end has passed and that was accepted because of the time of packing.
std::vector<std::string> accepted_ends(const BundleTime& time, const std::vector<trust::Expiry>& expiries);

/// "3 days", "2 hours"
/// The largest unit of which there is a whole one, rounded down.
std::string in_words(std::chrono::microseconds span);

}  // namespace hallmark::policy
