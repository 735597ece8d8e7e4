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
#include "trust/tuf/policy/question.h"
#include "trust/tuf/update.h"

namespace hallmark::cmd {
namespace {

constexpr std::string_view kArtifactType = "application/vnd.hallmark.tuf.v1+json";
constexpr std::string_view kLayerType = "application/vnd.tuf.metadata+json";
constexpr std::string_view kGun = "vnd.hallmark.tuf.gun";
constexpr std::string_view kFileName = "tuf.io/filename";
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

/// Gives what is remembered, asks the server for the rest, and keeps all that was wanted: an update that runs on this
/// finds out what another one needs.
class RecordingDocuments final : public tuf::Documents {
 public:
  /// `server` may be nullptr.
  RecordingDocuments(std::vector<const tuf::Memory*> memories, tuf::Documents* server)
      : memories_(std::move(memories)), server_(server) {}

  tuf::Answer fetch(const tuf::Wanted& wanted) override {
    tuf::Answer answer = remembered(wanted);
    if (answer.kind != tuf::Answer::Kind::found && server_ != nullptr) answer = server_->fetch(wanted);
    if (answer.kind == tuf::Answer::Kind::found) {
      const bool is_old_root = wanted.role == "root" && wanted.file != tuf::notary().file_name("root");
      files_.insert_or_assign(is_old_root ? wanted.file : wanted.role + ".json", answer.bytes);
    }
    return answer;
  }

  [[nodiscard]] std::map<std::string, Bytes>& files() { return files_; }
  [[nodiscard]] std::uint64_t bytes() const {
    return std::accumulate(files_.begin(), files_.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const auto& file) { return sum + file.second.size(); });
  }

 private:
  [[nodiscard]] tuf::Answer remembered(const tuf::Wanted& wanted) const {
    const tuf::Dialect& dialect = tuf::notary();
    for (const tuf::Memory* memory : memories_) {
      const auto file = memory->files.find(wanted.role);
      if (file == memory->files.end()) continue;
      const bool is_newest = wanted.file == dialect.file_name(wanted.role);
      if (is_newest || wanted.file == dialect.file_name(wanted.role, Digest::of(file->second))) {
        return {tuf::Answer::Kind::found, file->second, Fault::unavailable, {}};
      }
    }
    return {tuf::Answer::Kind::missing, {}, Fault::unavailable, wanted.file + " is not remembered"};
  }

  std::vector<const tuf::Memory*> memories_;
  tuf::Documents* server_;
  std::map<std::string, Bytes> files_;
};

/// From the newest back, as far as they are to be had.
void gather_roots(RecordingDocuments& gathering, std::int64_t newest, const std::string& gun,
                  const registry::Settings& settings) {
  const tuf::Dialect& dialect = tuf::notary();
  gathering.files().insert_or_assign(dialect.root_file_name(newest), gathering.files().at("root.json"));
  for (std::int64_t version = newest - 1; version > std::max<std::int64_t>(0, newest - kMostOldRoots); --version) {
    const std::string file = dialect.root_file_name(version);
    if (gathering.files().contains(file)) continue;
    const std::uint64_t left = tuf::kMostTrustBytes - std::min(tuf::kMostTrustBytes, gathering.bytes());
    const tuf::Answer answer = gathering.fetch({"root", file, std::min(kMostRootBytes, left)});
    if (answer.kind == tuf::Answer::Kind::found) continue;
    settings.notice("warning: root " + std::to_string(version) + " of " + gun + " and those before are left out: " +
                    printable(answer.detail, 300) + "; whoever trusts one of them cannot follow to the newest");
    return;
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

void add(store::Contents& contents, const tuf::Repository& repository, std::map<std::string, Bytes>&& files) {
  std::vector<store::EvidenceLayer> layers;
  layers.reserve(files.size());
  for (auto& [name, bytes] : files) layers.push_back({{{std::string(kFileName), name}}, std::move(bytes)});
  const std::string& gun = repository.gun();
  store::Evidence evidence = store::make_evidence("tuf", std::string(kArtifactType), {{std::string(kGun), gun}},
                                                  std::string(kLayerType), std::move(layers));
  const bool is_there =
      std::any_of(contents.evidence.begin(), contents.evidence.end(), [&](const store::Evidence& other) {
        return other.manifest.descriptor.digest == evidence.manifest.descriptor.digest;
      });
  if (is_there) return;
  const bool is_other = std::any_of(contents.trust.begin(), contents.trust.end(),
                                    [&](const store::TrustSummary& other) { return other.gun == gun; });
  if (is_other) {
    throw Error(Fault::usage, "two trust stores of the policy know different trust data of " + gun,
                "a bundle can carry one of them: use a policy with one store for the name");
  }
  contents.evidence.push_back(std::move(evidence));
  contents.trust.push_back(summary_of(repository));
}

[[noreturn]] void fail_refused(const Reference& name, const tuf::Refusal& refusal) {
  throw Error(refusal.fault, name.familiar() + ": " + printable(refusal.detail, 500),
              (refusal.hint.empty() ? "" : refusal.hint + "; ") +
                  "without trust data whoever loads the bundle could not verify the publisher");
}

/// While the server cannot be reached: what is remembered, if all of it is there and good.
bool add_remembered_for(Admission& admission, const registry::Settings& settings, const tuf::PolicyQuestion& question,
                        store::Contents& contents) {
  const tuf::Memory before = admission.gatherer().memory().load(question).memory;
  if (before.empty()) return false;
  RecordingDocuments gathering({&before}, nullptr);
  const tuf::Outcome outcome = tuf::update(tuf::notary(), question.question(), {}, gathering, admission.now());
  const auto* repository = std::get_if<tuf::Repository>(&outcome.result);
  if (repository == nullptr) return false;
  settings.notice("warning: the trust server of " + question.question().gun +
                  " cannot be reached; what is remembered of it goes along");
  gather_roots(gathering, repository->roles().at("root").version, repository->gun(), settings);
  add(contents, *repository, std::move(gathering.files()));
  return true;
}

void answer_question(Admission& admission, const registry::Settings& settings, const policy::Plan& plan,
                     const tuf::PolicyQuestion& question, store::Contents& contents) {
  const trust::Answer& answer = *admission.gatherer().before_digest(plan, admission.now()).at(question.key());
  const tuf::Outcome& outcome = dynamic_cast<const tuf::PolicyAnswer&>(answer).outcome();
  if (const auto* refusal = std::get_if<tuf::Refusal>(&outcome.result)) {
    if (refusal->kind == tuf::Refusal::Kind::unreachable && add_remembered_for(admission, settings, question, contents))
      return;
    if (refusal->kind != tuf::Refusal::Kind::no_trust_data) fail_refused(plan.name(), *refusal);
    settings.notice("warning: " + printable(refusal->detail, 500) + "; nothing goes along that vouches for " +
                    plan.name().familiar());
    return;
  }
  // What was passed over is needed as well: another machine must be able to see for itself that it does not count.
  const tuf::Memory before = admission.gatherer().memory().load(question).memory;
  const auto server = open_server(settings, question, plan.name());
  RecordingDocuments gathering({&outcome.learned, &before}, server.get());
  const tuf::Outcome again = tuf::update(tuf::notary(), question.question(), {}, gathering, admission.now());
  if (const auto* refusal = std::get_if<tuf::Refusal>(&again.result)) fail_refused(plan.name(), *refusal);
  const auto& repository = std::get<tuf::Repository>(again.result);
  gather_roots(gathering, repository.roles().at("root").version, repository.gun(), settings);
  add(contents, repository, std::move(gathering.files()));
}

/// Nobody here asks for a signature; the receiver may.
void add_remembered(Admission& admission, const registry::Settings& settings, const Reference& name,
                    store::Contents& contents) {
  const tuf::Memory before = admission.gatherer().memory().load(name.gun(), "", {}).memory;
  if (before.empty()) return;
  RecordingDocuments gathering({&before}, nullptr);
  const tuf::Outcome outcome = tuf::update(tuf::notary(), {name.gun(), {}, false}, {}, gathering, admission.now());
  if (const auto* refusal = std::get_if<tuf::Refusal>(&outcome.result)) {
    settings.notice("warning: what is remembered of the signatures of " + name.familiar_repository() +
                    " is of no use and is left out: " + printable(refusal->detail, 500));
    return;
  }
  const auto& repository = std::get<tuf::Repository>(outcome.result);
  gather_roots(gathering, repository.roles().at("root").version, repository.gun(), settings);
  add(contents, repository, std::move(gathering.files()));
}

}  // namespace

void add_tuf_evidence(Admission& admission, const registry::Settings& settings, const Reference& name,
                      store::Contents& contents) {
  const policy::Plan plan = admission.gate().plan(name);
  bool is_asked = false;
  for (const auto& question : plan.questions()) {
    const auto* const asked = dynamic_cast<const tuf::PolicyQuestion*>(question.get());
    if (asked == nullptr) continue;
    answer_question(admission, settings, plan, *asked, contents);
    is_asked = true;
  }
  if (!is_asked) add_remembered(admission, settings, name, contents);
}

}  // namespace hallmark::cmd
