// SPDX-License-Identifier: Apache-2.0
//
// OpenSSL's libcrypto, loaded by the first who calls a function of it: to load and relocate it is half of the start of
// a command (docs/decisions/0012). For the files that use it, and no others.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "trust/shared_library.h"

namespace hallmark {

/// Where a function of libcrypto is.
class Place {
 public:
  /// Before main(): all are known when the library is loaded.
  explicit Place(const char* name);
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() = default;

  /// Loads the library, once, and finds every function that has a place: one that lacks any of them is refused before
  /// something was done with it. Fault::local then, and when this machine has none.
  [[nodiscard]] void* address() const;

 private:
  friend SharedLibrary load_libcrypto(const char* file);

  const char* name_;
  void* address_ = nullptr;
};

/// What address() loads.
SharedLibrary load_libcrypto(const char* file);

/// The name of a function, as an argument of a template: "EVP_sha256"_name.
struct FunctionName {
  std::array<char, 40> text{};
};
consteval FunctionName operator""_name(const char* literal, std::size_t size) {
  FunctionName name;
  std::copy_n(literal, size + 1, name.text.begin());  // its zero too; one that is too long is no constant
  return name;
}

template <FunctionName Name>
inline Place place_of{Name.text.data()};

/// A function of libcrypto, called as it would be; `Pointer` points to its type. Fault::local like Place::address(); in
/// the destructor of something that libcrypto made it is there.
///
/// An object of that name in a namespace stands before the function that the header declares, so that those who call
/// it are written as if it were linked. One that has no object here is not linked either: the build fails.
template <FunctionName Name, class Pointer>
class Function;

template <FunctionName Name, class Result, class... Parameters>
class Function<Name, Result (*)(Parameters...)> {
 public:
  Result operator()(Parameters... arguments) const {
    return std::bit_cast<Result (*)(Parameters...)>(place_of<Name>.address())(arguments...);
  }
};

/// With any number of arguments behind the declared ones.
template <FunctionName Name, class Result, class... Parameters>
class Function<Name, Result (*)(Parameters..., ...)> {
 public:
  template <class... Others>
  Result operator()(Parameters... arguments, Others... others) const {
    return std::bit_cast<Result (*)(Parameters..., ...)>(place_of<Name>.address())(arguments..., others...);
  }
};

}  // namespace hallmark
