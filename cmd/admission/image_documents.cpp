// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/image_documents.h"

#include <set>

#include "store/image/image_facts.h"
#include "trust/error.h"

namespace hallmark::cmd {

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

policy::Instance instance_of(const store::Descriptor& chosen, const store::Document& manifest) {
  const store::Manifest parts = store::parse_manifest(manifest);
  policy::Instance instance{chosen.platform ? chosen.platform->to_string() : "", manifest.descriptor.digest,
                            parts.config.digest};
  instance.size = 0;
  for (const store::Descriptor& layer : parts.layers) *instance.size += layer.size;
  return instance;
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

bool is_same_platform(const store::Platform& a, const store::Platform& b) {
  return a.os == b.os && a.architecture == b.architecture;
}

void check_platform(const store::Config& config, const store::Descriptor& chosen, const PlatformChoice& platforms) {
  // An index could give out an image for one machine as that of another, where nobody would look at it.
  if (chosen.platform && !is_same_platform(*chosen.platform, config.platform)) {
    fail(Fault::corrupt, chosen.digest.to_string(), ": the index says ", chosen.platform->to_string(),
         ", the config says ", config.platform.to_string());
  }
  // Without a wish an image outside of any index is taken for whatever platform it is, as docker takes it.
  if (!chosen.platform && platforms.is_explicit && !platforms.all &&
      !is_same_platform(platforms.wanted, config.platform)) {
    fail(Fault::missing, "no matching platform: wanted ", platforms.wanted.to_string(), ", the image is for ",
         config.platform.to_string());
  }
}

}  // namespace hallmark::cmd
