// SPDX-License-Identifier: Apache-2.0
#include "store/shared_library.h"

#include <string>

#include "store/libarchive.h"
#include "tests/support/catch.h"
#include "trust/error.h"

using namespace hallmark;
using store::libarchive;
using store::load_libarchive;
using store::SharedLibrary;

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

TEST_CASE("a shared library gives its functions, and says what it has not", "[store]") {
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

TEST_CASE("the archive library is loaded once, and an archive can be begun with it", "[store]") {
  CHECK(&libarchive() == &libarchive());
  const store::ReadArchive open = store::made(store::ReadArchive(libarchive().read_new()));
  CHECK(libarchive().read_support_format_tar(open.get()) == ARCHIVE_OK);
}

TEST_CASE("an archive library that is not there, or is another, is refused", "[store]") {
  require_refused([] { load_libarchive("libarchive-of-nobody.so.13"); },
                  "libarchive-of-nobody.so.13: cannot open shared object file", "libarchive13");
  require_refused([] { load_libarchive("libc.so.6"); }, "the archive library cannot be used: ", "libarchive13");
}
