// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/yaml_images.h"

#include <algorithm>
#include <cctype>

#include "cmd/pinning/yaml_flow.h"
#include "cmd/pinning/yaml_line.h"
#include "trust/error.h"

namespace hallmark::cmd {

namespace yaml {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text), at_(text.starts_with(kMark) ? kMark.size() : 0) {}

  std::vector<ImageUse> run() {
    while (std::optional<Line> line = next()) {
      if (!is_over(line->text, 0)) take(*line);
    }
    return std::move(found_);
  }

 private:
  std::optional<Line> next() {
    if (at_ >= text_.size()) return std::nullopt;
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    Line line{text_.substr(at_, end - at_), at_, ++number_};
    at_ = end + 1;
    if (line.text.ends_with('\r')) line.text.remove_suffix(1);
    return line;
  }

  /// The next line with more than white space and a comment, not taken.
  [[nodiscard]] std::optional<Line> peek() const {
    Scanner ahead(*this, at_);
    while (std::optional<Line> line = ahead.next()) {
      if (!is_over(line->text, 0)) return line;
    }
    return std::nullopt;
  }
  Scanner(const Scanner& other, std::size_t at) : text_(other.text_), at_(at), number_(other.number_) {}

  static bool is_document_mark(std::string_view text) {
    return (text.starts_with("---") || text.starts_with("...")) &&
           (text.size() == 3 || text[3] == ' ' || text[3] == '\t');
  }

  /// How far the line is indented; white space is blanks.
  static std::size_t indent_of(const Line& line) {
    const std::size_t indent = first_of_text(line.text, 0);
    if (line.text.substr(0, indent).find('\t') != kNone) refuse(line, "a tab in the indentation");
    return indent;
  }

  void take(const Line& line) {
    if (line.text.starts_with('%')) return;  // a directive
    if (is_document_mark(line.text)) {
      parents_.clear();
      take_node(line, first_of_text(line.text, 3), -1, false);
      return;
    }
    std::size_t at = indent_of(line);
    while (!parents_.empty() && parents_.back() >= static_cast<std::ptrdiff_t>(at)) parents_.pop_back();
    std::ptrdiff_t parent = parents_.empty() ? -1 : parents_.back();
    while (line.text[at] == '-' &&
           (at + 1 == line.text.size() || line.text[at + 1] == ' ' || line.text[at + 1] == '\t')) {
      parent = static_cast<std::ptrdiff_t>(at);
      parents_.push_back(parent);
      const std::size_t after = first_of_text(line.text, at + 1);
      if (line.text.substr(at, after - at).find('\t') != kNone) refuse(line, "a tab after -");
      if (is_over(line.text, after)) return;
      at = after;
    }
    take_node(line, at, parent, true);
  }

  /// A node that begins at `at`, of the parent in the column `parent`: a key with its value, or a value.
  void take_node(const Line& line, std::size_t at, std::ptrdiff_t parent, bool may_be_key) {
    const std::size_t first = at;
    at = skip_properties(line, at);
    if (is_over(line.text, at)) return;
    const char c = line.text[at];
    if (c == '*') return take_alias(line, at);
    if (c == '{' || c == '[') return take_flow(line, at);
    if (c == '|' || c == '>') return take_block(line, at, parent);
    check_indicator(line, at);
    const bool is_quoted = c == '"' || c == '\'';
    const std::size_t end = is_quoted ? closing_quote(line.text, at + 1, c) : plain_end(line.text, at);
    if (end == kNone) return take_quoted(c);
    const std::size_t colon = is_quoted ? first_of_text(line.text, end + 1) : end;
    if (colon == line.text.size() || line.text[colon] != ':') return end_scalar(line, end, is_quoted, parent);
    if (!may_be_key || !ends_key(line.text, colon)) refuse(line, "a key where none can be");
    check_key_tags(line, first, at);
    take_value(line, scalar_text(line, at, end), first, colon + 1);
  }

  static void check_indicator(const Line& line, std::size_t at) {
    const char c = line.text[at];
    if (c == '@' || c == '`') refuse(line, "a character that begins nothing in YAML");
    if ((c == '?' || c == ':') && ends_key(line.text, at)) refuse(line, "a key on a line of its own (? or :)");
  }

  /// A scalar that is no key: what else may be on its line, and after it.
  void end_scalar(const Line& line, std::size_t end, bool is_quoted, std::ptrdiff_t parent) {
    if (!is_quoted) return skip_continuation(parent);
    if (!is_over(line.text, end + 1)) refuse(line, "text after a closing quote");
  }

  /// What is written from `at` to `end`, without its quotes.
  static std::string_view scalar_text(const Line& line, std::size_t at, std::size_t end) {
    const bool is_quoted = line.text[at] == '"' || line.text[at] == '\'';
    if (!is_quoted) return trimmed_right(line.text.substr(at, end - at));
    const std::string_view text = line.text.substr(at + 1, end - at - 1);
    if (line.text[at] == '"' && text.find('\\') != kNone) refuse(line, "a name with an escape");
    return text;
  }

  void take_value(const Line& line, std::string_view key, std::size_t column, std::size_t at) {
    const auto parent = static_cast<std::ptrdiff_t>(column);
    parents_.push_back(parent);
    if (key == "dockerfile_inline") {
      refuse(line, "the images of a Dockerfile within this file are not looked at", "put it into a file of its own");
    }
    if (key == "image") return take_image(line, first_of_text(line.text, at), parent);
    at = first_of_text(line.text, at);
    if (!is_over(line.text, at)) take_node(line, at, parent, false);
  }

  /// Anchors and tags before a node.
  static std::size_t skip_properties(const Line& line, std::size_t at) {
    while (at < line.text.size() && (line.text[at] == '&' || line.text[at] == '!')) {
      const std::string_view word = word_at(line, at);
      if (word[0] == '&') check_anchor(line, word);
      if (word.ends_with(':') || word.find_first_of("\"'{}[]") != kNone) refuse(line, "a tag that runs into a key");
      at = first_of_text(line.text, at + word.size());
    }
    return at;
  }

  static std::string_view word_at(const Line& line, std::size_t at) {
    return line.text.substr(at, std::min(line.text.find_first_of(" \t", at), line.text.size()) - at);
  }

  /// `word`: &NAME or *NAME. Readers differ on which characters end a name, the colon of a key above all.
  static void check_anchor(const Line& line, std::string_view word) {
    const bool is_sure = word.size() > 1 && std::all_of(word.begin() + 1, word.end(), [](unsigned char c) {
                           return (c < 0x80 && std::isalnum(c) != 0) || c == '-' || c == '_' || c == '.';
                         });
    if (!is_sure) refuse(line, "an anchor or alias with other characters than letters, digits, - _ and .");
  }

  /// The tags between `first` and the key at `at`: a tag may give the key another value than what is written.
  static void check_key_tags(const Line& line, std::size_t first, std::size_t at) {
    while (first < at) {
      const std::string_view word = word_at(line, first);
      if (word[0] == '!' && word != kStringTag) refuse(line, "a key with a tag other than !!str");
      first = first_of_text(line.text, first + word.size());
    }
  }

  static void take_alias(const Line& line, std::size_t at) {
    const std::string_view word = word_at(line, at);
    if (!is_over(line.text, at + word.size())) refuse(line, "an alias as a key");
    check_anchor(line, word);
  }

  void take_flow(Line line, std::size_t at) {
    Flow flow;
    const std::size_t begun = line.number;
    std::size_t end = flow.take(line, at);
    while (end == kNone) {
      const std::optional<Line> more = next();
      if (!more) fail(Fault::usage, "line ", begun, ": { or [ without its end");
      line = *more;
      if (is_document_mark(line.text)) refuse(line, "a new document within { or [");
      end = flow.take(line, 0);
    }
    if (!is_over(line.text, end)) refuse(line, "text after the end of { or [");
  }

  void take_quoted(char quote) {
    const std::size_t begun = number_;
    while (const std::optional<Line> line = next()) {
      if (is_document_mark(line->text)) refuse(*line, "a new document within quotes");
      const std::size_t end = closing_quote(line->text, 0, quote);
      if (end == kNone) continue;
      if (!is_over(line->text, end + 1)) refuse(*line, "text after a closing quote");
      return;
    }
    fail(Fault::usage, "line ", begun, ": a quote without its end");
  }

  /// | or >, with indentation and chomping; then its lines.
  void take_block(const Line& line, std::size_t at, std::ptrdiff_t parent) {
    // On a line of its own it may stand where readers differ on what its text is.
    if (at == indent_of(line)) refuse(line, "| or > on a line of its own");
    std::ptrdiff_t indent = -1;
    std::size_t end = at + 1;
    for (; end < line.text.size() && line.text[end] != ' ' && line.text[end] != '\t'; ++end) {
      const char c = line.text[end];
      if (c >= '1' && c <= '9' && indent < 0) {
        indent = std::max<std::ptrdiff_t>(parent, 0) + (c - '0');
      } else if (c != '-' && c != '+') {
        refuse(line, "expected + or - or a digit after | or >");
      }
    }
    if (!is_over(line.text, end)) refuse(line, "text after | or >");
    skip_block(indent, parent);
  }

  void skip_block(std::ptrdiff_t indent, std::ptrdiff_t parent) {
    for (std::size_t before = at_; std::optional<Line> line = next(); before = at_) {
      const auto found = static_cast<std::ptrdiff_t>(std::min(line->text.find_first_not_of(' '), line->text.size()));
      if (static_cast<std::size_t>(found) == line->text.size()) continue;
      if (is_over(line->text, 0) && line->text.find('#') == kNone && (indent < 0 || found < indent)) {
        refuse(*line, "a tab in the indentation");
      }
      if (indent < 0 && found > parent) indent = found;
      if (indent >= 0 && found >= indent && !(parent < 0 && is_document_mark(line->text))) continue;
      if (found > parent && line->text[static_cast<std::size_t>(found)] != '#' && parent >= 0) {
        refuse(*line, "indented less than the text before it");
      }
      at_ = before;
      --number_;
      return;
    }
  }

  /// Lines that go on with a plain scalar of a parent in that column: no keys in there.
  void skip_continuation(std::ptrdiff_t parent) {
    while (const std::optional<Line> line = peek()) {
      if (is_document_mark(line->text)) return;
      const std::size_t indent = first_of_text(line->text, 0);
      if (static_cast<std::ptrdiff_t>(indent) <= parent) return;
      const std::size_t end = plain_end(line->text, indent);
      if (end < line->text.size() && line->text[end] == ':') {
        refuse(*line, "a key that is indented as if it belonged to the text before it");
      }
      while (number_ < line->number) next();
    }
  }

  void take_image(const Line& line, std::size_t at, std::ptrdiff_t parent) {
    if (is_over(line.text, at)) {
      refuse(line, "image: without a name on its line", "only image: NAME is understood, NAME on the same line");
    }
    const char c = line.text[at];
    if (std::string_view("&*!{[|>@`%").find(c) != kNone) {
      refuse(line, "image: expected the name of an image, found " + printable(line.text.substr(at), 80),
             "write the name itself, plain or in quotes");
    }
    const bool is_quoted = c == '"' || c == '\'';
    const std::size_t end = is_quoted ? closing_quote(line.text, at + 1, c) : plain_end(line.text, at);
    if (end == kNone) refuse(line, "image: a quote without its end on this line");
    const bool has_more = is_quoted ? !is_over(line.text, end + 1) : end < line.text.size() && line.text[end] == ':';
    if (has_more) refuse(line, "image: text after the name");
    const std::string_view value = scalar_text(line, at, end);
    if (value.find('$') != kNone) {
      throw Error(Fault::usage,
                  "line " + std::to_string(line.number) + ": image: " + printable(value, 100) + " has a variable",
                  "write the name out; a pin is for one image");
    }
    if (value.empty() || value.find_first_of("\\'\"") != kNone) refuse(line, "image: a name with quotes or escapes");
    if (const auto after = peek(); after && static_cast<std::ptrdiff_t>(indent_of(*after)) > parent) {
      refuse(*after, "indented as if it belonged to the name of the image before it");
    }
    if (found_.size() == kMostImageUses) fail(Fault::usage, "more than ", kMostImageUses, " images");
    const auto place = line.place + static_cast<std::size_t>(value.data() - line.text.data());
    found_.push_back({std::string(value), line.number, place + value.size(), std::nullopt});
  }

  std::string_view text_;
  std::size_t at_;
  std::size_t number_ = 0;
  std::vector<std::ptrdiff_t> parents_;  // columns of the keys and dashes that what follows may belong to
  std::vector<ImageUse> found_;
};

}  // namespace
}  // namespace yaml

std::vector<ImageUse> images_of_yaml(std::string_view text) {
  if (text.size() > kMostYamlBytes) {
    fail(Fault::usage, "expected at most ", kMostYamlBytes, " bytes, found ", text.size());
  }
  yaml::check_bytes(text);
  return yaml::Scanner(text).run();
}

}  // namespace hallmark::cmd
