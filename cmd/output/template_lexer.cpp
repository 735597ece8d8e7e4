// SPDX-License-Identifier: Apache-2.0
#include "cmd/output/template_lexer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "trust/error.h"
#include "trust/text.h"

namespace hallmark::cmd {
namespace {

using TokenKind = TemplateToken::Kind;

// Go's white space of templates. Nothing else separates words or goes with a trim marker.
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kLeft = "{{";
constexpr std::string_view kRight = "}}";

bool is_blank(char c) { return kBlanks.find(c) != std::string_view::npos; }
// Bytes beyond ASCII count as letters, without a table of Unicode: a name that is none is not known and refused later.
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// \u has four digits: nothing is beyond U+FFFF, and escape() refuses surrogates. So three bytes are the most.
void append_utf8(std::uint32_t code, std::string& out) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0U | code >> 6U);
    put(0x80U | (code & 0x3fU));
  } else {
    put(0xe0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3fU));
    put(0x80U | (code & 0x3fU));
  }
}

/// Go reads 010 as 8, and 09 as 9. At most eighteen digits.
std::string in_decimal(const std::string& text) {
  const std::size_t first = is_digit(text[0]) ? 0 : 1;
  const bool is_octal = text.size() > first + 1 && text[first] == '0' && text.find_first_of("89") == std::string::npos;
  if (!is_octal) return text;
  return (text[0] == '-' ? "-" : "") + std::to_string(std::stoll(text.substr(first), nullptr, 8));
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::vector<TemplateToken> run() {
    while (at_ < source_.size()) text();
    // The end is a token, so that the parser never looks behind the last one.
    add(TokenKind::end, "", at_);
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void fail_at(std::size_t position, const std::string& what) const {
    fail_template(source_, position, what);
  }
  [[nodiscard]] std::string_view rest() const { return source_.substr(at_); }
  [[nodiscard]] char here() const { return at_ < source_.size() ? source_[at_] : '\0'; }
  void add(TokenKind kind, std::string text, std::size_t position) {
    tokens_.push_back({kind, std::move(text), position, after_blank_});
    after_blank_ = false;
  }
  /// Whether what is here closes an action, with a trim marker or without.
  [[nodiscard]] bool closes() const { return rest().starts_with(kRight) || closes_trimming(); }
  [[nodiscard]] bool closes_trimming() const {
    // The blank is part of the marker: {{.A -}} trims, {{.A-}} does not.
    return rest().size() > 3 && is_blank(rest()[0]) && rest().substr(1).starts_with("-}}");
  }

  /// Up to the next action, and that action.
  void text() {
    const std::size_t left = std::min(source_.find(kLeft, at_), source_.size());
    std::string_view piece = source_.substr(at_, left - at_);
    // At the left as well: {{- 3}} trims, {{-3}} is a number.
    const bool trims = source_.substr(left).size() > 3 && source_[left + 2] == '-' && is_blank(source_[left + 3]);
    if (trims) piece = piece.substr(0, piece.find_last_not_of(kBlanks) + 1);
    if (!piece.empty()) add(TokenKind::text, std::string(piece), at_);
    at_ = left;
    if (at_ < source_.size()) action(trims);
  }

  void action(bool trims) {
    const std::size_t start = at_;
    at_ += trims ? 4 : 2;
    // Only right behind the braces, as in Go: elsewhere /* is no comment but a mistake.
    if (rest().starts_with("/*")) {
      comment(start);
      return;
    }
    add(TokenKind::left, "{{", start);
    after_blank_ = trims;
    // Each token moves on by a byte or more, so the loop ends. An action may have several lines.
    while (!closes()) {
      if (at_ >= source_.size()) fail_at(start, "unclosed action");
      token();
    }
    close();
  }

  void comment(std::size_t start) {
    const std::size_t end = source_.find("*/", at_);
    if (end == std::string_view::npos) fail_at(start, "unclosed comment");
    at_ = end + 2;
    // What stands behind a comment in the same braces would be passed over without a word.
    if (!closes()) fail_at(start, "comment ends before closing delimiter");
    close(false);
  }

  // A comment leaves no token, but its trim markers count.
  void close(bool is_told = true) {
    const bool trims = closes_trimming();
    if (is_told) add(TokenKind::right, "}}", at_);
    at_ += trims ? 4 : 2;
    if (trims) at_ = std::min(source_.find_first_not_of(kBlanks, at_), source_.size());
  }

  void token() {
    const char c = here();
    if (is_blank(c)) {
      after_blank_ = true;
      ++at_;
    } else if (c == '"') {
      quoted();
    } else if (c == '`') {
      raw();
    } else if (is_digit(c) || ((c == '-' || c == '+') && is_digit(rest().size() > 1 ? rest()[1] : '\0'))) {
      // There is no arithmetic: a sign stands right before a digit, or is a mistake.
      number();
    } else if (c == '.' || c == '$') {
      field_or_variable();
    } else if (is_word(c)) {
      const std::size_t start = at_;
      add(TokenKind::name, word(), start);
      require_end_of_word();
    } else {
      sign();
    }
  }

  void sign() {
    struct Sign {
      std::string_view text;
      TokenKind kind;
    };
    static constexpr std::array kSigns{Sign{":=", TokenKind::declare}, Sign{"=", TokenKind::assign},
                                       Sign{",", TokenKind::comma},    Sign{"|", TokenKind::pipe},
                                       Sign{"(", TokenKind::open},     Sign{")", TokenKind::close}};
    const auto* found =
        std::find_if(kSigns.begin(), kSigns.end(), [&](const Sign& s) { return rest().starts_with(s.text); });
    if (found == kSigns.end()) fail_at(at_, "unexpected character '" + printable(rest().substr(0, 1), 8) + "'");
    add(found->kind, std::string(found->text), at_);
    at_ += found->text.size();
  }

  std::string word() {
    const std::size_t start = at_;
    while (at_ < source_.size() && is_word(source_[at_])) ++at_;
    return std::string(source_.substr(start, at_ - start));
  }

  // ".A!" would otherwise become two words, and the second one an argument.
  void require_end_of_word() const {
    if (at_ < source_.size() && !is_blank(here()) && !closes() &&
        std::string_view(".,|:=()").find(here()) == std::string_view::npos) {
      fail_at(at_, "bad character '" + printable(rest().substr(0, 1), 8) + "'");
    }
  }

  void field_or_variable() {
    const std::size_t start = at_;
    // A dot alone is the value of the moment, $ alone that of the beginning.
    const bool is_variable = here() == '$';
    ++at_;
    std::string name = word();
    if (is_variable) {
      add(TokenKind::variable, "$" + name, start);
    } else {
      add(name.empty() ? TokenKind::dot : TokenKind::field, name, start);
    }
    require_end_of_word();
  }

  void number() {
    const std::size_t start = at_++;
    while (at_ < source_.size() && (is_word(here()) || here() == '.')) ++at_;
    const std::string text(source_.substr(start, at_ - start));
    const bool is_whole = std::all_of(text.begin() + (is_digit(text[0]) ? 0 : 1), text.end(), is_digit);
    // Go knows fractions, hex and characters, too. No field of an image needs them. Eighteen digits fit 64 bits: the
    // parser's std::stoll cannot fail.
    if (!is_whole || text.size() > 18)
      fail_at(start, "only whole decimal numbers are known here, found " + printable(text, 40));
    add(TokenKind::number, in_decimal(text), start);
    require_end_of_word();
  }

  void raw() {
    const std::size_t start = at_;
    const std::size_t end = source_.find('`', start + 1);
    if (end == std::string_view::npos) fail_at(start, "unterminated raw quoted string");
    add(TokenKind::string, std::string(source_.substr(start + 1, end - start - 1)), start);
    at_ = end + 1;
  }

  void quoted() {
    const std::size_t start = at_++;
    std::string text;
    while (here() != '"') {
      // A quote that is forgotten ends the line, not the template: the place in the error is that of the mistake.
      if (at_ >= source_.size() || here() == '\n') fail_at(start, "unterminated quoted string");
      if (here() == '\\') {
        ++at_;
        escape(start, text);
      } else {
        text += source_[at_++];
      }
    }
    ++at_;
    add(TokenKind::string, std::move(text), start);
  }

  /// Go's escapes, as far as people type them.
  void escape(std::size_t start, std::string& text) {
    static constexpr std::string_view kLetters = "abfnrtv\\\"";
    static constexpr std::string_view kMeant = "\a\b\f\n\r\t\v\\\"";
    const char letter = here();
    ++at_;
    if (const std::size_t found = kLetters.find(letter); letter != '\0' && found != std::string_view::npos) {
      text += kMeant[found];
      return;
    }
    const std::size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : 0;
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < digits; ++i, ++at_) {
      const int digit = hex_digit(here());
      if (digit < 0) fail_at(start, "bad escape in a quoted string");
      code = code << 4U | static_cast<std::uint32_t>(digit);
    }
    // What a template prints is UTF-8. A lone surrogate, or a byte from \x80 on, would make it something else.
    const bool is_surrogate = code >= 0xd800 && code < 0xe000;
    if (digits == 0 || is_surrogate || (letter == 'x' && code >= 0x80)) fail_at(start, "bad escape in a quoted string");
    append_utf8(code, text);
  }

  std::string_view source_;
  std::size_t at_ = 0;
  bool after_blank_ = false;
  std::vector<TemplateToken> tokens_;
};

}  // namespace

std::string template_place(std::string_view source, std::size_t position) {
  const std::string_view before = source.substr(0, position);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t last = before.rfind('\n');
  const std::size_t column = last == std::string_view::npos ? before.size() : before.size() - last - 1;
  return std::to_string(lines + 1) + ":" + std::to_string(column);
}

void fail_template(std::string_view source, std::size_t position, const std::string& what) {
  throw Error(Fault::usage, "template: " + template_place(source, position) + ": " + what,
              "hallmark(1), FORMATS, says what a template may have");
}

std::vector<TemplateToken> lex_template(std::string_view source) { return Lexer(source).run(); }

}  // namespace hallmark::cmd
