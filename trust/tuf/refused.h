// SPDX-License-Identifier: Apache-2.0
//
// How a step deep inside the procedure ends it. Only update() catches; outside a refusal is a value.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "trust/json.h"
#include "trust/tuf/question.h"

namespace hallmark::tuf {

class Refused final : public std::exception {
 public:
  explicit Refused(Refusal refusal) : refusal_(std::move(refusal)) {}

  [[nodiscard]] const char* what() const noexcept override { return refusal_.code.c_str(); }
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }

 private:
  Refusal refusal_;
};

/// Throws Refused.
[[noreturn]] void refuse(std::string code, std::string detail, std::string hint);

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
Answer ask(Documents& documents, const Wanted& wanted);

/// The refusal for a file that was not found.
Refusal not_found(const Wanted& wanted, const Answer& answer);

}  // namespace hallmark::tuf
