// SPDX-License-Identifier: Apache-2.0
#include "cmd/trust_desk.h"

#include <ostream>

#include "registry/notary.h"
#include "registry/trust_open.h"
#include "trust/error.h"

namespace hallmark::cmd {

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
    try {
      memory_.save(question.question.gun, question.store, before, outcome.learned);
    } catch (const Error& error) {
      // The judgement stands; that it will not be remembered must be said, since rollback protection rests on it.
      settings_.notice(std::string("warning: trust data cannot be remembered: ") + error.what());
    }
  }
  answers_.emplace(question.key, std::move(outcome));
}

}  // namespace hallmark::cmd
