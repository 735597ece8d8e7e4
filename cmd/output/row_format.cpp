// SPDX-License-Identifier: Apache-2.0
#include "cmd/output/row_format.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <vector>

#include "cmd/output/format.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

constexpr std::string_view kTable = "table";

/// Without the word "table" and blanks; the two characters \t become a tab, \n a new line.
std::string source_of(std::string text) {
  // Docker's word for all fields of a row, an object a line.
  if (text == "json") return "{{json .}}";
  if (text.starts_with(kTable)) text.erase(0, kTable.size());
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  text.erase(text.find_last_not_of(' ') + 1);
  std::string source;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // In the quotes of a shell nobody can type a tab. Docker replaces these two wherever they stand.
    const bool is_sign = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 't' || text[i + 1] == 'n');
    source += is_sign ? (text[i + 1] == 't' ? '\t' : '\n') : text[i];
    if (is_sign) ++i;
  }
  return source;
}

/// The character at the beginning, as long as its first byte says. Of what is no UTF-8 the width is a guess, and
/// nothing behind the end is read.
std::uint32_t take_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  std::uint32_t code = length == 1 ? first : first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length && i < text.size(); ++i)
    code = code << 6U | (static_cast<unsigned char>(text[i]) & 0x3fU);
  text.remove_prefix(std::min(length, text.size()));
  return code;
}

/// East Asian wide and fullwidth characters, and pictures.
std::size_t width_of(std::uint32_t code) {
  struct Range {
    std::uint32_t first;
    std::uint32_t last;
  };
  // Coarse: what it does not know makes a column crooked, and changes no byte.
  static constexpr std::array kWide{Range{0x1100, 0x115f}, Range{0x2e80, 0xa4cf},   Range{0xac00, 0xd7a3},
                                    Range{0xf900, 0xfaff}, Range{0xfe30, 0xfe6f},   Range{0xff00, 0xff60},
                                    Range{0xffe0, 0xffe6}, Range{0x1f300, 0x1faff}, Range{0x20000, 0x3fffd}};
  if (code < kWide.front().first) return 1;
  const bool is_wide =
      std::any_of(kWide.begin(), kWide.end(), [code](const Range& r) { return code >= r.first && code <= r.last; });
  return is_wide ? 2 : 1;
}

using Cells = std::vector<std::string_view>;  // of the text that is laid out

// Views into the text that tabulated() has, which outlives them.
Cells cells_of(std::string_view line) {
  Cells cells;
  for (std::size_t at = 0;;) {
    const std::size_t tab = line.find('\t', at);
    cells.push_back(line.substr(at, tab - at));
    if (tab == std::string_view::npos) return cells;
    at = tab + 1;
  }
}

/// Lays lines out as Go's text/tabwriter. A cell ends with a tab; what stands behind the last tab is in no column.
class Tabulator {
 public:
  explicit Tabulator(std::vector<Cells> lines) : lines_(std::move(lines)) {}

  std::string run() {
    block(0, lines_.size());
    return std::move(out_);
  }

 private:
  /// Whether the line has a cell in the column that is being laid out, behind which another one stands.
  [[nodiscard]] bool has_column(std::size_t line) const { return widths_.size() + 1 < lines_[line].size(); }

  void block(std::size_t from, std::size_t to) {
    // widths_ has the columns to the left, of the block that is being laid out.
    const std::size_t column = widths_.size();
    for (std::size_t line = from; line < to; ++line) {
      if (!has_column(line)) continue;
      write(from, line);
      from = line;
      std::size_t width = kLeastWidth;
      for (; line < to && has_column(line); ++line) {
        width = std::max(width, display_width(lines_[line][column]) + kPadding);
      }
      // Within the lines that have this column the next one is laid out by itself.
      widths_.push_back(width);
      block(from, line);
      widths_.pop_back();
      from = line--;
    }
    write(from, to);
  }

  void write(std::size_t from, std::size_t to) {
    for (std::size_t line = from; line < to; ++line) {
      const Cells& cells = lines_[line];
      for (std::size_t i = 0; i < cells.size(); ++i) {
        // Cells without a width are those behind the last column that all lines of the block have.
        out_ += cells[i];
        if (i < widths_.size()) out_.append(widths_[i] - std::min(widths_[i], display_width(cells[i])), ' ');
      }
      if (line + 1 < lines_.size()) out_ += '\n';
    }
  }

  std::vector<Cells> lines_;
  std::vector<std::size_t> widths_;
  std::string out_;
};

// In the zone of this machine, as docker prints the times of images.
std::tm local_parts(Time time) {
  // Down to the whole second, also before 1970.
  const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return parts;
}

}  // namespace

RowFormat::RowFormat(const std::string& text, std::span<const RowColumn> columns)
    : is_table_(text.starts_with(kTable)), template_(source_of(text)) {
  if (!is_table_) return;
  // The template of the rows makes the header, so that both have the same columns. A map, since a field that the list
  // does not have is told by the first row, with the fields that there are.
  TemplateValue::Map header;
  for (const RowColumn& column : columns) {
    header.members.emplace_back(column.field, TemplateValue::text(column.header));
  }
  lines_ = template_.execute_for_header(TemplateValue(TemplateValue::Kind(std::move(header)))) + "\n";
}

void RowFormat::add(const TemplateValue& row) { lines_.append(template_.execute(row)).append("\n"); }

std::string RowFormat::text() const { return is_table_ ? tabulated(lines_) : lines_; }

std::string tabulated(const std::string& text) {
  std::vector<Cells> lines;
  // What stands behind the last line end is a line as well: then the text ends as it ended before.
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(cells_of(std::string_view(text).substr(at, end - at)));
    at = end + 1;
  }
  return Tabulator(std::move(lines)).run();
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) width += width_of(take_character(text));
  return width;
}

std::string ellipsis(const std::string& text, std::size_t width) {
  if (display_width(text) <= width) return text;
  std::string_view rest = text;
  std::size_t used = 0;
  for (std::string_view next = rest; !next.empty(); rest = next) {
    used += width_of(take_character(next));
    // The ellipsis takes the last column.
    if (used >= width) break;
  }
  return text.substr(0, text.size() - rest.size()) + "\xe2\x80\xa6";
}

std::string local_time_text(Time time) {
  const std::tm parts = local_parts(time);
  std::array<char, 80> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S %z %Z", &parts);
  return {text.data(), length};
}

std::string local_time_rfc3339(Time time) {
  const std::tm parts = local_parts(time);
  std::array<char, 80> buffer{};
  const std::size_t length = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S%z", &parts);
  std::string text(buffer.data(), length);
  if (text.ends_with("+0000")) return text.replace(text.size() - 5, 5, "Z");
  // %z has no colon, and RFC 3339, 5.6 wants one.
  return text.size() > 5 ? text.insert(text.size() - 2, ":") : text;
}

}  // namespace hallmark::cmd
