// SPDX-License-Identifier: Apache-2.0
//
// Gathers the trust data that a plan asks for: one update for each question and run, remembered on disk.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cmd/state/trusted_metadata.h"
#include "policy/gate.h"
#include "registry/settings.h"
#include "registry/trust_server.h"

namespace hallmark::cmd {

/// Opens the trust server of one repository at the address; tests have others than registry::open_trust_server().
using OpenTrustServer = std::function<std::unique_ptr<registry::TrustServer>(
    const registry::Settings& settings, const Reference& name, const std::string& gun, const std::string& address,
    const std::optional<std::string>& authority_file)>;

class Gatherer {
 public:
  /// `clock`: the time at this moment; what is judged is judged by the time that the caller gives.
  Gatherer(registry::Settings settings, TrustMemory memory, std::function<Time()> clock, OpenTrustServer open);

  /// Answers to all questions of the plan, those that were asked before included. Prints each warning once. What it
  /// refers to changes when something is asked again.
  const policy::TrustAnswers& answer(const policy::Plan& plan, Time now);
  [[nodiscard]] const TrustMemory& memory() const { return memory_; }
  /// All that was answered by now.
  [[nodiscard]] const policy::TrustAnswers& answers() const { return answers_; }

  /// The next answer asks the servers again.
  void forget() { answers_.clear(); }
  /// The same of answers that came before that.
  void forget_older_than(Time oldest);
  /// Before something comes in: rollback protection rests on what is remembered. Fault::local when something is not.
  void require_remembered() const;
  /// What the servers answered, judged again now, beside what any run on this machine has learned since; nobody is
  /// asked. Of a question that was not asked there is no answer.
  const policy::TrustAnswers& answer_from_memory(const policy::Plan& plan, Time now);

 private:
  void ask(const policy::TrustQuestion& question, const Reference& name, Time now);
  registry::TrustServer& server_of(const policy::TrustQuestion& question, const Reference& name,
                                   const std::string& address);
  void warn(const std::string& line);

  registry::Settings settings_;
  TrustMemory memory_;
  std::function<Time()> clock_;
  OpenTrustServer open_;
  policy::TrustAnswers answers_;
  std::map<std::string, std::unique_ptr<registry::TrustServer>>
      servers_;  // each with its connection, for the next question
  struct Asked {
    std::vector<policy::TrustQuestion> question;  // one, as policy::find_question() takes it
    Time at;                                      ///< by the time that it was judged by
    Time since;  ///< when the answer was there: what the server has learned afterwards is not in it
  };
  std::map<std::string, Asked> asked_;
  std::set<std::string> warned_;
  std::optional<std::string> unremembered_;  // why something that was learned could not be saved
};

}  // namespace hallmark::cmd
