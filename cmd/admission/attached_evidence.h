// SPDX-License-Identifier: Apache-2.0
//
// What was attached to an image, as trust systems ask for it: in a registry, or with the image in the store or in an
// archive.
#pragma once

#include <functional>
#include <vector>

#include "registry/repository.h"
#include "store/layout/evidence.h"
#include "store/store.h"
#include "trust/system/source.h"

namespace hallmark::cmd {

/// Referrers of a registry's repository (OCI distribution-spec 1.1, "Listing Referrers").
class RegistryEvidence final : public trust::EvidenceSource {
 public:
  explicit RegistryEvidence(registry::Repository& source) : source_(source) {}

  [[nodiscard]] Place place() const override { return Place::server; }
  /// Always `missing`: trust data lie at trust servers.
  trust::MetadataReply metadata(const trust::MetadataFile& wanted) override;
  /// Each piece is hashed and says itself that it is about the subject. One that cannot be had makes the whole reply
  /// `unreachable`: a signature that could not be fetched is not one that is not there. An interruption is thrown.
  trust::AttachedReply attached(const Digest& subject, const trust::Attachment& wanted) override;

 private:
  registry::Repository& source_;
};

/// What is kept of it beside images.
class KeptEvidence final : public trust::EvidenceSource {
 public:
  /// Gives all that is about the image.
  using About = std::function<std::vector<store::Evidence>(const Digest& subject)>;
  KeptEvidence(Place place, About about) : place_(place), about_(std::move(about)) {}

  [[nodiscard]] Place place() const override { return place_; }
  /// As with a registry.
  trust::MetadataReply metadata(const trust::MetadataFile& wanted) override;
  /// Bytes that are damaged make the reply `unreachable`; an interruption is thrown.
  trust::AttachedReply attached(const Digest& subject, const trust::Attachment& wanted) override;

 private:
  Place place_;
  About about_;
};

}  // namespace hallmark::cmd
