// SPDX-License-Identifier: Apache-2.0
//
// From what this machine may trust - a remembered root, a pinned one, or nothing - to the newest root, step by step
// (docs/notary-v1.md, 5). The newest root is asked for on every run, also when nothing failed, so that a revoked key is
// noticed early.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "trust/tuf/allowance.h"
#include "trust/tuf/question.h"
#include "trust/tuf/refusal.h"
#include "trust/tuf/root.h"

namespace hallmark::tuf {

struct ChainEnd {
  RootFile root;
  bool memory_counts;  ///< false: what was remembered belongs to a root that the pins do not know
  bool first_use;
  std::vector<std::string> warnings;
  std::map<std::int64_t, Bytes> roots;  ///< those before it, each verified by the one before
};

/// Made for one question and asked once.
class RootChain {
 public:
  RootChain(const Dialect& dialect, const Question& question, const TrustedMetadata& memory, Allowance& source,
            Time now);

  /// Throws Refused; Fault::corrupt for a root that cannot be read or names a key wrongly; Fault::usage for a pinned
  /// document that cannot be used.
  ChainEnd find();

 private:
  /// Absent without a memory. One that cannot be read is refused.
  [[nodiscard]] std::optional<RootFile> remembered() const;
  /// Absent when the remembered root may stand in for what cannot be had now.
  std::optional<RootFile> newest(bool has_memory);
  /// Whether verified steps lead from `start` to `end`. The roots that were passed stay in roots_.
  std::optional<Refusal> chain(const RootFile& start, const RootFile& end);
  /// The next root from the memory, from what was fetched, or from the server; absent, with the reason, if none fits.
  std::optional<RootFile> step(const RootFile& trusted, std::string& why_not);
  std::optional<RootFile> fetched_successor(const RootFile& trusted, std::string& why_not);
  [[nodiscard]] std::optional<RootFile> successor(const RootFile& trusted, RootFile next, std::string& why_not) const;
  [[nodiscard]] Refusal lower(const RootFile& trusted, const RootFile& end) const;
  [[nodiscard]] Refusal not_chained(const RootFile& trusted, const RootFile& end, const std::string& why) const;
  std::optional<Refusal> pins(const RootFile& file);
  /// Whether the pins know the served root and not the remembered one, and nothing ties the two together.
  bool pins_outrank(const RootFile& remembered, const RootFile& end);
  bool is_of_pins(const RootFile& remembered);
  [[nodiscard]] std::optional<RootFile> known_or_fetched(std::int64_t version);
  [[nodiscard]] std::string who_vouches(const RootFile& end);
  void tell_who_vouches(const RootFile& end, Refusal& refusal);
  /// Dates and the least version, of the newest root.
  void finish(const ChainEnd& end) const;

  const Dialect& dialect_;
  const Question& question_;
  const TrustedMetadata& memory_;
  Allowance& source_;
  Time now_;
  RootRules rules_;
  std::vector<std::string> warnings_;
  std::map<std::int64_t, Bytes> roots_;    // that were passed
  std::map<std::int64_t, Bytes> fetched_;  // on the way, good or not: nobody is asked twice
  std::set<std::int64_t> counted_;
  bool lacks_a_root_ = false;  // one that would have told was not to be had
};

}  // namespace hallmark::tuf
