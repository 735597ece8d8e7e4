// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/attached_evidence.h"

#include <algorithm>
#include <set>
#include <utility>

#include "store/image/media_types.h"
#include "store/stream/bounded_bytes.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

using ReplyKind = trust::MetadataReply::Kind;

trust::MetadataReply no_metadata() {
  return {ReplyKind::missing, {}, Fault::missing, "there is no trust data beside what is attached to images"};
}

/// What a manifest says that it is: its own type, or that of its config (OCI image-spec 1.1, manifest.md).
std::string artifact_type_of(const Bytes& manifest) {
  const json::Value value = json::parse("manifest", manifest);
  const json::Object& object = value.object();
  const json::Value* type = object.find("artifactType");
  if (type == nullptr && object.find("config") != nullptr) type = object.at("config").object().find("mediaType");
  return type != nullptr && type->is_string() ? type->string() : std::string();
}

bool is_wanted(const std::string& type, const trust::Attachment& wanted) {
  return std::find(wanted.artifact_types.begin(), wanted.artifact_types.end(), type) != wanted.artifact_types.end();
}

Bytes fetch(registry::Repository& source, const store::Descriptor& blob) {
  store::BoundedBytes collector(blob.size);
  source.fetch(blob, collector);
  const Digest found = Digest::of(collector.bytes(), blob.digest.algorithm());
  if (found != blob.digest || collector.bytes().size() != blob.size) {
    fail(Fault::corrupt, "evidence: expected ", blob.digest.to_string(), ", found ", found.to_string());
  }
  return collector.take();
}

/// Counts before anything is fetched.
class Budget {
 public:
  explicit Budget(std::uint64_t limit) : left_(limit) {}
  void spend(std::uint64_t bytes) {
    if (bytes > left_) fail(Fault::corrupt, "more is attached to the image than may be looked at");
    left_ -= bytes;
  }

 private:
  std::uint64_t left_;
};

/// Of more pieces, or larger ones, nobody could keep what a judgement rests on.
void require_keepable(std::size_t pieces, std::uint64_t blob_size) {
  if (pieces > store::kMostEvidence || blob_size > store::kMostEvidenceBlob) {
    fail(Fault::corrupt, "more is attached to the image than may be looked at");
  }
}

/// As its entry in a list of evidence calls it.
std::string media_type_of(const Bytes& manifest) {
  const json::Value value = json::parse("manifest", manifest);
  const json::Value* type = value.object().find("mediaType");
  return type != nullptr && type->is_string() ? type->string() : std::string(store::kOciManifest);
}

store::Evidence kept_form(const trust::Evidence& evidence, const Digest& subject) {
  const Bytes& manifest = evidence.manifest;
  store::Evidence kept{store::referrer_kind(evidence.artifact_type),
                       evidence.artifact_type,
                       {{std::string(store::kEvidenceSubject), subject.to_string()}},
                       {{media_type_of(manifest), Digest::of(manifest), manifest.size(), std::nullopt, {}}, manifest},
                       {},
                       true};
  for (const store::Descriptor& blob : store::evidence_blobs(manifest)) {
    kept.blobs.push_back({blob, evidence.blobs.at(blob.digest)});
  }
  return kept;
}

trust::AttachedReply found(std::vector<trust::Evidence> evidence) {
  if (evidence.empty()) return {ReplyKind::missing, {}, Fault::missing, "nothing of the kind is attached to the image"};
  return {ReplyKind::found, std::move(evidence), Fault::unavailable, {}};
}

}  // namespace

trust::MetadataReply RegistryEvidence::metadata(const trust::MetadataFile& /*wanted*/) { return no_metadata(); }

trust::AttachedReply RegistryEvidence::attached(const Digest& subject, const trust::Attachment& wanted) {
  try {
    Budget budget(wanted.limit);
    std::vector<trust::Evidence> all;
    for (const store::Descriptor& listed : source_.referrers(subject)) {
      // An index may be a referrer as well (OCI image-spec, image-index.md, "subject"); it has no blobs of its own.
      if (!store::is_manifest(listed.media_type)) continue;
      // Before it is fetched, and also for kinds that nobody wants: only its own bytes tell of which kind it is.
      budget.spend(listed.size);
      const store::Document manifest = source_.manifest(listed.digest, listed.size);
      // What the list says of it is not what it says itself.
      if (store::evidence_subject(manifest.bytes) != subject) continue;
      trust::Evidence evidence{artifact_type_of(manifest.bytes), manifest.bytes, {}};
      if (!is_wanted(evidence.artifact_type, wanted)) continue;
      for (const store::Descriptor& blob : store::evidence_blobs(manifest.bytes)) {
        require_keepable(all.size() + 1, blob.size);
        budget.spend(blob.size);
        evidence.blobs.insert_or_assign(blob.digest, fetch(source_, blob));
      }
      all.push_back(std::move(evidence));
    }
    return found(std::move(all));
  } catch (const Error& error) {
    if (error.fault() == Fault::interrupted) throw;
    // An error is never an absence: otherwise who cuts one answer off would make a signature disappear.
    return {ReplyKind::unreachable, {}, error.fault(), error.what()};
  }
}

trust::MetadataReply KeptEvidence::metadata(const trust::MetadataFile& /*wanted*/) { return no_metadata(); }

const std::vector<store::Evidence>& KeptEvidence::about(const Digest& subject) const {
  const auto known = read_.find(subject);
  return known != read_.end() ? known->second : read_.emplace(subject, about_(subject)).first->second;
}

trust::EvidenceSource::Place KeptEvidence::place() const {
  try {
    const std::vector<store::Evidence>& kept = about(subject_);
    const bool is_all_from_registry = std::all_of(
        kept.begin(), kept.end(), [](const store::Evidence& evidence) { return evidence.is_from_registry; });
    return !kept.empty() && is_all_from_registry ? Place::server : Place::archive;
  } catch (const Error& error) {
    if (error.fault() == Fault::interrupted) throw;
    // attached() tells it.
    return Place::archive;
  }
}

trust::AttachedReply KeptEvidence::attached(const Digest& subject, const trust::Attachment& wanted) {
  try {
    Budget budget(wanted.limit);
    std::vector<trust::Evidence> all;
    for (const store::Evidence& kept : about(subject)) {
      if (!is_wanted(kept.artifact_type, wanted)) continue;
      // Of wanted kinds alone, since all of it is at hand: others cannot use the limit up.
      budget.spend(kept.manifest.bytes.size());
      trust::Evidence evidence{kept.artifact_type, kept.manifest.bytes, {}};
      for (const store::Document& blob : kept.blobs) {
        budget.spend(blob.bytes.size());
        evidence.blobs.insert_or_assign(blob.descriptor.digest, blob.bytes);
      }
      all.push_back(std::move(evidence));
    }
    return found(std::move(all));
  } catch (const Error& error) {
    if (error.fault() == Fault::interrupted) throw;
    return {ReplyKind::unreachable, {}, error.fault(), error.what()};
  }
}

std::vector<store::Evidence> KnownEvidence::from_registry() const {
  std::vector<store::Evidence> all;
  if (place != trust::EvidenceSource::Place::server) return all;
  std::set<std::pair<Digest, Digest>> taken;
  for (const auto& [asked, reply] : replies) {
    const Digest& subject = std::get<Digest>(asked);
    for (const trust::Evidence& evidence : reply.evidence) {
      // Two requirements may have asked for the same.
      if (taken.emplace(subject, Digest::of(evidence.manifest)).second) all.push_back(kept_form(evidence, subject));
    }
  }
  return all;
}

KnownSource::KnownSource(KnownEvidence& known, trust::EvidenceSource* source) : known_(known), source_(source) {
  if (source_ == nullptr) return;
  const Place place = source_->place();
  if (known_.place != place) known_.replies.clear();
  known_.place = place;
}

trust::EvidenceSource::Place KnownSource::place() const { return known_.place.value_or(Place::archive); }

trust::MetadataReply KnownSource::metadata(const trust::MetadataFile& wanted) {
  if (source_ != nullptr) return source_->metadata(wanted);
  return {ReplyKind::unreachable, {}, Fault::unavailable, "nobody is asked again"};
}

trust::AttachedReply KnownSource::attached(const Digest& subject, const trust::Attachment& wanted) {
  const KnownEvidence::Key key{subject, wanted.artifact_types, wanted.limit};
  const auto known = known_.replies.find(key);
  // That nothing was there is kept for judging the same again, and never stands in for asking.
  if (known != known_.replies.end() && (source_ == nullptr || known->second.kind == ReplyKind::found)) {
    return known->second;
  }
  if (source_ == nullptr) return {ReplyKind::unreachable, {}, Fault::unavailable, "nobody is asked again"};
  trust::AttachedReply reply = source_->attached(subject, wanted);
  known_.replies.erase(key);
  if (reply.kind != ReplyKind::unreachable) known_.replies.emplace(key, reply);
  return reply;
}

std::unique_ptr<trust::Answer> ask_about(const trust::Question& question, trust::EvidenceSource& source,
                                         const Subject& subject, Time now) {
  std::unique_ptr<trust::Answer> answer = question.ask(source, {}, &subject, now);
  if (answer->learned() != nullptr) {
    fail(Fault::local, "question \"", question.key(), "\" about ", subject.digest.to_string(),
         " has learned something: expected nothing, since only what is known of collections is remembered");
  }
  return answer;
}

}  // namespace hallmark::cmd
