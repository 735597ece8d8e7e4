// SPDX-License-Identifier: Apache-2.0
#include "policy/decision.h"

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

}  // namespace

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
