// SPDX-License-Identifier: Apache-2.0
//
// One name, judged: what was asked, what was answered, what came of it, and what else is told of the image.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/bundle_time.h"
#include "policy/decision.h"
#include "trust/digest.h"
#include "trust/time.h"

namespace hallmark::policy {

/// One manifest of the image, as records and reports tell it.
struct Instance {
  std::string platform;  ///< "linux/amd64"; empty when nothing tells it
  Digest manifest;
  std::optional<Digest> config = {};
  std::optional<std::uint64_t> size = {};  ///< of the layers, as they are carried
  std::vector<Digest> diff_ids = {};       ///< of the layers; empty until the config was read
};

/// The archive that an image came in.
struct ArchiveOrigin {
  std::optional<Digest> statement;       ///< what a bundle is known by
  bool manifest_is_synthesized = false;  ///< the manifest was made here, because a docker archive has none
  bool matches_stored_manifest = false;  ///< a docker archive, and a manifest of the store that has the same config
};

/// What the report tells besides the findings.
struct DecisionContext {
  std::string id;         ///< of this decision; the caller makes it unique
  std::string operation;  ///< "pull", "verify", "explain", "tag"
  std::string version;    ///< of hallmark
  /// The clock at the decision, not at the moment of writing.
  Time now;
  std::string media_type;        ///< of the top document; empty when it was never seen
  std::optional<Digest> digest;  ///< of the top document
  /// Of the top document, in bytes.
  std::uint64_t size = 0;
  std::vector<Instance> instances;
  /// True only behind the commit. A record that is written before it is record_ahead()'s.
  bool committed = false;
  std::string store;                 ///< its path; empty when there is none in play
  std::optional<BundleTime> bundle;  ///< of an image that came in an archive
  std::optional<ArchiveOrigin> archive = {};
  bool is_nameless = false;  ///< of an archive that could not be read so far that it had a name
  bool is_of_index =
      false;  ///< the one manifest that was admitted of an index; the top document above is this manifest
};

/// The way in begins one for each name, fills it in, and hands it to records and reports (decision 0015).
struct Judgement {
  Plan plan;
  const Answers* answers;  ///< kept by who gathered them, who may learn more meanwhile
  Decision decision{};
  DecisionContext context{};
};

}  // namespace hallmark::policy
