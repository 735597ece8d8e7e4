// SPDX-License-Identifier: Apache-2.0
//
// The distribution protocol (distribution-spec 1.1) with docker's authentication.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "registry/repository.h"
#include "registry/settings.h"
#include "trust/reference.h"

namespace hallmark::registry {

/// One registry repository. Connections are kept; calls may come from several threads.
class Client final : public Repository {
 public:
  /// To read from.
  Client(const Settings& settings, Reference repository);
  /// `access` is the right that tokens are asked for. Nothing is asked before it is needed.
  Client(const Settings& settings, Reference repository, Access access);
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// A false Docker-Content-Digest is Fault::corrupt.
  [[nodiscard]] store::Document manifest(const std::string& tag) override;
  [[nodiscard]] store::Document manifest(const Digest& digest, std::optional<std::uint64_t> size) override;
  [[nodiscard]] std::vector<std::string> tags() override;
  [[nodiscard]] std::vector<store::Descriptor> referrers(const Digest& subject) override;
  /// A blob, resumed by Range after a cut.
  void fetch(const store::Descriptor& blob, ByteSink& out) override { fetch_rest(blob, 0, out); }
  void fetch_rest(const store::Descriptor& blob, std::uint64_t offset, ByteSink& out) override;
  [[nodiscard]] bool was_resumed(const Digest& blob) const override;

  [[nodiscard]] bool has_blob(const store::Descriptor& blob) override;
  [[nodiscard]] bool has_manifest(const Digest& digest) override;
  /// Resumed after a cut as far as the server tells where it is.
  Delivery put_blob(const store::Descriptor& blob, store::BlobReader& bytes,
                    const std::optional<std::string>& mount_from) override;
  void put_manifest(const store::Document& document) override;
  void put_manifest(const store::Document& document, const std::string& tag) override;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace hallmark::registry
