// SPDX-License-Identifier: Apache-2.0
//
// A bundle: one tar that is at once an OCI image layout and a docker archive, and that carries what is needed to judge
// its images again. First everything that decides, then the layers, so that a reader that streams can refuse early.
// The same images and evidence give the same bytes. docs/bundle.md has the format.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "store/bundle/bundle_plan.h"
#include "store/store.h"
#include "trust/bytes.h"

namespace hallmark::store {

/// One file of the tar: bytes that were made here, or a blob of the store.
struct Part {
  std::string path;
  std::variant<Bytes, Descriptor> content;

  [[nodiscard]] std::uint64_t size() const;
};

/// The files in their order, and what is left out of them. Images and evidence are sorted first, so that no order of
/// arguments shows. Reads and hashes the documents of the store; Fault::missing or Fault::corrupt when one is not there
/// or not whole.
std::vector<Part> plan_bundle(const Store& store, BundlePlan bundle_plan);

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
