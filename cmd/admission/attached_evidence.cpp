// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/attached_evidence.h"

#include <algorithm>

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

trust::AttachedReply KeptEvidence::attached(const Digest& subject, const trust::Attachment& wanted) {
  try {
    Budget budget(wanted.limit);
    std::vector<trust::Evidence> all;
    for (store::Evidence& kept : about_(subject)) {
      if (!is_wanted(kept.artifact_type, wanted)) continue;
      // Of wanted kinds alone, since all of it is at hand: others cannot use the limit up.
      budget.spend(kept.manifest.bytes.size());
      trust::Evidence evidence{kept.artifact_type, std::move(kept.manifest.bytes), {}};
      for (store::Document& blob : kept.blobs) {
        budget.spend(blob.bytes.size());
        evidence.blobs.insert_or_assign(blob.descriptor.digest, std::move(blob.bytes));
      }
      all.push_back(std::move(evidence));
    }
    return found(std::move(all));
  } catch (const Error& error) {
    if (error.fault() == Fault::interrupted) throw;
    return {ReplyKind::unreachable, {}, error.fault(), error.what()};
  }
}

}  // namespace hallmark::cmd
