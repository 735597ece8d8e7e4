// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/gatherer.h"

#include <ostream>

#include "cmd/state/remembered_documents.h"
#include "policy/judge.h"
#include "registry/metadata/notary.h"
#include "registry/oci/folder_address.h"
#include "trust/error.h"
#include "trust/tuf/notary.h"
#include "trust/tuf/root.h"

namespace hallmark::cmd {
namespace {

constexpr std::chrono::seconds kMoment{1};

/// No server signs for a directory.
void name_the_signer(tuf::Refusal& refusal, const std::string& gun) {
  if (refusal.kind != tuf::Refusal::Kind::expired || refusal.about != "timestamp") return;
  refusal.hint =
      "its publisher signs it again by hallmark trust renew " + gun + "; check also the clock of this machine";
}

/// Trust data say nowhere whose they are but in the certificates of the root.
void trace_root(const registry::Settings& settings, const std::string& gun, const tuf::Memory& learned) {
  const tuf::RootFile file = tuf::read_root_file(tuf::notary(), learned.files.at("root"));
  for (const std::string& id : file.signers().key_ids) {
    const tuf::RootKeyStanding standing = tuf::notary().root_key(file.root.keys.at(id), gun);
    if (!standing.eligible) continue;
    std::string line = "trust data of " + gun;
    line.append(": root version ").append(std::to_string(file.version())).append(", key ").append(id);
    line.append(", certificate for \"").append(printable(standing.names, 300)).append("\"");
    settings.trace(line);
  }
}

}  // namespace

Gatherer::Gatherer(registry::Settings settings, TrustMemory memory, std::function<Time()> clock, OpenTrustServer open)
    : settings_(std::move(settings)), memory_(std::move(memory)), clock_(std::move(clock)), open_(std::move(open)) {}

const policy::TrustAnswers& Gatherer::answer(const policy::Plan& plan, Time now) {
  for (const policy::TrustQuestion& question : plan.questions) {
    if (!answers_.contains(question.key)) ask(question, plan.name, now);
  }
  return answers_;
}

void Gatherer::ask(const policy::TrustQuestion& question, const Reference& name, Time now) {
  const std::string server = registry::trust_server_for(name, question.server.value_or(settings_.trust_server));
  registry::TrustServer& documents = server_of(question, name, server);
  documents.begin_question();
  const KnownTrust before = memory_.load(question.question.gun, question.store, question.question.anchor);
  tuf::Outcome outcome = tuf::update(tuf::notary(), question.question, before.memory, documents, now);
  for (const std::string& warning : outcome.warnings) warn("warning: " + warning);
  if (std::holds_alternative<tuf::Repository>(outcome.result)) {
    if (settings_.trace) trace_root(settings_, question.question.gun, outcome.learned);
    try {
      memory_.save(question.question.gun, question.store, before, outcome.learned);
    } catch (const Error& error) {
      // The judgement stands; that it will not be remembered must be said, since rollback protection rests on it.
      unremembered_ = std::string("trust data cannot be remembered: ") + error.what();
      warn("warning: " + *unremembered_);
    }
  }
  auto* const refusal = std::get_if<tuf::Refusal>(&outcome.result);
  if (refusal != nullptr && registry::is_folder_address(server)) name_the_signer(*refusal, question.question.gun);
  answers_.insert_or_assign(question.key, std::move(outcome));
  asked_.insert_or_assign(question.key, Asked{{question}, now, clock_()});
}

void Gatherer::forget_older_than(Time oldest) {
  for (const auto& [key, asked] : asked_) {
    if (asked.since < oldest) answers_.erase(key);
  }
}

registry::TrustServer& Gatherer::server_of(const policy::TrustQuestion& question, const Reference& name,
                                           const std::string& address) {
  const std::string key = address + "\n" + question.ca_file.value_or("") + "\n" + question.question.gun;
  std::unique_ptr<registry::TrustServer>& server = servers_[key];
  if (!server) {
    server = open_(settings_, name, question.question.gun, address, question.ca_file);
  }
  return *server;
}

const policy::TrustAnswers& Gatherer::answer_from_memory(const policy::Plan& plan, Time now) {
  for (const policy::TrustQuestion& question : plan.questions) {
    const auto answered = answers_.find(question.key);
    // A server that refuses, or cannot be asked, is not made good by what it said before.
    if (answered == answers_.end() || !std::holds_alternative<tuf::Repository>(answered->second.result)) continue;
    const tuf::Memory known = memory_.load(question.question.gun, question.store, question.question.anchor).memory;
    const tuf::Memory& learned = answered->second.learned;
    // The same was asked a moment ago, with the same pins, and nobody has learned anything since.
    const Asked& asked = asked_.at(question.key);
    const bool is_same = policy::find_question(asked.question, question) != nullptr &&
                         known.versions == learned.versions && known.files == learned.files;
    if (is_same && now - asked.at < kMoment) continue;
    const auto version = [](const tuf::Memory& memory) {
      const auto found = memory.versions.find("timestamp");
      return found == memory.versions.end() ? 0 : found->second;
    };
    RememberedDocuments documents(version(known) > version(learned) ? known : learned);
    tuf::Outcome outcome = tuf::update(tuf::notary(), question.question, known, documents, now);
    outcome.warnings = std::move(answered->second.warnings);
    answered->second = std::move(outcome);
  }
  return answers_;
}

void Gatherer::require_remembered() const {
  if (!unremembered_) return;
  throw Error(Fault::local, *unremembered_, "nothing comes in that a later run would not know of: mend the folder");
}

void Gatherer::warn(const std::string& line) {
  if (warned_.insert(line).second) settings_.notice(line);
}

}  // namespace hallmark::cmd
