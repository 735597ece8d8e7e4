// SPDX-License-Identifier: Apache-2.0
#include "trust/error.h"

#include "tests/support/catch.h"
#include "trust/json_pointer.h"

using namespace hallmark;

TEST_CASE("a code is shown in its place, whatever context the error has gone through", "[trust]") {
  const auto told = [](const ErrorCode& code) {
    return test::message_of([&] {
      within("app.tar", [&] {
        within("blob", [&] { throw Error(Fault::corrupt, code, "expected a, found b", "copy it again"); });
      });
    });
  };
  CHECK(told(ErrorCode{"E_BLOB_DIGEST"}) == "app.tar: blob: E_BLOB_DIGEST: expected a, found b");
  CHECK(told(ErrorCode{"E_BLOB_DIGEST", ErrorCode::Place::behind}) ==
        "app.tar: blob: expected a, found b (E_BLOB_DIGEST)");
  CHECK(told({}) == "app.tar: blob: expected a, found b");
}

TEST_CASE("context keeps everything else of an error", "[trust]") {
  const Error error = Error(Fault::missing, ErrorCode{"E_PART_MISSING"}, "not there", "copy it").within("app.tar.000");
  CHECK(error.fault() == Fault::missing);
  CHECK(error.code() == "E_PART_MISSING");
  CHECK(error.message() == "app.tar.000: not there");
  CHECK(error.hint() == "copy it");
}

TEST_CASE("what an error is about is named once", "[trust]") {
  const auto failing = [] { within("app: blob sha256:ab", [] { fail(Fault::unavailable, "no connection"); }); };
  const auto layer = [&] { within_naming("layer sha256:ab", "sha256:ab", failing); };
  REQUIRE(test::message_of([&] { within("app:1", layer); }) == "app:1: layer sha256:ab: no connection");
  REQUIRE(test::message_of([] {
            within_naming("layer sha256:ab", "sha256:ab", [] { fail(Fault::corrupt, "cut"); });
          }) == "layer sha256:ab: cut");
}

TEST_CASE("a place in a document keeps all else of an error", "[trust]") {
  try {
    at_pointer("/stores/dct", [] { fail_as(Fault::refused, "E_X", "no"); });
  } catch (const Error& error) {
    REQUIRE(error.code() == "E_X");
    REQUIRE(std::string(error.what()) == "/stores/dct: no (E_X)");
    REQUIRE(error.fault() == Fault::refused);
  }
}
