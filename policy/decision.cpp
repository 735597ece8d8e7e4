// SPDX-License-Identifier: Apache-2.0
#include "policy/decision.h"

#include <string_view>

#include "policy/codes.h"

namespace hallmark::policy {
namespace {

/// A word of ours; a message from outside may end in anything.
bool is_error_word(std::string_view text) {
  return text.starts_with("E_") && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string_view::npos;
}

/// The word of an error that has one: "E_BLOB_DIGEST: ..." or "... (SIZE_UNCOMPRESSED)". It is taken off the message.
std::string take_code(std::string& message) {
  if (const std::size_t end = message.find(": "); message.starts_with("E_") && end != std::string::npos) {
    std::string code = message.substr(0, end);
    message.erase(0, end + 2);
    return code;
  }
  const std::size_t start = message.rfind(" (");
  if (start == std::string::npos || !message.ends_with(')')) return {};
  std::string code = message.substr(start + 2, message.size() - start - 3);
  if (hint_of(code).empty() && !is_error_word(code)) return {};
  message.erase(start);
  return code;
}

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
  std::string message = error.what();
  std::string code = take_code(message);
  if (code.empty()) code = word_of(error.fault());
  Finding finding;
  finding.type = "content";
  finding.code = std::move(code);
  finding.detail = std::move(message);
  finding.hint = error.hint();
  finding.result = error.fault() == Fault::refused ? Result::fail : Result::error;
  finding.fault = error.fault();
  decision.findings.push_back(std::move(finding));
  decision.approval.reset();
  decision.fault = error.fault();
  decision.publisher_verified = false;
}

}  // namespace hallmark::policy
