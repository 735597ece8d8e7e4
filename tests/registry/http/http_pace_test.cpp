// SPDX-License-Identifier: Apache-2.0
#include "registry/http/http_pace.h"

#include "tests/support/catch.h"

using hallmark::registry::kLeastPace;
using hallmark::registry::Pace;
using hallmark::registry::Patience;
using std::chrono::seconds;

TEST_CASE("a byte now and then is no progress, and a slow answer is", "[registry]") {
  const Pace::Clock::time_point begin{};
  Pace drip{seconds(60)};
  std::uint64_t received = 1000;
  int last = 0;
  for (int second = 0; drip.goes_on(received, begin + seconds(second)); ++second, ++received) last = second;
  CHECK(last == 60);

  Pace slow{seconds(60)};
  received = 1;
  for (int second = 0; second < 100'000; ++second, received += kLeastPace + 2) {
    REQUIRE(slow.goes_on(received, begin + seconds(second)));
  }
}

TEST_CASE("a burst at the end of each minute does not make up for a drip between", "[registry]") {
  const Pace::Clock::time_point begin{};
  Pace pace{seconds(60)};
  CHECK(pace.goes_on(1, begin));
  CHECK(pace.goes_on(500, begin + seconds(59)));
  CHECK_FALSE(pace.goes_on(1000, begin + seconds(118)));
}

TEST_CASE("before the first byte, and while its bytes are worked on here, an answer is not late", "[registry]") {
  const Pace::Clock::time_point begin{};
  Pace pace{seconds(60)};
  CHECK(pace.goes_on(0, begin));
  CHECK(pace.goes_on(0, begin + seconds(1000)));
  CHECK(pace.goes_on(10, begin + seconds(2000)));
  pace.excuse(seconds(600));  // another layer has its turn
  CHECK(pace.goes_on(20, begin + seconds(2660)));
  CHECK_FALSE(pace.goes_on(30, begin + seconds(2661)));
}

TEST_CASE("a first byte has more time than the next one, and what is sent no more than that", "[registry]") {
  const Patience::Clock::time_point begin = Patience::Clock::now();
  Patience late{seconds(3600), seconds(60)};
  CHECK(late.goes_on(0, begin + seconds(3000)));
  late.head_began();
  late.head_ended();
  CHECK(late.goes_on(0, begin + seconds(3590)));
  CHECK(late.goes_on(1, begin + seconds(3590)));
  CHECK_FALSE(late.goes_on(2, begin + seconds(3651)));
  CHECK(late.why() == "hardly a byte came for 60 seconds");

  Patience never{seconds(3600), seconds(60)};
  CHECK_FALSE(never.goes_on(0, begin + seconds(3700)));
  CHECK(never.why() == "not a byte came for 3600 seconds");

  Patience sending{seconds(3600), seconds(60)};
  sending.sent(false, begin);
  CHECK(sending.goes_on(0, begin + seconds(60)));
  CHECK_FALSE(sending.goes_on(0, begin + seconds(61)));
  CHECK(sending.why() == "not a byte was taken for 60 seconds");
  sending.sent(true, begin + seconds(61));
  CHECK(sending.goes_on(0, begin + seconds(3000)));
}
