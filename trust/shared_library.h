// SPDX-License-Identifier: Apache-2.0
//
// A shared library that is loaded by the first who needs it, and not at the start of every command: for libraries that
// bring many others along (docs/decisions/0009).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <string>

namespace hallmark {

/// The name of a function, as an argument of a template: "EVP_sha256"_name.
struct FunctionName {
  std::array<char, 40> text{};
};
consteval FunctionName operator""_name(const char* literal, std::size_t size) {
  FunctionName name;
  std::copy_n(literal, size + 1, name.text.begin());  // its zero too; one that is too long is no constant
  return name;
}

class SharedLibrary {
 public:
  /// Loads `file`, which stays loaded as long as the process lives: handles of it may. `purpose` is what errors call it
  /// by ("the transfer library"), `hint` what they advise. Fault::local when there is none, here and below.
  SharedLibrary(const char* file, std::string purpose, std::string hint);

  /// Sets `function` to the one of that name.
  template <class Function>
  void find(const char* name, Function& function) const {
    function = std::bit_cast<Function>(address_of(name));  // POSIX: what dlsym() finds may be called
  }
  /// Says that it will not do.
  [[noreturn]] void refuse(const std::string& why) const;

 private:
  [[nodiscard]] void* address_of(const char* name) const;

  std::string purpose_;
  std::string hint_;
  void* loaded_;
};

}  // namespace hallmark
