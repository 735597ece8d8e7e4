// SPDX-License-Identifier: Apache-2.0
//
// Which servers got the credentials of a registry before: a file beside those credentials, so that whoever has the ones
// has the other. It may be prepared by hand.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hallmark::registry {

/// Credentials that went somewhere.
struct Sent {
  std::string domain;  ///< whose credentials, as in a reference: "registry.example"
  std::string asker;   ///< HOST[:PORT] of the registry or trust server that asked for it
  std::string origin;  ///< where they went: "https://auth.example:8443"

  bool operator==(const Sent&) const = default;
};

/// Nothing of it is kept between calls: what another process added counts at once.
class TokenServerMemory {
 public:
  explicit TokenServerMemory(const std::filesystem::path& docker_config);

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  /// Nothing when there is no file. Fault::corrupt or Fault::local, with a hint, when it cannot be read: a memory that
  /// was lost must not look like a first time.
  [[nodiscard]] std::vector<Sent> load() const;
  /// Adds it, in one visible step; what others added meanwhile stays. Fault::local when it cannot be written.
  void add(const Sent& sent) const;

 private:
  std::filesystem::path file_;
};

}  // namespace hallmark::registry
