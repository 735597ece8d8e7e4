// SPDX-License-Identifier: Apache-2.0
#include "cmd/bundling/tuf_evidence.h"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <optional>

#include "registry/metadata/notary.h"
#include "registry/metadata/open_trust.h"
#include "trust/error.h"
#include "trust/tuf/allowance.h"
#include "trust/tuf/notary.h"
#include "trust/tuf/policy/line.h"
#include "trust/tuf/policy/question.h"
#include "trust/tuf/update.h"

namespace hallmark::cmd {
namespace {

/// The words of docs/bundle.md, "Evidence".
constexpr std::string_view kArtifactType = "application/vnd.hallmark.tuf.v1+json";
constexpr std::string_view kLayerType = "application/vnd.tuf.metadata+json";
constexpr std::string_view kGun = "vnd.hallmark.tuf.gun";
constexpr std::string_view kFileName = "tuf.io/filename";
/// Of one root; all files of a repository have kMostTrustBytes together, as readers have it.
constexpr std::uint64_t kMostRootBytes = std::uint64_t{1} << 20U;
/// More are not fetched: whoever pins a root that is so old pins another one.
constexpr std::int64_t kMostOldRoots = 256;

std::unique_ptr<registry::TrustServer> open_server(const registry::Settings& settings,
                                                   const tuf::PolicyQuestion& question, const Reference& name) {
  const std::string server =
      registry::trust_server_for(name, question.collection()->server.value_or(settings.trust_server));
  return registry::open_trust_server(settings, name, question.question().gun, server, question.collection()->ca_file,
                                     registry::TrustAccess::read);
}

using Files = std::map<std::string, Bytes>;

/// What is remembered, for an update that asks nobody.
class RememberedMetadata final : public tuf::MetadataSource {
 public:
  explicit RememberedMetadata(const tuf::TrustedMetadata& memory) : memory_(memory) {}

  tuf::MetadataReply fetch(const tuf::MetadataFile& wanted) override {
    const tuf::Dialect& dialect = tuf::notary();
    const auto file = memory_.files.find(wanted.role);
    // A name with a hash is another file unless the hash is that of what is remembered.
    const bool is_it =
        file != memory_.files.end() && (wanted.file == dialect.file_name(wanted.role) ||
                                        wanted.file == dialect.file_name(wanted.role, Digest::of(file->second)));
    if (is_it) return {tuf::MetadataReply::Kind::found, file->second, Fault::unavailable, {}};
    // Whoever pins an older root comes from there.
    for (const auto& [version, bytes] : memory_.roots) {
      if (wanted.file == dialect.root_file_name(version)) {
        return {tuf::MetadataReply::Kind::found, bytes, Fault::unavailable, {}};
      }
    }
    return {tuf::MetadataReply::Kind::missing, {}, Fault::unavailable, wanted.file + " is not remembered"};
  }

 private:
  const tuf::TrustedMetadata& memory_;
};

/// Adds the roots before the newest one, from that one back, as far as they are to be had: for whoever pins one of
/// them.
void add_old_roots(Files& files, const tuf::Repository& repository, tuf::MetadataSource& source,
                   const registry::Settings& settings) {
  const tuf::Dialect& dialect = tuf::notary();
  const std::int64_t newest = repository.roles().at("root").version;
  std::uint64_t bytes = std::accumulate(files.begin(), files.end(), std::uint64_t{0},
                                        [](std::uint64_t sum, const auto& file) { return sum + file.second.size(); });
  // By its version as well: whoever follows from an older root asks for it so.
  files.insert_or_assign(dialect.root_file_name(newest), files.at(dialect.file_name("root")));
  // Backwards: a root is of use only with all that lie between it and the newest.
  for (std::int64_t version = newest - 1; version > std::max<std::int64_t>(0, newest - kMostOldRoots); --version) {
    const std::string file = dialect.root_file_name(version);
    if (files.contains(file)) continue;
    const std::uint64_t left = tuf::kMostTrustBytes - std::min(tuf::kMostTrustBytes, bytes);
    tuf::MetadataReply answer = source.fetch({"root", file, std::min(kMostRootBytes, left)});
    if (answer.kind != tuf::MetadataReply::Kind::found) {
      // A bundle without them is good for all who know the newest root, or a pin that it satisfies.
      settings.notice("warning: root " + std::to_string(version) + " of " + repository.gun() +
                      " and those before are left out: " + printable(answer.detail, 300) +
                      "; whoever trusts one of them cannot follow to the newest");
      return;
    }
    bytes += answer.bytes.size();
    files.emplace(file, std::move(answer.bytes));
  }
}

store::TrustSummary summary_of(const tuf::Repository& repository) {
  store::TrustSummary summary{repository.gun(), {}, {}};
  for (const auto& [role, state] : repository.roles()) {
    summary.versions.emplace(role, state.version);
    summary.expires.emplace(role, to_text(state.expires));
  }
  return summary;
}

void add(store::BundlePlan& bundle_plan, const tuf::Repository& repository, Files&& files) {
  std::vector<store::EvidenceLayer> layers;
  layers.reserve(files.size());
  for (auto& [name, bytes] : files) layers.push_back({{{std::string(kFileName), name}}, std::move(bytes)});
  const std::string& gun = repository.gun();
  store::Evidence evidence = store::make_evidence("tuf", std::string(kArtifactType), {{std::string(kGun), gun}},
                                                  std::string(kLayerType), std::move(layers));
  const bool is_there =
      std::any_of(bundle_plan.evidence.begin(), bundle_plan.evidence.end(), [&](const store::Evidence& other) {
        return other.manifest.descriptor.digest == evidence.manifest.descriptor.digest;
      });
  // Several images of one repository need its trust data once.
  if (is_there) return;
  const bool is_other = std::any_of(bundle_plan.trust.begin(), bundle_plan.trust.end(),
                                    [&](const store::TrustSummary& other) { return other.gun == gun; });
  // A reader looks trust data up by the repository's name, and could not tell two of them apart.
  if (is_other) {
    throw Error(Fault::usage, "two trust stores of the policy know different trust data of " + gun,
                "a bundle can carry one of them: use a policy with one store for the name");
  }
  bundle_plan.evidence.push_back(std::move(evidence));
  bundle_plan.trust.push_back(summary_of(repository));
}

[[noreturn]] void fail_refused(const Reference& name, const tuf::Refusal& refusal) {
  throw Error(refusal.fault, name.familiar() + ": " + printable(refusal.detail, 500),
              (refusal.hint.empty() ? "" : refusal.hint + "; ") +
                  "without trust data whoever loads the bundle could not verify the publisher");
}

/// While the server cannot be reached: what is remembered, if all of it is there and good.
bool add_remembered_for(Admission& admission, const registry::Settings& settings, const tuf::PolicyQuestion& question,
                        store::BundlePlan& bundle_plan) {
  const tuf::TrustedMetadata before = admission.gatherer().memory().load(question).memory;
  if (before.empty()) return false;
  RememberedMetadata source(before);
  // Without a memory, like a receiver who knows nothing: what satisfies this satisfies him.
  const tuf::Outcome outcome = tuf::update(tuf::notary(), question.question(), {}, source, admission.now());
  const auto* repository = std::get_if<tuf::Repository>(&outcome.result);
  if (repository == nullptr) return false;
  settings.notice("warning: the trust server of " + question.question().gun +
                  " cannot be reached; what is remembered of it goes along");
  Files files = tuf::files_of(tuf::notary(), outcome);
  add_old_roots(files, *repository, source, settings);
  add(bundle_plan, *repository, std::move(files));
  return true;
}

void answer_question(Admission& admission, const registry::Settings& settings, const policy::Plan& plan,
                     const tuf::PolicyQuestion& question, store::BundlePlan& bundle_plan) {
  const auto& answer = dynamic_cast<const tuf::PolicyAnswer&>(
      *admission.gatherer().before_digest(plan, admission.now()).at(question.key()));
  if (const tuf::Refusal* refusal = answer.reason()) {
    if (refusal->kind == tuf::Refusal::Kind::unreachable &&
        add_remembered_for(admission, settings, question, bundle_plan))
      return;
    // A repository that signs nothing is no failure; one whose data are wrong, expired or hidden is.
    if (refusal->kind != tuf::Refusal::Kind::no_trust_data) fail_refused(plan.name(), *refusal);
    settings.notice("warning: " + printable(refusal->detail, 500) + "; nothing goes along that vouches for " +
                    plan.name().familiar());
    return;
  }
  Files files = answer.used();
  // Older roots are not part of the answer, for whoever trusts the newest needs none.
  const auto server = open_server(settings, question, plan.name());
  add_old_roots(files, *answer.repository(), *server, settings);
  add(bundle_plan, *answer.repository(), std::move(files));
}

/// Nobody here asks for a signature; the receiver may.
void add_remembered(Admission& admission, const registry::Settings& settings, const Reference& name,
                    store::BundlePlan& bundle_plan) {
  // Content trust pins nothing: whatever is remembered may be where it starts from.
  const auto fits = [](const trust::TrustedMetadata& /*memory*/, trust::MemoryOf /*whose*/) { return true; };
  const trust::Collection collection{name.gun(), {}, tuf::memory_rules()};
  const tuf::TrustedMetadata before = admission.gatherer().memory().load(collection, fits).memory;
  if (before.empty()) return;
  RememberedMetadata source(before);
  // Judged before it goes along: what has ended would only be refused by the receiver.
  const tuf::Outcome outcome = tuf::update(tuf::notary(), {name.gun(), {}, false}, {}, source, admission.now());
  if (const auto* refusal = std::get_if<tuf::Refusal>(&outcome.result)) {
    settings.notice("warning: what is remembered of the signatures of " + name.familiar_repository() +
                    " is of no use and is left out: " + printable(refusal->detail, 500));
    return;
  }
  const auto& repository = std::get<tuf::Repository>(outcome.result);
  Files files = tuf::files_of(tuf::notary(), outcome);
  add_old_roots(files, repository, source, settings);
  add(bundle_plan, repository, std::move(files));
}

}  // namespace

void add_tuf_evidence(Admission& admission, const registry::Settings& settings, const Reference& name,
                      store::BundlePlan& bundle_plan) {
  const policy::Plan plan = admission.gate().plan(name);
  bool is_asked = false;
  for (const auto& question : plan.questions()) {
    const auto* const asked = dynamic_cast<const tuf::PolicyQuestion*>(question.get());
    if (asked == nullptr) {
      // The format has words for the files of TUF alone; what is attached to images goes along as their referrers. What
      // Answer::used() gives of another system would be taken for TUF's by whoever reads the bundle.
      if (!question->needs_digest()) {
        settings.notice("warning: " + name.familiar() + ": what answers \"" + printable(question->key(), 300) +
                        "\" cannot go along: a bundle carries collections of TUF alone");
      }
      continue;
    }
    answer_question(admission, settings, plan, *asked, bundle_plan);
    is_asked = true;
  }
  if (!is_asked) add_remembered(admission, settings, name, bundle_plan);
}

}  // namespace hallmark::cmd
