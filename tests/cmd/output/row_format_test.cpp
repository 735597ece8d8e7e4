// SPDX-License-Identifier: Apache-2.0
#include "cmd/output/row_format.h"

#include <array>

#include "cmd/images/image_filter.h"
#include "tests/support/catch.h"

using namespace hallmark;
using namespace hallmark::cmd;
using namespace std::chrono_literals;

namespace {

constexpr std::array kColumns{RowColumn{"ID", "IMAGE ID"}, RowColumn{"Tag", "TAG"}};
constexpr Time kNow = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + 5h;

TemplateValue row(const std::string& id, const std::string& tag) {
  TemplateValue::Record record;
  record.type = "image";
  record.fields = {{"ID", TemplateValue::text(id), TemplateValue::Shown::always},
                   {"Tag", TemplateValue::text(tag), TemplateValue::Shown::always}};
  return TemplateValue(TemplateValue::Kind(std::move(record)));
}

std::string printed(const std::string& format) {
  RowFormat rows(format, kColumns);
  rows.add(row("1234567890", "1"));
  rows.add(row("1", "latest"));
  return rows.text();
}

}  // namespace

TEST_CASE("a format is a line for each row, and a table has a header", "[cmd]") {
  REQUIRE(printed("{{.Tag}}={{.ID}}") == "1=1234567890\nlatest=1\n");
  REQUIRE(printed("table {{.ID}}\\t{{.Tag}}") == "IMAGE ID     TAG\n1234567890   1\n1            latest\n");
  REQUIRE(printed("table   {{upper .Tag}}  ") == "TAG\n1\nLATEST\n");
  REQUIRE(printed("json") == "{\"ID\":\"1234567890\",\"Tag\":\"1\"}\n{\"ID\":\"1\",\"Tag\":\"latest\"}\n");
  REQUIRE(printed("{{.Tag}}\\n\\t.") == "1\n\t.\nlatest\n\t.\n");
  REQUIRE(RowFormat("table {{.Tag}}", kColumns).text() == "TAG\n");
  REQUIRE_FAULT(printed("{{.Nope}}"), Fault::usage);
}

TEST_CASE("a column lasts as long as neighbouring lines have it", "[cmd]") {
  REQUIRE(tabulated("a\tb\n") == "a         b\n");
  REQUIRE(tabulated("long long long\tb\nx\ty\n") == "long long long   b\nx                y\n");
  REQUIRE(tabulated("long long long\tb\nalone\nx\ty\n") == "long long long   b\nalone\nx         y\n");
  REQUIRE(tabulated("a\tb\tc\nd\n") == "a         b         c\nd\n");
  REQUIRE(tabulated("").empty());
}

TEST_CASE("wide characters take two columns, and a text is cut before it is too wide", "[cmd]") {
  REQUIRE(display_width("ab\xc3\xa4") == 3);
  REQUIRE(display_width("\xe6\xbc\xa2") == 2);
  REQUIRE(display_width("\xff") == 1);
  REQUIRE(tabulated("\xe6\xbc\xa2\tb\n") == "\xe6\xbc\xa2        b\n");
  REQUIRE(ellipsis("abcde", 5) == "abcde");
  REQUIRE(ellipsis("abcdef", 5) == "abcd\xe2\x80\xa6");
  REQUIRE(ellipsis("ab\xe6\xbc\xa2\xe6\xbc\xa2", 4) == "ab\xe2\x80\xa6");
}

TEST_CASE("a point in time is a duration ago, a date, or seconds", "[cmd]") {
  REQUIRE(parse_moment("24h", kNow) == kNow - 24h);
  REQUIRE(parse_moment("1h30m", kNow) == kNow - 90min);
  REQUIRE(parse_moment("500ms", kNow) == kNow - 500ms);
  // A sum beyond 64 bits would be a moment to come.
  std::string ages;
  for (int i = 0; i < 300; ++i) ages += "10000000h";
  REQUIRE_FAULT(parse_moment(ages, kNow), Fault::usage);
  REQUIRE(parse_moment("1767330000", kNow) == kNow);
  REQUIRE(parse_moment("2026-01-02T05:00:00Z", kNow) == kNow);
  REQUIRE(parse_moment("2026-01-02T07:00:00+02:00", kNow) == kNow);
  for (const char* wrong : {"", "soon", "h", "-1h", "1d", "99999999999h", "2026-13-01", "2026-01-02x"}) {
    CAPTURE(wrong);
    REQUIRE_FAULT(parse_moment(wrong, kNow), Fault::usage);
  }
}
