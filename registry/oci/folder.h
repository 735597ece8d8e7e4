// SPDX-License-Identifier: Apache-2.0
//
// The embedded registry: a folder with one OCI image layout for each repository, FOLDER/DOMAIN/PATH. Nothing is
// believed of what lies there, as of any registry; what is written is hashed first and visible in one step.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "registry/repository.h"
#include "trust/reference.h"

namespace hallmark::registry {

/// One repository of it. Writers of several processes wait for each other. Readers wait for nobody: what they open
/// changes in one step.
class FolderRepository final : public Repository {
 public:
  /// Nothing is created before something is written.
  FolderRepository(const std::filesystem::path& folder, Reference repository);

  [[nodiscard]] store::Document manifest(const std::string& tag) override;
  [[nodiscard]] store::Document manifest(const Digest& digest, std::optional<std::uint64_t> size) override;
  [[nodiscard]] std::vector<std::string> tags() override;
  [[nodiscard]] std::vector<store::Descriptor> referrers(const Digest& subject) override;
  void fetch(const store::Descriptor& blob, ByteSink& out) override;

  [[nodiscard]] bool has_blob(const store::Descriptor& blob) override;
  [[nodiscard]] bool has_manifest(const Digest& digest) override;
  Delivery put_blob(const store::Descriptor& blob, store::BlobReader& bytes,
                    const std::optional<std::string>& mount_from) override;
  void put_manifest(const store::Document& document) override;
  void put_manifest(const store::Document& document, const std::string& tag) override;

 private:
  [[nodiscard]] store::Document read(const Digest& digest, const std::string& claimed_type,
                                     std::optional<std::uint64_t> size) const;
  [[nodiscard]] bool mount(const store::Descriptor& blob, const std::string& from) const;
  void prepare(const Digest& digest) const;
  void put(const store::Document& document, const std::optional<std::string>& tag) const;
  void require_listed(const store::Document& document) const;

  std::filesystem::path folder_;
  Reference repository_;
  std::filesystem::path place_;  // the layout
};

}  // namespace hallmark::registry
