// SPDX-License-Identifier: Apache-2.0
//
// What the client's procedure is asked, what it needs for that, and how it says no.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "trust/bytes.h"
#include "trust/error.h"
#include "trust/system/source.h"
#include "trust/system/trusted_metadata.h"

namespace hallmark::tuf {

using trust::MetadataFile;
using trust::MetadataReply;
using trust::TrustedMetadata;

/// Where files come from. Nothing it returns is believed.
class MetadataSource {
 public:
  virtual ~MetadataSource() = default;
  /// One file of at most `wanted.limit` bytes. What went wrong with the other side is an answer, never an exception.
  virtual MetadataReply fetch(const MetadataFile& wanted) = 0;
};

/// Whether a root certificate that stands for several repositories ("reg.example/lib/*") counts under a pin. No
/// document of Notary v1 names its repository: what such a certificate signed for one of them is good for all.
enum class Wildcards { refused, accepted };

/// What may be the first root.
struct Anchor {
  std::vector<std::string> root_key_ids;  ///< TUF key ids of root keys that must meet the threshold; or
  std::optional<Bytes> root;              ///< a root document to start from; neither: trust on first use
  std::optional<std::int64_t> least_root_version;
  Wildcards wildcards = Wildcards::refused;  ///< without a pin they are accepted, as docker does, and told

  [[nodiscard]] bool is_pinned() const { return !root_key_ids.empty() || root.has_value(); }
};

/// What update() is asked about one repository.
struct Question {
  /// As Reference::gun() spells it: certificates and memories are compared with it.
  std::string gun;
  Anchor anchor;
  /// Whether a timestamp that cannot be fetched now may be replaced by the remembered one while it is unexpired.
  bool cached_timestamp_allowed;
};

}  // namespace hallmark::tuf
