// SPDX-License-Identifier: Apache-2.0
//
// What a judgement is made of: what has to be asked, what each requirement found, and what came of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policy/approval.h"
#include "policy/policy.h"
#include "trust/error.h"
#include "trust/tuf/update.h"

namespace hallmark::policy {

/// Trust data that must be gathered before the gate can decide. Pure data: the command fetches it.
struct TrustQuestion {
  std::string key;    ///< names the question within one plan
  std::string store;  ///< of the policy; empty for content trust. Each has a memory of its own
  tuf::Question question;
  std::optional<std::string> server;  ///< from the policy; otherwise the command's choice
  std::optional<std::string> ca_file;
};

/// What holds for one name.
struct Plan {
  Reference name;
  std::optional<Match> match;  ///< absent when there is no policy file
  Requirements requirements;   ///< of the match, then the one of content trust where it applies
  std::vector<TrustQuestion> questions;
  bool asks_image = false;  ///< whether one of them needs Subject::facts
};

/// By TrustQuestion::key. A missing answer counts as "could not decide".
using TrustAnswers = std::map<std::string, tuf::Outcome>;

enum class Result { pass, fail, error, skipped };  // error: could not decide; counts as fail

/// What one requirement said.
struct Finding {
  std::string pointer;
  std::string type;
  std::string id;
  std::string store;
  Result result = Result::fail;
  std::string code;    ///< stable word of policy/codes.h when not passed: "REJECT", "TUF_EXPIRED", "NOT_SUPPORTED"
  std::string detail;  ///< one line: expected and found
  std::string hint;    ///< one line: what to do
  Fault fault = Fault::refused;
  std::size_t need = 0;  ///< threshold
  std::size_t got = 0;
  std::vector<Finding> children;
  std::string question;               ///< key of the trust data that was looked at; empty if none
  std::optional<tuf::Target> target;  ///< the signed target that made it pass
  std::string waived_by;              ///< a failed gate that counts for nothing: an exception, or kBreakGlass
  std::optional<std::uint64_t> most_uncompressed;  ///< what a pass of gates allows while layers are inflated
  /// Whose word a pass rests on: "key:<id>" for keys, "policy" for what the file itself says.
  std::set<std::string> signers;
  /// Of an index: whether a pass rests on its manifests that were looked at, and says nothing of others in it; and
  /// whether somebody vouches for the index itself, because its own digest is listed or signed.
  bool is_for_instances = false;
  bool is_for_top = false;
};

struct Decision {
  std::optional<Approval> approval;  ///< present exactly when everything passed
  std::vector<Finding> findings;
  /// Meaningful without an approval: Fault::refused if anything failed, otherwise the fault of what could not be
  /// decided.
  Fault fault = Fault::refused;
  /// Without an approval: nothing refused, but some gates wait for the configs of Subject::facts.
  bool is_open = false;
  /// Without an approval: all passed, but for the manifests alone that were looked at. Nobody vouches for their index.
  bool is_for_instances = false;
  std::vector<std::string> exceptions;          ///< ids of those that it needed
  std::optional<std::string> break_glass;       ///< the reason, if the glass had to be broken
  std::vector<std::string> break_glass_waived;  ///< codes that it waived
  /// Whether a publisher's word was checked, as against accepting anything.
  bool publisher_verified = false;
};

/// What came after the decision took the approval back, or nothing came to be judged. Its code: a word of its own.
void overturn(Decision& decision, const Error& error);

}  // namespace hallmark::policy
