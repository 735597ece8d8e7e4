// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/bring_in.h"

#include <algorithm>
#include <set>

#include "store/parallel.h"

namespace hallmark::cmd {
namespace {

/// Enough to hide a registry's latency, few enough to keep memory small whatever the machine.
constexpr std::size_t kLeastWorkers = 3;
constexpr std::size_t kMostWorkers = 6;

struct Layer {
  store::Descriptor descriptor;
  Digest diff_id;
};

/// Configs into quarantine; what they say the layers inflate to, also for the record.
std::vector<Layer> take_configs(const Image& image, const PlatformChoice& platforms, store::Staging& staging,
                                store::Source& source, std::vector<policy::Instance>& instances) {
  std::vector<Layer> layers;
  std::set<std::pair<Digest, Digest>> seen;
  for (std::size_t i = 0; i < image.manifests.size(); ++i) {
    const store::Manifest manifest = store::parse_manifest(image.manifests[i]);
    const store::Config config = store::parse_config(staging.take_config(manifest.config, source));
    check_platform(config, image.chosen[i], platforms);
    if (config.diff_ids.size() != manifest.layers.size()) {
      fail(Fault::corrupt, image.manifests[i].descriptor.digest.to_string(), ": ", manifest.layers.size(),
           " layers, but the config has ", config.diff_ids.size(), " DiffIDs");
    }
    instances.at(i).diff_ids = config.diff_ids;
    for (std::size_t j = 0; j < manifest.layers.size(); ++j) {
      if (seen.emplace(manifest.layers[j].digest, config.diff_ids[j]).second) {
        layers.push_back({manifest.layers[j], config.diff_ids[j]});
      }
    }
  }
  return layers;
}

void take_layers(std::vector<Layer> layers, const std::atomic<bool>& interrupted, store::Staging& staging,
                 store::Source& source, Progress& progress) {
  // The largest first, so that the last worker does not end alone with it.
  std::stable_sort(layers.begin(), layers.end(),
                   [](const Layer& a, const Layer& b) { return a.descriptor.size > b.descriptor.size; });
  const std::size_t workers = std::clamp<std::size_t>(std::thread::hardware_concurrency(), kLeastWorkers, kMostWorkers);
  store::for_each_parallel(layers, workers, [&](const Layer& layer, const std::atomic<bool>& stop) {
    progress.started(layer.descriptor);
    const auto origin = staging.take_layer(layer.descriptor, layer.diff_id, source, [&](std::uint64_t bytes) {
      if (stop) fail(Fault::interrupted, "another layer failed");
      if (interrupted) fail(Fault::interrupted, "interrupted");
      progress.passed(layer.descriptor, bytes);
    });
    progress.verified(layer.descriptor, origin == store::LayerOrigin::already_here);
  });
}

}  // namespace

std::vector<store::Descriptor> layers_of(const Image& image) {
  std::vector<store::Descriptor> layers;
  std::set<Digest> seen;
  for (const store::Document& document : image.manifests) {
    for (store::Descriptor& layer : store::parse_manifest(document).layers) {
      if (seen.insert(layer.digest).second) layers.push_back(std::move(layer));
    }
  }
  return layers;
}

void bring_in(Desk& desk, Judged& judged, const PlatformChoice& platforms, store::Source& source, Progress& progress) {
  const Image& image = judged.image.value();
  store::Staging staging(desk.store.directory());
  const Admitting admitting{
      judged.plan, judged.decision, desk.trust.answers(), judged.circumstances, [&](const policy::Plan& plan) {
        return subject_of(plan, judged.asked, image,
                          [&](const store::Descriptor& config) { return staging.take_config(config, judged.configs); });
      }};
  const Subject& approved = judged.decision.approval.value().subject();
  if (approved.most_uncompressed) staging.limit_inflation(*approved.most_uncompressed);
  judged.configs.fall_back_on(source);
  const store::Staged staged = recording(desk, admitting, [&] {
    staging.take(image.root);
    for (const store::Document& manifest : image.manifests) staging.take(manifest);
    std::vector<Layer> layers = take_configs(image, platforms, staging, judged.configs, judged.circumstances.instances);
    within(judged.plan.name.familiar(),
           [&] { take_layers(std::move(layers), desk.surroundings.interrupted, staging, source, progress); });
    if (desk.surroundings.interrupted) fail(Fault::interrupted, "interrupted");
    return staging.seal(image.root.descriptor, image.chosen);
  });
  commit(desk, staged, admitting);
  judged.circumstances.committed = true;
}

}  // namespace hallmark::cmd
