// SPDX-License-Identifier: Apache-2.0
//
// What makes a root document good: by itself, as the successor of another, today, and under pins
// (docs/notary-v1.md, 5). Pure judgements on documents; nothing is fetched here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trust/bytes.h"
#include "trust/time.h"
#include "trust/tuf/metadata.h"
#include "trust/tuf/question.h"
#include "trust/tuf/refusal.h"

namespace hallmark::tuf {

/// A root file that could be read; whether it is good is for RootRules to say.
struct RootFile {
  Bytes bytes;  ///< as served
  Envelope envelope;
  Root root;

  [[nodiscard]] std::int64_t version() const { return root.common.version; }
  [[nodiscard]] const Role& signers() const { return root.roles.find("root")->second; }
};

/// Throws Fault::corrupt.
RootFile read_root_file(const Dialect& dialect, Bytes bytes);

/// The rules for the roots of one repository. Each answers with a refusal, or with nothing when all is well. A key that
/// signed but is listed under an id that is not its own is Fault::corrupt.
class RootRules {
 public:
  RootRules(const Dialect& dialect, std::string_view gun) : dialect_(dialect), gun_(gun) {}

  /// Signed by its own keys, which may sign for this repository. Dates are not looked at.
  [[nodiscard]] std::optional<Refusal> stands_alone(const RootFile& file) const;
  /// Signed by the keys of `old` that may sign for this repository, with the threshold of `old`. Dates are not looked
  /// at: an old certificate that has ended since does not break the chain.
  [[nodiscard]] bool is_signed_by(const RootFile& old, const RootFile& file) const;
  /// Signed by enough keys that are valid at that time, and not expired.
  [[nodiscard]] std::optional<Refusal> is_current(const RootFile& file, Time now) const;
  /// When fewer of its keys than its threshold asks have a certificate that is valid. Time::max() when none of them
  /// ends.
  [[nodiscard]] Time certificates_end(const RootFile& file) const;
  /// Signed by as many of the pinned keys as its threshold asks.
  [[nodiscard]] std::optional<Refusal> is_pinned(const RootFile& file, const std::vector<std::string>& pins) const;
  /// Signed by enough keys whose certificates are for this repository alone.
  [[nodiscard]] std::optional<Refusal> is_for_one(const RootFile& file) const;

 private:
  /// Key ids of the root role that may sign; with a time, only those that are valid then.
  [[nodiscard]] std::vector<std::string> eligible(const RootFile& file, const std::optional<Time>& now) const;
  /// Whether enough of `allowed` signed the file, by the keys and the threshold of `judge`.
  [[nodiscard]] bool meets_threshold(const RootFile& file, const RootFile& judge,
                                     const std::vector<std::string>& allowed) const;

  const Dialect& dialect_;
  std::string gun_;
};

}  // namespace hallmark::tuf
