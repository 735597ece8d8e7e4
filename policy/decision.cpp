// SPDX-License-Identifier: Apache-2.0
#include "policy/decision.h"

#include <algorithm>

#include "policy/codes.h"

namespace hallmark::policy {
namespace {

/// Of an error that has no word of its own: what kind of trouble it was, as the exit status tells it.
std::string word_of(Fault fault) {
  switch (fault) {
    // Records carry these words as codes, which scripts rely on.
    case Fault::usage: return "E_USAGE";
    case Fault::refused: return "E_REFUSED";
    case Fault::corrupt: return "E_CORRUPT";
    case Fault::missing: return "E_NOT_FOUND";
    case Fault::unauthorized: return "E_CREDENTIALS";
    case Fault::unavailable: return "E_NETWORK";
    // Each fault is named instead of a `default`, so that a compiler tells of one that has no word yet.
    case Fault::local:
    case Fault::partial:
    case Fault::interrupted: break;
  }
  return "E_LOCAL";
}

/// Of closed gates that nothing waives any more.
void collect_ended(const std::vector<Finding>& findings, std::set<std::string>& ended) {
  for (const Finding& finding : findings) {
    if (finding.only_looks_on) continue;
    collect_ended(finding.children, ended);
    const bool is_closed = finding.result == Result::fail && finding.waived_by.empty();
    if (is_closed && !finding.was_waived_by.empty()) ended.insert(finding.was_waived_by);
  }
}

}  // namespace

Finding remark(std::string pointer, std::string type, std::string_view code, std::string detail) {
  Finding finding;
  finding.pointer = std::move(pointer);
  finding.type = std::move(type);
  finding.code = code;
  finding.detail = std::move(detail);
  finding.hint = hint_of(code);
  return finding;
}

std::vector<Finding> with_ended(const std::vector<Exception>& exceptions, const std::vector<Finding>& of_list,
                                std::vector<Finding> before) {
  std::set<std::string> ended;
  collect_ended(of_list, ended);
  for (std::size_t place = 0; place < exceptions.size(); ++place) {
    const Exception& exception = exceptions[place];
    if (!ended.contains(exception.id)) continue;
    before.push_back(remark("/exceptions/" + std::to_string(place), "exception", "EXCEPTION_ENDED",
                            "it let this image pass until " + to_text(exception.until)));
    before.back().id = exception.id;
  }
  return before;
}

Fault fault_of(const std::vector<Finding>& findings) {
  const auto has = [&findings](Result result) {
    return std::any_of(findings.begin(), findings.end(), [result](const Finding& one) { return one.result == result; });
  };
  if (has(Result::fail) || !has(Result::error)) return Fault::refused;
  return std::find_if(findings.begin(), findings.end(), [](const Finding& one) { return one.result == Result::error; })
      ->fault;
}

void revoke(Decision& decision, const Error& error) {
  // It is added to what was found before: the record has to show both.
  Finding finding;
  finding.type = "content";
  // Law 13 of docs/house.md: a code is a member of the error, since messages may be worded anew.
  finding.code = error.code().empty() ? word_of(error.fault()) : error.code();
  finding.detail = error.message();
  finding.hint = error.hint();
  // Only a refusal says no. A full disk, or a server that fell silent, is no judgement on the image.
  finding.result = error.fault() == Fault::refused ? Result::fail : Result::error;
  finding.fault = error.fault();
  decision.findings.push_back(std::move(finding));
  // From here on nobody can commit by this decision, whoever still holds it.
  decision.approval.reset();
  decision.fault = error.fault();
  // What was verified may not be what came, so no record tells of a publisher then.
  decision.publisher_verified = false;
}

}  // namespace hallmark::policy
