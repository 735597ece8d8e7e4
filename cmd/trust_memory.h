// SPDX-License-Identifier: Apache-2.0
//
// What this machine trusted last time, on disk beside the store: one folder a repository with the documents under
// their hashes and a state.json that names them. It starts from docker's own trust folder, which is only read.
#pragma once

#include <filesystem>
#include <string>

#include "trust/tuf/update.h"

namespace hallmark::cmd {

class TrustMemory {
 public:
  /// `ours`: the folder that is written, made on first use. `docker`: docker's trust folder, read when ours has
  /// nothing about a name.
  TrustMemory(std::filesystem::path ours, std::filesystem::path docker)
      : ours_(std::move(ours)), docker_(std::move(docker)) {}

  /// Of the store in that folder, for whoever has that docker configuration.
  static TrustMemory beside(const std::filesystem::path& store, const std::filesystem::path& docker_config) {
    return {store / ".hallmark" / "trust", docker_config / "trust"};
  }

  /// What is known of a repository for the policy's trust store of that name, or for content trust (no name): each
  /// has a memory of its own, since each may ask another server about the same name. A store that is new starts from
  /// what content trust knows. Empty when nothing is known. Fault::corrupt, with a hint, when what is there cannot be
  /// read: a memory that was lost must not look like a first use.
  [[nodiscard]] tuf::Memory load(const std::string& gun, const std::string& store) const;

  /// What content trust knows, or else what was learned last for any of the policies' stores.
  [[nodiscard]] tuf::Memory load_any(const std::string& gun) const;

  /// Replaces `before`, which load() gave, in one visible step. If another process has learned something meanwhile,
  /// the highest version of each role stays, and the documents that came with the newer timestamp.
  void save(const std::string& gun, const std::string& store, const tuf::Memory& before,
            const tuf::Memory& learned) const;

 private:
  [[nodiscard]] std::filesystem::path folder(const std::string& gun, const std::string& store) const;

  std::filesystem::path ours_;
  std::filesystem::path docker_;
};

}  // namespace hallmark::cmd
