// SPDX-License-Identifier: Apache-2.0
#include "registry/http/shown_address.h"

#include "tests/support/catch.h"

using hallmark::registry::shown_address;

TEST_CASE("an address is shown without its user and password", "[registry]") {
  CHECK(shown_address("https://registry.example:5000/v2") == "https://registry.example:5000/v2");
  CHECK(shown_address("https://alice:s3cret@registry.example/v2") == "https://***@registry.example/v2");
  CHECK(shown_address("https://alice:s3/c@r?t@registry.example") == "https://***@registry.example");
  CHECK(shown_address("https://alice:s3#c@r?t@registry.example/p?signature=s3cret") ==
        "https://***@registry.example/p");
  CHECK(shown_address("https://registry.example/p?signature=s3cret") == "https://registry.example/p");
  CHECK(shown_address("alice:s3cret@registry.example") == "***@registry.example");
  CHECK(shown_address("alice@s3cret://x") == "***@s3cret://x");
}
