// SPDX-License-Identifier: Apache-2.0
#include "cmd/terminal/transfer_line.h"

#include <cstdint>
#include <optional>

#include "tests/support/catch.h"

using namespace hallmark::cmd;

TEST_CASE("a transfer tells on one line how far it is, and fits the screen", "[cmd]") {
  constexpr std::uint64_t kMillion = 1'000'000;
  CHECK(transfer_line("Saving", 150 * kMillion, 600 * kMillion, 50 * kMillion, 120) ==
        "Saving: [=======>                       ] 150MB/600MB, 50MB/s, 9 seconds left");
  CHECK(transfer_line("Saving", 150 * kMillion, 600 * kMillion, 0, 80) ==
        "Saving: [=======>                       ] 150MB/600MB");
  CHECK(transfer_line("Saving", 700 * kMillion, 600 * kMillion, kMillion, 80) ==
        "Saving: [==============================>] 600MB/600MB, 1MB/s");
  CHECK(transfer_line("Saving", 150 * kMillion, 600 * kMillion, 0, 30) == "Saving: 150MB/600MB");
  CHECK(transfer_line("Reading -", 150 * kMillion, std::nullopt, kMillion, 80) == "Reading -: 150MB, 1MB/s");
  CHECK(transfer_line("Saving", 0, 0, 0, 120) == "Saving: [==============================>] 0B/0B");
  CHECK(transfer_line("Saving", 150 * kMillion, 600 * kMillion, 50 * kMillion, 10) == "Saving: 1");
  CHECK(transfer_line("Saving", 150 * kMillion, 600 * kMillion, 50 * kMillion, 0).size() == 1);
}
