// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/policy/requirement.h"

#include <algorithm>

#include "trust/text.h"
#include "trust/tuf/policy/line.h"
#include "trust/tuf/policy/question.h"

namespace hallmark::tuf {
namespace {

using trust::Result;
using trust::Verdict;

/// "bad-signature" is TUF_BAD_SIGNATURE.
std::string code_of(Refusal::Kind kind) {
  const std::string_view word = word_of(kind);
  std::string code = "TUF_";
  // What follows a colon is a detail: "malformed:duplicate-member" is TUF_MALFORMED.
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

Verdict said(Result result, std::string code, std::string detail) {
  Verdict verdict;
  verdict.result = result;
  verdict.code = std::move(code);
  verdict.detail = std::move(detail);
  return verdict;
}

Verdict refused(std::string code, std::string detail) { return said(Result::fail, std::move(code), std::move(detail)); }

Verdict of_refusal(const Refusal& refusal, const std::string& gun) {
  std::string detail = printable(refusal.detail, 500);
  if (refusal.kind == Refusal::Kind::no_trust_data) {
    // Docker's sentence instead of ours: people search for it.
    const std::string ours = "there is no trust data for " + gun;
    if (detail.starts_with(ours)) detail.erase(0, ours.size());
    detail.insert(0, "remote trust data does not exist for " + printable(gun, 300));
  }
  // A network that failed has decided nothing, and the exit status is the network's.
  const Result result = refusal.fault == Fault::refused ? Result::fail : Result::error;
  Verdict verdict = said(result, code_of(refusal.kind), std::move(detail));
  verdict.fault = refusal.fault;
  verdict.hint = printable(refusal.hint, 500);
  return verdict;
}

/// Trust data that was gathered without the pins must not pass for data that was held against them.
std::string unpinned(const Repository& repository, const Anchor& anchor) {
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

std::string describe(const Repository& repository, const Target& target) {
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

/// The signed target that made it pass.
class TargetProof final : public trust::Proof {
 public:
  explicit TargetProof(Target target) : target_(std::move(target)) {}

  void write(json::Writer& evidence) const override {
    evidence.key("target").begin_object().member("name", printable(target_.name, 300));
    evidence.member("role", printable(target_.role, 300));
    if (target_.digest) evidence.member("digest", target_.digest->to_string());
    evidence.key("length").size(target_.length).end_object();
  }

 private:
  Target target_;
};

/// What is judged, and by what.
struct Case {
  const Reference& name;
  const Subject* subject;
  const Outcome& outcome;
  const Repository& repository;
  const std::vector<std::string>& roles;
};

Verdict judge_target(const Case& about, const Target& target) {
  const std::string who = printable(target.name, 140) + " (" + printable(target.role, 120) + ")";
  if (!target.digest) {
    return refused("TUF_NO_SHA256", "no valid hash, expecting sha256: " + who + " is signed without one");
  }
  const std::optional<Digest>& asked = about.name.digest();
  // A tag beside a digest: only trust says whether they belong together.
  if (asked && *asked != *target.digest) {
    return refused("TUF_DIGEST",
                   "signed for " + who + " is " + target.digest->to_string() + ", asked for was " + asked->to_string());
  }
  // Nothing was fetched yet. What cannot be said is skipped, and never passes.
  if (about.subject == nullptr) {
    return said(Result::skipped, "", "signed for " + who + " is " + target.digest->to_string());
  }
  if (about.subject->digest != *target.digest) {
    return refused("TUF_DIGEST", "signed for " + who + " is " + target.digest->to_string() + ", found " +
                                     about.subject->digest.to_string());
  }
  // The length was signed as the hash was.
  if (about.subject->size != target.length) {
    return refused("TUF_LENGTH", "signed for " + who + " are " + std::to_string(target.length) +
                                     " bytes, the manifest has " + std::to_string(about.subject->size));
  }
  Verdict verdict = said(Result::pass, "", describe(about.repository, target));
  // Signed was the digest of the top document, be it an index or a manifest.
  verdict.is_for_top = true;
  verdict.word = "tuf: " + printable(target.role, 120);
  verdict.signers = signers_of(about.outcome, target.role);
  verdict.proof = std::make_shared<TargetProof>(target);
  return verdict;
}

Verdict judge_tag(const Case& about) {
  const std::string& tag = *about.name.tag();
  const Lookup lookup = about.repository.find(tag, about.roles);
  if (lookup.target) return judge_target(about, *lookup.target);
  // Told apart from a tag that nobody signed: here it may be the policy that lacks a role.
  if (!lookup.elsewhere.empty()) {
    return refused("TUF_NOT_RELEASED", "No trust data for " + tag + ": signed by " + printable(lookup.elsewhere, 120) +
                                           ", expected " + joined(about.roles, " or "));
  }
  return refused("TUF_NO_TARGET", "No valid trust data for " + tag + ": not signed in " + about.repository.gun() +
                                      " by " + joined(about.roles, " or "));
}

Verdict judge_bare_digest(const Case& about) {
  const Digest& digest = about.subject != nullptr ? about.subject->digest : *about.name.digest();
  // Whoever asks by digest has chosen the bytes already: any name that was signed for them will do.
  const std::vector<Target> targets = about.repository.list(about.roles);
  std::optional<Target> found;
  for (const Target& target : targets) {
    if (target.digest != digest) continue;
    // One digest can be signed under several names; a wrong length under one of them is no reason to miss the other.
    if (!found || (about.subject != nullptr && target.length == about.subject->size)) found = target;
  }
  if (found) return judge_target(about, *found);
  return refused("TUF_DIGEST", "expected a signed digest, found " + digest.to_string() + ", which none of the " +
                                   std::to_string(targets.size()) + " names signed in " + about.repository.gun() +
                                   " has");
}

std::optional<Target> target_for(const Reference& name, const Repository& repository,
                                 const std::vector<std::string>& roles) {
  if (name.tag()) {
    // By the tag, whatever digest stands beside it: judge() compares the two.
    std::optional<Target> target = repository.find(*name.tag(), roles).target;
    return target && target->digest ? std::move(target) : std::nullopt;
  }
  std::vector<Target> targets = repository.list(roles);
  const auto found = std::find_if(targets.begin(), targets.end(),
                                  [&name](const Target& target) { return target.digest == name.digest(); });
  return found == targets.end() ? std::nullopt : std::optional(std::move(*found));
}

const PolicyAnswer* answer_in(std::span<const trust::Asked> asked) {
  return asked.empty() ? nullptr : dynamic_cast<const PolicyAnswer*>(asked.front().answer);
}

/// Of the repository that was asked about; nullptr when nothing was verified.
const Repository* repository_in(std::span<const trust::Asked> asked) {
  const PolicyAnswer* answer = answer_in(asked);
  const Repository* repository = answer == nullptr ? nullptr : answer->repository();
  // Trust data of another repository name nothing here; judge() says so.
  const bool is_asked = repository != nullptr && repository->gun() == asked.front().question->collection()->name;
  return is_asked ? repository : nullptr;
}

}  // namespace

std::vector<std::string> PolicyRequirement::roles_that_count() const {
  if (!roles.empty()) return roles;
  return store_ ? store_->roles : std::vector<std::string>{"targets/releases", "targets"};
}

std::vector<std::shared_ptr<const trust::Question>> PolicyRequirement::questions(const Reference& name) const {
  const std::string asked = gun_of(name);
  // As docker: first use is trusted, and a remembered timestamp may stand in. A policy allows neither.
  if (!store_) {
    return {std::make_shared<PolicyQuestion>("DOCKER_CONTENT_TRUST " + asked,
                                             trust::Collection{asked, {}, memory_rules()}, Question{asked, {}, true})};
  }
  const Pin* pin = store_->pin_for(asked);
  // No server is asked for nothing: judge() fails it without an answer.
  if (pin == nullptr) return {};
  return {std::make_shared<PolicyQuestion>(
      store_->name + " " + asked,
      trust::Collection{asked, store_->name, memory_rules(), store_->server, store_->ca_file},
      Question{asked, pin->anchor, false})};
}

Verdict PolicyRequirement::judge(const Reference& name, const Subject* subject, std::span<const trust::Asked> asked,
                                 Time /*now*/) const {
  const std::string about = gun_of(name);
  if (asked.empty()) return refused("TUF_NO_PIN", "store \"" + store_->name + "\" has no pin for " + about);
  const PolicyAnswer* answer = answer_in(asked);
  if (answer == nullptr) {
    Verdict verdict = said(Result::error, "TUF_NO_ANSWER", "no trust data was gathered for " + about);
    verdict.fault = Fault::local;
    return verdict;
  }
  if (answer->reason() != nullptr) return of_refusal(*answer->reason(), about);
  const Repository& repository = *answer->repository();
  // Whatever pairs questions with answers, trust data of another name never pass.
  if (repository.gun() != about) {
    return refused("TUF_WRONG_REPOSITORY",
                   "expected trust data of " + about + ", found " + printable(repository.gun(), 300));
  }
  const auto& question = dynamic_cast<const PolicyQuestion&>(*asked.front().question).question();
  if (const std::string fault = unpinned(repository, question.anchor); !fault.empty()) {
    return refused("TUF_ROOT_NOT_PINNED", about + ": " + fault);
  }
  const std::vector<std::string> counted = roles_that_count();
  const Case judged{name, subject, answer->outcome(), repository, counted};
  if (name.tag()) return judge_tag(judged);
  if (tag_required) {
    return refused("TUF_TAG_REQUIRED", "expected a name with a tag, found " + name.familiar());
  }
  return judge_bare_digest(judged);
}

std::optional<trust::NamedDigest> PolicyRequirement::resolve(const Reference& name,
                                                             std::span<const trust::Asked> asked) const {
  const Repository* repository = repository_in(asked);
  if (repository == nullptr) return std::nullopt;
  const auto target = target_for(name, *repository, roles_that_count());
  if (!target) return std::nullopt;
  return trust::NamedDigest{*target->digest, target->length, target->other_digests};
}

std::optional<std::vector<std::string>> PolicyRequirement::tags(std::span<const trust::Asked> asked) const {
  std::vector<std::string> tags;
  const Repository* repository = repository_in(asked);
  if (repository == nullptr) return tags;
  for (const Target& target : repository->list(roles_that_count())) {
    // Any text can be signed. What is no tag cannot be pulled by one.
    if (Reference::is_tag(target.name)) tags.push_back(target.name);
  }
  return tags;
}

std::string PolicyRequirement::words() const {
  std::string text = "signed by " + joined(roles_that_count(), " or ");
  if (store_) text += " of " + store_->name;
  if (gun) text += ", as " + *gun;
  return tag_required ? text + ", under a tag" : text;
}

std::set<std::string> PolicyRequirement::certain_signers() const {
  if (!store_) return {};
  // The same repository has the same root, whichever of its roles signs.
  std::set<std::string> signers{"repository " + store_->name + " " + gun.value_or("")};
  const Pin* pin = gun ? store_->pin_for(*gun) : store_->pins.size() == 1 ? &store_->pins.front() : nullptr;
  // The one root key that is pinned vouches for whatever passes.
  if (pin != nullptr && pin->anchor.root_key_ids.size() == 1) {
    signers.insert("root " + pin->anchor.root_key_ids.front());
  }
  return signers;
}

std::string PolicyRequirement::fault_in(const std::string& scope) const {
  // One with a gun has a pin, or the policy did not load.
  if (!store_ || gun) return {};
  const auto is_inside = [](std::string_view inner, std::string_view outer) {
    return inner == outer || (inner.starts_with(outer) && inner[outer.size()] == '/');
  };
  const bool may_pass = std::any_of(store_->pins.begin(), store_->pins.end(), [&](const Pin& pin) {
    std::string_view prefix = pin.gun;
    const bool is_wide = prefix.ends_with("/*");
    if (is_wide) prefix.remove_suffix(2);
    return is_inside(prefix, scope) || (is_wide && is_inside(scope, prefix));
  });
  return may_pass ? "" : "store \"" + store_->name + "\" has no pin for a name in it";
}

std::shared_ptr<const trust::Requirement> read_requirement(const json::Object& object, const trust::Stores& stores) {
  object.allow_only({"type", "id", "store", "gun", "roles", "tagRequired"});
  const std::string& name = object.at("store").string();
  const auto found = stores.find(name);
  const auto store = found == stores.end() ? nullptr : std::dynamic_pointer_cast<const Store>(found->second);
  if (!store) {
    std::vector<std::string> known;
    for (const auto& [one, other] : stores) {
      if (std::dynamic_pointer_cast<const Store>(other)) known.push_back(one);
    }
    throw Error(Fault::usage, "there is no store \"" + printable(name, 80) + "\" of kind tuf",
                known.empty() ? "\"stores\" at the top of the policy lists them, and has none of kind tuf"
                              : hint_for(name, known));
  }
  auto requirement = std::make_shared<PolicyRequirement>(store);
  if (const json::Value* gun = object.find("gun")) {
    requirement->gun = gun_in(*gun);
    // It could never pass: better told when the policy is read.
    if (store->pin_for(*requirement->gun) == nullptr) {
      fail(Fault::usage, "store \"", name, "\" has no pin for \"", *requirement->gun, "\"");
    }
  }
  if (const json::Value* roles = object.find("roles")) {
    requirement->roles = roles_in(*roles);
    for (const std::string& role : requirement->roles) {
      // A requirement narrows its store and never widens it.
      if (std::find(store->roles.begin(), store->roles.end(), role) == store->roles.end()) {
        throw Error(Fault::usage,
                    "role \"" + role + "\" is not among the roles of store \"" + name + "\": expected one of " +
                        joined(store->roles, ", "),
                    "a requirement narrows its store: add the role to \"roles\" of the store as well");
      }
    }
  }
  if (const json::Value* tag = object.find("tagRequired")) requirement->tag_required = tag->boolean();
  return requirement;
}

}  // namespace hallmark::tuf
