// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/admission.h"

#include <algorithm>
#include <random>

#include "policy/report.h"

namespace hallmark::cmd {
namespace {

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

/// What an image would be called that has no name: nothing of it is shown.
constexpr const char* kNameless = "localhost/unnamed";

/// With the scope that holds for the name, if the policy can be asked at all.
policy::Plan plan_of(const policy::Gate& gate, const Reference& name) {
  try {
    return gate.plan(name);
  } catch (const Error&) {
    // The failure that is about to be recorded must not give way to another one.
    return policy::Plan::none(name);
  }
}

}  // namespace

void refuse(const policy::Judgement& judgement) {
  throw Error(judgement.decision.fault, judgement.plan.name().familiar() + ": " + policy::summary(judgement.decision),
              policy::advice(judgement.decision));
}

Error unforeseen(const std::exception& error) { return {Fault::local, error.what()}; }

Admission::Admission(Terms terms, EvidenceGatherer gatherer)
    : terms_(std::move(terms)),
      now_(terms_.clock()),
      renewed_(now_),
      policies_(terms_.store),
      gate_(gate_of_now(policy_in_force(terms_.policy))),
      store_(terms_.store),
      gatherer_(std::move(gatherer)) {
  if (!terms_.break_glass) return;
  // A waiver that the policy does not take stops nothing: the judgement is then what it would be without it.
  const std::string fault = gate_.break_glass(*terms_.break_glass);
  if (!fault.empty()) terms_.notice("warning: --break-glass waives nothing: " + fault);
}

policy::Judgement Admission::begin(policy::Plan plan, const policy::Answers& answers,
                                   const std::string& operation) const {
  policy::Judgement judgement{std::move(plan), &answers};
  judgement.context.operation = operation;
  judgement.context.version = HALLMARK_VERSION;
  judgement.context.id = random_id();
  judgement.context.now = now_;
  judgement.context.store = store_.directory().string();
  return judgement;
}

policy::Judgement Admission::begin(const Reference& name, const std::string& operation) const {
  return begin(gate_.plan(name), gatherer_.answers(), operation);
}

policy::Judgement Admission::begin_failed(const std::optional<Reference>& name, const std::string& operation) const {
  static const policy::Answers kNothing;
  policy::Plan plan = name ? plan_of(gate_, *name) : policy::Plan::none(Reference::parse(kNameless));
  policy::Judgement judgement = begin(std::move(plan), kNothing, operation);
  judgement.context.is_nameless = !name;
  return judgement;
}

bool Admission::decide_lost(policy::Judgement& judgement) const {
  if (!gate_.cannot_pass(judgement.plan, *judgement.answers, now_)) return false;
  judgement.decision = gate_.refuse(judgement.plan, *judgement.answers, now_);
  // Records tell the time that was judged by, not the one at which the work began.
  judgement.context.now = now_;
  return true;
}

void Admission::decide(policy::Judgement& judgement, const Subject& subject) const {
  judgement.decision = gate_.decide(judgement.plan, subject, *judgement.answers, now_);
  judgement.context.now = now_;
}

std::optional<std::vector<std::string>> Admission::trusted_tags(const Reference& repository) {
  const policy::Plan plan = gate_.plan(repository);
  const policy::Answers& answers = gatherer_.before_digest(plan, now_);
  std::optional<std::vector<std::string>> tags = gate_.tags(plan, answers);
  if (!tags) return std::nullopt;
  // A list that is short because one of several trust systems refused would pass for all that is signed.
  for (const auto& question : plan.questions()) {
    const auto refusal = question->needs_digest() ? std::nullopt : answers.at(question->key())->refusal();
    if (!refusal) continue;
    throw Error(refusal->fault, repository.familiar_repository() + ": " + printable(refusal->detail, 500),
                refusal->hint);
  }
  std::sort(tags->begin(), tags->end());
  tags->erase(std::unique(tags->begin(), tags->end()), tags->end());
  return tags;
}

void Admission::admit(const policy::Judgement& judgement) const {
  if (judgement.decision.approval) return;
  // An attempt that was refused leaves its trace before anybody is told.
  record(judgement);
  refuse(judgement);
}

void Admission::record(const Judgements& judgements) const { record_only(gate_, terms_, judgements); }

void Admission::record_failure(policy::Judgement& judgement, const Error& error) const {
  policy::revoke(judgement.decision, error);
  record(judgement);
}

void Admission::remember_policy(const store::StoreLock* held) const {
  policies_.remember(gate_.policy(), terms_.accepts_policy_rollback, held);
}

bool Admission::is_in_store(const Reference& name, const Digest& digest) const {
  try {
    const auto entry = store_.find(name);
    // Compared by the digest: an older image under the same name is not the one that was to come in.
    return entry && entry->root.digest == digest;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace hallmark::cmd
