// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/refusal.h"

namespace hallmark::tuf {

std::string_view word_of(Refusal::Kind kind) {
  using Kind = Refusal::Kind;
  switch (kind) {
    case Kind::no_trust_data: return "no-trust-data";
    case Kind::unreachable: return "unreachable";
    case Kind::rejected: return "rejected";
    case Kind::missing: return "missing";
    case Kind::malformed: return "malformed";
    case Kind::duplicate_member: return "malformed:duplicate-member";
    case Kind::bad_signature: return "bad-signature";
    case Kind::hash_mismatch: return "hash-mismatch";
    case Kind::rollback: return "rollback";
    case Kind::expired: return "expired";
    case Kind::root_cert_expired: return "root-cert-expired";
    case Kind::root_cert_mismatch: return "root-cert-mismatch";
    case Kind::root_not_signed_by_trusted_root: return "root-not-signed-by-trusted-root";
    case Kind::root_not_pinned: return "root-not-pinned";
    case Kind::snapshot_dropped_role: return "snapshot-dropped-role";
    case Kind::too_many_delegations: return "too-many-delegations";
    case Kind::too_many_roots: return "too-many-roots";
    case Kind::too_much_trust_data: break;
  }
  return "too-much-trust-data";
}

std::string code_of(const Refusal& refusal) {
  const std::string word(word_of(refusal.kind));
  return refusal.about.empty() ? word : word + ":" + refusal.about;
}

void refuse(Refusal::Kind kind, std::string about, std::string detail, std::string hint) {
  throw Refused({kind, std::move(about), std::move(detail), std::move(hint)});
}

Refusal malformed(std::string_view role, const Error& error) {
  Refusal refusal{Refusal::Kind::malformed, std::string(role), std::string(role) + " cannot be read: " + error.what(),
                  "what was served is no trust metadata of this kind; ask whoever runs the trust server"};
  if (const auto* duplicate = dynamic_cast<const json::DuplicateMember*>(&error)) {
    refusal.kind = Refusal::Kind::duplicate_member;
    refusal.about = printable(duplicate->member(), 80);
  }
  return refusal;
}

Answer ask(Documents& documents, const Wanted& wanted) {
  Answer answer = documents.fetch(wanted);
  if (answer.kind == Answer::Kind::found && answer.bytes.size() > wanted.limit) {
    return {Answer::Kind::rejected,
            {},
            Fault::unavailable,
            std::to_string(answer.bytes.size()) + " bytes, at most " + std::to_string(wanted.limit) + " are allowed"};
  }
  return answer;
}

Refusal not_found(const Wanted& wanted, const Answer& answer) {
  const std::string why = answer.detail.empty() ? std::string() : ": " + answer.detail;
  switch (answer.kind) {
    case Answer::Kind::missing:
      return {Refusal::Kind::missing, wanted.role, wanted.file + " is not there" + why,
              "the trust data is not complete on the server; publishing again mends it"};
    case Answer::Kind::unreachable:
      return {Refusal::Kind::unreachable, "", wanted.file + " could not be fetched" + why,
              "check the network and the trust server", answer.fault};
    case Answer::Kind::rejected:
    case Answer::Kind::found: break;
  }
  return {Refusal::Kind::rejected, wanted.role, wanted.file + " was not given" + why,
          "ask whoever runs the trust server"};
}

}  // namespace hallmark::tuf
