// SPDX-License-Identifier: Apache-2.0
//
// The reading half of the distribution protocol (distribution-spec 1.1) with docker's authentication.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "registry/settings.h"
#include "store/image.h"
#include "store/source.h"
#include "trust/reference.h"

namespace hallmark::registry {

/// One registry repository. Connections are kept; calls may come from several threads.
class Client final : public store::Source {
 public:
  Client(const Settings& settings, Reference repository);
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// The manifest or index by tag. The digest is computed over the bytes received; a false Docker-Content-Digest is
  /// Fault::corrupt, an unknown tag Fault::missing.
  [[nodiscard]] store::Document manifest(const std::string& tag);
  /// By digest; `size` is checked when it is known.
  [[nodiscard]] store::Document manifest(const Digest& digest, std::optional<std::uint64_t> size);
  /// All tags, sorted bytewise, each once; names that are no legal tag are left out.
  [[nodiscard]] std::vector<std::string> tags();
  /// A blob, resumed by Range after a cut.
  void fetch(const store::Descriptor& blob, ByteSink& out) override;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace hallmark::registry
