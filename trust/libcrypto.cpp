// SPDX-License-Identifier: Apache-2.0
#include "trust/libcrypto.h"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace hallmark {
namespace {

std::vector<Place*>& places() {
  static std::vector<Place*> all;
  return all;
}

}  // namespace

Place::Place(const char* name) : name_(name) { places().push_back(this); }

SharedLibrary load_libcrypto(const char* file) {
  SharedLibrary library(file, "the cryptography library",
                        "install OpenSSL 3 (Debian's package is libssl3, from Debian 13 on libssl3t64)");
  std::vector<void*> found(places().size());
  for (std::size_t i = 0; i < found.size(); ++i) library.find(places()[i]->name_, found[i]);
  for (std::size_t i = 0; i < found.size(); ++i) places()[i]->address_ = found[i];
  return library;
}

void* Place::address() const {
  static const SharedLibrary kLibrary = load_libcrypto(HALLMARK_LIBCRYPTO_SONAME);
  static_cast<void>(kLibrary);
  if (address_ == nullptr) throw std::logic_error(std::string(name_) + " got its place after libcrypto was loaded");
  return address_;
}

}  // namespace hallmark
