// SPDX-License-Identifier: Apache-2.0
//
// Gathers the trust data that a plan asks for: one update for each question and run, remembered on disk.
#pragma once

#include <string>

#include "cmd/command.h"
#include "cmd/trust_memory.h"
#include "policy/gate.h"
#include "registry/settings.h"

namespace hallmark::cmd {

class TrustDesk {
 public:
  TrustDesk(const Surroundings& surroundings, registry::Settings settings, TrustMemory memory);

  /// Answers to all questions of the plan, those that were asked before included. Prints warnings once.
  const policy::TrustAnswers& answer(const policy::Plan& plan);

 private:
  void ask(const policy::TrustQuestion& question, const Reference& name);

  const Surroundings& surroundings_;
  registry::Settings settings_;
  TrustMemory memory_;
  policy::TrustAnswers answers_;
};

}  // namespace hallmark::cmd
