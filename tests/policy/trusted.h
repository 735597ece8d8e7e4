// SPDX-License-Identifier: Apache-2.0
//
// Policies that ask trust data, and a simulated trust server that answers.
#pragma once

#include <map>
#include <string>

#include "tests/policy/policies.h"
#include "tests/support/tuf_repository.h"
#include "tests/support/tuf_source.h"
#include "trust/tuf/notary.h"

namespace hallmark::test {

inline const std::string kGun = "reg.example/app";

/// Asks the simulated server what the plan asks.
inline policy::Answers answers_of(const policy::Plan& plan, std::map<std::string, TufRepository*> servers) {
  policy::Answers answers;
  for (const auto& question : plan.questions()) {
    answers.emplace(question->key(), answer_of(*question, *servers.at(question->collection()->name), noon()));
  }
  return answers;
}

inline std::string pinned_store(const TufRepository& server, const std::string& name) {
  return "\"" + name + R"(": {"kind": "tuf", "pins": [{"gun": ")" + server.gun + R"(", "rootKeyIds": [")" +
         server.rings.at("root").keys.at(0).id() + "\"]}]}";
}

inline policy::Gate pinned_gate(const TufRepository& server, const std::string& members = "") {
  return gate_of(for_registry(R"([{"type": "tuf", "store": "dct")" + members + "}]",
                              R"(, "stores": {)" + pinned_store(server, "dct") + "}"));
}

inline policy::Decision ask(const policy::Gate& gate, TufRepository& server, const Subject& about) {
  const policy::Plan plan = gate.plan(about.name);
  return gate.decide(plan, about, answers_of(plan, {{server.gun, &server}}), noon());
}

/// The simulator signs the tag "1" over this content.
inline std::string content_of(const TufRepository& server) {
  return server.documents.at("targets").targets.at("1").content;
}

inline Subject signed_subject(const TufRepository& server, const std::string& name = kGun + ":1") {
  return subject(name, content_of(server));
}

inline const std::string& code_of(const policy::Decision& decision) { return decision.findings.at(0).code; }

}  // namespace hallmark::test
