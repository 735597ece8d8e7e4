// SPDX-License-Identifier: Apache-2.0
#include "cmd/carried_evidence.h"

#include "trust/error.h"

namespace hallmark::cmd {
namespace {

constexpr std::uint64_t kMostIndexBytes = std::uint64_t{4} << 20U;

std::set<Digest> subjects_of_all(const store::Archive& archive) {
  std::set<Digest> subjects;
  for (const store::ArchiveImage& image : archive.images()) subjects.merge(subjects_of(image));
  return subjects;
}

}  // namespace

std::set<Digest> subjects_of(const store::ArchiveImage& image) {
  std::set<Digest> subjects{image.root.descriptor.digest};
  for (const store::Descriptor& chosen : image.chosen) subjects.insert(chosen.digest);
  return subjects;
}

std::vector<store::EvidenceEntry> listed_evidence(const store::Archive& archive) {
  if (!archive.evidence()) return {};
  return within("the evidence in the archive", [&] {
    return store::parse_evidence(archive.blob(*archive.evidence(), std::nullopt, kMostIndexBytes),
                                 store::kMostEvidence);
  });
}

std::vector<store::EvidenceEntry> carried_evidence(const store::Archive& archive) {
  std::vector<store::EvidenceEntry> carried = store::about(listed_evidence(archive), subjects_of_all(archive));
  return within("the evidence in the archive", [&] {
    std::uint64_t total = 0;
    std::size_t files = 0;
    const auto read = [&](const store::Descriptor& descriptor, std::uint64_t most) {
      total += descriptor.size;
      if (total > store::kMostEvidenceBytes) fail(Fault::corrupt, "more than ", store::kMostEvidenceBytes, " bytes");
      if (++files > kMostEvidenceFiles) fail(Fault::corrupt, "more than ", kMostEvidenceFiles, " files");
      return archive.blob(descriptor.digest, descriptor.size, most);
    };
    for (const store::EvidenceEntry& entry : carried) {
      const Bytes manifest = read(entry.manifest, store::kMostManifestBytes);
      const auto subject = store::evidence_subject(manifest);
      if (subject && subject->to_string() != entry.subject()) {
        fail(Fault::corrupt, entry.manifest.digest.to_string(), " is listed as being about ", entry.subject(),
             ", but says that it is about ", subject->to_string());
      }
      for (const store::Descriptor& blob : store::evidence_blobs(manifest)) {
        static_cast<void>(read(blob, store::kMostEvidenceBlob));
      }
    }
    return carried;
  });
}

void keep(const std::vector<store::EvidenceEntry>& evidence, const store::Archive& archive, store::Store& store,
          const store::StoreLock& lock) {
  const auto bytes_of = [&](const store::Descriptor& descriptor, std::uint64_t most) {
    return archive.blob(descriptor.digest, descriptor.size, most);
  };
  store.keep(evidence, subjects_of_all(archive), bytes_of, lock);
}

}  // namespace hallmark::cmd
