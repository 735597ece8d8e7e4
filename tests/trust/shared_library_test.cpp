// SPDX-License-Identifier: Apache-2.0
#include "trust/shared_library.h"

#include <array>
#include <stdexcept>
#include <string>

#include "tests/support/catch.h"
#include "trust/error.h"
#include "trust/libcrypto.h"

using namespace hallmark;

namespace {

template <class Work>
void require_refused(Work&& work, const std::string& words, const std::string& hint) {
  try {
    work();
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::local);
    CHECK(std::string(error.what()).find(words) != std::string::npos);
    CHECK(error.hint().find(hint) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("a shared library gives its functions, and says what it has not", "[trust]") {
  const SharedLibrary library("libc.so.6", "the library of the test", "find another");
  int (*absolute)(int) = nullptr;
  library.find("abs", absolute);
  CHECK(absolute(-3) == 3);
  require_refused([&] { library.find("abs_of_nobody", absolute); },
                  "the library of the test cannot be used: ", "find another");
  CHECK(absolute(-4) == 4);
  require_refused([&] { library.refuse("it is too old"); }, "the library of the test cannot be used: it is too old",
                  "find another");
}

TEST_CASE("a cryptography library that is not there, or lacks a function, is refused", "[trust]") {
  const std::string purpose = "the cryptography library cannot be used: ";
  require_refused([] { load_libcrypto("libcrypto-of-nobody.so.3"); },
                  purpose + "libcrypto-of-nobody.so.3: cannot open shared object file", "libssl3");
  require_refused([] { load_libcrypto("libc.so.6"); }, "undefined symbol: ", "libssl3");
}

TEST_CASE("a function of the cryptography library is called like one that is linked", "[trust]") {
  constexpr Function<"OpenSSL_version"_name, const char* (*)(int)> kVersion{};
  CHECK(std::string(kVersion(0)).find("OpenSSL 3.") == 0);
  constexpr Function<"BIO_snprintf"_name, int (*)(char*, std::size_t, const char*, ...)> kFormat{};
  std::array<char, 64> text{};
  CHECK(kFormat(text.data(), text.size(), "%d %s %.1f %c", 7, "words", 1.5F, 'x') == 13);
  CHECK(std::string(text.data()) == "7 words 1.5 x");
  // One that nobody knew of when the library was loaded was not looked for.
  static Place late("OpenSSL_version_num");
  CHECK_THROWS_AS(late.address(), std::logic_error);
}
