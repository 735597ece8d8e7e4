// SPDX-License-Identifier: Apache-2.0
#include "policy/judge.h"

#include <algorithm>

#include "policy/codes.h"
#include "policy/judge_gates.h"

namespace hallmark::policy {
namespace {

using Type = Requirement::Type;

/// What the file itself says is one party, however often it says it.
constexpr std::string_view kPolicyItself = "policy";

void settle(Finding& finding, Result result, std::string code, std::string detail) {
  finding.result = result;
  finding.code = std::move(code);
  finding.detail = std::move(detail);
  finding.hint = hint_of(finding.code);
}

void refuse(Finding& finding, std::string code, std::string detail) {
  settle(finding, Result::fail, std::move(code), std::move(detail));
}

/// How many of the passed branches have signers that no other counted branch has. Branches with few signers come
/// first, so that one that rests on many keys does not hide two that rest on one each.
std::size_t count_distinct(const std::vector<Finding>& branches) {
  std::vector<const std::set<std::string>*> sets;
  for (const Finding& branch : branches) {
    if (branch.result == Result::pass) sets.push_back(&branch.signers);
  }
  std::stable_sort(sets.begin(), sets.end(), [](const auto* a, const auto* b) { return a->size() < b->size(); });
  std::set<std::string> seen;
  std::size_t count = 0;
  for (const std::set<std::string>* signers : sets) {
    const bool fresh =
        !signers->empty() &&
        std::none_of(signers->begin(), signers->end(), [&seen](const std::string& one) { return seen.contains(one); });
    if (!fresh) continue;
    seen.insert(signers->begin(), signers->end());
    ++count;
  }
  return count;
}

std::size_t count_of(const std::vector<Finding>& branches, Result result) {
  return static_cast<std::size_t>(std::count_if(branches.begin(), branches.end(),
                                                [result](const Finding& branch) { return branch.result == result; }));
}

/// How far a threshold has come.
std::size_t count_met(const Requirement& requirement, const std::vector<Finding>& branches) {
  return requirement.distinct == Requirement::Distinct::signer ? count_distinct(branches)
                                                               : count_of(branches, Result::pass);
}

/// Whether a threshold that is met would not be without the branches that looked at the instances alone.
bool needs_instances(const Requirement& requirement, std::vector<Finding> branches) {
  std::erase_if(branches, [](const Finding& branch) { return branch.is_for_instances; });
  return count_met(requirement, branches) < requirement.k;
}

}  // namespace

const trust::Question* find_question(const Questions& questions, const trust::Question& wanted) {
  const auto found =
      std::find_if(questions.begin(), questions.end(), [&wanted](const auto& asked) { return asked->is_same(wanted); });
  return found == questions.end() ? nullptr : found->get();
}

std::vector<trust::Asked> asked_of(const Requirement& requirement, const Plan& plan, const Answers& answers,
                                   const Subject* subject) {
  const std::optional<Digest> digest = subject == nullptr ? std::nullopt : std::optional(subject->digest);
  std::vector<trust::Asked> all;
  for (const auto& wanted : requirement.system->questions(plan.name())) {
    const trust::Question* asked = find_question(plan.questions(), *wanted);
    const auto answer = asked == nullptr ? answers.end() : answers.find(asked->answer_key(digest));
    // The plan lives as long as what is judged by it; what it does not have was never asked.
    if (asked != nullptr) all.push_back({asked, answer == answers.end() ? nullptr : answer->second.get()});
  }
  return all;
}

Finding Judge::judge(const Requirement& requirement) const {
  Finding finding;
  finding.pointer = requirement.pointer;
  finding.type = requirement.type_name;
  finding.id = requirement.id;
  finding.store = requirement.store;
  switch (requirement.type) {
    case Type::accept_anything:
      settle(finding, Result::pass, "",
             policy_ ? "accepts anything" : "neither a policy nor content trust asks for anything");
      finding.signers.emplace(kPolicyItself);
      break;
    case Type::reject:
      refuse(finding, "REJECT",
             requirement.message.empty()
                 ? "Running image docker://" + plan_.name().to_string() + " is rejected by policy."
                 : printable(requirement.message, 500));
      break;
    case Type::unsupported:
      refuse(finding, "NOT_SUPPORTED", "requirement type " + requirement.type_name + " is not supported yet");
      break;
    case Type::digest: judge_digest(requirement, finding); break;
    case Type::gates:
      judge_gates(*requirement.gates, subject_ != nullptr ? subject_->asked.value_or(plan_.name()) : plan_.name(),
                  subject_, waivers_, now_, finding);
      if (finding.result == Result::pass) finding.signers.emplace(kPolicyItself);
      break;
    case Type::audit: judge_audit(requirement, finding); break;
    case Type::threshold: judge_threshold(requirement, finding); break;
    case Type::system: judge_system(requirement, finding); break;
  }
  return finding;
}

void Judge::judge_digest(const Requirement& requirement, Finding& finding) const {
  if (subject_ == nullptr) return settle(finding, Result::skipped, "", "there is no digest to look for");
  const auto allowed = [&requirement](const Digest& digest) {
    return std::find(requirement.allow.begin(), requirement.allow.end(), digest) != requirement.allow.end();
  };
  const bool by_instances =
      !subject_->instances.empty() && std::all_of(subject_->instances.begin(), subject_->instances.end(), allowed);
  if (allowed(subject_->digest) || by_instances) {
    settle(finding, Result::pass, "", "the digest is in the list of " + std::to_string(requirement.allow.size()));
    finding.signers.emplace(kPolicyItself);
    finding.is_for_top = allowed(subject_->digest);
    finding.is_for_instances = !finding.is_for_top;
    return;
  }
  std::string detail = "expected " + requirement.allow.front().to_string();
  if (requirement.allow.size() > 1) detail += " or " + std::to_string(requirement.allow.size() - 1) + " more";
  refuse(finding, "DIGEST", detail + ", found " + subject_->digest.to_string());
}

void Judge::judge_audit(const Requirement& requirement, Finding& finding) const {
  for (const Requirement& one : requirement.of) finding.children.push_back(judge(one));
  const std::vector<Finding>& all = finding.children;
  const bool is_enforced = requirement.until && now_ >= *requirement.until;
  std::string detail = std::to_string(count_of(all, Result::pass)) + " of " + std::to_string(all.size()) + " pass";
  const std::size_t failed = count_of(all, Result::fail) + count_of(all, Result::error);
  finding.only_looks_on = !is_enforced;
  if (!is_enforced) {
    // Gates that wait for the config of an image are to be told as well.
    if (count_of(all, Result::skipped) > 0)
      return settle(finding, Result::skipped, "", "open until the image is known");
    const std::string when = requirement.until ? "until " + to_text(*requirement.until) : "ever";
    return settle(finding, Result::pass, "", detail + "; nothing is refused " + when);
  }
  detail += "; enforced since " + to_text(*requirement.until);
  const Result result = count_of(all, Result::fail) > 0      ? Result::fail
                        : failed > 0                         ? Result::error
                        : count_of(all, Result::skipped) > 0 ? Result::skipped
                                                             : Result::pass;
  settle(finding, result, "", std::move(detail));
  bool has_fault = false;
  for (const Finding& one : all) {
    finding.is_for_top = finding.is_for_top || one.is_for_top;
    finding.is_for_instances = finding.is_for_instances || one.is_for_instances;
    if (one.result == Result::error && !has_fault) finding.fault = one.fault;
    has_fault = has_fault || one.result == Result::error;
    finding.signers.insert(one.signers.begin(), one.signers.end());
    if (one.most_uncompressed) {
      finding.most_uncompressed =
          std::min(*one.most_uncompressed, finding.most_uncompressed.value_or(~std::uint64_t{}));
    }
  }
}

void Judge::judge_threshold(const Requirement& requirement, Finding& finding) const {
  // A gate that somebody waives must not stand in for a signature.
  const Judge strict(policy_, plan_, answers_, subject_, Waivers(), now_);
  for (const Requirement& branch : requirement.of) finding.children.push_back(strict.judge(branch));
  const std::vector<Finding>& branches = finding.children;
  const std::size_t passed = count_of(branches, Result::pass);
  finding.need = requirement.k;
  finding.got = count_met(requirement, branches);
  std::string detail = "got " + std::to_string(finding.got) + " of " + std::to_string(requirement.k);
  if (finding.got < passed) detail += "; " + std::to_string(passed) + " passed, but some rest on the same keys";

  const std::size_t possible = finding.got + count_of(branches, Result::skipped);
  if (finding.got >= requirement.k) {
    settle(finding, Result::pass, "", std::move(detail));
    finding.is_for_instances = needs_instances(requirement, branches);
    for (const Finding& branch : branches) {
      finding.is_for_top = finding.is_for_top || (branch.result == Result::pass && branch.is_for_top);
      if (branch.result == Result::pass) finding.signers.insert(branch.signers.begin(), branch.signers.end());
    }
  } else if (possible >= requirement.k) {
    settle(finding, Result::skipped, "", "open until there is a digest");
  } else if (possible + count_of(branches, Result::error) >= requirement.k) {
    settle(finding, Result::error, "THRESHOLD", std::move(detail));
    finding.fault = std::find_if(branches.begin(), branches.end(), [](const Finding& branch) {
                      return branch.result == Result::error;
                    })->fault;
  } else {
    refuse(finding, "THRESHOLD", std::move(detail));
  }
}

void Judge::judge_system(const Requirement& requirement, Finding& finding) const {
  const std::vector<trust::Asked> asked = asked_of(requirement, plan_, answers_, subject_);
  trust::Verdict verdict = requirement.system->judge(plan_.name(), subject_, asked, now_);
  for (const trust::Asked& one : asked) {
    if (one.answer == nullptr) continue;
    finding.question = one.question->answer_key(subject_ == nullptr ? std::nullopt : std::optional(subject_->digest));
  }
  settle(finding, verdict.result, std::move(verdict.code), std::move(verdict.detail));
  if (!verdict.hint.empty()) finding.hint = std::move(verdict.hint);
  finding.fault = verdict.fault;
  finding.signers = std::move(verdict.signers);
  finding.word = std::move(verdict.word);
  finding.proof = std::move(verdict.proof);
  finding.is_for_top = verdict.is_for_top;
  finding.is_for_instances = verdict.is_for_instances;
}

}  // namespace hallmark::policy
