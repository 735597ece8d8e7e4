// SPDX-License-Identifier: Apache-2.0
#include "store/stream/libarchive.h"

#include <string>

#include "tests/support/catch.h"
#include "trust/error.h"

using namespace hallmark;
using store::libarchive;
using store::load_libarchive;

namespace {

void require_refused(const char* file, const std::string& words) {
  INFO(file);
  try {
    load_libarchive(file);
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::local);
    CHECK(std::string(error.what()).find(words) != std::string::npos);
    CHECK(error.hint().find("libarchive13") != std::string::npos);
  }
}

}  // namespace

TEST_CASE("the archive library is loaded once, and an archive can be begun with it", "[store]") {
  CHECK(&libarchive() == &libarchive());
  const store::ReadArchive open = store::made(store::ReadArchive(libarchive().read_new()));
  CHECK(libarchive().read_support_format_raw(open.get()) == ARCHIVE_OK);
}

TEST_CASE("an archive library that is not there, or is another, is refused", "[store]") {
  require_refused("libarchive-of-nobody.so.13", "libarchive-of-nobody.so.13: cannot open shared object file");
  require_refused("libc.so.6", "the archive library cannot be used: ");
}
