// SPDX-License-Identifier: Apache-2.0
#include "cmd/output/template_functions.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "cmd/output/template_escapes.h"
#include "cmd/output/template_printf.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

using Value = TemplateValue;
using Values = std::vector<TemplateValue>;

constexpr std::size_t kAnyCount = std::numeric_limits<std::size_t>::max();

// Nothing is converted: Go's functions take the types that they say, and refuse others in these words.
const std::string& text_at(const Values& arguments, std::size_t i) {
  const auto* text = arguments[i].as<std::string>();
  if (text == nullptr) fail(Fault::usage, "wrong type for value; expected string; got ", arguments[i].type_name());
  return *text;
}

std::int64_t number_at(const Values& arguments, std::size_t i) {
  const auto* number = arguments[i].as<std::int64_t>();
  if (number == nullptr) fail(Fault::usage, "wrong type for value; expected int; got ", arguments[i].type_name());
  return *number;
}

// What one function makes has the limit of the whole output: more could not be printed anyway.
void check_size(std::size_t size) {
  if (size > kMostTemplateOutput) fail(Fault::usage, "it makes more than ", kMostTemplateOutput, " bytes");
}

// ASCII alone, by hand: those of the C library depend on the locale of whoever runs this.
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
char upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

Value changed_letters(std::string text, char (*change)(char)) {
  std::transform(text.begin(), text.end(), text.begin(), change);
  return Value::text(text);
}

Value to_lower(const Values& arguments) { return changed_letters(text_at(arguments, 0), lower); }
Value to_upper(const Values& arguments) { return changed_letters(text_at(arguments, 0), upper); }

/// The first letter of each word; a word ends where no letter, digit or underscore is. Letters beyond ASCII stay.
Value to_title(const Values& arguments) {
  std::string text = text_at(arguments, 0);
  char before = ' ';
  for (char& c : text) {
    const bool in_word = is_upper(before) || is_lower(before) || (before >= '0' && before <= '9') || before == '_' ||
                         before == '\'' || static_cast<unsigned char>(before) >= 0x80;
    if (!in_word || before == '\'') c = upper(c);
    before = c;
  }
  return Value::text(text);
}

Value to_json(const Values& arguments) { return Value::text(arguments[0].json_text()); }

Value split(const Values& arguments) {
  const std::string& text = text_at(arguments, 0);
  const std::string& separator = text_at(arguments, 1);
  std::vector<std::string> parts;
  if (separator.empty()) {
    for (const char c : text) {
      // A character of several bytes stays whole, as in Go's Split without a separator.
      const bool continues = (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
      if (!continues || parts.empty()) parts.emplace_back();
      parts.back() += c;
    }
    return Value::list_of(parts);
  }
  for (std::size_t at = 0;;) {
    const std::size_t found = text.find(separator, at);
    parts.push_back(text.substr(at, found - at));
    if (found == std::string::npos) return Value::list_of(parts);
    at = found + separator.size();
  }
}

Value join(const Values& arguments) {
  const auto* list = arguments[0].as<Value::List>();
  if (list == nullptr) fail(Fault::usage, "wrong type for value; expected list; got ", arguments[0].type_name());
  const std::string& separator = text_at(arguments, 1);
  std::string joined;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    joined += (i == 0 ? "" : separator) + text_at(list->items, i);
    check_size(joined.size());
  }
  return Value::text(joined);
}

/// pad TEXT BEFORE AFTER: blanks around it, none around nothing.
Value pad(const Values& arguments) {
  const std::string& text = text_at(arguments, 0);
  const std::int64_t before = number_at(arguments, 1);
  const std::int64_t after = number_at(arguments, 2);
  if (before < 0 || after < 0) fail(Fault::usage, "a negative count of blanks");
  // Before the blanks are made: a count is a few digits in the template.
  check_size(static_cast<std::size_t>(before));
  check_size(static_cast<std::size_t>(after));
  if (text.empty()) return Value::text("");
  return Value::text(std::string(static_cast<std::size_t>(before), ' ') + text +
                     std::string(static_cast<std::size_t>(after), ' '));
}

/// truncate TEXT BYTES; no character is cut in two.
Value truncate(const Values& arguments) {
  const std::string& text = text_at(arguments, 0);
  const std::int64_t wanted = number_at(arguments, 1);
  if (wanted < 0) fail(Fault::usage, "a negative length");
  std::size_t length = static_cast<std::size_t>(wanted);
  if (text.size() <= length) return Value::text(text);
  // Back to the beginning of the character in which the cut would lie.
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0U) == 0x80) --length;
  return Value::text(text.substr(0, length));
}

Value length(const Values& arguments) {
  const auto count = [](std::size_t size) { return Value::number(static_cast<std::int64_t>(size)); };
  const Value& value = arguments[0];
  if (const auto* text = value.as<std::string>()) return count(text->size());
  if (const auto* list = value.as<Value::List>()) return count(list->items.size());
  if (const auto* map = value.as<Value::Map>()) return count(map->members.size());
  fail(Fault::usage, "len of type ", value.type_name());
}

// `end_counts`: a slice may end behind the last element, an index must be of one.
std::size_t checked_index(const Value& value, std::size_t size, bool end_counts) {
  const auto* number = value.as<std::int64_t>();
  if (number == nullptr) fail(Fault::usage, "cannot index slice/array with type ", value.type_name());
  const auto limit = static_cast<std::int64_t>(size) + (end_counts ? 1 : 0);
  if (*number < 0 || *number >= limit) fail(Fault::usage, "index out of range: ", *number);
  return static_cast<std::size_t>(*number);
}

Value member_of(const Value::Map& map, const Value& key) {
  const auto* name = key.as<std::string>();
  if (name == nullptr) fail(Fault::usage, "value has type ", key.type_name(), "; should be string");
  for (const auto& [known, value] : map.members) {
    if (known == *name) return value;
  }
  // Go's zero value of the map: an empty text, or nothing.
  return map.is_of_text ? Value::text("") : Value();
}

Value slice(const Values& arguments) {
  if (arguments.size() > 4) fail(Fault::usage, "too many slice indexes: ", arguments.size() - 1);
  const auto* text = arguments[0].as<std::string>();
  const auto* list = arguments[0].as<Value::List>();
  if (text == nullptr && list == nullptr) fail(Fault::usage, "can't slice item of type ", arguments[0].type_name());
  if (text != nullptr && arguments.size() > 3) fail(Fault::usage, "cannot 3-index slice a string");
  const std::size_t size = text != nullptr ? text->size() : list->items.size();
  const std::size_t begin = arguments.size() > 1 ? checked_index(arguments[1], size, true) : 0;
  const std::size_t end = arguments.size() > 2 ? checked_index(arguments[2], size, true) : size;
  // A third index is a capacity, which changes nothing here; a wrong one is refused as Go refuses it.
  if (arguments.size() > 3) checked_index(arguments[3], size, true);
  if (begin > end) fail(Fault::usage, "invalid slice index: ", begin, " > ", end);
  // By bytes, as in Go. Half a character that is left is escaped when it is printed.
  if (text != nullptr) return Value::text(text->substr(begin, end - begin));
  const auto from = list->items.begin();
  return Value(
      Value::Kind(Value::List{{from + static_cast<std::ptrdiff_t>(begin), from + static_cast<std::ptrdiff_t>(end)}}));
}

/// -1, 0, 1; of texts and numbers alone, and of one kind.
int compared(const Value& a, const Value& b) {
  const auto sign = [](const auto& left, const auto& right) { return left < right ? -1 : left == right ? 0 : 1; };
  if (const auto* left = a.as<std::string>(), *right = b.as<std::string>(); left != nullptr && right != nullptr) {
    return sign(*left, *right);
  }
  if (const auto* left = a.as<std::int64_t>(), *right = b.as<std::int64_t>(); left != nullptr && right != nullptr) {
    return sign(*left, *right);
  }
  const bool is_basic = a.as<std::string>() != nullptr || a.as<std::int64_t>() != nullptr;
  if (!is_basic) fail(Fault::usage, "invalid type for comparison");
  fail(Fault::usage, "incompatible types for comparison");
}

bool are_equal(const Value& a, const Value& b) {
  // nil equals nil and nothing else: a member that is missing is not equal to a text, and that is no error.
  if (a.is_nothing() || b.is_nothing()) return a.is_nothing() && b.is_nothing();
  const auto *left = a.as<bool>(), *right = b.as<bool>();
  if (left != nullptr && right != nullptr) return *left == *right;
  if (left != nullptr || right != nullptr) fail(Fault::usage, "incompatible types for comparison");
  return compared(a, b) == 0;
}

Value equal(const Values& arguments) {
  if (arguments.size() == 1) fail(Fault::usage, "missing argument for comparison");
  return Value::truth(std::any_of(arguments.begin() + 1, arguments.end(),
                                  [&](const Value& other) { return are_equal(arguments[0], other); }));
}
Value not_equal(const Values& arguments) { return Value::truth(!are_equal(arguments[0], arguments[1])); }
Value less(const Values& arguments) { return Value::truth(compared(arguments[0], arguments[1]) < 0); }
Value less_or_equal(const Values& arguments) { return Value::truth(compared(arguments[0], arguments[1]) <= 0); }
Value greater(const Values& arguments) { return Value::truth(compared(arguments[0], arguments[1]) > 0); }
Value greater_or_equal(const Values& arguments) { return Value::truth(compared(arguments[0], arguments[1]) >= 0); }
Value negated(const Values& arguments) { return Value::truth(!arguments[0].is_true()); }

// The value itself comes out, as in Go: {{or .Name "none"}} is there to print a name. Here all arguments were
// evaluated; the execution has stopped before where one of them settled it.
Value conjunction(const Values& arguments) {
  const auto found = std::find_if(arguments.begin(), arguments.end(), [](const Value& v) { return !v.is_true(); });
  return found == arguments.end() ? arguments.back() : *found;
}
Value disjunction(const Values& arguments) {
  const auto found = std::find_if(arguments.begin(), arguments.end(), [](const Value& v) { return v.is_true(); });
  return found == arguments.end() ? arguments.back() : *found;
}

/// A blank between two of which neither is a text.
Value print(const Values& arguments) {
  std::string text;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool is_text = arguments[i].as<std::string>() != nullptr;
    const bool after_text = i == 0 || arguments[i - 1].as<std::string>() != nullptr;
    if (!is_text && !after_text) text += ' ';
    text += printed_by_go(arguments[i]);
    check_size(text.size());
  }
  return Value::text(text);
}

Value print_line(const Values& arguments) {
  std::string text;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    text += (i == 0 ? "" : " ") + printed_by_go(arguments[i]);
    check_size(text.size());
  }
  return Value::text(text + "\n");
}

Value print_formatted(const Values& arguments) {
  return Value::text(formatted_by_go(text_at(arguments, 0), arguments, kMostTemplateOutput));
}

/// Of all arguments as `print` has them.
template <std::string (*Escape)(std::string_view)>
Value escaped(const Values& arguments) {
  const Value printed = print(arguments);
  std::string text = Escape(*printed.as<std::string>());
  check_size(text.size());
  return Value::text(text);
}

struct Function {
  std::string_view name;
  std::size_t least;
  std::size_t most;
  Value (*call)(const Values&);
};

// By name, as the manual lists them. Go's `call` is missing: there are no values that are functions.
constexpr std::array kFunctions{
    Function{"and", 1, kAnyCount, conjunction},
    Function{"eq", 1, kAnyCount, equal},
    Function{"ge", 2, 2, greater_or_equal},
    Function{"gt", 2, 2, greater},
    Function{"html", 1, kAnyCount, escaped<escaped_as_html>},
    Function{"index", 1, kAnyCount, template_index},
    Function{"join", 2, 2, join},
    Function{"js", 1, kAnyCount, escaped<escaped_as_js>},
    Function{"json", 1, 1, to_json},
    Function{"le", 2, 2, less_or_equal},
    Function{"len", 1, 1, length},
    Function{"lower", 1, 1, to_lower},
    Function{"lt", 2, 2, less},
    Function{"ne", 2, 2, not_equal},
    Function{"not", 1, 1, negated},
    Function{"or", 1, kAnyCount, disjunction},
    Function{"pad", 3, 3, pad},
    Function{"print", 0, kAnyCount, print},
    Function{"printf", 1, kAnyCount, print_formatted},
    Function{"println", 0, kAnyCount, print_line},
    Function{"slice", 1, kAnyCount, slice},
    Function{"split", 2, 2, split},
    Function{"title", 1, 1, to_title},
    Function{"truncate", 2, 2, truncate},
    Function{"upper", 1, 1, to_upper},
    Function{"urlquery", 1, kAnyCount, escaped<escaped_as_query>},
};

const Function* find_function(std::string_view name) {
  const auto* found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                   [&](const Function& function) { return function.name == name; });
  return found == kFunctions.end() ? nullptr : found;
}

}  // namespace

bool is_template_function(std::string_view name) { return find_function(name) != nullptr; }

TemplateValue template_index(const std::vector<TemplateValue>& arguments) {
  if (arguments[0].is_nothing()) fail(Fault::usage, "index of untyped nil");
  Value item = arguments[0];
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    Value inner;
    if (const auto* list = item.as<Value::List>()) {
      inner = list->items[checked_index(arguments[i], list->items.size(), false)];
    } else if (const auto* text = item.as<std::string>()) {
      // An element of a text is a byte, and a byte is a number, as in Go.
      inner = Value::number(static_cast<unsigned char>((*text)[checked_index(arguments[i], text->size(), false)]));
    } else if (const auto* map = item.as<Value::Map>()) {
      inner = member_of(*map, arguments[i]);
    } else {
      fail(Fault::usage, item.is_nothing() ? "index of nil pointer" : "can't index item of type " + item.type_name());
    }
    item = std::move(inner);
  }
  return item;
}

TemplateValue call_template_function(std::string_view name, const std::vector<TemplateValue>& arguments) {
  const Function* function = find_function(name);
  if (function == nullptr) fail(Fault::usage, "function \"", printable(name, 60), "\" not defined");
  const std::size_t count = arguments.size();
  // With Go's words: the argument that a pipe brings counts as well.
  if (count < function->least || count > function->most) {
    const bool any = function->most == kAnyCount;
    fail(Fault::usage, "wrong number of args for ", name, ": want ", any ? "at least " : "", function->least, " got ",
         count);
  }
  return function->call(arguments);
}

}  // namespace hallmark::cmd
