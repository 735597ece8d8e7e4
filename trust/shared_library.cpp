// SPDX-License-Identifier: Apache-2.0
#include "trust/shared_library.h"

#include <dlfcn.h>

#include <utility>

#include "trust/error.h"

namespace hallmark {
namespace {

std::string last_failure() {
  const char* const text = dlerror();
  return text == nullptr ? "no reason is given" : printable(text, 300);
}

}  // namespace

SharedLibrary::SharedLibrary(const char* file, std::string purpose, std::string hint)
    : purpose_(std::move(purpose)), hint_(std::move(hint)), loaded_(dlopen(file, RTLD_LAZY | RTLD_LOCAL)) {
  if (loaded_ == nullptr) refuse(last_failure());
}

void SharedLibrary::refuse(const std::string& why) const {
  throw Error(Fault::local, purpose_ + " cannot be used: " + why, hint_);
}

void* SharedLibrary::address_of(const char* name) const {
  void* const found = dlsym(loaded_, name);
  if (found == nullptr) refuse(last_failure());
  return found;
}

}  // namespace hallmark
