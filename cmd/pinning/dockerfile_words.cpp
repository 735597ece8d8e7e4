// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/dockerfile_words.h"

#include <algorithm>
#include <functional>
#include <optional>

namespace hallmark::cmd {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t'; }

bool is_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

/// The value of a variable, if it is set.
using Values = std::function<std::optional<std::string_view>(const std::string& name)>;

class Expander {
 public:
  Expander(std::string_view word, const Values& values, const WordRules& rules)
      : word_(word), values_(values), rules_(rules) {}

  std::string run() {
    while (at_ < word_.size()) step();
    return out_;
  }

 private:
  [[noreturn]] void refuse(const char* why) const { fail(Fault::usage, why, " in ", printable(word_, 100)); }

  void add(std::string_view text) {
    // Subtracted: the sum of two sizes could wrap around. Variables of variables double with each line of a file.
    if (text.size() > kMostExpandedBytes - out_.size()) {
      throw ExpandedTooLong(Fault::usage, "more than " + std::to_string(kMostExpandedBytes) +
                                              " bytes once variables are put into " + printable(word_, 100));
    }
    out_ += text;
  }

  void step() {
    const char c = word_[at_];
    if (c == '\'') {
      take_plain();
    } else if (c == '"') {
      take_quoted();
    } else if (c == '$') {
      take_variable();
    } else {
      // A backslash at the very end is one.
      if (c == rules_.escape && at_ + 1 < word_.size()) ++at_;
      add(word_.substr(at_++, 1));
    }
  }

  /// In single quotes nothing stands for anything else, escapes included.
  void take_plain() {
    const std::size_t end = word_.find('\'', at_ + 1);
    if (end == std::string_view::npos) refuse("a single quote without an end");
    add(word_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
  }

  void take_quoted() {
    for (++at_; at_ < word_.size() && word_[at_] != '"';) {
      if (word_[at_] == '$') {
        take_variable();
        continue;
      }
      const char next = at_ + 1 < word_.size() ? word_[at_ + 1] : '\0';
      // In double quotes an escape counts only before these; elsewhere it stays in the word.
      const bool is_escape = word_[at_] == rules_.escape && (next == '"' || next == '$' || next == rules_.escape);
      if (is_escape) ++at_;
      add(word_.substr(at_++, 1));
    }
    if (at_ == word_.size()) refuse("a double quote without an end");
    ++at_;
  }

  void take_variable() {
    ++at_;
    if (at_ < word_.size() && word_[at_] == '{') {
      take_braces();
      return;
    }
    const std::string name = take_name();
    // A dollar without a name is one.
    add(name.empty() ? "$" : set_value_of(name));
  }

  void take_braces() {
    ++at_;
    const std::string name = take_name();
    if (name.empty()) refuse("\"${\" without a name");
    const std::string_view rest = word_.substr(at_);
    const std::size_t end = rest.find('}');
    if (end == std::string_view::npos) refuse("\"${\" without \"}\"");
    const bool is_dash = rules_.has_dash && rest.starts_with('-');
    const std::string_view modifier = rest.substr(0, is_dash ? 1 : std::min<std::size_t>(end, 2));
    const std::string_view other = rest.substr(modifier.size(), end - modifier.size());
    // Words in words would need a grammar; nobody writes them here.
    const bool is_known = modifier.empty() || modifier == ":-" || modifier == ":+" || is_dash;
    if (!is_known || other.find_first_of("$\"'\\{") != std::string_view::npos) {
      refuse("only ${NAME}, ${NAME:-word} and ${NAME:+word} are understood, found another form");
    }
    // With a modifier a variable that is not set has an answer; without one it would quietly make another reference.
    const std::string_view value = modifier.empty() ? set_value_of(name) : value_of(name);
    if (modifier == ":+") {
      if (!value.empty()) add(other);
    } else {
      const bool has_value = is_dash ? values_(name).has_value() : !value.empty();
      add(has_value ? value : other);
    }
    at_ += end + 1;
  }

  std::string take_name() {
    const std::size_t start = at_;
    while (at_ < word_.size() && is_name(word_[at_])) ++at_;
    return std::string(word_.substr(start, at_ - start));
  }

  [[nodiscard]] std::string_view value_of(const std::string& name) const { return values_(name).value_or(""); }
  [[nodiscard]] std::string_view set_value_of(const std::string& name) const {
    const std::optional<std::string_view> value = values_(name);
    if (rules_.are_unset_refused && !value) {
      fail(Fault::usage, "the variable ", printable(name, 80), " has no value in ", printable(word_, 100));
    }
    return value.value_or("");
  }

  std::string_view word_;
  const Values& values_;
  const WordRules& rules_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::optional<std::string_view> list_before(std::string_view text) {
  if (!text.starts_with('[')) return std::nullopt;
  std::size_t depth = 0;
  bool is_text = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_text) {
      if (c == '\\') ++at;
      if (c == '"') is_text = false;
    } else if (c == '"') {
      is_text = true;
    } else if (c == '[') {
      ++depth;
    } else if (c == ']' && --depth == 0) {
      return text.substr(0, at + 1);
    }
  }
  return std::nullopt;
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  bool is_open = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quote == 0 && is_space(c)) {
      if (is_open) words.push_back(word);
      word.clear();
      is_open = false;
      continue;
    }
    is_open = true;
    word += c;
    // What is escaped neither ends the word nor its quote; both bytes stay, for expand_word() reads them again.
    if (c == '\\' && quote != '\'' && at + 1 < text.size()) {
      word += text[++at];
    } else if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    }
  }
  if (is_open) words.push_back(word);
  return words;
}

std::string expand_word(std::string_view word, const std::vector<std::string>& environment) {
  const Values values = [&](const std::string& name) -> std::optional<std::string_view> {
    const auto found = std::find_if(environment.begin(), environment.end(),
                                    [&](const std::string& entry) { return entry.starts_with(name + "="); });
    if (found == environment.end()) return std::nullopt;
    return std::string_view(*found).substr(name.size() + 1);
  };
  return Expander(word, values, WordRules{}).run();
}

std::string expand_word(std::string_view word, const std::map<std::string, std::string>& variables,
                        const WordRules& rules) {
  const Values values = [&](const std::string& name) -> std::optional<std::string_view> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  };
  return Expander(word, values, rules).run();
}

}  // namespace hallmark::cmd
