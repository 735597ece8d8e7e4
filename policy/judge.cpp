// SPDX-License-Identifier: Apache-2.0
#include "policy/judge.h"

#include <algorithm>

#include "policy/codes.h"
#include "policy/judge_gates.h"

namespace hallmark::policy {
namespace {

/// Chooses sets that have nothing in common, as many as there are.
class Packing {
 public:
  explicit Packing(const std::vector<std::set<std::string>>& sets) : sets_(sets) {}

  std::size_t most() {
    choose(0, {}, 0);
    return best_;
  }

 private:
  /// Evidence from outside has a say in the sets, so the search has an end. What it has found by then holds; fewer
  /// parties than there are refuse, and never admit.
  static constexpr std::size_t kMostSteps = 100'000;

  void choose(std::size_t place, const std::set<std::string>& taken, std::size_t count) {
    best_ = std::max(best_, count);
    if (count + (sets_.size() - place) <= best_ || ++steps_ > kMostSteps) return;
    const std::set<std::string>& next = sets_[place];
    const bool is_free = std::none_of(next.begin(), next.end(), [&](const auto& one) { return taken.contains(one); });
    if (is_free) {
      std::set<std::string> more = taken;
      more.insert(next.begin(), next.end());
      choose(place + 1, more, count + 1);
    }
    choose(place + 1, taken, count);
  }

  const std::vector<std::set<std::string>>& sets_;
  std::size_t best_ = 0;
  std::size_t steps_ = 0;
};

using Type = Requirement::Type;

/// What the file itself says is one party, however often it says it.
constexpr std::string_view kPolicyItself = "policy";

/// The hint belongs to the code: whatever is refused says what to do.
void settle(Finding& finding, Result result, std::string code, std::string detail) {
  finding.result = result;
  finding.code = std::move(code);
  finding.detail = std::move(detail);
  finding.hint = hint_of(finding.code);
}

void refuse(Finding& finding, std::string code, std::string detail) {
  settle(finding, Result::fail, std::move(code), std::move(detail));
}

/// How many of the passed branches have signers that no other counted branch has.
std::size_t count_distinct(const std::vector<Finding>& branches) {
  std::vector<std::set<std::string>> sets;
  for (const Finding& branch : branches) {
    // An audit before its date passes and rests on nobody: it is no party.
    if (branch.result == Result::pass && !branch.signers.empty()) sets.push_back(branch.signers);
  }
  return most_distinct(std::move(sets));
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
  // By leaving them out: another branch may admit the index itself, however many others looked at manifests.
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
  // By what it asks: the key names the store's question, and two requirements may ask the same.
  for (const auto& wanted : requirement.system->questions(plan.name())) {
    const trust::Question* asked = find_question(plan.questions(), *wanted);
    // Of a question about an image each digest has an answer of its own.
    const auto answer = asked == nullptr ? answers.end() : answers.find(asked->answer_key(plan.name(), digest));
    // The plan lives as long as what is judged by it; what it does not have was never asked.
    if (asked != nullptr) all.push_back({asked, answer == answers.end() ? nullptr : answer->second.get()});
  }
  return all;
}

std::size_t most_distinct(std::vector<std::set<std::string>> sets) {
  std::erase_if(sets, [](const auto& set) { return set.empty(); });
  // Those with few signers first: most often the first choice is the best one then, and the search ends with it.
  std::stable_sort(sets.begin(), sets.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  return Packing(sets).most();
}

bool rests_on_publisher(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.result == Result::pass && !finding.only_looks_on &&
           (!finding.word.empty() || rests_on_publisher(finding.children));
  });
}

bool may_rest_on_publisher(const Requirements& requirements) {
  return std::any_of(requirements.begin(), requirements.end(), [](const Requirement& requirement) {
    // An audit without a date looks on for ever.
    const bool only_looks_on = requirement.type == Requirement::Type::audit && !requirement.until;
    return requirement.type == Requirement::Type::system || (!only_looks_on && may_rest_on_publisher(requirement.of));
  });
}

std::string why_no_publisher(const std::optional<Policy>& policy) {
  if (!policy) return "neither a policy nor content trust asks for one";
  return "the policy " + printable(policy->path(), 300) + " asks for none";
}

std::optional<Finding> find_publisher(const std::string& asked_by, const std::optional<Policy>& policy,
                                      const Plan& plan, const std::vector<Finding>& findings) {
  Finding finding;
  finding.pointer = asked_by;
  finding.type = "publisher";
  if (rests_on_publisher(findings)) {
    finding.result = Result::pass;
    finding.detail = "a publisher's signature was verified";
    return finding;
  }
  const bool is_asked = may_rest_on_publisher(plan.requirements());
  // What keeps the image out, or is open, tells why. A list that asks no publisher is lost before anything is fetched.
  const bool all_passed =
      std::all_of(findings.begin(), findings.end(), [](const Finding& one) { return one.result == Result::pass; });
  const bool has_failed = std::any_of(findings.begin(), findings.end(), [](const Finding& one) {
    return one.result == Result::fail || one.result == Result::error;
  });
  if (has_failed || (is_asked && !all_passed)) return std::nullopt;
  finding.code = "NO_PUBLISHER";
  finding.hint = hint_of(finding.code);
  finding.detail =
      "no publisher was verified: " + (is_asked ? "the policy is met without one" : why_no_publisher(policy));
  return finding;
}

Finding Judge::judge(const Requirement& requirement) const {
  Finding finding;
  finding.pointer = requirement.pointer;
  finding.type = requirement.type_name;
  finding.id = requirement.id;
  finding.store = requirement.store;
  // There is no `default`: a compiler tells of a type that has no case.
  switch (requirement.type) {
    case Type::accept_anything:
      settle(finding, Result::pass, "",
             policy_ ? "accepts anything" : "neither a policy nor content trust asks for anything");
      // It verifies nobody, and yet it is a party: the file, which counts once.
      finding.signers.emplace(kPolicyItself);
      break;
    case Type::reject:
      refuse(finding, "REJECT",
             // The sentence of the format's own tools.
             requirement.message.empty()
                 ? "Running image docker://" + plan_.name().to_string() + " is rejected by policy."
                 : printable(requirement.message, 500));
      break;
    case Type::unsupported:
      // It loads, so that files of other tools can be used, and never passes, since nothing of it was checked.
      refuse(finding, "NOT_SUPPORTED", "requirement type " + requirement.type_name + " is not supported yet");
      break;
    case Type::digest: judge_digest(requirement, finding); break;
    case Type::gates:
      // As a person typed it: the name that the store gets may have lost its tag or have been given a digest.
      judge_gates(*requirement.gates, subject_ != nullptr ? subject_->asked.value_or(plan_.name()) : plan_.name(),
                  subject_, waivers_, now_, finding);
      // Gates are nobody's signature. In a threshold all of them together are the policy's word.
      if (finding.result == Result::pass) finding.signers.emplace(kPolicyItself);
      break;
    case Type::audit: judge_audit(requirement, finding); break;
    case Type::threshold: judge_threshold(requirement, finding); break;
    case Type::system: judge_system(requirement, finding); break;
  }
  return finding;
}

void Judge::judge_digest(const Requirement& requirement, Finding& finding) const {
  // No refusal: what comes may be in the list.
  if (subject_ == nullptr) return settle(finding, Result::skipped, "", "there is no digest to look for");
  const auto allowed = [&requirement](const Digest& digest) {
    return std::find(requirement.allow.begin(), requirement.allow.end(), digest) != requirement.allow.end();
  };
  // An index of which nothing would be stored has all of its instances in any list.
  const bool by_instances =
      !subject_->instances.empty() && std::all_of(subject_->instances.begin(), subject_->instances.end(), allowed);
  if (allowed(subject_->digest) || by_instances) {
    settle(finding, Result::pass, "", "the digest is in the list of " + std::to_string(requirement.allow.size()));
    finding.signers.emplace(kPolicyItself);
    // A listed index speaks for itself. Listed manifests speak for themselves, whatever the index lists beside them.
    finding.is_for_top = allowed(subject_->digest);
    finding.is_for_instances = !finding.is_for_top;
    return;
  }
  std::string detail = "expected " + requirement.allow.front().to_string();
  if (requirement.allow.size() > 1) detail += " or " + std::to_string(requirement.allow.size() - 1) + " more";
  refuse(finding, "DIGEST", detail + ", found " + subject_->digest.to_string());
}

void Judge::judge_audit(const Requirement& requirement, Finding& finding) const {
  // From the first day on, so that whoever wrote the audit sees what it is going to refuse.
  for (const Requirement& one : requirement.of) finding.children.push_back(judge(one));
  const std::vector<Finding>& all = finding.children;
  // The date itself refuses already. Without one it never does, and `policy check` remarks on it.
  const bool is_enforced = requirement.until && now_ >= *requirement.until;
  std::string detail = std::to_string(count_of(all, Result::pass)) + " of " + std::to_string(all.size()) + " pass";
  const std::size_t failed = count_of(all, Result::fail) + count_of(all, Result::error);
  finding.only_looks_on = !is_enforced;
  if (!is_enforced) {
    // Gates that wait for the config of an image are to be told as well.
    if (count_of(all, Result::skipped) > 0)
      return settle(finding, Result::skipped, "", "open until the image is known");
    const std::string when = requirement.until ? "until " + to_text(*requirement.until) : "ever";
    // No signer, limit or digest goes into this pass: what looks on adds nothing to a decision.
    return settle(finding, Result::pass, "", detail + "; nothing is refused " + when);
  }
  detail += "; enforced since " + to_text(*requirement.until);
  // The order of fault_of() in gate.cpp: a refusal, then trouble, then what is open.
  const Result result = count_of(all, Result::fail) > 0      ? Result::fail
                        : failed > 0                         ? Result::error
                        : count_of(all, Result::skipped) > 0 ? Result::skipped
                                                             : Result::pass;
  settle(finding, result, "", std::move(detail));
  bool has_fault = false;
  // From its date on it is part of the list that it stands in, and hands on what its findings would.
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
  // A person would see passes enough, and a refusal.
  const bool rests_on_same = finding.got < passed;
  if (rests_on_same) {
    detail +=
        "; " + std::to_string(passed) + " passed, but \"distinct\": \"signer\" counts those with the same keys once";
  }

  // At best. Branches with the same keys make this too high, which only puts the refusal off until they are known.
  const std::size_t possible = finding.got + count_of(branches, Result::skipped);
  if (finding.got >= requirement.k) {
    settle(finding, Result::pass, "", std::move(detail));
    finding.is_for_instances = needs_instances(requirement, branches);
    // Of what passed alone: a branch that failed has nobody's word.
    for (const Finding& branch : branches) {
      finding.is_for_top = finding.is_for_top || (branch.result == Result::pass && branch.is_for_top);
      if (branch.result == Result::pass) finding.signers.insert(branch.signers.begin(), branch.signers.end());
    }
  } else if (possible >= requirement.k) {
    settle(finding, Result::skipped, "", "open until there is a digest");
  } else if (possible + count_of(branches, Result::error) >= requirement.k) {
    // Trouble in a branch that is not needed spoils nothing. Here it is what keeps the threshold from being met.
    settle(finding, Result::error, "THRESHOLD", std::move(detail));
    finding.fault = std::find_if(branches.begin(), branches.end(), [](const Finding& branch) {
                      return branch.result == Result::error;
                    })->fault;
  } else {
    refuse(finding, "THRESHOLD", std::move(detail));
    // Told where the branches have nothing to tell: none of them failed.
    if (rests_on_same) finding.hint = R"(set "distinct": "requirement" in the threshold, if every branch is to count)";
  }
}

void Judge::judge_system(const Requirement& requirement, Finding& finding) const {
  // It judges what was gathered and asks nobody, so it says the same whenever it is asked.
  const std::vector<trust::Asked> asked = asked_of(requirement, plan_, answers_, subject_);
  trust::Verdict verdict = requirement.system->judge(plan_.name(), subject_, asked, now_);
  for (const trust::Asked& one : asked) {
    if (one.answer == nullptr) continue;
    finding.question =
        one.question->answer_key(plan_.name(), subject_ == nullptr ? std::nullopt : std::optional(subject_->digest));
  }
  settle(finding, verdict.result, std::move(verdict.code), std::move(verdict.detail));
  // What the system knows of this case tells more than the hint that all of its kind have.
  if (!verdict.hint.empty()) finding.hint = std::move(verdict.hint);
  finding.fault = verdict.fault;
  finding.signers = std::move(verdict.signers);
  finding.word = std::move(verdict.word);
  finding.proof = std::move(verdict.proof);
  finding.is_for_top = verdict.is_for_top;
  finding.is_for_instances = verdict.is_for_instances;
}

}  // namespace hallmark::policy
