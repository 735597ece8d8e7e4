// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/image_documents.h"

#include <map>
#include <set>

#include "store/image/image_facts.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

policy::Instance instance_of(const store::Descriptor& chosen, const store::Document& manifest) {
  const store::Manifest parts = store::parse_manifest(manifest);
  policy::Instance instance{chosen.platform && !chosen.platform->is_empty() ? chosen.platform->to_string() : "",
                            manifest.descriptor.digest, parts.config.digest};
  instance.size = 0;
  for (const store::Descriptor& layer : parts.layers) *instance.size += layer.size;
  return instance;
}

}  // namespace

ImageDocuments manifest_alone(const ImageDocuments& image) {
  return {image.manifests.front(), image.manifests, image.chosen, true, image.root.descriptor.digest};
}

std::vector<store::Descriptor> layers_of(const ImageDocuments& image) {
  std::vector<store::Descriptor> layers;
  std::set<Digest> seen;
  for (const store::Document& document : image.manifests) {
    for (store::Descriptor& layer : store::parse_manifest(document).layers) {
      if (seen.insert(layer.digest).second) layers.push_back(std::move(layer));
    }
  }
  return layers;
}

Subject subject_of(const policy::Plan& plan, const Reference& asked, const ImageDocuments& image) {
  const Reference& name = plan.name();
  Subject subject{name, image.root.descriptor.digest, image.root.descriptor.size, {}};
  for (const store::Document& manifest : image.manifests) subject.instances.push_back(manifest.descriptor.digest);
  subject.is_whole = image.is_whole;
  subject.index = image.index;
  if (plan.asks_image()) subject.facts = facts_of(image.manifests);
  subject.asked = asked;
  return subject;
}

Subject subject_of(const policy::Plan& plan, const Reference& asked, const ImageDocuments& image,
                   const std::function<Bytes(const store::Descriptor&)>& read_config) {
  Subject subject = subject_of(plan, asked, image);
  if (plan.asks_image()) add_configs(image.manifests, image.chosen, read_config, subject.facts);
  return subject;
}

std::vector<policy::Instance> instances_of(const std::vector<store::Descriptor>& chosen,
                                           const std::vector<store::Document>& manifests) {
  std::vector<policy::Instance> instances;
  for (std::size_t i = 0; i < chosen.size(); ++i) instances.push_back(instance_of(chosen[i], manifests.at(i)));
  return instances;
}

void tell_top(const policy::Decision& decision, const store::Descriptor& root, const store::Descriptor& first,
              policy::DecisionContext& context) {
  // Nobody vouches for an index of which one manifest was judged: its digest must not be told as admitted.
  const bool is_in_part = decision.approval && decision.approval->subject().admitted != root.digest;
  const store::Descriptor& top = is_in_part ? first : root;
  // A caller may have judged the manifest by itself already, and has said so.
  context.is_of_index = context.is_of_index || is_in_part;
  context.media_type = top.media_type;
  context.digest = top.digest;
  context.size = top.size;
}

namespace {

void check_platform(const store::Config& config, const store::Descriptor& chosen, const PlatformChoice& platforms) {
  const store::Platform& found = config.platform;
  // An index could give out an image for one machine as that of another, where nobody would look at it.
  if (chosen.platform && chosen.platform->contradicts(found)) {
    fail(Fault::corrupt, chosen.digest.to_string(), ": the index says ", printable(chosen.platform->to_string(), 80),
         ", the config says ", printable(found.to_string(), 80));
  }
  const bool is_said = chosen.platform && !chosen.platform->os.empty() && !chosen.platform->architecture.empty();
  if (!platforms.is_explicit || platforms.all || is_said) return;
  // Who names a platform wants no guess: what says none is not it.
  if (platforms.wanted.contradicts(found) || found.os.empty() || found.architecture.empty()) {
    fail(Fault::missing, "no matching platform: wanted ", platforms.wanted.to_string(), ", the image is for ",
         printable(found.to_string(), 80));
  }
}

/// Without a wish an image outside of any index is taken for whatever architecture it is, as docker takes it, but not
/// for another system.
void check_system(const store::Config& config, const PlatformChoice& platforms) {
  const store::Platform system{store::Platform::here().os, "", ""};
  if (!config.platform.contradicts(system)) return;
  // An image of an index is chosen by its platform, and this one is not.
  fail(Fault::missing, "the image is for ", printable(config.platform.normalised().to_string(), 80),
       ", expected one for ", platforms.is_explicit ? platforms.wanted.to_string() : system.os);
}

}  // namespace

Description describe(const ImageDocuments& image, const PlatformChoice& platforms,
                     const std::function<Bytes(const store::Descriptor&)>& read_config) {
  Description description;
  std::map<Digest, DescribedLayer> seen;
  const bool is_of_index = store::is_index(image.root.descriptor.media_type);
  for (std::size_t i = 0; i < image.manifests.size(); ++i) {
    const store::Manifest manifest = store::parse_manifest(image.manifests[i]);
    const store::Config config = store::parse_config(read_config(manifest.config));
    check_platform(config, image.chosen[i], platforms);
    if (!is_of_index && !image.chosen[i].platform) check_system(config, platforms);
    // Layers and DiffIDs belong together by their places (OCI image-spec, config.md): none may be without the other.
    if (config.diff_ids.size() != manifest.layers.size()) {
      fail(Fault::corrupt, image.manifests[i].descriptor.digest.to_string(), ": ", manifest.layers.size(),
           " layers, but the config has ", config.diff_ids.size(), " DiffIDs");
    }
    for (std::size_t j = 0; j < manifest.layers.size(); ++j) {
      const DescribedLayer layer{manifest.layers[j], config.diff_ids[j]};
      const auto [place, is_new] = seen.emplace(layer.descriptor.digest, layer);
      if (is_new) description.layers.push_back(layer);
      const store::Descriptor& other = place->second.descriptor;
      // The bytes can be one of them alone.
      if (other.size != layer.descriptor.size || other.media_type != layer.descriptor.media_type ||
          place->second.diff_id != layer.diff_id) {
        fail(Fault::corrupt, "layer ", other.digest.to_string(),
             ": the image names it twice and says different things of it: ", printable(other.media_type, 100), ", ",
             other.size, " bytes, DiffID ", place->second.diff_id.to_string(), ", then ",
             printable(layer.descriptor.media_type, 100), ", ", layer.descriptor.size, " bytes, DiffID ",
             layer.diff_id.to_string());
      }
    }
    description.diff_ids.push_back(config.diff_ids);
  }
  return description;
}

}  // namespace hallmark::cmd
