// SPDX-License-Identifier: Apache-2.0
#include "cmd/output/template_printf.h"

#include <algorithm>
#include <optional>

#include "trust/error.h"
#include "trust/shown.h"

namespace hallmark::cmd {
namespace {

using Value = TemplateValue;

// A few digits of a format become so many blanks, for each verb.
constexpr std::size_t kMostWidth = 10'000;

struct Verb {
  bool is_left = false;
  bool with_zeros = false;
  // In characters, not bytes, as Go counts a width and a precision.
  std::size_t width = 0;
  std::optional<std::size_t> precision;
  char letter = '\0';
};

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; }

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string first_characters(std::string text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size() && (count > 0 || is_continuation(text[at])); ++at) {
    if (!is_continuation(text[at])) --count;
    if (count == 0 && (at + 1 == text.size() || !is_continuation(text[at + 1]))) {
      ++at;
      break;
    }
  }
  text.resize(at);
  return text;
}

std::string padded(std::string text, const Verb& verb) {
  const std::size_t length = characters_in(text);
  if (length >= verb.width) return text;
  const std::size_t missing = verb.width - length;
  if (verb.is_left) return text.append(missing, ' ');
  if (!verb.with_zeros) return std::string(missing, ' ') + text;
  // Zeros stand between the sign and the digits.
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  return text.insert(sign, missing, '0');
}

std::string hex_of(std::uint32_t number, unsigned digits) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  while (digits-- > 0) text += kHex[number >> (4 * digits) & 0xfU];
  return text;
}

/// As Go spells what has no picture: "\x1b", "\u202e", "\U000e0001".
std::string escaped(const Character& character) {
  if (!character.is_utf8 || character.code < 0x80) return "\\x" + hex_of(character.code, 2);
  return character.code > 0xffff ? "\\U" + hex_of(character.code, 8) : "\\u" + hex_of(character.code, 4);
}

/// A quoted text as Go's %q has it.
// %q is for eyes: what is not harmless is written by its code, before execute() would write it by its bytes.
std::string quoted_by_go(std::string_view text) {
  static constexpr std::string_view kLetters = "abfnrtv";
  static constexpr std::string_view kMeant = "\a\b\f\n\r\t\v";
  std::string out = "\"";
  while (!text.empty()) {
    const Character next = first_character(text);
    const char letter = text.front();
    if (const std::size_t found = kMeant.find(letter); letter != '\0' && found != std::string_view::npos) {
      out += '\\';
      out += kLetters[found];
    } else if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else {
      out += next.is_harmless ? std::string(text.substr(0, next.length)) : escaped(next);
    }
    text.remove_prefix(next.length);
  }
  return out + '"';
}

std::string type_of(const Value& value) { return value.is_nothing() ? "<nil>" : value.type_name(); }

// Go tells a value that does not fit in the text and goes on; what docker prints is printed here.
std::string misfit(const Value& value, char letter) {
  if (value.is_nothing()) return std::string("%!") + letter + "(<nil>)";
  return std::string("%!") + letter + "(" + type_of(value) + "=" + printed_by_go(value) + ")";
}

std::string of_text(std::string text, const Verb& verb) {
  if (verb.precision) text = first_characters(std::move(text), *verb.precision);
  return padded(verb.letter == 'q' ? quoted_by_go(text) : text, verb);
}

/// What the verb makes of one value that is no list and no map, or of any value when it is %v.
std::string single(const Value& value, const Verb& verb) {
  const auto* text = value.as<std::string>();
  if (text != nullptr && (verb.letter == 's' || verb.letter == 'q' || verb.letter == 'v')) return of_text(*text, verb);
  const bool fits = verb.letter == 'v' || (verb.letter == 'd' && value.as<std::int64_t>() != nullptr) ||
                    (verb.letter == 't' && value.as<bool>() != nullptr);
  return fits ? padded(printed_by_go(value), verb) : misfit(value, verb.letter);
}

/// Lists, maps and records in their brackets: the verb, its width included, is for each element.
std::string one(const Value& value, const Verb& verb) {
  const auto* list = value.as<Value::List>();
  const auto* map = value.as<Value::Map>();
  const auto* record = value.as<Value::Record>();
  const bool has_fields = record != nullptr && !record->is_null && verb.letter == 'v';
  if (list == nullptr && map == nullptr && !has_fields) return single(value, verb);
  std::string text;
  if (has_fields) {
    bool is_first = true;
    for (const Value::Field& field : record->fields) {
      if (field.shown == Value::Shown::never) continue;
      text += (is_first ? "" : " ") + one(field.value, verb);
      is_first = false;
    }
    return "{" + text + "}";
  }
  if (list != nullptr) {
    bool is_first = true;
    for (const Value& item : list->items) {
      text += (is_first ? "" : " ") + one(item, verb);
      is_first = false;
    }
    return "[" + text + "]";
  }
  for (const auto& [name, member] : map->members) {
    text += (text.empty() ? "" : " ") + one(Value::text(name), verb) + ":" + one(member, verb);
  }
  return "map[" + text + "]";
}

class Format {
 public:
  Format(std::string_view format, const std::vector<Value>& arguments, std::size_t most)
      : format_(format), arguments_(arguments), most_(most) {}

  std::string run() {
    while (at_ < format_.size()) {
      const std::size_t percent = std::min(format_.find('%', at_), format_.size());
      out_ += format_.substr(at_, percent - at_);
      at_ = percent;
      if (at_ < format_.size()) verb();
      if (out_.size() > most_) fail(Fault::usage, "it makes more than ", most_, " bytes");
    }
    tell_extra();
    return std::move(out_);
  }

 private:
  [[nodiscard]] char here() const { return at_ < format_.size() ? format_[at_] : '\0'; }

  std::size_t digits() {
    std::size_t number = 0;
    for (; here() >= '0' && here() <= '9'; ++at_) {
      number = number * 10 + static_cast<std::size_t>(here() - '0');
      if (number > kMostWidth) fail(Fault::usage, "a width over ", kMostWidth);
    }
    return number;
  }

  void verb() {
    ++at_;
    Verb verb;
    for (; here() == '-' || here() == '0'; ++at_) (here() == '-' ? verb.is_left : verb.with_zeros) = true;
    verb.width = digits();
    if (here() == '.') {
      ++at_;
      verb.precision = digits();
    }
    // What Go prints as well: a format that ends within a verb is no error there.
    if (at_ >= format_.size()) {
      out_ += "%!(NOVERB)";
      return;
    }
    verb.letter = format_[at_++];
    if (verb.letter == '%') {
      out_ += '%';
      return;
    }
    // Go knows more verbs. They are refused, not passed over: nothing comes out in another form than Go's.
    if (std::string_view("sdvqt").find(verb.letter) == std::string_view::npos ||
        (verb.letter == 'd' && verb.precision)) {
      fail(Fault::usage, "printf knows %s %d %v %q %t here, not %", printable({&verb.letter, 1}, 8));
    }
    if (used_ >= arguments_.size()) {
      out_ += std::string("%!") + verb.letter + "(MISSING)";
      return;
    }
    out_ += one(arguments_[used_++], verb);
  }

  // A value that no verb asks for is told, as Go tells it: a verb may have been forgotten.
  void tell_extra() {
    if (used_ >= arguments_.size()) return;
    out_ += "%!(EXTRA ";
    for (std::size_t i = used_; i < arguments_.size(); ++i) {
      if (i > used_) out_ += ", ";
      out_ += arguments_[i].is_nothing() ? "<nil>" : type_of(arguments_[i]) + "=" + printed_by_go(arguments_[i]);
    }
    out_ += ')';
  }

  std::string_view format_;
  const std::vector<Value>& arguments_;
  std::size_t most_;
  std::size_t at_ = 0;
  // The first argument is the format itself.
  std::size_t used_ = 1;
  std::string out_;
};

}  // namespace

std::string printed_by_go(const TemplateValue& value) { return value.is_nothing() ? "<nil>" : value.printed(); }

std::string formatted_by_go(std::string_view format, const std::vector<TemplateValue>& arguments, std::size_t most) {
  return Format(format, arguments, most).run();
}

}  // namespace hallmark::cmd
