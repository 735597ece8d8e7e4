// SPDX-License-Identifier: Apache-2.0
//
// What a judgement is made of: what has to be asked, what each requirement found, and what came of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "policy/approval.h"
#include "policy/policy.h"
#include "trust/error.h"
#include "trust/system/answer.h"
#include "trust/system/question.h"
#include "trust/system/verdict.h"

namespace hallmark::policy {

using Questions = std::vector<std::shared_ptr<const trust::Question>>;

/// What holds for one name. Only a gate makes one, and only that gate decides by it.
class Plan {
 public:
  [[nodiscard]] const Reference& name() const { return name_; }
  /// Absent when there is no policy file.
  [[nodiscard]] const std::optional<Match>& match() const { return match_; }
  /// Of the match, then the one of content trust where it applies.
  [[nodiscard]] const Requirements& requirements() const { return requirements_; }
  /// No two that ask the same.
  [[nodiscard]] const Questions& questions() const { return questions_; }
  /// Whether a requirement needs Subject::facts.
  [[nodiscard]] bool asks_image() const { return asks_image_; }

  /// For a name that no gate could be asked about: nothing holds for it, and nothing can be decided by it.
  static Plan none(Reference name) { return Plan(std::move(name), nullptr); }

 private:
  friend class Gate;
  Plan(Reference name, std::shared_ptr<const char> gate) : name_(std::move(name)), gate_(std::move(gate)) {}

  Reference name_;
  std::optional<Match> match_;
  Requirements requirements_;
  Questions questions_;
  bool asks_image_ = false;
  std::shared_ptr<const char> gate_;  // whose it is
};

using trust::Answers;
using trust::Result;

/// What one requirement said.
struct Finding {
  /// JSON pointer into the policy, or the variable that asked. Empty for what no line of the file asks.
  std::string pointer;
  /// As the file writes it, "tuf"; for one gate its place as well, "gates.config.nonRoot".
  std::string type;
  std::string id;
  std::string store;
  /// What nobody settled has failed.
  Result result = Result::fail;
  std::string code;    ///< stable word of policy/codes.h when not passed: "REJECT", "TUF_EXPIRED", "NOT_SUPPORTED"
  std::string detail;  ///< one line: expected and found
  std::string hint;    ///< one line: what to do
  /// Of an error: what the command exits with when nothing failed.
  Fault fault = Fault::refused;
  std::size_t need = 0;  ///< threshold
  std::size_t got = 0;
  /// Branches of a threshold, gates, what an audit asks: all of them, passed or not.
  std::vector<Finding> children;
  std::string question;                       ///< key of the answer that was looked at; empty if none
  std::string word;                           ///< of a pass by a trust system: whose word it is, for people
  std::shared_ptr<const trust::Proof> proof;  ///< what made it pass, if there is more to record of it
  std::string waived_by;                      ///< a failed gate that counts for nothing: an exception, or kBreakGlass
  std::string was_waived_by;                  ///< of a failed gate: an exception that would waive it, had it not ended
  std::optional<std::uint64_t> most_uncompressed;  ///< what a pass of gates allows while layers are inflated
  /// Whose word a pass rests on: "key:<id>" for keys, "policy" for what the file itself says.
  std::set<std::string> signers;
  /// Of an index: whether a pass rests on its manifests that were looked at, and says nothing of others in it; and
  /// whether somebody vouches for the index itself, because its own digest is listed or signed.
  bool is_for_instances = false;
  bool is_for_top = false;
  /// An audit before its date: what it found refuses nothing, and has no say in anything else.
  bool only_looks_on = false;
};

/// A value and no exception: whoever has one looks whether there is an approval.
struct Decision {
  std::optional<Digest> subject{};   ///< of what was judged; absent when nothing was known of it
  std::optional<Approval> approval;  ///< present exactly when everything passed
  std::vector<Finding> findings;
  /// Meaningful without an approval: Fault::refused if anything failed, otherwise the fault of what could not be
  /// decided.
  Fault fault = Fault::refused;
  /// Without an approval: nothing refused, but some gates wait for the configs of Subject::facts.
  bool needs_config = false;
  /// Without an approval: all passed, but for the manifests alone that were looked at. Nobody vouches for their index.
  bool is_for_instances = false;
  std::vector<std::string> exceptions;          ///< ids of those that it needed
  std::optional<std::string> break_glass;       ///< the reason, if the glass had to be broken
  std::vector<std::string> break_glass_waived;  ///< codes that it waived
  /// Whether a publisher's word was checked, as against accepting anything.
  bool publisher_verified = false;
};

/// A refusal with the hint of its code.
Finding remark(std::string pointer, std::string type, std::string_view code, std::string detail);

/// What stands before the findings of the list: the exceptions that its closed gates had until they ended.
std::vector<Finding> with_ended(const std::vector<Exception>& exceptions, const std::vector<Finding>& of_list,
                                std::vector<Finding> before);

/// A refusal outranks an error, because another try does not change it. Among errors the first one tells.
Fault fault_of(const std::vector<Finding>& findings);

/// What came after the decision took the approval back, or nothing came to be judged. Its code: a word of its own.
void revoke(Decision& decision, const Error& error);

}  // namespace hallmark::policy
