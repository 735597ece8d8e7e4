// SPDX-License-Identifier: Apache-2.0
//
// The trust data that were accepted last, as a place that can be asked: nobody else is.
#pragma once

#include "trust/system/source.h"
#include "trust/tuf/notary.h"

namespace hallmark::cmd {

/// Whoever asks verifies it again: what has ended since, or is pinned otherwise now, counts no more.
class RememberedSource final : public trust::EvidenceSource {
 public:
  /// The memory outlives this.
  explicit RememberedSource(const trust::TrustedMetadata& memory) : memory_(memory) {}

  /// What is remembered came from one.
  [[nodiscard]] Place place() const override { return Place::server; }
  trust::MetadataReply metadata(const trust::MetadataFile& wanted) override {
    using Kind = trust::MetadataReply::Kind;
    const Bytes* const remembered = find(wanted);
    if (remembered == nullptr) return {Kind::missing, {}, Fault::missing, "it is not remembered"};
    // Never cut: the limit of one file may have been larger when it was learned.
    if (remembered->size() > wanted.limit) {
      return {Kind::rejected, {}, Fault::corrupt, "what is remembered is over its limit", {}, true};
    }
    return {Kind::found, *remembered, Fault::unavailable, {}};
  }
  trust::AttachedReply attached(const Digest& /*subject*/, const trust::Attachment& /*wanted*/) override {
    return {trust::MetadataReply::Kind::missing, {}, Fault::missing, "it is not remembered"};
  }

 private:
  [[nodiscard]] const Bytes* find(const trust::MetadataFile& wanted) const {
    // By its version alone: another root in its place would prove another successor.
    if (wanted.role == "root" && wanted.file != tuf::notary().file_name("root")) {
      for (const auto& [version, bytes] : memory_.roots) {
        if (wanted.file == tuf::notary().root_file_name(version)) return &bytes;
      }
      return nullptr;
    }
    const auto found = memory_.files.find(wanted.role);
    return found == memory_.files.end() ? nullptr : &found->second;
  }

  const trust::TrustedMetadata& memory_;
};

}  // namespace hallmark::cmd
