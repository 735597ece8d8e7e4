// SPDX-License-Identifier: Apache-2.0
//
// Where evidence comes from: a server, a registry, an archive, what is remembered. Nothing it returns is believed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trust/bytes.h"
#include "trust/digest.h"
#include "trust/error.h"

namespace hallmark::trust {

/// One file of a collection of trust data.
struct MetadataFile {
  std::string role;     ///< "timestamp", "targets/releases"
  std::string file;     ///< as the server calls it: "targets/releases.<sha256>.json", "2.root.json"
  std::uint64_t limit;  ///< the most bytes it may have
};

/// What became of asking for a file. Only `found` has bytes.
struct MetadataReply {
  enum class Kind {
    found,
    missing,     ///< the other side said so in its own words (HTTP 404)
    rejected,    ///< the other side refused the question itself (HTTP 400), or sent more than the limit: final
    unreachable  ///< network, TLS, 401, 403, 5xx ...: we do not know
  };
  Kind kind;
  Bytes bytes;
  Fault fault = Fault::unavailable;  ///< for `unreachable`: what the command should exit with
  std::string detail;                ///< for all but `found`: one line for people
  std::string hint = {};             ///< what to do about it, where the source knows more than whoever asks
  bool is_over_limit = false;        ///< `rejected` because it has more bytes than were asked for
};

/// What was attached to an image: a signature, an attestation.
struct Evidence {
  std::string artifact_type;
  Bytes manifest;
  std::map<Digest, Bytes> blobs;  ///< of all that the manifest names
};

/// The same of what is attached. `missing`: nobody has attached anything.
struct AttachedReply {
  MetadataReply::Kind kind;
  std::vector<Evidence> evidence;
  Fault fault = Fault::unavailable;
  std::string detail;
};

/// Which of it is wanted.
struct Attachment {
  std::vector<std::string> artifact_types;  ///< any of these
  std::uint64_t limit;                      ///< the most bytes that all of it may have
};

/// Asked by questions. What cannot be had is a reply of its kind, so that trouble never looks like an absence.
class EvidenceSource {
 public:
  /// What kind of place it is: an archive cannot vouch for itself, and nobody signs anew in a folder.
  enum class Place { server, folder, archive };

  virtual ~EvidenceSource() = default;
  [[nodiscard]] virtual Place place() const = 0;
  /// The file of that name, with at most `wanted.limit` bytes.
  virtual MetadataReply metadata(const MetadataFile& wanted) = 0;
  /// All that is attached and of a wanted type. Nothing of it was verified.
  virtual AttachedReply attached(const Digest& subject, const Attachment& wanted) = 0;

 protected:
  EvidenceSource() = default;
  EvidenceSource(const EvidenceSource&) = default;
  EvidenceSource& operator=(const EvidenceSource&) = default;
};

}  // namespace hallmark::trust
