// SPDX-License-Identifier: Apache-2.0
//
// What was attached to an image, as trust systems ask for it: in a registry, or with the image in the store or in an
// archive.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "registry/repository.h"
#include "store/layout/evidence.h"
#include "store/store.h"
#include "trust/subject.h"
#include "trust/system/question.h"
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

/// What is kept of it beside images, in the store or in an archive.
class KeptEvidence final : public trust::EvidenceSource {
 public:
  /// Gives all that is about the image.
  using About = std::function<std::vector<store::Evidence>(const Digest& subject)>;
  /// `subject`: the image that is judged.
  KeptEvidence(Digest subject, About about) : subject_(std::move(subject)), about_(std::move(about)) {}

  /// A registry when all of it was fetched there; an archive as soon as one piece came in one, and when there is none.
  [[nodiscard]] Place place() const override;
  /// As with a registry.
  trust::MetadataReply metadata(const trust::MetadataFile& wanted) override;
  /// Bytes that are damaged make the reply `unreachable`; an interruption is thrown.
  trust::AttachedReply attached(const Digest& subject, const trust::Attachment& wanted) override;

 private:
  /// Read once: what comes into the store meanwhile may be of another place.
  [[nodiscard]] const std::vector<store::Evidence>& about(const Digest& subject) const;

  Digest subject_;
  About about_;
  mutable std::map<Digest, std::vector<store::Evidence>> read_;
};

/// What a source has said about one image of one repository, kept with the place that it is of: whenever the image is
/// judged again it is judged as strictly as at first.
struct KnownEvidence {
  /// The digest that was asked about, the types, and the limit: a longer list may be wanted by another requirement.
  using Key = std::tuple<Digest, std::vector<std::string>, std::uint64_t>;

  std::optional<trust::EvidenceSource::Place> place;
  std::map<Key, trust::AttachedReply> replies;

  /// Those pieces that a registry gave, in the form in which stores keep them.
  [[nodiscard]] std::vector<store::Evidence> from_registry() const;
};

/// Asks a source for what is not known to be there; without one nobody is asked.
class KnownSource final : public trust::EvidenceSource {
 public:
  /// Both outlive this. What another kind of place has said before is forgotten.
  KnownSource(KnownEvidence& known, trust::EvidenceSource* source);

  /// Of what is known; an archive while nothing is, since that is believed least.
  [[nodiscard]] Place place() const override;
  trust::MetadataReply metadata(const trust::MetadataFile& wanted) override;
  /// What was found is not asked for again: it does not become less, and whether it counts is judged anew each time.
  /// What was not there may be there now. Trouble is no answer.
  trust::AttachedReply attached(const Digest& subject, const trust::Attachment& wanted) override;

 private:
  KnownEvidence& known_;
  trust::EvidenceSource* source_;
};

/// The answer to a question that needs a digest. Fault::local when it has learned something, which nobody would
/// remember.
std::unique_ptr<trust::Answer> ask_about(const trust::Question& question, trust::EvidenceSource& source,
                                         const Subject& subject, Time now);

}  // namespace hallmark::cmd
