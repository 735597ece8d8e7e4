// SPDX-License-Identifier: Apache-2.0
//
// Why an archive is refused: each rule has a code of its own, so that scripts and tests can tell one refusal from
// another.
#pragma once

#include "trust/error.h"

namespace hallmark::store {

/// Throws Fault::corrupt: "E_ENTRY_NAME: ...".
template <class... Parts>
[[noreturn]] void refuse_archive(std::string_view code, const Parts&... parts) {
  throw Error(Fault::corrupt, ErrorCode{std::string(code)}, detail::joined(parts...));
}

/// Runs the work; what is corrupt in it is refused with this word. Refusals that have one keep it.
template <class Work>
decltype(auto) refusing_as(std::string_view code, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    // A fault of this machine or of the network is no refusal of the archive, and gets no word of one.
    if (error.fault() != Fault::corrupt || !error.code().empty()) throw;
    throw Error(Fault::corrupt, ErrorCode{std::string(code)}, error.message(), error.hint());
  }
}

}  // namespace hallmark::store
