// SPDX-License-Identifier: Apache-2.0
//
// What may go past a gate, and who has to answer for it: exceptions for one digest until a date, and breaking the
// glass with a reason. Signatures and digests are never waived; nothing here can name them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/pattern.h"
#include "trust/digest.h"
#include "trust/reference.h"
#include "trust/subject.h"
#include "trust/time.h"

namespace hallmark::policy {

/// One image that may pass some gates although they are closed. Only the native dialect has such.
struct Exception {
  /// Unique in the file. Records name the exception by it.
  std::string id;
  /// A scope of docker. It reaches into narrower ones, unlike a list under "transports".
  std::string scope;
  /// Of the image, of its index, or of the only manifest that would be stored.
  Digest digest;
  std::vector<std::string> waive;  ///< groups of gates
  /// From this moment on, itself included, it waives nothing.
  Time until;
  /// For people and for the record. Nothing is decided by it.
  std::string reason;
};

/// Waiving by hand, with a reason, where the policy lists what a person may waive.
struct BreakGlass {
  bool is_allowed = false;
  std::optional<Pattern> reason_pattern;
  std::optional<std::string> audit;   ///< file for its records, instead of the policy's
  std::vector<std::string> waivable;  ///< groups of gates; none unless the policy lists them
};

/// Where decision records go.
struct Audit {
  std::optional<std::string> file;
  /// Then an image whose record cannot be written is not stored.
  bool is_required = false;
};

/// Where breaking the glass stands in findings; ids of exceptions cannot be spelled so.
inline constexpr std::string_view kBreakGlass = "--break-glass";

/// Those that hold for one subject now.
class Waivers {
 public:
  Waivers() = default;
  /// `scopes`: everything that a policy could call the name, as lookup_keys() has it. Without a subject an exception
  /// may still come to hold. `break_glass`: the reason was given and the policy takes it.
  Waivers(const std::vector<Exception>& exceptions, const std::vector<std::string>& scopes, const Subject* subject,
          Time now);
  /// For a glass that was broken. It goes behind the exceptions: find() names these first.
  void add(const BreakGlass& break_glass);

  /// The id of the exception that waives the group, or kBreakGlass; empty when nothing does.
  [[nodiscard]] std::string find(std::string_view group) const;
  /// The id of an exception that would waive the group for this subject and has ended; empty when there is none.
  [[nodiscard]] std::string find_ended(std::string_view group) const;
  /// Whether an exception names the digest of the top document itself: then the group counts for nothing in all of it.
  [[nodiscard]] bool is_for_top(std::string_view group) const;

 private:
  struct Waiver {
    std::string by;
    std::vector<std::string> groups;
    bool is_for_top;
  };
  static std::string find_in(const std::vector<Waiver>& waivers, std::string_view group);

  std::vector<Waiver> waivers_;
  std::vector<Waiver> ended_;
};

}  // namespace hallmark::policy
