// SPDX-License-Identifier: Apache-2.0
#include "registry/config/toml.h"

#include <algorithm>
#include <optional>
#include <set>

#include "trust/error.h"

namespace hallmark::registry::toml {
namespace {

constexpr std::size_t kMostTables = 10'000;
constexpr std::size_t kMostTexts = 10'000;

[[noreturn]] void refuse(const std::string& file, std::size_t line, const std::string& why) {
  throw Error(Fault::usage, printable(file, 300) + ":" + std::to_string(line) + ": " + why,
              "of TOML only tables, texts, true, false and lists of texts are read here");
}

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

class Reader {
 public:
  Reader(std::string file, std::string_view text) : file_(std::move(file)), rest_(text) {}

  std::vector<Table> read() {
    tables_.emplace_back(file_, "", false, 1);
    for (;;) {
      skip_lines();
      if (rest_.empty()) return std::move(tables_);
      if (next() == '[') {
        read_heading();
      } else {
        read_value();
      }
      end_line();
    }
  }

 private:
  [[nodiscard]] char next() const { return rest_.empty() ? '\0' : rest_.front(); }
  [[noreturn]] void refuse(const std::string& why) const { toml::refuse(file_, line_, why); }

  char take() {
    if (rest_.empty()) refuse("the file ends in the middle");
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  bool take_if(std::string_view wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }

  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

  bool skip_line_break() {
    if (!take_if("\n") && !take_if("\r\n")) return false;
    ++line_;
    return true;
  }

  void skip_comment() {
    if (next() != '#') return;
    while (!rest_.empty() && !rest_.starts_with('\n') && !rest_.starts_with("\r\n")) check_character(take());
  }

  /// Blanks, comments and empty lines.
  void skip_lines() {
    do {
      skip_blanks();
      skip_comment();
    } while (skip_line_break());
  }

  void end_line() {
    skip_blanks();
    skip_comment();
    if (!rest_.empty() && !skip_line_break()) refuse("expected the end of the line");
  }

  void check_character(char c) const {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) refuse("a control character");
  }

  std::string read_key() {
    if (next() == '"' || next() == '\'') return read_text();
    std::string key;
    while (is_bare(next())) key += take();
    if (key.empty()) refuse("expected a key");
    return key;
  }

  void read_heading() {
    const std::size_t line = line_;
    take();
    const bool is_listed = take_if("[");
    std::string name;
    do {
      skip_blanks();
      name += (name.empty() ? "" : ".") + read_key();
      skip_blanks();
    } while (take_if("."));
    if (!take_if(is_listed ? "]]" : "]")) refuse(std::string("expected ") + (is_listed ? "\"]]\"" : "\"]\""));
    if (!is_listed && !named_.insert(name).second) refuse("table \"" + printable(name, 100) + "\" a second time");
    if (is_listed && named_.contains(name)) refuse("\"" + printable(name, 100) + "\" is a table already");
    if (tables_.size() > kMostTables) refuse("more than " + std::to_string(kMostTables) + " tables");
    tables_.emplace_back(file_, name, is_listed, line);
  }

  void read_value() {
    const std::size_t line = line_;
    const std::string key = read_key();
    skip_blanks();
    if (next() == '.') refuse("dotted keys are not read here");
    if (!take_if("=")) refuse("expected \"=\" after " + printable(key, 100));
    skip_blanks();
    Value value{false, line};
    if (next() == '"' || next() == '\'') {
      value.held = read_text();
    } else if (next() == '[') {
      value.held = read_list();
    } else if (is_word("true") || is_word("false")) {
      value.held = take_if("true");
      if (!std::get<bool>(value.held)) take_if("false");
    } else {
      refuse("the value of " + printable(key, 100) + " is no text, list of texts, true or false");
    }
    if (!tables_.back().add(key, std::move(value))) refuse("key " + printable(key, 100) + " a second time");
  }

  [[nodiscard]] bool is_word(std::string_view word) const {
    return rest_.starts_with(word) && (rest_.size() == word.size() || !is_bare(rest_[word.size()]));
  }

  std::vector<std::string> read_list() {
    std::vector<std::string> texts;
    take();
    for (;;) {
      skip_lines();
      if (take_if("]")) return texts;
      if (next() != '"' && next() != '\'') refuse("the list holds something that is no text");
      texts.push_back(read_text());
      if (texts.size() > kMostTexts) refuse("more than " + std::to_string(kMostTexts) + " texts in a list");
      skip_lines();
      if (take_if(",")) continue;
      if (next() != ']') refuse("expected \",\" or \"]\"");
    }
  }

  std::string read_text() {
    if (rest_.starts_with("\"\"\"") || rest_.starts_with("'''")) refuse("texts of several lines are not read here");
    const char quote = take();
    std::string text;
    for (;;) {
      if (rest_.starts_with('\n') || rest_.starts_with("\r\n")) refuse("the text does not end on its line");
      const char c = take();
      if (c == quote) return text;
      check_character(c);
      if (c == '\\' && quote == '"') {
        text += escaped();
      } else {
        text += c;
      }
    }
  }

  /// Those that a host or a path may need.
  char escaped() {
    const char c = take();
    if (c == '"' || c == '\\') return c;
    if (c == 't') return '\t';
    refuse(std::string("the escape \\") + printable(std::string_view(&c, 1), 8) + " is not read here");
  }

  std::string file_;
  std::string_view rest_;
  std::size_t line_ = 1;
  std::vector<Table> tables_;
  std::set<std::string> named_;
};

}  // namespace

std::string Table::place() const { return printable(file_, 300) + ":" + std::to_string(line_); }

std::string Table::text(const std::string& key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return {};
  const auto* const text = std::get_if<std::string>(&found->second.held);
  if (text == nullptr) refuse(file_, found->second.line, key + " is no text");
  return *text;
}

bool Table::truth(const std::string& key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return false;
  const auto* const truth = std::get_if<bool>(&found->second.held);
  if (truth == nullptr) refuse(file_, found->second.line, key + " is neither true nor false");
  return *truth;
}

void Table::allow_only(const std::vector<std::string_view>& keys) const {
  for (const auto& [key, value] : values_) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    const std::string where = name_.empty() ? std::string() : " in \"" + printable(name_, 100) + "\"";
    refuse(file_, value.line, "key " + printable(key, 100) + where + " is not known here");
  }
}

std::vector<Table> parse(const std::string& file, std::string_view text) {
  if (text.size() > kMostBytes) {
    fail(Fault::usage, printable(file, 300), " has ", text.size(), " bytes, expected at most ", kMostBytes);
  }
  return Reader(file, text).read();
}

}  // namespace hallmark::registry::toml
