// SPDX-License-Identifier: Apache-2.0
//
// Names to the digests that trust and policy admit: for `resolve`, name by name and for all images of a file.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cmd/admission/registry_admission.h"
#include "cmd/commands/judging.h"
#include "cmd/commands/records.h"

namespace hallmark::cmd {

/// Decides as verify does, and prints what came of it.
class Resolver {
 public:
  Resolver(Judging& judging, const Arguments& arguments);

  [[nodiscard]] const PlatformChoice& platforms() const { return platforms_; }

  /// The digest of what the name is; throws the refusal.
  Digest root_of(const Reference& name, const std::optional<std::string>& platform);
  /// The others may have come slowly. Throws the refusal of one that is not admitted any more.
  void require_all_still_admitted();
  /// Prints the digest of one platform's manifest.
  void print_manifest_of(const Reference& name);

 private:
  struct Root {
    JudgedImage judged;
    Subject subject;
  };

  void keep_little(const Reference& name, JudgedImage& judged);
  Subject subject_again(const policy::Plan& plan, JudgedImage& judged);
  JudgedImage judged_of(const Reference& name, const PlatformChoice& platforms);
  void print(const Reference& name, const Digest& digest);

  Judging& judging_;
  PlatformChoice platforms_;
  Records records_;
  std::map<std::pair<std::string, std::string>, Root> roots_;
  std::set<std::string> printed_;
  bool is_judged_again_;  // what was decided is written into a file at the end
  bool are_pins_printed_;
  bool is_tag_kept_;
  std::uint64_t kept_bytes_ = 0;
};

}  // namespace hallmark::cmd
