// SPDX-License-Identifier: Apache-2.0
//
// The way in for an image of a registry: resolve by trust, fetch the documents, decide; then the layers, and the
// commit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cmd/admission/admission.h"
#include "cmd/admission/image_documents.h"
#include "registry/repository.h"
#include "store/image/config_cache.h"
#include "store/image/transfer_observer.h"

namespace hallmark::cmd {

/// An image of a registry that was judged.
struct JudgedImage {
  Reference asked;
  policy::Judgement judgement;
  /// Absent when trust named nothing and the registry was not asked. Of an index that nobody vouches for the one
  /// manifest that was admitted.
  std::optional<ImageDocuments> image{};
  store::ConfigCache configs{};  ///< those that had to be looked at
};

/// Everything up to the decision: no layer is fetched, nothing is committed.
JudgedImage judge(Admission& admission, const Reference& name, const PlatformChoice& platforms,
                  registry::Repository& source, const std::string& operation);
/// For an image of which nothing else will be fetched: a platform that was named is checked as well, as bring_in()
/// does, and the decision is a refusal when the image is for another.
JudgedImage judge_from_afar(Admission& admission, const Reference& name, const PlatformChoice& platforms,
                            registry::Repository& source, const std::string& operation);

/// Layers into quarantine, several at once, then the commit. Needs the approval.
void bring_in(Admission& admission, JudgedImage& judged, const PlatformChoice& platforms, store::Source& source,
              store::TransferObserver& observer);

/// What is judged of it, with configs that the source has.
SubjectOf subject_from(const JudgedImage& judged, std::function<Bytes(const store::Descriptor&)> read_config);

/// One line for people when the one manifest of an index was admitted and the index was not; empty otherwise.
std::string part_notice(const policy::Judgement& judgement);

/// For an image that is in the store already: the same check of the platform that bring_in() makes.
void check_present_platform(const store::Store& store, const ImageDocuments& image, const PlatformChoice& platforms);

}  // namespace hallmark::cmd
