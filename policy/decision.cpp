// SPDX-License-Identifier: Apache-2.0
#include "policy/decision.h"

namespace hallmark::policy {
namespace {

/// Of an error that has no word of its own: what kind of trouble it was, as the exit status tells it.
std::string word_of(Fault fault) {
  switch (fault) {
    case Fault::usage: return "E_USAGE";
    case Fault::refused: return "E_REFUSED";
    case Fault::corrupt: return "E_CORRUPT";
    case Fault::missing: return "E_NOT_FOUND";
    case Fault::unauthorized: return "E_CREDENTIALS";
    case Fault::unavailable: return "E_NETWORK";
    case Fault::local:
    case Fault::partial:
    case Fault::interrupted: break;
  }
  return "E_LOCAL";
}

}  // namespace

void overturn(Decision& decision, const Error& error) {
  Finding finding;
  finding.type = "content";
  finding.code = error.code().empty() ? word_of(error.fault()) : error.code();
  finding.detail = error.message();
  finding.hint = error.hint();
  finding.result = error.fault() == Fault::refused ? Result::fail : Result::error;
  finding.fault = error.fault();
  decision.findings.push_back(std::move(finding));
  decision.approval.reset();
  decision.fault = error.fault();
  decision.publisher_verified = false;
}

}  // namespace hallmark::policy
