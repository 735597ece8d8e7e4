// SPDX-License-Identifier: Apache-2.0
//
// Why there is no verified repository: a value. A step deep inside the procedure ends it by throwing Refused, which
// only update() catches.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "trust/json.h"
#include "trust/tuf/question.h"

namespace hallmark::tuf {

/// A judgement on the trust data.
struct Refusal {
  enum class Kind {
    no_trust_data,
    unreachable,
    rejected,  ///< the server refused the question, or the file is over its limit
    missing,
    malformed,
    duplicate_member,  ///< malformed because a member stands twice
    bad_signature,
    hash_mismatch,
    rollback,
    expired,
    root_cert_expired,
    root_cert_mismatch,  ///< no root key may sign for this repository, or only ones that stand for several do
    root_not_signed_by_trusted_root,
    root_not_pinned,
    snapshot_dropped_role,
    too_many_delegations,
    too_many_roots,
    too_much_trust_data  ///< all of it together
  };

  Kind kind;
  std::string about;   ///< the role, of a duplicate member its name; empty where it is about all of them
  std::string detail;  ///< expected and found, one line
  std::string hint;
  Fault fault = Fault::refused;  ///< `unreachable` carries the network's fault instead
};

/// The stable word: "bad-signature".
std::string_view word_of(Refusal::Kind kind);
/// The word, and what it is about: "bad-signature:timestamp".
std::string code_of(const Refusal& refusal);

/// Only update() catches it. What leaves update() is a value.
class Refused final : public std::exception {
 public:
  explicit Refused(Refusal refusal) : refusal_(std::move(refusal)), code_(code_of(refusal_)) {}

  [[nodiscard]] const char* what() const noexcept override { return code_.c_str(); }
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }

 private:
  Refusal refusal_;
  std::string code_;
};

/// Throws Refused.
[[noreturn]] void refuse(Refusal::Kind kind, std::string about, std::string detail, std::string hint);

/// The refusal for a document that cannot be read.
Refusal malformed(std::string_view role, const Error& error);

/// Runs the reading of a document; what it throws because of the document becomes a refusal. Other errors pass.
template <class Work>
decltype(auto) reading(std::string_view role, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    throw Refused(malformed(role, error));
  }
}

/// Asks, and does not believe that the limit was kept.
MetadataReply ask(MetadataSource& source, const MetadataFile& wanted);

/// The refusal for a file that was not found.
Refusal not_found(const MetadataFile& wanted, const MetadataReply& reply);

}  // namespace hallmark::tuf
