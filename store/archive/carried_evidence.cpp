// SPDX-License-Identifier: Apache-2.0
#include "store/archive/carried_evidence.h"

#include "trust/error.h"

namespace hallmark::store {
namespace {

constexpr std::uint64_t kMostEvidenceIndexBytes = std::uint64_t{4} << 20U;

std::set<Digest> subjects_of_all(const Archive& archive) {
  std::set<Digest> subjects;
  for (const ArchiveImage& image : archive.images()) subjects.merge(subjects_of(image));
  return subjects;
}

/// With every byte of them, hashed.
std::vector<Evidence> read_all(const std::vector<EvidenceEntry>& entries, const Archive& archive) {
  return within("the evidence in the archive", [&] {
    std::uint64_t total = 0;
    std::size_t files = 0;
    const auto read = [&](const Descriptor& descriptor, std::uint64_t most) {
      total += descriptor.size;
      if (total > kMostEvidenceBytes) fail(Fault::corrupt, "more than ", kMostEvidenceBytes, " bytes");
      if (++files > kMostEvidenceFiles) fail(Fault::corrupt, "more than ", kMostEvidenceFiles, " files");
      return archive.blob(descriptor.digest, descriptor.size, most);
    };
    std::vector<Evidence> all;
    for (const EvidenceEntry& entry : entries) {
      Evidence evidence{entry.kind,
                        entry.artifact_type,
                        entry.annotations,
                        {entry.manifest, read(entry.manifest, kMostManifestBytes)},
                        {}};
      // The manifest says it under its own digest, the index on the word of whoever wrote that.
      const auto subject = evidence_subject(evidence.manifest.bytes);
      if (subject && subject->to_string() != entry.subject()) {
        fail(Fault::corrupt, entry.manifest.digest.to_string(), " is listed as being about ", entry.subject(),
             ", but says that it is about ", subject->to_string());
      }
      for (const Descriptor& blob : evidence_blobs(evidence.manifest.bytes)) {
        evidence.blobs.push_back({blob, read(blob, kMostEvidenceBlob)});
      }
      all.push_back(std::move(evidence));
    }
    return all;
  });
}

}  // namespace

std::set<Digest> subjects_of(const ArchiveImage& image) {
  std::set<Digest> subjects{image.root.descriptor.digest};
  for (const Descriptor& chosen : image.chosen) subjects.insert(chosen.digest);
  return subjects;
}

std::vector<EvidenceEntry> listed_evidence(const Archive& archive) {
  if (!archive.evidence()) return {};
  return within("the evidence in the archive", [&] {
    return parse_evidence(archive.blob(*archive.evidence(), std::nullopt, kMostEvidenceIndexBytes), kMostEvidence);
  });
}

std::vector<EvidenceEntry> carried_evidence(const Archive& archive) {
  std::vector<EvidenceEntry> carried = about(listed_evidence(archive), subjects_of_all(archive));
  // Read and not kept: all that is wanted before the commit is that every byte is there and right.
  static_cast<void>(read_all(carried, archive));
  return carried;
}

std::vector<Evidence> carried_about(const Archive& archive, const Digest& subject) {
  return read_all(about(listed_evidence(archive), {subject}), archive);
}

void keep(const std::vector<EvidenceEntry>& evidence, const Archive& archive, Store& store, const StoreLock& lock) {
  const auto bytes_of = [&](const Descriptor& descriptor, std::uint64_t most) {
    return archive.blob(descriptor.digest, descriptor.size, most);
  };
  store.keep(evidence, subjects_of_all(archive), bytes_of, lock);
}

}  // namespace hallmark::store
