// SPDX-License-Identifier: Apache-2.0
//
// A bundle: one tar that is at once an OCI image layout and a docker archive, and that carries what is needed to judge
// its images again. First everything that decides, then the layers, so that a reader that streams can refuse early.
// The same images and evidence give the same bytes. docs/bundle.md has the format.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "store/layout/evidence.h"
#include "store/store.h"
#include "trust/bytes.h"
#include "trust/dsse.h"
#include "trust/time.h"

namespace hallmark::store {

/// One image that goes into a bundle: a name of the store, and which of its manifests go along.
struct Packed {
  Reference name;
  Descriptor root;
  std::vector<Digest> manifests;
};

/// What the statement says of a repository's trust data.
struct TrustSummary {
  std::string gun;
  std::map<std::string, std::int64_t> versions;  ///< by role
  std::map<std::string, std::string> expires;    ///< by role, RFC 3339
};

struct Contents {
  std::vector<Packed> images;
  std::vector<Evidence> evidence;
  std::vector<TrustSummary> trust;
  /// Blobs that the receiver has from another bundle, by the digest of its statement. Layers among them stay behind.
  std::map<Digest, Digest> elsewhere;
  std::string creator;          ///< "hallmark/1.0"
  std::optional<Time> created;  ///< said only where it is somebody's word, or the same each time
  /// Signs the statement; none when nobody does.
  std::function<void(dsse::Envelope&)> sign;
};

/// One file of the tar: bytes that were made here, or a blob of the store.
struct Part {
  std::string path;
  std::variant<Bytes, Descriptor> content;

  [[nodiscard]] std::uint64_t size() const;
};

/// The files in their order, and what is left out of them. Images and evidence are sorted first, so that no order of
/// arguments shows. Reads and hashes the documents of the store; Fault::missing or Fault::corrupt when one is not there
/// or not whole.
std::vector<Part> plan_bundle(const Store& store, Contents contents);

/// Of the statement among the files: what the bundle is known by.
Digest statement_of(const std::vector<Part>& parts);

/// Writes the tar. Every blob is hashed as it passes: Fault::corrupt when it is not what it is called, and then the
/// tar has no end mark. `progress` is told how many bytes of content have passed; what it throws ends the work.
void write_bundle(const Store& store, const std::vector<Part>& parts, ByteSink& out,
                  const std::function<void(std::uint64_t)>& progress);

/// An OCI manifest that names blobs as its layers and has an empty config; for evidence that has no manifest yet.
/// `layers`: bytes with the annotations that tell them apart; the media type is theirs all.
struct EvidenceLayer {
  std::map<std::string, std::string> annotations;
  Bytes bytes;
};
Evidence make_evidence(const std::string& kind, const std::string& artifact_type,
                       const std::map<std::string, std::string>& manifest_annotations, const std::string& layer_type,
                       std::vector<EvidenceLayer> layers);

}  // namespace hallmark::store
