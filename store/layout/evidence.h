// SPDX-License-Identifier: Apache-2.0
//
// What helps to judge an image: trust data, signatures, whatever refers to it. Nobody here looks into it; it is kept
// byte for byte, and an OCI index lists it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/image/image.h"

namespace hallmark::store {

/// Annotations of an entry: what it is, the digest that it is about, and the tag under which cosign has it.
constexpr std::string_view kEvidenceKind = "vnd.hallmark.evidence.kind";
constexpr std::string_view kEvidenceSubject = "vnd.hallmark.evidence.subject";
constexpr std::string_view kEvidenceTag = "vnd.hallmark.evidence.tag";

/// The most bytes that one blob of it may have, and all that is carried for the images of one bundle.
constexpr std::uint64_t kMostEvidenceBlob = std::uint64_t{16} << 20U;
constexpr std::uint64_t kMostEvidenceBytes = std::uint64_t{32} << 20U;
constexpr std::size_t kMostEvidence = 1000;
/// The most bytes that all annotations of one entry may have.
constexpr std::size_t kMostEvidenceAnnotations = std::size_t{16} << 10U;

/// One document of it, whole.
struct Evidence {
  std::string kind;                                ///< "tuf"
  std::string artifact_type;                       ///< of the manifest; empty if it says none
  std::map<std::string, std::string> annotations;  ///< of its entry, besides the kind
  Document manifest;
  std::vector<Document> blobs;  ///< what the manifest names, its config included
  /// Whether this machine fetched it from a registry. Otherwise it came in an archive, whatever that says of itself.
  bool is_from_registry = false;
};

/// As the index lists it.
struct EvidenceEntry {
  std::string kind;
  std::string artifact_type;
  std::map<std::string, std::string> annotations;
  Descriptor manifest;
  bool is_from_registry = false;  ///< as with Evidence; no index but the store's own tells it

  /// The digest of the image, or of the other evidence, that it is about; empty when it says none.
  [[nodiscard]] std::string subject() const;
  /// Whether both say the same: this document is about that. One document may be said to be about several things.
  [[nodiscard]] bool is_same(const EvidenceEntry& other) const {
    return manifest.digest == other.manifest.digest && subject() == other.subject();
  }
};
/// The line that an index has for it; the bytes are not in it.
EvidenceEntry entry_of(const Evidence& evidence);

/// The index, sorted members and no white space; the entries in their order.
std::string evidence_document(const std::vector<EvidenceEntry>& entries);
/// Fault::corrupt when it is none, or lists more than `most`.
std::vector<EvidenceEntry> parse_evidence(ByteView index, std::size_t most);
/// What a manifest of evidence names: its config and its layers, whatever their types are.
std::vector<Descriptor> evidence_blobs(ByteView manifest);

/// The kind of a referrer, by its type.
std::string referrer_kind(const std::string& artifact_type);

/// What a manifest itself says that it is about (image-spec 1.1, manifest.md, `subject`).
std::optional<Digest> evidence_subject(ByteView manifest);

/// Those that are about one of the subjects, or about something that is about them, and so on.
std::vector<EvidenceEntry> about(const std::vector<EvidenceEntry>& entries, std::set<Digest> subjects);

}  // namespace hallmark::store
