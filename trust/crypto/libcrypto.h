// SPDX-License-Identifier: Apache-2.0
//
// OpenSSL's libcrypto, loaded by the first who calls a function of it (docs/decisions/0009): to load and relocate it is
// half of the start of a command. For the files that use it, and no others.
#pragma once

#include "trust/shared_library.h"

namespace hallmark::crypto {

/// Loaded once, by whichever thread comes first. Fault::local when this machine has none.
const SharedLibrary& libcrypto();

/// A function of libcrypto, called as it would be; `Pointer` points to its type. The first call finds it: Fault::local
/// when this machine's library is without it.
///
/// An object of that name in a namespace stands before the function that the header declares, so that those who call
/// it are written as if it were linked. One that has no object here is not linked either: the build fails.
template <FunctionName Name, class Pointer>
class Function;

template <FunctionName Name, class Pointer>
const Pointer& pointer_to() {
  static const Pointer kPointer = [] {
    Pointer found = nullptr;
    libcrypto().find(Name.text.data(), found);
    return found;
  }();
  return kPointer;
}

template <FunctionName Name, class Result, class... Parameters>
class Function<Name, Result (*)(Parameters...)> {
 public:
  Result operator()(Parameters... arguments) const {
    return pointer_to<Name, Result (*)(Parameters...)>()(arguments...);
  }
};

/// With any number of arguments behind the declared ones.
template <FunctionName Name, class Result, class... Parameters>
class Function<Name, Result (*)(Parameters..., ...)> {
 public:
  template <class... Others>
  Result operator()(Parameters... arguments, Others... others) const {
    return pointer_to<Name, Result (*)(Parameters..., ...)>()(arguments..., others...);
  }
};

}  // namespace hallmark::crypto
