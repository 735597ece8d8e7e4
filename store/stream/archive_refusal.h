// SPDX-License-Identifier: Apache-2.0
//
// Why an archive is refused: each rule has a word of its own that stands first in the message, so that scripts and
// tests can tell one refusal from another.
#pragma once

#include "trust/error.h"

namespace hallmark::store {

/// Throws Fault::corrupt: "E_ENTRY_NAME: ...".
template <class... Parts>
[[noreturn]] void refuse_archive(std::string_view code, const Parts&... parts) {
  fail(Fault::corrupt, code, ": ", parts...);
}

/// Runs the work; what is corrupt in it is refused with this word. Refusals that have one keep it.
template <class Work>
decltype(auto) refusing_as(std::string_view code, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    const bool has_code = std::string_view(error.what()).starts_with("E_");
    if (error.fault() != Fault::corrupt || has_code) throw;
    throw Error(Fault::corrupt, detail::joined(code, ": ", error.what()), error.hint());
  }
}

}  // namespace hallmark::store
