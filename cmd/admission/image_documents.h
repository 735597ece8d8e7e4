// SPDX-License-Identifier: Apache-2.0
//
// The documents of an image, what is judged of them, and which platforms of an index are wanted.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "policy/decision.h"
#include "policy/judgement.h"
#include "store/image/image.h"
#include "trust/reference.h"
#include "trust/subject.h"

namespace hallmark::cmd {

/// Which platforms of an index are wanted.
struct PlatformChoice {
  bool all;
  bool is_explicit;  ///< named by a person, so that an image for another platform is an error
  store::Platform wanted;
};

/// The documents of an image: the top one and, when that is an index, the chosen manifests.
struct ImageDocuments {
  store::Document root;
  std::vector<store::Document> manifests;  ///< the root itself when it is no index
  std::vector<store::Descriptor> chosen;   ///< their descriptors, with platforms where the index tells them
  bool is_whole;                           ///< whether no runtime could take another from the root
  std::optional<Digest> index = {};        ///< that lists the root, of a manifest that is judged by itself
};

/// The one manifest, as if no index had listed it.
ImageDocuments manifest_alone(const ImageDocuments& image);

/// Every layer once, in the order of the manifests.
std::vector<store::Descriptor> layers_of(const ImageDocuments& image);

/// Everything there is to say before a config was read.
Subject subject_of(const policy::Plan& plan, const Reference& asked, const ImageDocuments& image);
/// With what its configs say when the plan asks for it.
Subject subject_of(const policy::Plan& plan, const Reference& asked, const ImageDocuments& image,
                   const std::function<Bytes(const store::Descriptor&)>& read_config);

/// What the manifests say, for the record; the DiffIDs are absent.
std::vector<policy::Instance> instances_of(const std::vector<store::Descriptor>& chosen,
                                           const std::vector<store::Document>& manifests);

/// The top document as records and people are told of it: a digest that the gate admitted. Of an index that was
/// admitted in part it is the manifest that was judged, the first one here.
void tell_top(const policy::Decision& decision, const store::Descriptor& root, const store::Descriptor& first,
              policy::DecisionContext& context);

/// A layer, and what it must inflate to.
struct DescribedLayer {
  store::Descriptor descriptor;
  Digest diff_id;
};

/// What manifests and configs say together.
struct Description {
  std::vector<DescribedLayer> layers;         ///< each once, in the order of the manifests
  std::vector<std::vector<Digest>> diff_ids;  ///< of each manifest
};

/// All that can be said of an image without its layers: whoever brings it in, and whoever only judges it, refuses by
/// it. Fault::corrupt when manifests and configs do not fit together, or a config is for another platform than the
/// index says; Fault::missing when it is not for the one that a person named, or for another system than this machine's
/// where nobody named one.
Description describe(const ImageDocuments& image, const PlatformChoice& platforms,
                     const std::function<Bytes(const store::Descriptor&)>& read_config);

/// Errors that leave the work tell which image they are about, once.
template <class Work>
decltype(auto) naming(const Reference& name, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    const bool is_told = error.message().find(name.familiar()) != std::string::npos;
    if (is_told || error.fault() == Fault::interrupted) throw;
    throw error.within(name.familiar());
  }
}

/// The same for one of many images of an archive: by the first of its names, if it has any.
template <class Work>
void naming_first(const std::vector<Reference>& names, Work&& work) {
  if (names.empty()) return std::forward<Work>(work)();
  naming(names.front(), std::forward<Work>(work));
}

}  // namespace hallmark::cmd
