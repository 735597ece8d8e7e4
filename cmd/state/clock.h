// SPDX-License-Identifier: Apache-2.0
//
// What this machine remembers of time, on disk: the latest time that was certain, and the newest bundle of each signer.
#pragma once

#include <filesystem>

#include "policy/bundle_time.h"
#include "store/disk/file.h"

namespace hallmark::cmd {

/// A memory that only moves forward: a clock that was set back and a bundle older than one before are found by it.
class ClockFile {
 public:
  /// Where the policy says, or beside the store.
  ClockFile(const std::filesystem::path& store, const std::optional<policy::Policy>& policy);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// What the store remembers, and what the place does that the policy names: whatever a policy says, time does not go
  /// back. Nothing when there is no file. Fault::corrupt, with a hint, when one cannot be read: that is not an empty
  /// one.
  [[nodiscard]] policy::ClockMemory load() const;

  /// While it lives no other run loads into this store, or with this memory: what was read stays true until what was
  /// judged by it is committed.
  class Lock {
    friend class ClockFile;
    Lock(store::File of_store, std::optional<store::File> of_memory)
        : of_store_(std::move(of_store)), of_memory_(std::move(of_memory)) {}
    store::File of_store_;
    std::optional<store::File> of_memory_;  // absent where this user cannot write
  };
  /// Waits for others.
  [[nodiscard]] Lock lock() const;
  /// In one visible step, on the disk when this returns. Nothing in it ever goes back. The store remembers it as well.
  /// Fault::local when the place that the policy names cannot be written.
  void save(const policy::ClockMemory& learned, const Lock& lock) const;
  /// That it was this late already; the place that the policy names learns it where this user can write. A memory that
  /// is less than a minute behind is left as it is: no clock is judged that closely, and each write waits for the disk.
  void raise(Time now, const Lock& lock) const;

 private:
  std::filesystem::path own_;  // folder in the store
  std::filesystem::path path_;
};

}  // namespace hallmark::cmd
