// SPDX-License-Identifier: Apache-2.0
//
// A decision in words for people and as a record for machines.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/bundle_time.h"
#include "policy/gate.h"

namespace hallmark::policy {

struct Instance {
  std::string platform;  ///< "linux/amd64"; empty when nothing tells it
  Digest manifest;
  std::optional<Digest> config = {};
  std::optional<std::uint64_t> size = {};  ///< of the layers, as they are carried
  std::vector<Digest> diff_ids = {};       ///< of the layers; empty until the config was read
};

/// The archive that an image came in.
struct FromArchive {
  std::optional<Digest> statement;  ///< what a bundle is known by
  bool is_made = false;             ///< the manifest was made here, because a docker archive has none
  bool is_tied = false;             ///< a docker archive, and a manifest of the store that has the same config
};

/// What the report tells besides the findings.
struct Circumstances {
  std::string id;         ///< of this decision; the caller makes it unique
  std::string operation;  ///< "pull", "verify", "explain", "tag"
  std::string version;    ///< of hallmark
  Time now;
  std::string media_type;        ///< of the top document; empty when it was never seen
  std::optional<Digest> digest;  ///< of the top document
  std::uint64_t size = 0;
  std::vector<Instance> instances;
  bool committed = false;
  std::string store;                 ///< its path; empty when there is none in play
  std::optional<BundleTime> bundle;  ///< of an image that came in an archive
  std::optional<FromArchive> archive = {};
  bool is_nameless = false;  ///< of an archive that could not be read so far that it had a name
  bool is_of_index =
      false;  ///< the one manifest that was admitted of an index; the top document above is this manifest
};

/// What a person should know of an image that came in an archive, one line each: that nobody can have signed it, and
/// what of its trust data has ended and was accepted because of the time at which it was packed.
std::vector<std::string> notes(const Plan& plan, const TrustAnswers& answers, const Circumstances& circumstances);

/// The explain output: first line "ALLOW  name", "DENY  name", or "ERROR  name" when it could not be decided; then what
/// was resolved, the policy and its scope, a line per requirement, and what to do next.
std::string explain(const Gate& gate, const Plan& plan, const Decision& decision, const TrustAnswers& answers,
                    const Circumstances& circumstances);

/// The decision record: one JSON object (schema "urn:hallmark:decision:1") on one line, without a line end.
std::string record(const Gate& gate, const Plan& plan, const Decision& decision, const TrustAnswers& answers,
                   const Circumstances& circumstances);

/// A line for each exception that a decision needed, and one if the glass was broken; empty if it needed none.
std::string waivers(const Gate& gate, const Decision& decision);

/// The one line of the error message: the failed requirements, most telling first.
std::string summary(const Decision& decision);
/// The hints of the failed requirements in one line.
std::string advice(const Decision& decision);

}  // namespace hallmark::policy
