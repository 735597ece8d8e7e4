// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/registry_admission.h"

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include "cmd/admission/attached_evidence.h"
#include "store/image/image_facts.h"
#include "store/parallel.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// Of all manifests of an image: they are kept in memory.
constexpr std::uint64_t kMostImageManifests = std::uint64_t{8} << 20U;

/// Enough to hide a registry's latency, few enough to keep memory small whatever the machine.
constexpr std::size_t kLeastWorkers = 3;
constexpr std::size_t kMostWorkers = 6;

/// The gate knows the sha256 and the size; what else was signed about these bytes is checked here.
void check_other_digests(const Reference& name, const store::Document& document, const trust::NamedDigest& target) {
  // Other bytes than the signed ones are the gate's to refuse, in its own words.
  if (target.digest != document.descriptor.digest) return;
  for (const Digest& other : target.other_digests) {
    const Digest found = Digest::of(document.bytes, other.algorithm());
    if (found != other) {
      fail(Fault::corrupt, name.familiar(), ": expected ", other.to_string(), " as signed, found ", found.to_string());
    }
  }
}

/// Where the registry cannot be asked what the tag is, the policy may leave but one answer: that is asked for by its
/// digest, which a mirror has as well. Whether it is let in is decided like any other.
store::Document fetch_by_tag(const std::string& tag, const std::optional<Digest>& only, registry::Repository& source) {
  try {
    return source.manifest(tag);
  } catch (const Error& error) {
    if (error.fault() != Fault::unavailable || !only) throw;
    try {
      return source.manifest(*only, std::nullopt);
    } catch (const Error& second) {
      if (second.fault() == Fault::interrupted) throw;
    }
    throw;
  }
}

store::Document fetch_root(const Reference& name, const std::optional<trust::NamedDigest>& target,
                           const std::optional<Digest>& only, registry::Repository& source) {
  // Fetched by the signed digest: a tag that was moved in the registry has no effect then.
  const bool is_named_by_trust = !name.digest() && target;
  store::Document document = name.digest()       ? source.manifest(*name.digest(), std::nullopt)
                             : is_named_by_trust ? source.manifest(target->digest, target->size)
                                                 : fetch_by_tag(*name.tag(), only, source);
  if (target) check_other_digests(name, document, *target);
  return document;
}

/// What the config of a listed manifest says; absent when it is no image.
std::optional<store::Platform> platform_of(const store::Descriptor& listed, store::ConfigCache& configs,
                                           registry::Repository& source) {
  const store::Document document = source.manifest(listed.digest, listed.size);
  try {
    return store::parse_config(configs.read(store::parse_manifest(document).config, source)).platform;
  } catch (const Error& error) {
    // Signatures and other artifacts are listed without a platform, too.
    if (error.fault() != Fault::corrupt) throw;
    return std::nullopt;
  }
}

std::vector<store::Descriptor> chosen_of(const store::Index& index, const PlatformChoice& platforms,
                                         store::ConfigCache& configs, registry::Repository& source) {
  if (!platforms.all) {
    const auto look = [&](const store::Descriptor& listed) { return platform_of(listed, configs, source); };
    return {index.choose(platforms.wanted, look)};
  }
  std::vector<store::Descriptor> images = index.images();
  if (images.empty()) index.refuse_without_image();
  return images;
}

ImageDocuments fetch_image(store::Document root, const PlatformChoice& platforms, store::ConfigCache& configs,
                           registry::Repository& source) {
  ImageDocuments image{std::move(root), {}, {}, false};
  if (!store::is_index(image.root.descriptor.media_type)) {
    image.manifests = {image.root};
    image.chosen = {image.root.descriptor};
    image.is_whole = true;
    return image;
  }
  const store::Index index = store::parse_index(image.root);
  image.chosen = chosen_of(index, platforms, configs, source);
  // What image lists show of an index is its first manifest: this machine's own, when it is there.
  std::stable_partition(image.chosen.begin(), image.chosen.end(), [](const store::Descriptor& chosen) {
    return chosen.platform && !chosen.platform->contradicts(store::Platform::here());
  });
  std::uint64_t bytes = 0;
  for (const store::Descriptor& chosen : std::exchange(image.chosen, {})) {
    bytes += chosen.size;
    if (bytes > kMostImageManifests) {
      fail(Fault::corrupt, "its manifests have more than ", kMostImageManifests, " bytes");
    }
    image.manifests.push_back(source.manifest(chosen.digest, chosen.size));
    // What an inner index lists would be among the images that a runtime can take, but not among those that are judged.
    if (store::is_index(image.manifests.back().descriptor.media_type)) {
      fail(Fault::corrupt, "the index lists another index ", chosen.digest.to_string(), "; expected a manifest");
    }
    // Of all platforms; where one was chosen, it is one of an image.
    if (platforms.all && store::is_artifact(image.manifests.back())) {
      image.manifests.pop_back();
    } else {
      image.chosen.push_back(chosen);
    }
  }
  if (image.chosen.empty()) index.refuse_without_image();
  image.is_whole = index.has_no_more_than(image.chosen);
  return image;
}

/// The name that the store will hold. A tag beside a digest counts only when trust data say that they belong together.
Reference stored_name(const Reference& name, const Digest& digest, const std::optional<trust::NamedDigest>& target) {
  if (!name.digest()) return name;
  const bool confirmed = name.tag() && target && target->digest == digest;
  return confirmed ? name.without_digest() : name.at_digest(digest);
}

/// By the manifests alone as far as that goes: configs are fetched only of images that are trusted. Other documents
/// and these may come slowly: the plan is that of the moment of the decision.
void decide(Admission& admission, JudgedImage& judged, registry::Repository& registry) {
  policy::Judgement& judgement = judged.judgement;
  const ImageDocuments& image = *judged.image;
  RegistryEvidence attached(registry);
  const auto decide_about = [&](const Subject& subject) {
    admission.gatherer().about(judgement.plan, subject, attached, admission.now());
    admission.decide(judgement, subject);
  };
  admission.gather(judgement);
  decide_about(subject_of(judgement.plan, judged.asked, image));
  if (!judgement.decision.needs_config) return;
  const auto read = [&](const store::Descriptor& config) { return judged.configs.read(config, registry); };
  // A config is another document of strangers: it is fetched once the rest of the image is trusted.
  subject_of(judgement.plan, judged.asked, image, read);  // fetches them
  admission.begin_again(judgement, judgement.plan.name());
  decide_about(subject_of(judgement.plan, judged.asked, image, read));
}

/// Of an index that nobody vouches for its one manifest may be admitted by itself: the policy lists it, or its gates
/// are open to it. Then that is the image, and what is called by the digest of the index is called by that of the
/// manifest.
bool admit_manifest_alone(Admission& admission, JudgedImage& judged, registry::Repository& source) {
  const policy::Judgement& whole = judged.judgement;
  if (!whole.decision.is_for_instances || judged.image->manifests.size() != 1) return false;
  ImageDocuments image = manifest_alone(*judged.image);
  const Reference& name = whole.plan.name();
  // A name by the digest of the index does not name these bytes.
  policy::Plan plan = admission.gate().plan(name.digest() ? name.at_digest(image.root.descriptor.digest) : name);
  JudgedImage alone{
      judged.asked, {std::move(plan), whole.answers, {}, whole.context}, std::move(image), std::move(judged.configs)};
  decide(admission, alone, source);
  const bool is_admitted = alone.judgement.decision.approval.has_value();
  if (is_admitted) {
    alone.judgement.context.is_of_index = true;
    judged = std::move(alone);
  } else {
    // What was fetched for this attempt serves the next one.
    judged.configs = std::move(alone.configs);
  }
  return is_admitted;
}

/// What the record tells of the image.
void tell_image(JudgedImage& judged, Time now) {
  policy::Judgement& judgement = judged.judgement;
  const ImageDocuments& known = *judged.image;
  judgement.context.now = now;
  tell_top(judgement.decision, known.root.descriptor, known.manifests.front().descriptor, judgement.context);
  judgement.context.instances = instances_of(known.chosen, known.manifests);
}

/// Configs into quarantine; what they say the layers inflate to, also for the record.
std::vector<DescribedLayer> take_configs(const ImageDocuments& image, const PlatformChoice& platforms,
                                         store::Staging& staging, store::Source& source,
                                         std::vector<policy::Instance>& instances) {
  Description description =
      describe(image, platforms, [&](const store::Descriptor& config) { return staging.take_config(config, source); });
  for (std::size_t i = 0; i < instances.size(); ++i) instances[i].diff_ids = description.diff_ids.at(i);
  return std::move(description.layers);
}

/// Tells which layers are asked for: those that are here already are only looked at.
class TellingSource final : public store::Source {
 public:
  TellingSource(store::Source& source, store::TransferObserver& observer) : source_(source), observer_(observer) {}
  void fetch(const store::Descriptor& blob, ByteSink& out) override { fetch_rest(blob, 0, out); }
  void fetch_rest(const store::Descriptor& blob, std::uint64_t offset, ByteSink& out) override {
    observer_.started(blob);
    source_.fetch_rest(blob, offset, out);
  }
  [[nodiscard]] bool was_resumed(const Digest& blob) const override { return source_.was_resumed(blob); }
  [[nodiscard]] bool asks_elsewhere_after(const Digest& blob) override { return source_.asks_elsewhere_after(blob); }

 private:
  store::Source& source_;
  store::TransferObserver& observer_;
};

/// What ends the work for a reason that is none of the image's leaves what has come for the next try.
template <class Work>
auto keeping_what_came(store::Staging& staging, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    if (error.fault() == Fault::interrupted || error.fault() == Fault::unavailable ||
        error.fault() == Fault::unauthorized) {
      staging.keep_for_next_try();
    }
    throw;
  }
}

void take_layers(std::vector<DescribedLayer> layers, const std::atomic<bool>& interrupted, store::Staging& staging,
                 store::Source& source, store::TransferObserver& observer) {
  // The largest first, so that the last worker does not end alone with it.
  std::stable_sort(layers.begin(), layers.end(), [](const DescribedLayer& a, const DescribedLayer& b) {
    return a.descriptor.size > b.descriptor.size;
  });
  const std::size_t workers = std::clamp<std::size_t>(std::thread::hardware_concurrency(), kLeastWorkers, kMostWorkers);
  TellingSource telling(source, observer);
  store::for_each_parallel(layers, workers, [&](const DescribedLayer& layer, const std::atomic<bool>& stop) {
    const auto origin = staging.take_layer(layer.descriptor, layer.diff_id, telling, [&](std::uint64_t bytes) {
      // Of an image that lacks one layer the others are of no use.
      if (stop) fail(Fault::interrupted, "another layer failed");
      if (interrupted) fail(Fault::interrupted, "interrupted");
      observer.passed(layer.descriptor, bytes);
    });
    observer.verified(layer.descriptor, origin == store::LayerOrigin::already_here);
  });
}

/// Its failure is recorded, and names the image.
template <class Work>
auto recording_image(const Admission& admission, policy::Judgement& judgement, Work&& work) {
  const Reference name = judgement.plan.name();
  return naming(name, [&] { return admission.recording(judgement, std::forward<Work>(work)); });
}

JudgedImage judge_name(Admission& admission, const Reference& name, const PlatformChoice& platforms,
                       registry::Repository& source, const std::string& operation) {
  JudgedImage judged{name, admission.begin_now(name, operation)};
  policy::Judgement& judgement = judged.judgement;
  // Then nobody is asked for the image: a refused name costs no request to the registry.
  if (admission.decide_lost(judgement)) return judged;
  const policy::Gate& gate = admission.gate();
  auto target = gate.resolve(judgement.plan, *judgement.answers);
  judged.image = fetch_image(fetch_root(name, target, gate.only_digest(judgement.plan), source), platforms,
                             judged.configs, source);
  admission.begin_again(judgement, name);
  target = gate.resolve(judgement.plan, *judgement.answers);
  decide(admission, judged, source);
  const Reference stored = stored_name(name, judged.image->root.descriptor.digest, target);
  // An approval is for one name. Where the store will have another than was asked for, the gate is asked about both.
  if (!admit_manifest_alone(admission, judged, source) && judgement.decision.approval && stored != name) {
    judgement.plan = gate.plan(stored);
    decide(admission, judged, source);
    admit_manifest_alone(admission, judged, source);
  }
  tell_image(judged, admission.now());
  return judged;
}

}  // namespace

JudgedImage judge(Admission& admission, const Reference& name, const PlatformChoice& platforms,
                  registry::Repository& source, const std::string& operation) {
  return naming(name, [&] { return judge_name(admission, name, platforms, source, operation); });
}

JudgedImage judge_from_afar(Admission& admission, const Reference& name, const PlatformChoice& platforms,
                            registry::Repository& source, const std::string& operation) {
  JudgedImage judged = judge(admission, name, platforms, source, operation);
  policy::Judgement& judgement = judged.judgement;
  // What pull would refuse is refused here; no image that is refused anyway costs a config.
  if (!judgement.decision.approval) return judged;
  bool lacks_config = false;
  const auto read = [&](const store::Descriptor& config) {
    try {
      return judged.configs.read(config, source);
    } catch (const Error& error) {
      lacks_config = error.fault() == Fault::missing;
      throw;
    }
  };
  const ImageDocuments& image = judged.image.value();
  try {
    describe(image, platforms, read);
    // The configs may have come slowly.
    admission.judge_again_when_old(judgement, subject_from(judged, read));
    tell_top(judgement.decision, image.root.descriptor, image.manifests.front().descriptor, judgement.context);
  } catch (const Error& error) {
    if (error.fault() == Fault::interrupted) throw;
    // What is signed is decided by the digest. A registry that has not got all of the image yet, or any more, changes
    // nothing of that; a gate that asks for the config has asked for it before.
    if (lacks_config) {
      admission.terms().notice(std::string("warning: a pull would not succeed: ") + error.what());
    } else {
      policy::revoke(judgement.decision, error);
    }
  }
  return judged;
}

SubjectOf subject_from(const JudgedImage& judged, std::function<Bytes(const store::Descriptor&)> read_config) {
  return [&judged, read_config = std::move(read_config)](const policy::Plan& plan) {
    return subject_of(plan, judged.asked, judged.image.value(), read_config);
  };
}

void bring_in(Admission& admission, JudgedImage& judged, const PlatformChoice& platforms, store::Source& source,
              store::TransferObserver& observer) {
  const ImageDocuments& image = judged.image.value();
  policy::Judgement& judgement = judged.judgement;
  store::Staging staging(admission.store().directory());
  const SubjectOf subject = subject_from(
      judged, [&](const store::Descriptor& config) { return staging.take_config(config, judged.configs); });
  const Subject& approved = judgement.decision.approval.value().subject();
  // While the bytes pass, so that the disk is not full before the sum is known.
  if (approved.most_uncompressed) staging.limit_inflation(*approved.most_uncompressed);
  // Configs that the judgement has read are not fetched again; others come from the source.
  judged.configs.fall_back_on(source);
  const auto take_all = [&] {
    staging.take(image.root);
    for (const store::Document& manifest : image.manifests) staging.take(manifest);
    std::vector<DescribedLayer> layers =
        take_configs(image, platforms, staging, judged.configs, judgement.context.instances);
    const std::atomic<bool>& interrupted = admission.terms().interrupted;
    take_layers(std::move(layers), interrupted, staging, source, observer);
    // All layers may have been whole before anybody saw the wish to stop.
    admission.terms().require_uninterrupted();
    return staging.seal(image.root.descriptor, image.chosen);
  };
  keeping_what_came(staging, [&] {
    const store::Staged staged = recording_image(admission, judgement, take_all);
    admission.commit(judgement, subject, staged);
  });
  judgement.context.committed = true;
}

std::string part_notice(const policy::Judgement& judgement) {
  if (!judgement.context.is_of_index) return {};
  return judgement.plan.name().familiar() + ": admitted is " + judgement.context.digest.value().to_string() +
         " of an index, not the index; --all-platforms judges all of it";
}

void check_present_platform(const store::Store& store, const ImageDocuments& image, const PlatformChoice& platforms) {
  describe(image, platforms, [&](const store::Descriptor& config) { return store.read(config).bytes; });
}

}  // namespace hallmark::cmd
