// SPDX-License-Identifier: Apache-2.0
//
// The way in: resolve by trust, fetch the manifest, decide, then the layers into quarantine, then commit.
#pragma once

#include <string>
#include <vector>

#include "cmd/audit.h"
#include "cmd/command.h"
#include "cmd/image_facts.h"
#include "cmd/policy_file.h"
#include "cmd/progress.h"
#include "cmd/trust_desk.h"
#include "policy/gate.h"
#include "policy/report.h"
#include "registry/repository.h"
#include "store/store.h"
#include "trust/error.h"

namespace hallmark::cmd {

/// What the commands that judge images work with.
struct Desk {
  Surroundings& surroundings;
  registry::Settings settings;
  policy::Gate gate;
  store::Store store;
  TrustDesk trust;
  PolicyMemory policies;
  bool policy_rollback_accepted;
};

Desk open_desk(const Arguments& arguments, Surroundings& surroundings, bool content_trust);

/// Which platforms of an index are wanted.
struct PlatformChoice {
  bool all;
  bool is_explicit;  ///< named by a person, so that an image for another platform is an error
  store::Platform wanted;
};

/// --platform, --all-platforms, DOCKER_DEFAULT_PLATFORM, this machine.
PlatformChoice platform_choice(const Arguments& arguments, const Surroundings& surroundings);

/// The documents of an image: the top one and, when that is an index, the chosen manifests.
struct Image {
  store::Document root;
  std::vector<store::Document> manifests;  ///< the root itself when it is no index
  std::vector<store::Descriptor> chosen;   ///< their descriptors, with platforms where the index tells them
};

/// An image that was judged, with all that the report needs.
struct Judged {
  policy::Plan plan;
  std::optional<Image> image;  ///< absent when trust named nothing and the registry was not asked
  policy::Decision decision;
  policy::Circumstances circumstances;
  ConfigCache configs;  ///< those that had to be looked at
};

/// Everything up to the decision: no layer is fetched, nothing is committed.
Judged judge(Desk& desk, const Reference& name, const PlatformChoice& platforms, registry::Repository& source,
             const std::string& operation);
/// For an image of which nothing else will be fetched: a platform that was named is checked as well, as bring_in()
/// does, and the decision is a refusal when the image is for another.
Judged judge_from_afar(Desk& desk, const Reference& name, const PlatformChoice& platforms, registry::Repository& source,
                       const std::string& operation);

/// The tags that trust data name in the roles that count; absent when nothing asks trust data about the repository.
std::optional<std::vector<std::string>> trusted_tags(Desk& desk, const Reference& repository);

/// Throws the refusal of a decision without an approval: one line, with the fault and the hints of the findings.
[[noreturn]] void refuse(const policy::Plan& plan, const policy::Decision& decision);

/// Whether the name is in the store with this: a commit that failed may have become visible before.
bool is_in(const store::Store& store, const Reference& name, const Digest& digest);

/// What a manifest says, for the record; the DiffIDs are absent.
policy::Instance instance_of(const store::Descriptor& chosen, const store::Document& manifest);

/// The report's circumstances before anything is known of the image.
policy::Circumstances circumstances_of(const Desk& desk, const std::string& operation);

/// The policy was obeyed: from now on an older one is refused.
void remember_policy(const Desk& desk);

/// A decision on its way to a commit, with all that its record tells.
struct Admitting {
  const policy::Plan& plan;
  policy::Decision& decision;
  const policy::TrustAnswers& answers;
  policy::Circumstances& circumstances;
};

/// Records that nothing came of it after all. That somebody interrupted it is no judgement, and is not recorded.
void record_failure(const Desk& desk, const Admitting& admitting, const Error& error);

/// What is done between the decision and the commit: its failure is recorded.
template <class Work>
auto recording(const Desk& desk, const Admitting& admitting, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    if (error.fault() != Fault::interrupted) record_failure(desk, admitting, error);
    throw;
  }
}

/// Into the store; the record of the decision and the policy's serial into memory first. Spends the approval. When the
/// commit fails after all, that is recorded, too.
void commit(Desk& desk, const store::Staged& staged, const Admitting& admitting);

/// Layers into quarantine, several at once, then commit. Needs the approval.
void bring_in(Desk& desk, Judged& judged, const PlatformChoice& platforms, store::Source& source, Progress& progress);

/// For an image that is in the store already: the same check of the platform that bring_in() makes.
void check_present_platform(const Desk& desk, const Image& image, const PlatformChoice& platforms);

/// Every layer once, in the order of the manifests.
std::vector<store::Descriptor> layers_of(const Image& image);

}  // namespace hallmark::cmd
