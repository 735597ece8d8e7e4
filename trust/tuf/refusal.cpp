// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/refusal.h"

namespace hallmark::tuf {

/// Scripts and records know these words, and the policy's codes are made of them (policy/requirement.cpp).
std::string_view word_of(Refusal::Kind kind) {
  using enum Refusal::Kind;
  switch (kind) {
    case no_trust_data: return "no-trust-data";
    case unreachable: return "unreachable";
    case rejected: return "rejected";
    case missing: return "missing";
    case malformed: return "malformed";
    case duplicate_member: return "malformed:duplicate-member";
    case bad_signature: return "bad-signature";
    case hash_mismatch: return "hash-mismatch";
    case rollback: return "rollback";
    case expired: return "expired";
    case root_cert_expired: return "root-cert-expired";
    case root_cert_mismatch: return "root-cert-mismatch";
    case root_not_signed_by_trusted_root: return "root-not-signed-by-trusted-root";
    case root_not_pinned: return "root-not-pinned";
    case snapshot_dropped_role: return "snapshot-dropped-role";
    case too_many_delegations: return "too-many-delegations";
    case too_many_roots: return "too-many-roots";
    case too_much_trust_data: break;
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
    // The name is the document's own text, and becomes a part of a code that is printed.
    refusal.about = printable(duplicate->member(), 80);
  }
  return refusal;
}

MetadataReply ask(MetadataSource& source, const MetadataFile& wanted) {
  MetadataReply reply = source.fetch(wanted);
  // Rejected, which is final: nothing that is remembered may stand in for what a server sends too much of.
  if (reply.kind == MetadataReply::Kind::found && reply.bytes.size() > wanted.limit) {
    return {MetadataReply::Kind::rejected,
            {},
            Fault::unavailable,
            std::to_string(reply.bytes.size()) + " bytes, at most " + std::to_string(wanted.limit) + " are allowed",
            {},
            true};
  }
  return reply;
}

Refusal not_found(const MetadataFile& wanted, const MetadataReply& reply) {
  const std::string why = reply.detail.empty() ? std::string() : ": " + reply.detail;
  switch (reply.kind) {
    case MetadataReply::Kind::missing:
      // Once: a server says itself which file it has not.
      return {Refusal::Kind::missing, wanted.role,
              reply.detail.find(wanted.file) == std::string::npos ? wanted.file + " is not there" + why : reply.detail,
              "the trust data is not complete on the server; publishing again mends it"};
    case MetadataReply::Kind::unreachable:
      // With the fault of the network: nobody said no, and the exit status must not say so.
      return {Refusal::Kind::unreachable, "", wanted.file + " could not be fetched" + why,
              reply.hint.empty() ? "check the network and the trust server" : reply.hint, reply.fault};
    case MetadataReply::Kind::rejected:
    case MetadataReply::Kind::found: break;
  }
  return {Refusal::Kind::rejected, wanted.role, wanted.file + " was not given" + why,
          "ask whoever runs the trust server"};
}

}  // namespace hallmark::tuf
