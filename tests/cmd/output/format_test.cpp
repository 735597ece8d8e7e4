// SPDX-License-Identifier: Apache-2.0
#include "cmd/output/format.h"

#include <stdexcept>

#include "tests/support/catch.h"

using namespace hallmark;
using namespace hallmark::cmd;
using namespace std::chrono_literals;

TEST_CASE("a table without rows is its header, each column three blanks apart and at least ten wide", "[cmd]") {
  const Table table({"REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"});
  REQUIRE(table.text() == "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n");
}

TEST_CASE("columns of a table are as wide as their widest cell and the last one has no blanks", "[cmd]") {
  Table table({"REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"});
  table.add({"localhost:21401/lib/debian", "12", "8df4bfb3fac2", "2 hours ago", "199MB"});
  table.add({"a", "<none>", "8df4bfb3fac2", "About an hour ago", "0B"});
  REQUIRE(table.text() ==
          "REPOSITORY                   TAG       IMAGE ID       CREATED             SIZE\n"
          "localhost:21401/lib/debian   12        8df4bfb3fac2   2 hours ago         199MB\n"
          "a                            <none>    8df4bfb3fac2   About an hour ago   0B\n");
}

TEST_CASE("a row with too few or too many cells is no row of the table", "[cmd]") {
  Table table({"A", "B"});
  REQUIRE_THROWS_AS(table.add({"1"}), std::logic_error);
  REQUIRE_THROWS_AS(table.add({"1", "2", "3"}), std::logic_error);
}

TEST_CASE("sizes in lists have three digits and units of a thousand", "[cmd]") {
  REQUIRE(list_size(0) == "0B");
  REQUIRE(list_size(23) == "23B");
  REQUIRE(list_size(999) == "999B");
  REQUIRE(list_size(1000) == "1kB");
  REQUIRE(list_size(1234) == "1.23kB");
  REQUIRE(list_size(1'980'000) == "1.98MB");
  REQUIRE(list_size(198'899'004) == "199MB");
  REQUIRE(list_size(5'000'000'000'000) == "5TB");
  REQUIRE(list_size(18'446'744'073'709'551'615U) == "18.4EB");
}

TEST_CASE("sizes in progress have four digits", "[cmd]") {
  REQUIRE(exact_size(0) == "0B");
  REQUIRE(exact_size(545'792) == "545.8kB");
  REQUIRE(exact_size(30'600'000) == "30.6MB");
  REQUIRE(exact_size(93'292'118) == "93.29MB");
}

TEST_CASE("a size that rounds to a thousand of a unit is one of the next", "[cmd]") {
  REQUIRE(list_size(999'499'999) == "999MB");
  REQUIRE(list_size(999'500'000) == "1GB");
  REQUIRE(list_size(999'950'000) == "1GB");
  REQUIRE(exact_size(999'949'000) == "999.9MB");
  REQUIRE(exact_size(999'950'000) == "1GB");
  REQUIRE(exact_size(999'999) == "1MB");
}

TEST_CASE("durations are told in one unit", "[cmd]") {
  REQUIRE(duration(0s) == "Less than a second");
  REQUIRE(duration(999ms) == "Less than a second");
  REQUIRE(duration(1s) == "1 second");
  REQUIRE(duration(2s) == "2 seconds");
  REQUIRE(duration(59s) == "59 seconds");
  REQUIRE(duration(60s) == "About a minute");
  REQUIRE(duration(119s) == "About a minute");
  REQUIRE(duration(2min) == "2 minutes");
  REQUIRE(duration(59min + 59s) == "59 minutes");
}

TEST_CASE("hours are rounded and longer units are cut", "[cmd]") {
  REQUIRE(duration(60min) == "About an hour");
  REQUIRE(duration(89min) == "About an hour");
  REQUIRE(duration(90min) == "2 hours");
  REQUIRE(duration(47h + 29min) == "47 hours");
  REQUIRE(duration(48h) == "2 days");
  REQUIRE(duration(24h * 13) == "13 days");
  REQUIRE(duration(24h * 14) == "2 weeks");
  REQUIRE(duration(24h * 59) == "8 weeks");
  REQUIRE(duration(24h * 60) == "2 months");
  REQUIRE(duration(24h * 729) == "24 months");
  REQUIRE(duration(24h * 730) == "2 years");
  REQUIRE(duration(24h * 365 * 56) == "56 years");
}

TEST_CASE("a path is JSON whatever its bytes are", "[cmd]") {
  CHECK(path_in_json("/srv/a b/\"x\".tar") == "/srv/a b/\"x\".tar");
  CHECK(path_in_json("/srv/\xc3\xbc.tar") == "/srv/\xc3\xbc.tar");
  CHECK(path_in_json("/srv/\xff.tar") == "/srv/\\xff.tar");
}

TEST_CASE("what was made in the future was made just now", "[cmd]") {
  REQUIRE(duration(-5h) == "Less than a second");
  REQUIRE(ago(Time(20s), Time(10s)) == "Less than a second ago");
}

TEST_CASE("a time that nobody said is not available", "[cmd]") {
  const Time now = parse_time("2026-11-23T06:00:00Z");
  REQUIRE(ago(std::nullopt, now) == "N/A");
  REQUIRE(ago(parse_time("0001-01-01T00:00:00Z"), now) == "N/A");
  REQUIRE(ago(parse_time("1970-01-01T00:00:00Z"), now) == "56 years ago");
  REQUIRE(ago(parse_time("2026-11-23T04:19:31.301696803Z"), now) == "2 hours ago");
  REQUIRE(ago(parse_time("2026-11-23T05:59:57.9Z"), now) == "3 seconds ago");
}
