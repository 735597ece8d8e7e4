// SPDX-License-Identifier: Apache-2.0
#include "policy/gate.h"

#include <algorithm>
#include <iterator>

#include "policy/bundle_time.h"
#include "policy/codes.h"
#include "policy/judge.h"
#include "policy/systems.h"
#include "trust/system/scope.h"

namespace hallmark::policy {
namespace {

using Type = Requirement::Type;

/// It stands in no file: the variable takes the place of the pointer, so that a refusal tells who asked.
Requirement content_trust() {
  Requirement requirement;
  requirement.type = Type::system;
  requirement.pointer = "DOCKER_CONTENT_TRUST";
  requirement.type_name = "tuf";
  requirement.system = content_trust_requirement();
  return requirement;
}

bool covers_content_trust(const Requirement& requirement) {
  return requirement.type == Type::system && requirement.system->covers_content_trust();
}

/// Without a policy the list would be empty, and an empty list is refused.
Requirement nothing_asked() {
  Requirement requirement;
  requirement.type = Type::accept_anything;
  requirement.type_name = "none";
  return requirement;
}

void collect_questions(const Requirements& requirements, const Reference& name, Questions& questions) {
  // Branches and audits ask as well, needed or not: one run shows everything.
  for (const Requirement& requirement : requirements) {
    collect_questions(requirement.of, name, questions);
    if (requirement.type != Type::system) continue;
    for (std::shared_ptr<const trust::Question>& question : requirement.system->questions(name)) {
      // Two requirements of one store share an answer. Two stores do not: each has its own pins and its own memory.
      if (find_question(questions, *question) == nullptr) questions.push_back(std::move(question));
    }
  }
}

/// What to do about an image that is in a file, and not in a registry.
void advise_about_archive(std::vector<Finding>& findings) {
  for (Finding& finding : findings) {
    if (const std::string_view hint = archive_hint_of(finding.code); !hint.empty()) finding.hint = hint;
    advise_about_archive(finding.children);
  }
}

/// Whether the policy file itself may still be obeyed.
void judge_policy(const Policy& policy, const std::optional<std::int64_t>& highest_serial, Time now,
                  std::vector<Finding>& findings) {
  // A policy that nobody renews must not rule for ever.
  if (policy.expires() && now >= *policy.expires()) {
    findings.push_back(remark("/metadata/expires", "metadata", "POLICY_EXPIRED",
                              "the policy expired at " + to_text(*policy.expires()) + ", it is " + to_text(now)));
  }
  // Whoever puts an old file back undoes what was tightened since. An equal serial is the policy of last time.
  if (policy.serial() && highest_serial && *policy.serial() < *highest_serial) {
    findings.push_back(remark("/metadata/serial", "metadata", "POLICY_ROLLBACK",
                              "expected serial " + std::to_string(*highest_serial) +
                                  " or higher, as seen before, found " + std::to_string(*policy.serial())));
  }
}

/// Gates hide in thresholds and audits as well. Only for them configs are fetched.
bool asks_image(const Requirements& requirements) {
  return std::any_of(requirements.begin(), requirements.end(), [](const Requirement& requirement) {
    return requirement.type == Type::gates || asks_image(requirement.of);
  });
}

/// What was waived, and how far layers may inflate.
void collect_terms(const std::vector<Finding>& findings, Decision& decision) {
  for (const Finding& finding : findings) {
    if (finding.only_looks_on) continue;
    collect_terms(finding.children, decision);
    // The codes tell what went past, since all of it went past for one reason.
    if (finding.waived_by == kBreakGlass) {
      decision.break_glass_waived.push_back(finding.code);
    } else if (!finding.waived_by.empty() && std::find(decision.exceptions.begin(), decision.exceptions.end(),
                                                       finding.waived_by) == decision.exceptions.end()) {
      decision.exceptions.push_back(finding.waived_by);
    }
  }
}

/// Whose word the passes rest on; what only looks on has no say, and gates admit nothing by themselves.
void collect_words(const std::vector<Finding>& findings, std::vector<std::string>& words) {
  for (const Finding& finding : findings) {
    if (finding.result != Result::pass || finding.only_looks_on || finding.type == "gates") continue;
    std::string word = finding.word;
    // The file says it itself and has no proof to show.
    if (finding.type == "digest") word = "digest";
    if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end()) words.push_back(std::move(word));
    collect_words(finding.children, words);
  }
}

AdmissionReason admission_reason_of(const Plan& plan, const Decision& decision, Time now) {
  std::vector<std::string> words;
  collect_words(decision.findings, words);
  if (words.empty()) words.emplace_back("nobody");
  // It stands beside the words: signatures are never waived, so a glass replaces none.
  for (const std::string& id : decision.exceptions) words.push_back("exception " + id);
  if (decision.break_glass) words.emplace_back("break-glass");
  AdmissionReason admission_reason{{}, "default", now};
  for (const std::string& word : words) admission_reason.by += (admission_reason.by.empty() ? "" : " + ") + word;
  if (!plan.match()) {
    const bool by_variable = std::any_of(plan.requirements().begin(), plan.requirements().end(), covers_content_trust);
    admission_reason.rule = by_variable ? "DOCKER_CONTENT_TRUST" : "no policy";
  } else if (!plan.match()->transport.empty()) {
    // The scope is a key of the file, and lists of images show it on terminals.
    admission_reason.rule = plan.match()->transport + ":" + printable(plan.match()->scope, 250);
  }
  return admission_reason;
}

/// All lists must pass, so the narrowest limit holds. Those in thresholds do not load (policy/file/native.cpp).
std::optional<std::uint64_t> most_uncompressed(const std::vector<Finding>& findings) {
  std::optional<std::uint64_t> most;
  for (const Finding& finding : findings) {
    if (finding.most_uncompressed) most = std::min(*finding.most_uncompressed, most.value_or(~std::uint64_t{}));
  }
  return most;
}

bool any_is(const std::vector<Finding>& findings, bool Finding::*is_for) {
  return std::any_of(findings.begin(), findings.end(), [is_for](const Finding& finding) { return finding.*is_for; });
}

/// Whether the word of somebody covers less than the top document.
bool is_in_part(const Subject& subject, const std::vector<Finding>& findings) {
  // What is no index is its own instance, and nothing stands beside it.
  const bool is_whole = subject.is_whole || subject.instances == std::vector{subject.digest};
  return !is_whole && any_is(findings, &Finding::is_for_instances);
}

/// An index is a list that anybody can write: a manifest that is admitted does not vouch for what stands beside it.
Finding part_of_index(const Subject& subject) {
  std::string judged;
  for (const Digest& instance : subject.instances) judged += (judged.empty() ? "" : ", ") + instance.to_string();
  return remark("", "reference", "INDEX_IN_PART",
                "of the index " + subject.digest.to_string() + " only " + judged +
                    " was judged, and nobody vouches for " + "the rest of it");
}

bool has(const std::vector<Finding>& findings, Result result) {
  return std::any_of(findings.begin(), findings.end(), [result](const Finding& f) { return f.result == result; });
}

std::optional<trust::NamedDigest> first_named(const Requirements& requirements, const Plan& plan,
                                              const Answers& answers) {
  // It chooses what is fetched and no more: decide() asks each requirement about what came.
  for (const Requirement& requirement : requirements) {
    // What only looks on must not choose what is looked at.
    if (requirement.type == Type::audit) continue;
    if (auto inner = first_named(requirement.of, plan, answers)) return inner;
    if (requirement.type != Type::system) continue;
    if (auto named = requirement.system->resolve(plan.name(), asked_of(requirement, plan, answers, nullptr)))
      return named;
  }
  return std::nullopt;
}

}  // namespace

Gate::Gate(std::optional<Policy> policy, bool content_trust, Remembered remembered)
    : policy_(std::move(policy)),
      content_trust_(content_trust),
      remembered_(remembered),
      // Copies share it. A gate of another policy has another mark, and takes no plan of the old one.
      mark_(std::make_shared<const char>('\0')) {}

std::string Gate::break_glass(const std::string& reason) {
  if (!policy_ || !policy_->break_glass().is_allowed) return "the policy does not allow it";
  const BreakGlass& rule = policy_->break_glass();
  // Nobody could be asked about it afterwards. Whether the file can be written shows before the commit.
  if (!rule.audit && !policy_->audit().file) return "the policy names no file for the record of it";
  if (rule.waivable.empty()) return "the policy lists no gates that may be waived";
  if (reason.empty()) return "it needs a reason";
  if (rule.reason_pattern && !rule.reason_pattern->matches(reason)) {
    return "the reason must be like " + printable(rule.reason_pattern->text(), 200);
  }
  break_glass_ = reason;
  return {};
}

void Gate::require_publisher(std::string asked_by) { publisher_asked_by_ = std::move(asked_by); }

Waivers Gate::waivers_for(const Reference& name, const Subject* subject, Time now) const {
  if (!policy_) return {};
  // By the keys that the policy has for the name, so that another spelling neither escapes nor catches an exception.
  Waivers waivers(policy_->exceptions(), lookup_keys(policy_->repository(name), name), subject, now);
  if (break_glass_) waivers.add(policy_->break_glass());
  return waivers;
}

std::vector<Finding> Gate::clock_findings(Time now) const {
  std::optional<Finding> clock = find_clock(policy_, remembered_.time, remembered_.time_place, now);
  return clock ? std::vector{std::move(*clock)} : std::vector<Finding>{};
}

std::vector<Finding> Gate::findings_of(const Plan& plan, const Answers& answers, const Subject* subject,
                                       Time now) const {
  std::vector<Finding> findings;
  // What is wrong with the policy itself is told first: whatever its lists say counts for nothing then.
  if (policy_) judge_policy(*policy_, remembered_.serial, now, findings);
  const Judge judge(policy_, plan, answers, subject, waivers_for(plan.name(), subject, now), now);
  std::vector<Finding> of_list;
  for (const Requirement& requirement : plan.requirements()) of_list.push_back(judge.judge(requirement));
  // Before what it let pass until then: whoever relied on it would look for the fault in the image.
  if (policy_) findings = with_ended(policy_->exceptions(), of_list, std::move(findings));
  std::move(of_list.begin(), of_list.end(), std::back_inserter(findings));
  // All of nothing would be a pass (docs/house.md, law 7).
  if (plan.requirements().empty()) {
    findings.push_back(remark("", "none", "NOTHING_REQUIRED", "no requirement holds for this name"));
  }
  // Asked without any policy as well: a name with a digest promises its bytes.
  if (subject != nullptr && plan.name().digest() && *plan.name().digest() != subject->digest) {
    findings.push_back(
        remark("", "reference", "REFERENCE_DIGEST",
               "asked for was " + plan.name().digest()->to_string() + ", found " + subject->digest.to_string()));
  }
  // Last, because it looks at all of them. The policy's own word comes first: nobody can take it away.
  const bool asks = policy_ && policy_->requires_publisher();
  const std::string asked_by = asks ? "/requirePublisher" : publisher_asked_by_;
  if (asked_by.empty()) return findings;
  std::optional<Finding> publisher = find_publisher(asked_by, policy_, plan, findings);
  if (publisher) findings.push_back(std::move(*publisher));
  return findings;
}

Plan Gate::plan(const Reference& name) const {
  Plan plan(name, mark_);
  Requirements& requirements = plan.requirements_;
  if (policy_) {
    plan.match_ = policy_->match(name);
    requirements = *plan.match_->requirements;
  }
  // Only at the top: a branch of a threshold need not pass, and the variable demands a signature in any case.
  const bool covered = std::any_of(requirements.begin(), requirements.end(), covers_content_trust);
  if (content_trust_ && !covered) requirements.push_back(content_trust());
  if (!policy_ && requirements.empty()) requirements.push_back(nothing_asked());
  plan.asks_image_ = policy::asks_image(requirements);
  collect_questions(requirements, name, plan.questions_);
  return plan;
}

void Gate::require_own(const Plan& plan) const {
  if (plan.gate_ != mark_) fail(Fault::local, "the plan for ", plan.name().familiar(), " is not of this gate");
}

std::optional<trust::NamedDigest> Gate::resolve(const Plan& plan, const Answers& answers) const {
  require_own(plan);
  return first_named(plan.requirements(), plan, answers);
}

std::optional<Digest> Gate::only_digest(const Plan& plan) const {
  require_own(plan);
  // At the top alone: a branch of a threshold need not pass.
  for (const Requirement& requirement : plan.requirements()) {
    if (requirement.type == Type::digest && requirement.allow.size() == 1) return requirement.allow.front();
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> Gate::tags(const Plan& plan, const Answers& answers) const {
  require_own(plan);
  // A union that proves nothing: each of these tags is judged by itself before it comes in.
  std::optional<std::vector<std::string>> all;
  for (const Requirement& requirement : plan.requirements()) {
    if (requirement.type != Type::system) continue;
    const auto tags = requirement.system->tags(asked_of(requirement, plan, answers, nullptr));
    if (!tags) continue;
    if (!all) all.emplace();
    all->insert(all->end(), tags->begin(), tags->end());
  }
  return all;
}

Decision Gate::decide(const Plan& plan, const Subject& subject, const Answers& answers, Time now) const {
  return decide(plan, subject, answers, now, clock_findings(now));
}

Decision Gate::decide(const Plan& plan, const Subject& subject, const Answers& answers, const BundleTime& time) const {
  Decision decision = decide(plan, subject, answers, time.now(), time.findings());
  // After the decision: hints are for people and change nothing of it.
  advise_about_archive(decision.findings);
  return decision;
}

Decision Gate::decide(const Plan& plan, const Subject& subject, const Answers& answers, Time now,
                      std::vector<Finding> of_time) const {
  require_own(plan);
  // An approval carries the name of the subject into the store: another one than was asked about must not get there.
  if (!(subject.name == plan.name())) {
    fail(Fault::local, "the plan is for ", plan.name().familiar(), ", the subject is ", subject.name.familiar());
  }
  Decision decision;
  decision.subject = subject.digest;
  // First, because under a wrong clock all other ends mean little.
  decision.findings = std::move(of_time);
  std::vector<Finding> of_image = findings_of(plan, answers, &subject, now);
  std::move(of_image.begin(), of_image.end(), std::back_inserter(decision.findings));
  const std::vector<Finding>& findings = decision.findings;
  // What was skipped, or could not be decided, is no pass either.
  bool all_passed = !findings.empty() && std::all_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.result == Result::pass;
  });
  const bool in_part = all_passed && is_in_part(subject, findings);
  // The caller may judge the one manifest by itself then, as an image that has no index.
  if (in_part && !any_is(findings, &Finding::is_for_top)) {
    all_passed = false;
    decision.is_for_instances = true;
    decision.findings.push_back(part_of_index(subject));
  }
  if (all_passed) {
    Subject approved = subject;
    // The index stays as it was signed, but what nobody looked at is not given out under its digest.
    approved.admitted = in_part ? subject.instances.front() : subject.digest;
    approved.most_uncompressed = most_uncompressed(findings);
    collect_terms(findings, decision);
    // A glass that nothing needed stays whole in the record.
    if (!decision.break_glass_waived.empty()) decision.break_glass = break_glass_;
    approved.admission_reason = admission_reason_of(plan, decision, now);
    decision.approval = Approval(std::move(approved));
    decision.publisher_verified = rests_on_publisher(findings);
  }
  // Nothing is against it and something is open: now configs are worth fetching.
  decision.needs_config = !all_passed && !has(findings, Result::fail) && !has(findings, Result::error);
  decision.fault = fault_of(findings);
  return decision;
}

BundleTime Gate::judge_bundle(const std::optional<dsse::Envelope>& statement, const ClockMemory& before,
                              Time now) const {
  BundleTime time(now, before);
  // In every mode and without a policy: under a clock that was set back, what has expired would be good again.
  if (std::optional<Finding> clock = find_clock(policy_, before.high_water, before.place, now)) {
    time.findings_.push_back(std::move(*clock));
  }
  const std::optional<Freshness> freshness = policy_ ? policy_->freshness() : std::nullopt;
  if (!freshness) return time;
  time.mode_ = freshness->mode;
  // Otherwise its time would count for nothing, and it is not looked at.
  if (freshness->signature_required) time.judge_statement(*policy_, statement);
  return time;
}

bool Gate::cannot_pass(const Plan& plan, const Answers& answers, Time now) const {
  require_own(plan);
  if (!clock_findings(now).empty()) return true;
  const std::vector<Finding> findings = findings_of(plan, answers, nullptr, now);
  // What is skipped is not lost: a digest may turn it into a pass.
  return has(findings, Result::fail) || has(findings, Result::error);
}

Decision Gate::refuse(const Plan& plan, const Answers& answers, Time now) const {
  return refuse(plan, answers, now, clock_findings(now));
}

Decision Gate::refuse(const Plan& plan, const Answers& answers, const BundleTime& time) const {
  Decision decision = refuse(plan, answers, time.now(), time.findings());
  advise_about_archive(decision.findings);
  return decision;
}

Decision Gate::refuse(const Plan& plan, const Answers& answers, Time now, std::vector<Finding> of_time) const {
  require_own(plan);
  Decision decision;
  decision.findings = std::move(of_time);
  std::vector<Finding> others = findings_of(plan, answers, nullptr, now);
  std::move(others.begin(), others.end(), std::back_inserter(decision.findings));
  // Nothing refuses it, and nothing is there: an absence, with the exit status of one.
  if (!has(decision.findings, Result::fail) && !has(decision.findings, Result::error)) {
    Finding finding = remark("", "reference", "NO_DIGEST", "there is no digest for " + plan.name().familiar());
    finding.result = Result::error;
    finding.fault = Fault::missing;
    decision.findings.push_back(std::move(finding));
  }
  decision.fault = fault_of(decision.findings);
  return decision;
}

}  // namespace hallmark::policy
