// SPDX-License-Identifier: Apache-2.0
#include "policy/judge.h"

#include <algorithm>

#include "policy/codes.h"
#include "policy/judge_gates.h"
#include "policy/signers.h"

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

/// "bad-signature" is TUF_BAD_SIGNATURE.
std::string code_of(tuf::Refusal::Kind kind) {
  const std::string_view word = tuf::word_of(kind);
  std::string code = "TUF_";
  for (const char c : word.substr(0, word.find(':'))) {
    const bool lower = c >= 'a' && c <= 'z';
    code += lower ? static_cast<char>(c - 'a' + 'A') : (c == '-' ? '_' : c);
  }
  return code;
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += separator;
    text += word;
  }
  return text;
}

bool same_anchor(const tuf::Anchor& a, const tuf::Anchor& b) {
  return a.root_key_ids == b.root_key_ids && a.root == b.root && a.least_root_version == b.least_root_version &&
         a.wildcards == b.wildcards;
}

void take_refusal(const tuf::Refusal& refusal, const std::string& gun, Finding& finding) {
  const Result result = refusal.fault == Fault::refused ? Result::fail : Result::error;
  std::string detail = printable(refusal.detail, 500);
  if (refusal.kind == tuf::Refusal::Kind::no_trust_data) {
    // Docker's sentence instead of ours: people search for it.
    const std::string ours = "there is no trust data for " + gun;
    if (detail.starts_with(ours)) detail.erase(0, ours.size());
    detail.insert(0, "remote trust data does not exist for " + printable(gun, 300));
  }
  settle(finding, result, code_of(refusal.kind), std::move(detail));
  finding.fault = refusal.fault;
  if (!refusal.hint.empty()) finding.hint = printable(refusal.hint, 500);
}

/// Trust data that was gathered without the pins must not pass for data that was held against them.
std::string unpinned(const tuf::Repository& repository, const tuf::Anchor& anchor) {
  if (!anchor.is_pinned()) return {};
  if (repository.first_use()) return "a root was trusted on first use, expected a pinned one";
  const std::vector<std::string>& pins = anchor.root_key_ids;
  const auto pinned =
      std::count_if(repository.root_key_ids().begin(), repository.root_key_ids().end(),
                    [&pins](const std::string& id) { return std::find(pins.begin(), pins.end(), id) != pins.end(); });
  if (!pins.empty() && pinned < repository.root_threshold()) {
    return "expected " + std::to_string(repository.root_threshold()) + " of the root keys to be pinned, found " +
           std::to_string(pinned);
  }
  const auto root = repository.roles().find("root");
  const std::int64_t version = root == repository.roles().end() ? 0 : root->second.version;
  if (anchor.least_root_version && version < *anchor.least_root_version) {
    return "expected a root of version " + std::to_string(*anchor.least_root_version) + " or later, found " +
           std::to_string(version);
  }
  return {};
}

std::string describe(const tuf::Repository& repository, const tuf::Target& target) {
  std::string text = printable(target.role, 120);
  if (const auto state = repository.roles().find(target.role); state != repository.roles().end()) {
    text += " v" + std::to_string(state->second.version) + ", expires " + to_text(state->second.expires).substr(0, 10);
  }
  text += repository.first_use() ? ", first use of root key" : ", root key";
  for (const std::string& id : repository.root_key_ids()) text += " " + printable(id, 12);
  if (!target.other_digests.empty()) text += "; signed too, not looked at here:";
  for (const Digest& other : target.other_digests) text += " " + std::string(other.algorithm_name());
  return text;
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

std::optional<TrustQuestion> question_of(const Requirement& requirement, const std::optional<Policy>& policy,
                                         const Reference& name) {
  if (requirement.type == Type::content_trust) {
    const std::string gun = name.gun();
    return TrustQuestion{"DOCKER_CONTENT_TRUST " + gun, {}, {gun, {}, true}, std::nullopt, std::nullopt};
  }
  if (!policy) return std::nullopt;
  const TrustStore& store = policy->stores().at(requirement.store);
  const std::string gun = requirement.gun.value_or(policy->repository(name));
  const TrustStore::Pin* pin = store.pin_for(gun);
  if (pin == nullptr) return std::nullopt;
  TrustQuestion question{store.name + " " + gun, store.name, {}, store.server, store.ca_file};
  question.question = {gun, pin->anchor, false};
  return question;
}

std::vector<std::string> roles_of(const Requirement& requirement, const std::optional<Policy>& policy) {
  if (!requirement.roles.empty()) return requirement.roles;
  if (requirement.type == Type::content_trust || !policy) return {"targets/releases", "targets"};
  return policy->stores().at(requirement.store).roles;
}

const TrustQuestion* find_question(const std::vector<TrustQuestion>& questions, const TrustQuestion& wanted) {
  const auto found = std::find_if(questions.begin(), questions.end(), [&wanted](const TrustQuestion& asked) {
    return asked.store == wanted.store && asked.question.gun == wanted.question.gun && asked.server == wanted.server &&
           asked.ca_file == wanted.ca_file && same_anchor(asked.question.anchor, wanted.question.anchor) &&
           asked.question.cached_timestamp_allowed == wanted.question.cached_timestamp_allowed;
  });
  return found == questions.end() ? nullptr : &*found;
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
                 ? "Running image docker://" + plan_.name.to_string() + " is rejected by policy."
                 : printable(requirement.message, 500));
      break;
    case Type::unsupported:
      refuse(finding, "NOT_SUPPORTED", "requirement type " + requirement.type_name + " is not supported yet");
      break;
    case Type::digest: judge_digest(requirement, finding); break;
    case Type::gates:
      judge_gates(*requirement.gates, subject_ != nullptr ? subject_->asked.value_or(plan_.name) : plan_.name, subject_,
                  waivers_, now_, finding);
      if (finding.result == Result::pass) finding.signers.emplace(kPolicyItself);
      break;
    case Type::audit: judge_audit(requirement, finding); break;
    case Type::threshold: judge_threshold(requirement, finding); break;
    case Type::tuf:
    case Type::content_trust: judge_tuf(requirement, finding); break;
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
  for (const Finding& one : all) {
    finding.is_for_top = finding.is_for_top || one.is_for_top;
    finding.is_for_instances = finding.is_for_instances || one.is_for_instances;
    if (one.result == Result::error) finding.fault = one.fault;
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

const tuf::Repository* Judge::repository_for(const Requirement& requirement) const {
  const std::optional<TrustQuestion> wanted = question_of(requirement, policy_, plan_.name);
  const TrustQuestion* asked = wanted ? find_question(plan_.questions, *wanted) : nullptr;
  const auto answer = asked == nullptr ? answers_.end() : answers_.find(asked->key);
  if (answer == answers_.end()) return nullptr;
  const auto* repository = std::get_if<tuf::Repository>(&answer->second.result);
  return repository != nullptr && repository->gun() == asked->question.gun ? repository : nullptr;
}

void Judge::judge_tuf(const Requirement& requirement, Finding& finding) const {
  const std::optional<TrustQuestion> wanted = question_of(requirement, policy_, plan_.name);
  if (!wanted) {
    const std::string gun = requirement.gun.value_or(policy_->repository(plan_.name));
    return refuse(finding, "TUF_NO_PIN", "store \"" + requirement.store + "\" has no pin for " + gun);
  }
  const std::string& gun = wanted->question.gun;
  const TrustQuestion* asked = find_question(plan_.questions, *wanted);
  const auto answer = asked == nullptr ? answers_.end() : answers_.find(asked->key);
  if (answer == answers_.end()) {
    settle(finding, Result::error, "TUF_NO_ANSWER", "no trust data was gathered for " + gun);
    finding.fault = Fault::local;
    return;
  }
  finding.question = asked->key;
  if (const auto* refusal = std::get_if<tuf::Refusal>(&answer->second.result)) {
    return take_refusal(*refusal, gun, finding);
  }
  const auto& repository = std::get<tuf::Repository>(answer->second.result);
  if (repository.gun() != gun) {
    return refuse(finding, "TUF_WRONG_REPOSITORY",
                  "expected trust data of " + gun + ", found " + printable(repository.gun(), 300));
  }
  if (const std::string fault = unpinned(repository, wanted->question.anchor); !fault.empty()) {
    return refuse(finding, "TUF_ROOT_NOT_PINNED", gun + ": " + fault);
  }
  const std::vector<std::string> roles = roles_of(requirement, policy_);
  if (plan_.name.tag()) return judge_tag(repository, roles, finding);
  if (requirement.tag_required) {
    return refuse(finding, "TUF_TAG_REQUIRED", "expected a name with a tag, found " + plan_.name.familiar());
  }
  judge_bare_digest(repository, roles, finding);
}

void Judge::judge_tag(const tuf::Repository& repository, const std::vector<std::string>& roles,
                      Finding& finding) const {
  const std::string& tag = *plan_.name.tag();
  const tuf::Lookup lookup = repository.find(tag, roles);
  if (lookup.target) return judge_target(repository, *lookup.target, finding);
  if (!lookup.elsewhere.empty()) {
    return refuse(finding, "TUF_NOT_RELEASED",
                  "No trust data for " + tag + ": signed by " + printable(lookup.elsewhere, 120) + ", expected " +
                      joined(roles, " or "));
  }
  refuse(finding, "TUF_NO_TARGET",
         "No valid trust data for " + tag + ": not signed in " + repository.gun() + " by " + joined(roles, " or "));
}

void Judge::judge_bare_digest(const tuf::Repository& repository, const std::vector<std::string>& roles,
                              Finding& finding) const {
  const Digest& digest = subject_ != nullptr ? subject_->digest : *plan_.name.digest();
  const std::vector<tuf::Target> targets = repository.list(roles);
  std::optional<tuf::Target> found;
  for (const tuf::Target& target : targets) {
    if (target.digest != digest) continue;
    // One digest can be signed under several names; a wrong length under one of them is no reason to miss the other.
    if (!found || (subject_ != nullptr && target.length == subject_->size)) found = target;
  }
  if (found) return judge_target(repository, *found, finding);
  refuse(finding, "TUF_DIGEST",
         "expected a signed digest, found " + digest.to_string() + ", which none of the " +
             std::to_string(targets.size()) + " names signed in " + repository.gun() + " has");
}

void Judge::judge_target(const tuf::Repository& repository, const tuf::Target& target, Finding& finding) const {
  const std::string who = printable(target.name, 140) + " (" + printable(target.role, 120) + ")";
  if (!target.digest) {
    return refuse(finding, "TUF_NO_SHA256", "no valid hash, expecting sha256: " + who + " is signed without one");
  }
  const std::optional<Digest>& asked = plan_.name.digest();
  if (asked && *asked != *target.digest) {
    return refuse(finding, "TUF_DIGEST",
                  "signed for " + who + " is " + target.digest->to_string() + ", asked for was " + asked->to_string());
  }
  if (subject_ == nullptr) {
    return settle(finding, Result::skipped, "", "signed for " + who + " is " + target.digest->to_string());
  }
  if (subject_->digest != *target.digest) {
    return refuse(
        finding, "TUF_DIGEST",
        "signed for " + who + " is " + target.digest->to_string() + ", found " + subject_->digest.to_string());
  }
  if (subject_->size != target.length) {
    return refuse(finding, "TUF_LENGTH",
                  "signed for " + who + " are " + std::to_string(target.length) + " bytes, the manifest has " +
                      std::to_string(subject_->size));
  }
  settle(finding, Result::pass, "", describe(repository, target));
  finding.is_for_top = true;
  finding.target = target;
  finding.signers = signers_of(answers_.at(finding.question), target.role);
}

}  // namespace hallmark::policy
