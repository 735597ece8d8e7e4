// SPDX-License-Identifier: Apache-2.0
#include "cmd/admit.h"

#include <algorithm>
#include <random>
#include <set>

#include "cmd/environment.h"
#include "cmd/parallel.h"
#include "policy/judge.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// Enough to hide a registry's latency, few enough to keep memory small whatever the machine.
constexpr std::size_t kLeastWorkers = 3;
constexpr std::size_t kMostWorkers = 6;
/// Of all manifests of an image: they are kept in memory.
constexpr std::uint64_t kMostImageManifests = std::uint64_t{8} << 20U;

struct Layer {
  store::Descriptor descriptor;
  Digest diff_id;
};

/// Names one decision in audit files; not a secret.
std::string random_id() {
  std::random_device device;
  Bytes raw(16);
  for (auto& byte : raw) byte = static_cast<std::uint8_t>(device());
  raw[6] = static_cast<std::uint8_t>((raw[6] & 0x0fU) | 0x40U);  // RFC 9562 section 5.4: version 4
  raw[8] = static_cast<std::uint8_t>((raw[8] & 0x3fU) | 0x80U);
  std::string text = hex_of(raw);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, "-");
  return text;
}

/// The requirement that nothing but trust data can meet, if the plan has one.
const policy::Requirement* trust_requirement(const policy::Plan& plan) {
  using Type = policy::Requirement::Type;
  const auto found =
      std::find_if(plan.requirements.begin(), plan.requirements.end(), [](const policy::Requirement& requirement) {
        return requirement.type == Type::tuf || requirement.type == Type::content_trust;
      });
  return found == plan.requirements.end() ? nullptr : &*found;
}

/// The gate knows the sha256 and the size; what else was signed about these bytes is checked here.
void check_other_digests(const Reference& name, const store::Document& document, const tuf::Target& target) {
  if (target.digest != document.descriptor.digest) return;
  for (const Digest& other : target.other_digests) {
    const Digest found = Digest::of(document.bytes, other.algorithm());
    if (found != other) {
      fail(Fault::corrupt, name.familiar(), ": expected ", other.to_string(), " as signed, found ", found.to_string());
    }
  }
}

store::Document fetch_root(const Reference& name, const std::optional<tuf::Target>& target,
                           registry::Repository& source) {
  const bool is_named_by_trust = !name.digest() && target && target->digest;
  store::Document document = name.digest()       ? source.manifest(*name.digest(), std::nullopt)
                             : is_named_by_trust ? source.manifest(*target->digest, target->length)
                                                 : source.manifest(*name.tag());
  if (target) check_other_digests(name, document, *target);
  return document;
}

bool same_platform(const store::Platform& a, const store::Platform& b) {
  return a.os == b.os && a.architecture == b.architecture;
}

Image fetch_image(store::Document root, const PlatformChoice& platforms, const Reference& name,
                  registry::Repository& source) {
  Image image{std::move(root), {}, {}};
  if (!store::is_index(image.root.descriptor.media_type)) {
    image.manifests = {image.root};
    image.chosen = {image.root.descriptor};
    return image;
  }
  const store::Index index = store::parse_index(image.root);
  image.chosen = platforms.all ? index.images() : std::vector{index.choose(platforms.wanted, name.familiar())};
  // What image lists show of an index is its first manifest: this machine's own, when it is there.
  std::stable_partition(image.chosen.begin(), image.chosen.end(), [](const store::Descriptor& chosen) {
    return chosen.platform && same_platform(*chosen.platform, store::Platform::here());
  });
  std::uint64_t bytes = 0;
  for (const store::Descriptor& chosen : image.chosen) {
    bytes += chosen.size;
    if (bytes > kMostImageManifests) {
      fail(Fault::corrupt, name.familiar(), ": its manifests have more than ", kMostImageManifests, " bytes");
    }
    image.manifests.push_back(source.manifest(chosen.digest, chosen.size));
    if (store::is_index(image.manifests.back().descriptor.media_type)) {
      fail(Fault::corrupt, name.familiar(), ": the index lists another index ", chosen.digest.to_string(),
           "; expected a manifest");
    }
  }
  return image;
}

/// The name that the store will hold. A tag beside a digest counts only when trust data say that they belong together.
Reference stored_name(const Reference& name, const Digest& digest, const std::optional<tuf::Target>& target) {
  if (!name.digest()) return name;
  const bool confirmed = name.tag() && target && target->digest == digest;
  return confirmed ? name.without_digest() : name.at_digest(digest);
}

/// Everything there is to say before a config was fetched.
Subject subject_of(const policy::Plan& plan, const Reference& asked, const Image& image) {
  const Reference& name = plan.name;
  Subject subject{name, image.root.descriptor.digest, image.root.descriptor.size, {}};
  for (const store::Document& manifest : image.manifests) subject.instances.push_back(manifest.descriptor.digest);
  if (plan.asks_image) subject.facts = facts_of(image.manifests);
  subject.asked = asked;
  return subject;
}

void check_platform(const store::Config& config, const store::Descriptor& chosen, const PlatformChoice& platforms) {
  if (chosen.platform && !same_platform(*chosen.platform, config.platform)) {
    fail(Fault::corrupt, chosen.digest.to_string(), ": the index says ", chosen.platform->to_string(),
         ", the config says ", config.platform.to_string());
  }
  if (!chosen.platform && platforms.is_explicit && !platforms.all &&
      !same_platform(platforms.wanted, config.platform)) {
    fail(Fault::missing, "no matching platform: wanted ", platforms.wanted.to_string(), ", the image is for ",
         config.platform.to_string());
  }
}

/// By the manifests alone as far as that goes: configs are fetched only of images that are trusted.
policy::Decision decide(Desk& desk, const policy::Plan& plan, Subject subject, const Image& image,
                        store::Source& source, ConfigCache& configs) {
  const policy::TrustAnswers& answers = desk.trust.answer(plan);
  policy::Decision decision = desk.gate.decide(plan, subject, answers, desk.surroundings.now);
  if (!decision.is_open) return decision;
  add_configs(
      image.manifests, image.chosen, [&](const store::Descriptor& config) { return configs.read(config, source); },
      subject.facts);
  return desk.gate.decide(plan, subject, answers, desk.surroundings.now);
}

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
  for_each_parallel(layers, workers, [&](const Layer& layer, const std::atomic<bool>& stop) {
    progress.started(layer.descriptor);
    const auto origin = staging.take_layer(layer.descriptor, layer.diff_id, source, [&](std::uint64_t bytes) {
      if (stop) fail(Fault::interrupted, "another layer failed");
      if (interrupted) fail(Fault::interrupted, "interrupted");
      progress.passed(layer.descriptor, bytes);
    });
    progress.verified(layer.descriptor, origin == store::Staging::Origin::already_here);
  });
}

}  // namespace

Desk open_desk(const Arguments& arguments, Surroundings& surroundings, bool content_trust) {
  const std::filesystem::path directory = store_directory(arguments, surroundings);
  auto policy = policy_in_force(arguments, surroundings);
  const PolicyMemory policies(directory);
  const bool rollback_accepted = arguments.truth("accept-policy-rollback", false);
  const auto highest_serial = rollback_accepted ? std::nullopt : policies.highest(policy);
  registry::Settings settings = registry_settings(arguments, surroundings);
  TrustMemory memory = TrustMemory::beside(directory, settings.docker_config);
  policy::Gate gate(std::move(policy), content_trust, highest_serial);
  if (const auto reason = arguments.value("break-glass")) {
    const std::string fault = gate.break_glass(*reason);
    if (!fault.empty()) surroundings.lines.print("warning: --break-glass waives nothing: " + fault);
  }
  return {surroundings,
          settings,
          std::move(gate),
          store::Store(directory),
          TrustDesk(surroundings, settings, std::move(memory)),
          policies,
          rollback_accepted};
}

PlatformChoice platform_choice(const Arguments& arguments, const Surroundings& surroundings) {
  PlatformChoice choice{arguments.truth("all-platforms", false), false, store::Platform::here()};
  auto named = arguments.value("platform");
  if (named && choice.all) fail(Fault::usage, "--platform and --all-platforms exclude each other");
  if (!named) named = surroundings.variable("DOCKER_DEFAULT_PLATFORM");
  if (named && !choice.all) {
    choice.is_explicit = true;
    choice.wanted = store::Platform::parse(*named);
  }
  return choice;
}

Judged judge(Desk& desk, const Reference& name, const PlatformChoice& platforms, registry::Repository& source,
             const std::string& operation) {
  policy::Plan plan = desk.gate.plan(name);
  const policy::TrustAnswers& answers = desk.trust.answer(plan);
  const auto target = desk.gate.resolve(plan, answers);
  policy::Circumstances circumstances = circumstances_of(desk, operation);

  if (desk.gate.is_lost(plan, answers, desk.surroundings.now)) {
    policy::Decision decision = desk.gate.refuse(plan, answers, desk.surroundings.now);
    return {std::move(plan), std::nullopt, std::move(decision), std::move(circumstances), {}};
  }
  Image image = fetch_image(fetch_root(name, target, source), platforms, name, source);
  circumstances.media_type = image.root.descriptor.media_type;
  circumstances.digest = image.root.descriptor.digest;
  circumstances.size = image.root.descriptor.size;
  for (std::size_t i = 0; i < image.chosen.size(); ++i) {
    circumstances.instances.push_back(instance_of(image.chosen[i], image.manifests[i]));
  }
  ConfigCache configs;
  policy::Decision decision = decide(desk, plan, subject_of(plan, name, image), image, source, configs);
  const Reference stored = stored_name(name, image.root.descriptor.digest, target);
  if (decision.approval && stored != name) {
    plan = desk.gate.plan(stored);
    decision = decide(desk, plan, subject_of(plan, name, image), image, source, configs);
  }
  return {std::move(plan), std::move(image), std::move(decision), std::move(circumstances), std::move(configs)};
}

std::optional<std::vector<std::string>> trusted_tags(Desk& desk, const Reference& repository) {
  const policy::Plan plan = desk.gate.plan(repository);
  const policy::Requirement* requirement = trust_requirement(plan);
  if (requirement == nullptr) return std::nullopt;
  std::vector<std::string> tags;
  const policy::TrustAnswers& answers = desk.trust.answer(plan);
  for (const policy::TrustQuestion& question : plan.questions) {
    const tuf::Outcome& outcome = answers.at(question.key);
    if (const auto* refusal = std::get_if<tuf::Refusal>(&outcome.result)) {
      throw Error(refusal->fault, repository.familiar_repository() + ": " + printable(refusal->detail, 500),
                  refusal->hint);
    }
    for (const tuf::Target& target :
         std::get<tuf::Repository>(outcome.result).list(policy::roles_of(*requirement, desk.gate.policy()))) {
      if (Reference::is_tag(target.name)) tags.push_back(target.name);
    }
  }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

void refuse(const policy::Plan& plan, const policy::Decision& decision) {
  throw Error(decision.fault, plan.name.familiar() + ": " + policy::summary(decision), policy::advice(decision));
}

bool is_in(const store::Store& store, const Reference& name, const Digest& digest) {
  try {
    const auto entry = store.find(name);
    return entry && entry->root.digest == digest;
  } catch (const Error&) {
    return false;
  }
}

policy::Instance instance_of(const store::Descriptor& chosen, const store::Document& manifest) {
  const store::Manifest parts = store::parse_manifest(manifest);
  policy::Instance instance{chosen.platform ? chosen.platform->to_string() : "", manifest.descriptor.digest,
                            parts.config.digest};
  instance.size = 0;
  for (const store::Descriptor& layer : parts.layers) *instance.size += layer.size;
  return instance;
}

policy::Circumstances circumstances_of(const Desk& desk, const std::string& operation) {
  policy::Circumstances circumstances{};
  circumstances.operation = operation;
  circumstances.version = HALLMARK_VERSION;
  circumstances.id = random_id();
  circumstances.now = desk.surroundings.now;
  circumstances.store = desk.store.directory().string();
  return circumstances;
}

void check_present_platform(const Desk& desk, const Image& image, const PlatformChoice& platforms) {
  for (std::size_t i = 0; i < image.manifests.size(); ++i) {
    const store::Descriptor config = store::parse_manifest(image.manifests[i]).config;
    check_platform(store::parse_config(desk.store.read(config).bytes), image.chosen[i], platforms);
  }
}

Judged judge_from_afar(Desk& desk, const Reference& name, const PlatformChoice& platforms, registry::Repository& source,
                       const std::string& operation) {
  Judged judged = judge(desk, name, platforms, source, operation);
  if (!judged.decision.approval || !platforms.is_explicit || platforms.all) return judged;
  try {
    const Image& image = judged.image.value();
    for (std::size_t i = 0; i < image.manifests.size(); ++i) {
      const store::Descriptor config = store::parse_manifest(image.manifests[i]).config;
      check_platform(store::parse_config(judged.configs.read(config, source)), image.chosen[i], platforms);
    }
  } catch (const Error& error) {
    if (error.fault() == Fault::interrupted) throw;
    policy::overturn(judged.decision, error);
  }
  return judged;
}

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

void remember_policy(const Desk& desk) { desk.policies.remember(desk.gate.policy(), desk.policy_rollback_accepted); }

void record_failure(const Desk& desk, const Admitting& admitting, const Error& error) {
  policy::overturn(admitting.decision, error);
  record_only(desk, {{admitting.plan, admitting.decision, admitting.answers, admitting.circumstances}});
}

void commit(Desk& desk, const store::Staged& staged, const Admitting& admitting) {
  const auto& [plan, decision, answers, circumstances] = admitting;
  recording(desk, admitting, [&] { store::check_approval(staged, admitting.decision.approval.value().subject()); });
  record_admissions(desk, {{plan, decision, answers, circumstances}});
  try {
    remember_policy(desk);
    desk.store.commit(staged, std::move(decision.approval.value()));
  } catch (const Error& error) {
    if (!is_in(desk.store, plan.name, staged.root().digest)) record_failure(desk, admitting, error);
    throw;
  }
}

void bring_in(Desk& desk, Judged& judged, const PlatformChoice& platforms, store::Source& source, Progress& progress) {
  const Image& image = judged.image.value();
  const Subject& approved = judged.decision.approval.value().subject();
  const Admitting admitting{judged.plan, judged.decision, desk.trust.answer(judged.plan), judged.circumstances};
  store::Staging staging(desk.store);
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
