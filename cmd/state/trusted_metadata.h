// SPDX-License-Identifier: Apache-2.0
//
// What this machine trusted last time, on disk beside the store: one folder a repository with the documents under
// their hashes and a state.json that names them. It starts from docker's own trust folder, which is only read.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "trust/system/question.h"

namespace hallmark::cmd {

/// What is known of a repository.
struct KnownTrust {
  trust::TrustedMetadata memory;
  std::string stamp;  ///< tells save() whether another run has learned something since; empty when nothing was saved
};

/// Several runs may use one memory at once: readers see one state or the next, and writers wait for each other.
class TrustedMetadataStore {
 public:
  /// Whether what is remembered may be where a collection starts from: Question::fits().
  using Fits = std::function<bool(const trust::TrustedMetadata&, trust::MemoryOf)>;

  /// `ours`: the folder that is written, made on first use. `docker`: docker's trust folder, read when ours has
  /// nothing about a name.
  TrustedMetadataStore(std::filesystem::path ours, std::filesystem::path docker)
      : ours_(std::move(ours)), docker_(std::move(docker)) {}

  /// Of the store in that folder, for whoever has that docker configuration.
  static TrustedMetadataStore beside(const std::filesystem::path& store, const std::filesystem::path& docker_config) {
    return {store / ".hallmark" / "trust", docker_config / "trust"};
  }

  /// What is known of a repository to one trust system, whatever a policy calls the store that is asked (content trust
  /// has no name). What another system remembers is in folders of another kind and is never looked at.
  /// Each store has a folder of its own, since two may ask servers with other roots about one name; but of two whose
  /// roots vouch for each other the highest versions count for both. A store that is new starts from the newest memory
  /// that fits, else from what content trust knows. Empty when nothing is known. Fault::corrupt, with a
  /// hint, when what is there cannot be read, or does not fit the store whose folder it is in: a memory that was lost
  /// must not look like a first use.
  [[nodiscard]] KnownTrust load(const trust::Collection& collection, const Fits& fits) const;
  /// Of the collection that is asked about.
  [[nodiscard]] KnownTrust load(const trust::Question& question) const;

  /// Replaces what load() gave, in one visible step. If another process has learned something since, the highest
  /// version of each role stays, and the documents that came with the higher revision.
  void save(const trust::Collection& collection, const KnownTrust& before, const trust::TrustedMetadata& learned) const;

 private:
  [[nodiscard]] std::filesystem::path folder(const trust::Collection& collection) const;
  [[nodiscard]] std::vector<trust::TrustedMetadata> others(const trust::Collection& collection,
                                                           const std::filesystem::path& own) const;

  std::filesystem::path ours_;
  std::filesystem::path docker_;
};

}  // namespace hallmark::cmd
