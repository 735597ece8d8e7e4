// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/policy/question.h"

#include "trust/tuf/notary.h"
#include "trust/tuf/policy/line.h"
#include "trust/tuf/root.h"

namespace hallmark::tuf {
namespace {

bool same_anchor(const Anchor& a, const Anchor& b) {
  return a.root_key_ids == b.root_key_ids && a.root == b.root && a.least_root_version == b.least_root_version &&
         a.wildcards == b.wildcards;
}

/// Canonical ids of the keys that the verified root document lists for the role.
std::set<std::string> listed_in_root(ByteView root, std::string_view role) {
  // update() has verified these bytes. They are read again because a Repository has no keys, only their ids.
  const json::Value document = json::parse("root", root);
  const json::Object& content = document.object().at("signed").object();
  const json::Object& keys = content.at("keys").object();
  std::set<std::string> signers;
  for (const json::Value& id : content.at("roles").object().at(role).object().at("keyids").array()) {
    signers.insert("key:" + notary().parse_key(keys.at(id.string()).object()).canonical_id);
  }
  return signers;
}

/// The documents of a source, as the procedure asks for them.
class EvidenceSourceAdapter final : public MetadataSource {
 public:
  explicit EvidenceSourceAdapter(trust::EvidenceSource& source) : source_(source) {}
  MetadataReply fetch(const MetadataFile& wanted) override { return source_.metadata(wanted); }

 private:
  trust::EvidenceSource& source_;
};

}  // namespace

std::set<std::string> signers_of(const Outcome& outcome, const std::string& role) {
  const auto* repository = std::get_if<Repository>(&outcome.result);
  const auto root = outcome.learned.files.find("root");
  if (repository == nullptr || root == outcome.learned.files.end()) return {};
  // Whoever holds a key of root or targets can have everything below signed: such a key stands behind every role.
  std::set<std::string> signers = listed_in_root(root->second, "root");
  signers.merge(listed_in_root(root->second, "targets"));
  // Whoever has the key of a role between can have anything signed below it.
  for (std::string each = role; each.find('/') != std::string::npos; each.resize(each.rfind('/'))) {
    const auto listed = repository->delegations().find(each);
    if (listed == repository->delegations().end()) continue;
    for (const std::string& id : listed->second.key_ids) signers.insert("key:" + id);
  }
  return signers;
}

std::map<std::string, Bytes> files_of(const Dialect& dialect, const Outcome& outcome) {
  std::map<std::string, Bytes> files;
  for (const auto* documents : {&outcome.learned.files, &outcome.passed_over}) {
    for (const auto& [role, bytes] : *documents) files.emplace(dialect.file_name(role), bytes);
  }
  for (const auto& [version, bytes] : outcome.learned.roots) files.emplace(dialect.root_file_name(version), bytes);
  return files;
}

PolicyAnswer::PolicyAnswer(std::string gun, Outcome outcome) : gun_(std::move(gun)), outcome_(std::move(outcome)) {
  warn(outcome_.warnings);
}

std::optional<trust::Refusal> PolicyAnswer::refusal() const {
  if (reason() == nullptr) return std::nullopt;
  return trust::Refusal{reason()->fault, reason()->detail, reason()->hint};
}

bool PolicyAnswer::is_older() const { return reason() != nullptr && reason()->kind == Refusal::Kind::rollback; }

const trust::TrustedMetadata* PolicyAnswer::learned() const {
  return repository() == nullptr ? nullptr : &outcome_.learned;
}

std::vector<trust::Expiry> PolicyAnswer::expiries() const {
  std::vector<trust::Expiry> expiries;
  if (repository() == nullptr) return expiries;
  for (const auto& [role, state] : repository()->roles()) {
    const auto seen = outcome_.learned.versions.find(role);
    expiries.push_back({repository()->gun(), role, state.version, state.expires,
                        seen == outcome_.learned.versions.end() ? std::nullopt : std::optional(seen->second)});
  }
  return expiries;
}

std::map<std::string, Bytes> PolicyAnswer::used() const {
  return repository() == nullptr ? std::map<std::string, Bytes>() : files_of(notary(), outcome_);
}

/// Trust data say nowhere whose they are but in the certificates of the root.
std::vector<std::string> PolicyAnswer::trace() const {
  std::vector<std::string> lines;
  if (repository() == nullptr) return lines;
  const RootFile file = read_root_file(notary(), outcome_.learned.files.at("root"));
  for (const std::string& id : file.signers().key_ids) {
    const RootKeyStanding standing = notary().root_key(file.root.keys.at(id), gun_);
    if (!standing.eligible) continue;
    lines.push_back("trust data of " + gun_ + ": root version " + std::to_string(file.version()) + ", key " + id +
                    ", certificate for \"" + printable(standing.names, 300) + "\"");
  }
  return lines;
}

void PolicyAnswer::write(json::Writer& evidence) const {
  evidence.member("kind", "tuf").member("gun", gun_);
  if (repository() == nullptr) {
    evidence.member("refused", printable(tuf::code_of(*reason()), 300));
    return;
  }
  if (const auto root = repository()->roles().find("root"); root != repository()->roles().end()) {
    evidence.key("rootVersion").integer(root->second.version);
  }
  evidence.key("rootKeyIds").begin_array();
  for (const std::string& id : repository()->root_key_ids()) evidence.string(printable(id, 120));
  evidence.end_array().key("firstUse").boolean(repository()->first_use());
}

bool PolicyQuestion::is_same(const trust::Question& other) const {
  const auto* asked = dynamic_cast<const PolicyQuestion*>(&other);
  // All that the answer depends on: a policy whose pins were changed meanwhile has to ask again.
  return asked != nullptr && asked->collection_.store == collection_.store && asked->question_.gun == question_.gun &&
         asked->collection_.server == collection_.server && asked->collection_.ca_file == collection_.ca_file &&
         same_anchor(asked->question_.anchor, question_.anchor) &&
         asked->question_.cached_timestamp_allowed == question_.cached_timestamp_allowed;
}

bool PolicyQuestion::fits(const trust::TrustedMetadata& memory, trust::MemoryOf whose) const {
  return tuf::fits(question_.gun, memory, whose, question_.anchor);
}

std::unique_ptr<trust::Answer> PolicyQuestion::ask(trust::EvidenceSource& source, const trust::TrustedMetadata& before,
                                                   const Subject* /*subject*/, Time now) const {
  using Place = trust::EvidenceSource::Place;
  // With trust on first use an archive would be believed for what it brings along itself.
  if (source.place() == Place::archive && !question_.anchor.is_pinned() && before.empty()) {
    Refusal refusal{Refusal::Kind::root_not_pinned, "",
                    "no policy pins a root of " + question_.gun +
                        ", and this machine has never trusted one; an archive cannot vouch for itself",
                    "pin the root in the policy"};
    return std::make_unique<PolicyAnswer>(question_.gun, Outcome{std::move(refusal), {}, {}});
  }
  EvidenceSourceAdapter adapter(source);
  Outcome outcome = update(notary(), question_, before, adapter, now);
  auto* const refusal = std::get_if<Refusal>(&outcome.result);
  const bool is_old_timestamp =
      refusal != nullptr && refusal->kind == Refusal::Kind::expired && refusal->about == "timestamp";
  // No server signs for a folder.
  if (is_old_timestamp && source.place() == Place::folder) {
    refusal->hint = "its publisher signs it again by hallmark trust renew " + question_.gun +
                    "; check also the clock of this machine";
  }
  return std::make_unique<PolicyAnswer>(question_.gun, std::move(outcome));
}

}  // namespace hallmark::tuf
