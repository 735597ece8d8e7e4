// SPDX-License-Identifier: Apache-2.0
//
// The trust data that were accepted last, as a place that can be asked: nobody else is.
#pragma once

#include "trust/system/memory_rules.h"
#include "trust/system/source.h"

namespace hallmark::cmd {

/// Whoever asks verifies it again: what has ended since, or is pinned otherwise now, counts no more.
class RememberedSource final : public trust::EvidenceSource {
 public:
  /// Both outlive this. `place`: where it was learned, so that it is judged as strictly as then.
  RememberedSource(const trust::TrustedMetadata& memory, const trust::MemoryRules& rules, Place place)
      : memory_(memory), rules_(rules), place_(place) {}

  [[nodiscard]] Place place() const override { return place_; }
  trust::MetadataReply metadata(const trust::MetadataFile& wanted) override {
    using Kind = trust::MetadataReply::Kind;
    const Bytes* const remembered = rules_.find(memory_, wanted);
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
  const trust::TrustedMetadata& memory_;
  const trust::MemoryRules& rules_;
  Place place_;
};

}  // namespace hallmark::cmd
