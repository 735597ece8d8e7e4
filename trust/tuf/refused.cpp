// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/refused.h"

namespace hallmark::tuf {

void refuse(std::string code, std::string detail, std::string hint) {
  throw Refused({std::move(code), std::move(detail), std::move(hint)});
}

Refusal malformed(std::string_view role, const Error& error) {
  std::string code = "malformed:" + std::string(role);
  if (const auto* duplicate = dynamic_cast<const json::DuplicateMember*>(&error)) {
    code = "malformed:duplicate-member:" + printable(duplicate->member(), 80);
  }
  return {std::move(code), std::string(role) + " cannot be read: " + error.what(),
          "what was served is no trust metadata of this kind; ask whoever runs the trust server"};
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
      return {"missing:" + wanted.role, wanted.file + " is not there" + why,
              "the trust data is not complete on the server; publishing again mends it"};
    case Answer::Kind::unreachable:
      return {"unreachable", wanted.file + " could not be fetched" + why, "check the network and the trust server",
              answer.fault};
    case Answer::Kind::rejected:
    case Answer::Kind::found: break;
  }
  return {"rejected:" + wanted.role, wanted.file + " was not given" + why, "ask whoever runs the trust server"};
}

}  // namespace hallmark::tuf
