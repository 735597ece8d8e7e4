// SPDX-License-Identifier: Apache-2.0
#include "cmd/trust_desk.h"

#include <ostream>

#include "registry/folder_place.h"
#include "registry/notary.h"
#include "registry/trust_open.h"
#include "trust/error.h"
#include "trust/tuf/root.h"

namespace hallmark::cmd {
namespace {

/// No server signs for a directory.
void name_the_signer(tuf::Refusal& refusal, const std::string& gun) {
  if (refusal.code != "expired:timestamp") return;
  refusal.hint =
      "its publisher signs it again by hallmark trust renew " + gun + "; check also the clock of this machine";
}

/// Trust data say nowhere whose they are but in the certificates of the root.
void trace_root(const registry::Settings& settings, const std::string& gun, const tuf::Memory& learned) {
  const tuf::RootFile file = tuf::read_root_file(tuf::notary(), learned.files.at("root"));
  for (const std::string& id : file.signers().key_ids) {
    const tuf::RootKeyStanding standing = tuf::notary().root_key(file.root.keys.at(id), gun);
    if (!standing.eligible) continue;
    settings.trace("trust data of " + gun + ": root version " + std::to_string(file.version()) + ", key " + id +
                   ", certificate for \"" + printable(standing.names, 300) + "\"");
  }
}

}  // namespace

TrustDesk::TrustDesk(const Surroundings& surroundings, registry::Settings settings, TrustMemory memory)
    : surroundings_(surroundings), settings_(std::move(settings)), memory_(std::move(memory)) {}

const policy::TrustAnswers& TrustDesk::answer(const policy::Plan& plan) {
  for (const policy::TrustQuestion& question : plan.questions) {
    if (!answers_.contains(question.key)) ask(question, plan.name);
  }
  return answers_;
}

void TrustDesk::ask(const policy::TrustQuestion& question, const Reference& name) {
  const std::string server = registry::trust_server_for(name, question.server.value_or(settings_.trust_server));
  const auto documents = registry::open_trust_server(settings_, name, question.question.gun, server, question.ca_file,
                                                     registry::TrustAccess::read);
  const tuf::Memory before = memory_.load(question.question.gun, question.store);
  tuf::Outcome outcome = tuf::update(tuf::notary(), question.question, before, *documents, surroundings_.now);
  for (const std::string& warning : outcome.warnings) settings_.notice("warning: " + warning);
  if (std::holds_alternative<tuf::Repository>(outcome.result)) {
    if (settings_.trace) trace_root(settings_, question.question.gun, outcome.learned);
    try {
      memory_.save(question.question.gun, question.store, before, outcome.learned);
    } catch (const Error& error) {
      // The judgement stands; that it will not be remembered must be said, since rollback protection rests on it.
      settings_.notice(std::string("warning: trust data cannot be remembered: ") + error.what());
    }
  }
  auto* const refusal = std::get_if<tuf::Refusal>(&outcome.result);
  if (refusal != nullptr && registry::is_folder_address(server)) name_the_signer(*refusal, question.question.gun);
  answers_.emplace(question.key, std::move(outcome));
}

}  // namespace hallmark::cmd
