// SPDX-License-Identifier: Apache-2.0
#include "store/layout/evidence.h"

#include "store/image/media_types.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::store {
namespace {

constexpr std::string_view kSigstoreType = "application/vnd.dev.sigstore.bundle";
constexpr std::string_view kNotationType = "application/vnd.cncf.notary.signature";

std::string text_or_empty(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value == nullptr || value->is_null() ? std::string() : value->string();
}

Descriptor descriptor_of(const json::Object& object) {
  return {object.at("mediaType").string(),
          Digest::parse(object.at("digest").string()),
          object.at("size").size(),
          std::nullopt,
          {}};
}

EvidenceEntry parse_entry(const json::Object& object) {
  EvidenceEntry entry{{}, text_or_empty(object, "artifactType"), {}, descriptor_of(object)};
  const json::Value* annotations = object.find("annotations");
  if (annotations != nullptr && !annotations->is_null()) {
    std::size_t size = 0;
    for (const auto& [name, value] : annotations->object().members()) {
      // Counted before it is kept: whoever can write to a registry can write these.
      size += name.size() + value.string().size();
      if (size > kMostEvidenceAnnotations) {
        fail(Fault::corrupt, "annotations of evidence with more than ", kMostEvidenceAnnotations, " bytes");
      }
      entry.annotations.emplace(name, value.string());
    }
  }
  const auto kind = entry.annotations.extract(std::string(kEvidenceKind));
  if (kind) entry.kind = kind.mapped();
  return entry;
}

}  // namespace

std::string EvidenceEntry::subject() const {
  const auto found = annotations.find(std::string(kEvidenceSubject));
  return found == annotations.end() ? std::string() : found->second;
}

EvidenceEntry entry_of(const Evidence& evidence) {
  return {evidence.kind, evidence.artifact_type, evidence.annotations, evidence.manifest.descriptor,
          evidence.is_from_registry};
}

std::string evidence_document(const std::vector<EvidenceEntry>& entries) {
  json::Writer writer(0);
  writer.begin_object().member("artifactType", "application/vnd.hallmark.evidence.v1+json");
  writer.key("manifests").begin_array();
  for (const EvidenceEntry& entry : entries) {
    std::map<std::string, std::string> annotations = entry.annotations;
    annotations.insert_or_assign(std::string(kEvidenceKind), entry.kind);
    writer.begin_object().key("annotations").begin_object();
    for (const auto& [name, value] : annotations) writer.member(name, value);
    writer.end_object();
    if (!entry.artifact_type.empty()) writer.member("artifactType", entry.artifact_type);
    writer.member("digest", entry.manifest.digest.to_string()).member("mediaType", entry.manifest.media_type);
    writer.key("size").size(entry.manifest.size).end_object();
  }
  writer.end_array().member("mediaType", kOciIndex).key("schemaVersion").integer(2).end_object();
  return writer.text();
}

std::vector<EvidenceEntry> parse_evidence(ByteView index, std::size_t most) {
  const json::Value value = json::parse("evidence", index);
  std::vector<EvidenceEntry> entries;
  for (const json::Value& item : value.object().at("manifests").array()) {
    entries.push_back(parse_entry(item.object()));
    if (entries.size() > most) fail(Fault::corrupt, "more than ", most, " pieces of evidence");
  }
  return entries;
}

std::vector<Descriptor> evidence_blobs(ByteView manifest) {
  const json::Value value = json::parse("manifest", manifest);
  std::vector<Descriptor> blobs;
  const json::Value* config = value.object().find("config");
  if (config != nullptr && !config->is_null()) blobs.push_back(descriptor_of(config->object()));
  const json::Value* layers = value.object().find("layers");
  if (layers == nullptr || layers->is_null()) return blobs;
  for (const json::Value& layer : layers->array()) {
    blobs.push_back(descriptor_of(layer.object()));
    if (blobs.size() > kMostLayers) fail(Fault::corrupt, "more than ", kMostLayers, " blobs");
  }
  return blobs;
}

std::string referrer_kind(const std::string& artifact_type) {
  if (artifact_type.starts_with(kSigstoreType)) return "sigstore-bundle";
  if (artifact_type == kNotationType) return "notation";
  return "referrer";
}

std::optional<Digest> evidence_subject(ByteView manifest) {
  const json::Value value = json::parse("manifest", manifest);
  const json::Value* subject = value.object().find("subject");
  if (subject == nullptr || subject->is_null()) return std::nullopt;
  return Digest::parse(subject->object().at("digest").string());
}

std::vector<EvidenceEntry> about(const std::vector<EvidenceEntry>& entries, std::set<Digest> subjects) {
  std::vector<bool> is_taken(entries.size(), false);
  // Until nothing is added: a signature may be listed before the SBOM that it is about.
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const std::string subject = entries[i].subject();
      if (is_taken[i] || subject.empty() || !subjects.contains(Digest::parse(subject))) continue;
      is_taken[i] = has_grown = true;
      subjects.insert(entries[i].manifest.digest);
    }
  }
  std::vector<EvidenceEntry> taken;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (is_taken[i]) taken.push_back(entries[i]);
  }
  return taken;
}

}  // namespace hallmark::store
