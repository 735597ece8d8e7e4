// SPDX-License-Identifier: Apache-2.0
#include "trust/shared_library.h"

#include <string>

#include "tests/support/catch.h"
#include "trust/crypto/libcrypto.h"
#include "trust/error.h"

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

TEST_CASE("a function of libcrypto is found when it is called, and one that it has not is refused", "[trust]") {
  CHECK(&crypto::libcrypto() == &crypto::libcrypto());
  constexpr crypto::Function<"OpenSSL_version"_name, const char* (*)(int)> kVersion{};
  CHECK(std::string(kVersion(0)).find("OpenSSL 3.") == 0);
  constexpr crypto::Function<"OpenSSL_of_nobody"_name, void (*)()> kNobody{};
  for (int time = 0; time < 2; ++time) {
    require_refused([&] { kNobody(); }, "undefined symbol: OpenSSL_of_nobody", "libssl3");
  }
}
