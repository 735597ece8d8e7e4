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

class RootChain {
 public:
  RootChain(const Dialect& dialect, const Question& question, const Memory& memory, Allowance& documents, Time now);

  /// Throws Refused; Fault::corrupt for a root that cannot be read or names a key wrongly; Fault::usage for a pinned
  /// document that cannot be used.
  ChainEnd find();

 private:
  [[nodiscard]] std::optional<RootFile> remembered() const;
  std::optional<RootFile> newest(bool has_memory);
  std::optional<Refusal> chain(const RootFile& start, const RootFile& end);
  std::optional<RootFile> step(const RootFile& trusted, std::string& why_not);
  std::optional<RootFile> fetched_successor(const RootFile& trusted, std::string& why_not);
  [[nodiscard]] std::optional<RootFile> successor(const RootFile& trusted, RootFile next, std::string& why_not) const;
  [[nodiscard]] Refusal lower(const RootFile& trusted, const RootFile& end) const;
  [[nodiscard]] Refusal not_chained(const RootFile& trusted, const RootFile& end, const std::string& why) const;
  std::optional<Refusal> pins(const RootFile& file);
  bool pins_outrank(const RootFile& remembered, const RootFile& end);
  bool is_of_pins(const RootFile& remembered);
  void finish(const ChainEnd& end) const;

  const Dialect& dialect_;
  const Question& question_;
  const Memory& memory_;
  Allowance& documents_;
  Time now_;
  RootRules rules_;
  std::vector<std::string> warnings_;
  std::map<std::int64_t, Bytes> roots_;    // that were passed
  std::map<std::int64_t, Bytes> fetched_;  // on the way, good or not: nobody is asked twice
  std::set<std::int64_t> counted_;
  bool lacks_a_root_ = false;  // one that would have told was not to be had
};

}  // namespace hallmark::tuf
