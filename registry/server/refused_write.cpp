// SPDX-License-Identifier: Apache-2.0
#include "registry/server/refused_write.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "trust/error.h"

namespace hallmark::registry {
namespace {

/// Registries with quotas have no code for it: they say 403, 412 or 413 and a sentence.
bool speaks_of_room(const std::string& line) {
  static constexpr std::array<std::string_view, 5> kWords = {"quota", "exceed", "upper limit", "storage limit",
                                                             "no space left"};
  const std::string text = lower_case(line);
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

}  // namespace

void refuse_write(Session& session, const ApiResponse& response) {
  // An error, or a success that nobody asked for: a reason of the registry's stands in neither.
  if (response.status() / 100 < 4) session.refuse(response);
  const std::string who = response.url.authority();
  const std::string line = response.line();
  const int status = response.status();
  // 429 speaks of a rate, and that is no room.
  if (status == 507 || (status != 401 && status != 404 && status != 429 && speaks_of_room(line))) {
    throw Error(Fault::unavailable, who + " has no room for it: " + line,
                "make room there or have the quota raised, then do the same again: what was sent is not sent twice");
  }
  if (status == 405) {
    throw Error(Fault::unavailable, who + " takes nothing, it is read-only: " + line,
                "a mirror or a registry under maintenance cannot be written to");
  }
  if (status == 413) {
    throw Error(Fault::unavailable, who + " takes nothing so large: " + line,
                "the registry, or a proxy before it, has a limit for the size of a request");
  }
  session.refuse(response);
}

}  // namespace hallmark::registry
