// SPDX-License-Identifier: Apache-2.0
//
// A shared library that is loaded by the first who needs it, and not at the start of every command: for libraries that
// bring many others along (docs/decisions/0009).
#pragma once

#include <bit>
#include <string>

namespace hallmark {

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
