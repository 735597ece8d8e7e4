// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/records.h"

#include <ostream>

#include "policy/record.h"
#include "policy/report.h"

namespace hallmark::cmd {
namespace {

/// What an image would be called that has no name: nothing of it is shown.
constexpr const char* kNameless = "localhost/unnamed";

/// With the scope that holds for the name, if the policy can be asked at all.
policy::Plan plan_of(const policy::Gate& gate, const Reference& name) {
  try {
    return gate.plan(name);
  } catch (const Error&) {
    return {name, std::nullopt, {}, {}};
  }
}

}  // namespace

void Records::print(const Decided& decided) {
  if (!is_wanted_) return;
  ++printed_;
  desk_.surroundings.out << policy::record(desk_.gate, decided.plan, decided.decision, decided.answers,
                                           decided.circumstances)
                         << std::endl;
}

void Records::print_failure(const std::optional<Reference>& name, const Error& error) {
  if (!is_wanted_) return;
  const policy::Plan plan =
      name ? plan_of(desk_.gate, *name) : policy::Plan{Reference::parse(kNameless), std::nullopt, {}, {}};
  policy::Decision decision;
  policy::overturn(decision, error);
  policy::Circumstances circumstances = circumstances_of(desk_, operation_);
  circumstances.is_nameless = !name;
  const policy::TrustAnswers nothing;
  print({plan, decision, nothing, std::move(circumstances)});
}

}  // namespace hallmark::cmd
