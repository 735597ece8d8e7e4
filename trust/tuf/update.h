// SPDX-License-Identifier: Apache-2.0
//
// The client's procedure: from what this machine trusted last time to a repository that is verified now, or to a
// refusal. It does no I/O: it asks the caller's MetadataSource for files by name, and takes the time as an argument.
// Asked again with the same files, memory and time it answers the same, so an archive can be judged like a server.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "trust/time.h"
#include "trust/tuf/dialect.h"
#include "trust/tuf/question.h"
#include "trust/tuf/refusal.h"
#include "trust/tuf/repository.h"

namespace hallmark::tuf {

/// The verified repository with what is to be remembered, or why there is none.
struct Outcome {
  std::variant<Repository, Refusal> result;
  TrustedMetadata learned;            ///< only ever forward; meaningful only beside a Repository
  std::vector<std::string> warnings;  ///< one line each: skipped delegations, a cached timestamp, a first use
  /// Delegations whose document nobody signed who may sign it now, with the version that it claims. Nothing is proven
  /// by it: it is for whoever signs the next one, which has to be above.
  std::map<std::string, std::int64_t> abandoned{};
  /// Documents of delegations that do not count, by role: whoever asks again has to see for itself that they do not.
  std::map<std::string, Bytes> passed_over{};
};

/// Notary v1 client procedure with the stricter rules for duplicate members, version memory, lost delegations,
/// expired old roots, pins on every run. Whatever the server sends becomes a refusal; an Error is thrown only for what
/// is not evidence: a pinned root document that cannot be used is Fault::usage.
Outcome update(const Dialect& dialect, const Question& question, const TrustedMetadata& memory, MetadataSource& source,
               Time now);

}  // namespace hallmark::tuf
