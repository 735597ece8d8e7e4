// SPDX-License-Identifier: Apache-2.0
//
// The way in, up to the decision: resolve by trust, fetch the documents, decide.
#pragma once

#include <string>
#include <vector>

#include "cmd/admission/decision_log.h"
#include "cmd/admission/desk.h"
#include "cmd/admission/renewal.h"
#include "cmd/cli/options.h"
#include "cmd/terminal/environment.h"
#include "policy/gate.h"
#include "policy/report.h"
#include "registry/repository.h"
#include "store/image/config_cache.h"
#include "store/store.h"
#include "trust/error.h"

namespace hallmark::cmd {

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
  bool is_whole;                           ///< whether no runtime could take another from the root
  std::optional<Digest> index = {};        ///< that lists the root, of a manifest that is judged by itself
};

/// An image that was judged, with all that the report needs.
struct Judged {
  Reference asked;
  policy::Plan plan;
  /// Absent when trust named nothing and the registry was not asked. Of an index that nobody vouches for the one
  /// manifest that was admitted.
  std::optional<Image> image;
  policy::Decision decision;
  policy::Circumstances circumstances;
  store::ConfigCache configs;  ///< those that had to be looked at
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

/// What is judged of an image from a registry, with what its configs say when the plan asks for it.
Subject subject_of(const policy::Plan& plan, const Reference& asked, const Image& image,
                   const std::function<Bytes(const store::Descriptor&)>& read_config);

/// Throws the refusal of a decision without an approval: one line, with the fault and the hints of the findings.
[[noreturn]] void refuse(const policy::Plan& plan, const policy::Decision& decision);

/// What a manifest says, for the record; the DiffIDs are absent.
policy::Instance instance_of(const store::Descriptor& chosen, const store::Document& manifest);

/// The report's circumstances before anything is known of the image.
policy::Circumstances circumstances_of(const Desk& desk, const std::string& operation);

/// The top document as records and people are told of it: a digest that the gate admitted. Of an index that was
/// admitted in part it is the manifest that was judged, the first one here.
void tell_top(const policy::Decision& decision, const store::Descriptor& root, const store::Descriptor& first,
              policy::Circumstances& circumstances);

/// One line for standard error when the one manifest of an index was admitted and the index was not; empty otherwise.
std::string part_notice(const Judged& judged);

/// Fault::corrupt when the config is for another platform than the index says; Fault::missing when it is not for the
/// one that a person named.
void check_platform(const store::Config& config, const store::Descriptor& chosen, const PlatformChoice& platforms);
/// For an image that is in the store already: the same check of the platform that bring_in() makes.
void check_present_platform(const Desk& desk, const Image& image, const PlatformChoice& platforms);

}  // namespace hallmark::cmd
