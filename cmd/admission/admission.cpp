// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/admission.h"

#include <algorithm>
#include <random>

#include "cmd/cli/locations.h"
#include "policy/judge.h"
#include "store/disk/owner.h"
#include "store/image/image_facts.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// Of all manifests of an image: they are kept in memory.
constexpr std::uint64_t kMostImageManifests = std::uint64_t{8} << 20U;

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
  Image image{std::move(root), {}, {}, false};
  if (!store::is_index(image.root.descriptor.media_type)) {
    image.manifests = {image.root};
    image.chosen = {image.root.descriptor};
    image.is_whole = true;
    return image;
  }
  const store::Index index = store::parse_index(image.root);
  image.chosen = platforms.all ? index.images() : std::vector{index.choose(platforms.wanted, name.familiar())};
  image.is_whole = index.has_no_more_than(image.chosen);
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

/// The one manifest, as if no index had listed it.
Image manifest_alone(const Image& image) {
  return {image.manifests.front(), image.manifests, image.chosen, true, image.root.descriptor.digest};
}

/// Everything there is to say before a config was fetched.
Subject subject_of(const policy::Plan& plan, const Reference& asked, const Image& image) {
  const Reference& name = plan.name;
  Subject subject{name, image.root.descriptor.digest, image.root.descriptor.size, {}};
  for (const store::Document& manifest : image.manifests) subject.instances.push_back(manifest.descriptor.digest);
  subject.is_whole = image.is_whole;
  subject.index = image.index;
  if (plan.asks_image) subject.facts = facts_of(image.manifests);
  subject.asked = asked;
  return subject;
}

/// By the manifests alone as far as that goes: configs are fetched only of images that are trusted. Other documents
/// and these may come slowly: the plan is that of the moment of the decision.
policy::Decision decide(Desk& desk, policy::Plan& plan, const Reference& asked, const Image& image,
                        store::Source& source, store::ConfigCache& configs) {
  const policy::TrustAnswers& answers = answer_now(desk, plan);
  policy::Decision decision = desk.gate.decide(plan, subject_of(plan, asked, image), answers, desk.surroundings.now);
  if (!decision.is_open) return decision;
  const auto read = [&](const store::Descriptor& config) { return configs.read(config, source); };
  subject_of(plan, asked, image, read);  // fetches them
  renew_when_old(desk);
  plan = desk.gate.plan(plan.name);
  answer_now(desk, plan);
  return desk.gate.decide(plan, subject_of(plan, asked, image, read), answers, desk.surroundings.now);
}

/// Of an index that nobody vouches for its one manifest may be admitted by itself: the policy lists it, or its gates
/// are open to it. Then that is the image, and what is called by the digest of the index is called by that of the
/// manifest.
bool admit_manifest_alone(Desk& desk, Judged& judged, store::Source& source) {
  if (!judged.decision.is_for_instances || judged.image->manifests.size() != 1) return false;
  Image alone = manifest_alone(*judged.image);
  const Reference& name = judged.plan.name;
  policy::Plan plan = desk.gate.plan(name.digest() ? name.at_digest(alone.root.descriptor.digest) : name);
  policy::Decision decision = decide(desk, plan, judged.asked, alone, source, judged.configs);
  if (!decision.approval) return false;
  judged.plan = std::move(plan);
  judged.image = std::move(alone);
  judged.decision = std::move(decision);
  judged.circumstances.is_of_index = true;
  return true;
}

}  // namespace

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

Desk open_desk(const Arguments& arguments, Surroundings& surroundings, bool content_trust) {
  const std::filesystem::path directory = store_directory(arguments, surroundings);
  if (const std::string trouble = store::trouble_at(std::filesystem::absolute(directory).parent_path());
      !trouble.empty()) {
    surroundings.lines.print("warning: " + trouble + ": who can, can exchange the store and all that it remembers");
  }
  registry::Settings settings = registry_settings(arguments, surroundings);
  TrustMemory memory = TrustMemory::beside(directory, settings.docker_config);
  policy::Gate gate = gate_of_now(arguments, directory, content_trust, policy_in_force(arguments, surroundings));
  if (const auto reason = arguments.value("break-glass")) {
    const std::string fault = gate.break_glass(*reason);
    if (!fault.empty()) surroundings.lines.print("warning: --break-glass waives nothing: " + fault);
  }
  return {surroundings,
          settings,
          std::move(gate),
          store::Store(directory),
          TrustDesk(surroundings, settings, std::move(memory)),
          PolicyMemory(directory),
          arguments.truth("accept-policy-rollback", false),
          arguments,
          content_trust,
          surroundings.now};
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
  renew_when_old(desk);
  policy::Plan plan = desk.gate.plan(name);
  const policy::TrustAnswers& answers = answer_now(desk, plan);
  auto target = desk.gate.resolve(plan, answers);
  policy::Circumstances circumstances = circumstances_of(desk, operation);

  if (desk.gate.is_lost(plan, answers, desk.surroundings.now)) {
    policy::Decision decision = desk.gate.refuse(plan, answers, desk.surroundings.now);
    return {name, std::move(plan), std::nullopt, std::move(decision), std::move(circumstances), {}};
  }
  Image image = fetch_image(fetch_root(name, target, source), platforms, name, source);
  renew_when_old(desk);
  plan = desk.gate.plan(name);
  answer_now(desk, plan);
  target = desk.gate.resolve(plan, answers);
  Judged judged{name, std::move(plan), std::move(image), {}, std::move(circumstances), {}};
  judged.decision = decide(desk, judged.plan, name, *judged.image, source, judged.configs);
  const Reference stored = stored_name(name, judged.image->root.descriptor.digest, target);
  if (!admit_manifest_alone(desk, judged, source) && judged.decision.approval && stored != name) {
    judged.plan = desk.gate.plan(stored);
    judged.decision = decide(desk, judged.plan, name, *judged.image, source, judged.configs);
    admit_manifest_alone(desk, judged, source);
  }
  judged.circumstances.now = desk.surroundings.now;
  const Image& known = judged.image.value();
  tell_top(judged.decision, known.root.descriptor, known.manifests.front().descriptor, judged.circumstances);
  for (std::size_t i = 0; i < known.chosen.size(); ++i) {
    judged.circumstances.instances.push_back(instance_of(known.chosen[i], known.manifests[i]));
  }
  return judged;
}

Subject subject_of(const policy::Plan& plan, const Reference& asked, const Image& image,
                   const std::function<Bytes(const store::Descriptor&)>& read_config) {
  Subject subject = subject_of(plan, asked, image);
  if (plan.asks_image) add_configs(image.manifests, image.chosen, read_config, subject.facts);
  return subject;
}

void tell_top(const policy::Decision& decision, const store::Descriptor& root, const store::Descriptor& first,
              policy::Circumstances& circumstances) {
  const bool is_in_part = decision.approval && decision.approval->subject().admitted != root.digest;
  const store::Descriptor& top = is_in_part ? first : root;
  circumstances.is_of_index = circumstances.is_of_index || is_in_part;
  circumstances.media_type = top.media_type;
  circumstances.digest = top.digest;
  circumstances.size = top.size;
}

std::string part_notice(const Judged& judged) {
  if (!judged.circumstances.is_of_index) return {};
  return judged.plan.name.familiar() + ": admitted is " + judged.circumstances.digest.value().to_string() +
         " of an index, not the index; --all-platforms judges all of it";
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
    // The configs may have come slowly.
    judge_again_when_old(
        desk, {judged.plan, judged.decision, desk.trust.answers(), judged.circumstances, [&](const policy::Plan& plan) {
                 return subject_of(plan, judged.asked, image, [&](const store::Descriptor& config) {
                   return judged.configs.read(config, source);
                 });
               }});
    tell_top(judged.decision, image.root.descriptor, image.manifests.front().descriptor, judged.circumstances);
  } catch (const Error& error) {
    if (error.fault() == Fault::interrupted) throw;
    policy::overturn(judged.decision, error);
  }
  return judged;
}

}  // namespace hallmark::cmd
