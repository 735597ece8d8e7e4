// SPDX-License-Identifier: Apache-2.0
//
// --format of a list, as docker has it: "table", "table TEMPLATE", "json", or a template for each row.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cmd/output/template.h"
#include "cmd/output/template_value.h"
#include "trust/time.h"

namespace hallmark::cmd {

/// A field that the template of a table may ask for, and what stands above its column.
struct RowColumn {
  std::string_view field;
  std::string_view header;
};

/// The format of one list: rows come in one by one, and all of them go out together.
class RowFormat {
 public:
  /// The headers of "table TEMPLATE" are those of the columns. Fault::usage for what is no template.
  RowFormat(const std::string& text, std::span<const RowColumn> columns);

  /// Fault::usage, with the place, when the template does not fit the row.
  void add(const TemplateValue& row);
  /// Each row with its line end; of a table the header first. Cells are separated by tabs in the template.
  [[nodiscard]] std::string text() const;

 private:
  bool is_table_;
  Template template_;
  // All rows wait here: a column is as wide as its widest cell, which may be the last.
  std::string lines_;
};

/// Lines whose cells end with tabs, in columns at least ten wide with three blanks between, as Go's tabwriter lays them
/// out: a column lasts as long as neighbouring lines have it. Wide characters count twice.
std::string tabulated(const std::string& text);

/// How many columns of a terminal the text takes.
std::size_t display_width(std::string_view text);
/// At most so wide, with an ellipsis in the place of what was cut off.
std::string ellipsis(const std::string& text, std::size_t width);

/// As Go writes a time in the zone of this machine: "2026-11-23 04:19:31 +0000 UTC".
std::string local_time_text(Time time);
/// RFC 3339 in the zone of this machine: "2026-11-23T04:19:31Z", "2026-11-23T05:19:31+01:00".
std::string local_time_rfc3339(Time time);

}  // namespace hallmark::cmd
