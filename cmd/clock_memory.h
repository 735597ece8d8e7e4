// SPDX-License-Identifier: Apache-2.0
//
// What this machine remembers of time, on disk: the latest time that was certain, and the newest bundle of each signer.
#pragma once

#include <filesystem>

#include "policy/bundle_time.h"

namespace hallmark::cmd {

class ClockFile {
 public:
  /// Where the policy says, or beside the store.
  ClockFile(const std::filesystem::path& store, const std::optional<policy::Policy>& policy);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Nothing when there is no file. Fault::corrupt, with a hint, when it cannot be read: that is not an empty one.
  [[nodiscard]] policy::ClockMemory load() const;
  /// In one visible step, on the disk when this returns. What another run has learned meanwhile stays: nothing in it
  /// ever goes back.
  void save(const policy::ClockMemory& learned) const;

 private:
  std::filesystem::path path_;
};

}  // namespace hallmark::cmd
