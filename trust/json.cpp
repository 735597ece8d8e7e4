// SPDX-License-Identifier: Apache-2.0
#include "trust/json.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "trust/shown.h"
#include "trust/text.h"

namespace hallmark::json {
namespace {

/// Builds Values from the tokens of nlohmann's parser, which is used for nothing else.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(std::string_view what, std::string_view text, const Limits& limits)
      : what_(what), text_(text), limits_(limits) {}

  bool null() override { return put(Value(nullptr)); }
  bool boolean(bool truth) override { return put(Value(truth)); }
  bool number_integer(number_integer_t number) override { return put(Value(Number{std::to_string(number)})); }
  bool number_unsigned(number_unsigned_t number) override { return put(Value(Number{std::to_string(number)})); }
  bool number_float(number_float_t /*rounded*/, const string_t& text) override { return put(Value(Number{text})); }
  // Copied, not moved: the parser fills the next one in the same memory, and the copy is no longer than need be.
  bool string(string_t& text) override { return put(Value(std::string(text))); }
  bool binary(binary_t& /*bytes*/) override { return false; }

  bool start_object(std::size_t /*size*/) override { return open(true); }
  bool start_array(std::size_t /*size*/) override { return open(false); }

  bool key(string_t& name) override {
    make_room(open_.back().members);
    open_.back().members.emplace_back(name, Value());
    return true;
  }

  bool end_object() override {
    std::vector<Object::Member> members = std::move(open_.back().members);
    open_.pop_back();
    // What a list was grown by would stay in memory as long as the document.
    if (members.capacity() - members.size() > members.size() / kSpare) members.shrink_to_fit();
    return put(Value(Object(std::move(members))));
  }

  bool end_array() override {
    Array items = std::move(open_.back().items);
    open_.pop_back();
    return put(Value(std::move(items)));
  }

  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& error) override {
    // The library's text begins with its own line numbers, "- " behind them, and repeats bytes of the document. These
    // may be a secret: only the reason before them is said.
    const std::string_view text = error.what();
    const std::size_t begin = text.find("- ");
    const std::string_view reason = begin == std::string_view::npos ? "a number is too large" : text.substr(begin + 2);
    // As an editor counts: the character at which the reader stopped, which may be one behind the end.
    const std::string_view before = text_.substr(0, position == 0 ? 0 : position - 1);
    const std::size_t turn = before.rfind('\n');
    fail(Fault::corrupt, what_, ": not JSON at line ", 1 + std::count(before.begin(), before.end(), '\n'), ", column ",
         before.size() - (turn == std::string_view::npos ? 0 : turn + 1) + 1, ": ",
         printable(reason.substr(0, reason.find("; last read: ")), 120));
  }

  Value take() { return std::move(root_); }

 private:
  struct Frame {
    bool is_object;
    std::vector<Object::Member> members;
    Array items;
  };

  /// By a part of what is there: a list that doubles is in memory three times.
  template <class Item>
  static void make_room(std::vector<Item>& items) {
    if (items.size() == items.capacity() && items.size() >= kMany) items.reserve(items.size() + items.size() / kSpare);
  }

  bool open(bool is_object) {
    // Whatever walks or frees a Value recurses: this limit bounds the stack of all of them.
    if (open_.size() >= limits_.depth) fail(Fault::corrupt, what_, ": nested deeper than ", limits_.depth);
    open_.push_back(Frame{is_object, {}, {}});
    if (is_object) open_.back().members.reserve(8);  // one step in the place of four
    return true;
  }

  bool put(Value value) {
    // While it is read: a text of a few bytes for each value would be many times as large in memory.
    if (++count_ > limits_.values) fail(Fault::corrupt, what_, ": more than ", limits_.values, " values");
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is_object) {
      open_.back().members.back().second = std::move(value);
    } else {
      make_room(open_.back().items);
      open_.back().items.push_back(std::move(value));
    }
    return true;
  }

  static constexpr std::size_t kMany = 4096;
  static constexpr std::size_t kSpare = 4;

  std::string_view what_;
  std::string_view text_;
  Limits limits_;
  std::size_t count_ = 0;
  std::vector<Frame> open_;
  Value root_;
};

template <class Wanted>
const Wanted& as(const Value& value, std::string_view wanted) {
  const auto* found = std::get_if<Wanted>(&value.kind());
  if (found == nullptr) fail(Fault::corrupt, "expected ", wanted, ", found ", value.kind_name());
  return *found;
}

}  // namespace

Object::Object(std::vector<Member> members) : members_(std::move(members)) {
  const auto by_name = [](const Member& a, const Member& b) { return a.first < b.first; };
  // Signed documents come in this order already, with as many members as a repository has tags.
  if (!std::is_sorted(members_.begin(), members_.end(), by_name)) {
    std::sort(members_.begin(), members_.end(), by_name);
  }
  // RFC 8259, 4: readers take the first, the last or both, so one signed text would say two things.
  const auto twice = std::adjacent_find(members_.begin(), members_.end(),
                                        [](const Member& a, const Member& b) { return a.first == b.first; });
  if (twice != members_.end()) {
    throw DuplicateMember("duplicate member \"" + printable(twice->first, 80) + "\"", twice->first);
  }
}

const Value* Object::find(std::string_view name) const {
  const auto found = std::lower_bound(members_.begin(), members_.end(), name,
                                      [](const Member& member, std::string_view key) { return member.first < key; });
  return found != members_.end() && found->first == name ? &found->second : nullptr;
}

std::vector<Object::Member> Object::take_members() && { return std::move(members_); }

const Value& Object::at(std::string_view name) const {
  const Value* found = find(name);
  if (found == nullptr) fail(Fault::corrupt, "member \"", name, "\" is missing");
  return *found;
}

void Object::allow_only(std::initializer_list<std::string_view> names) const {
  for (const Member& member : members_) {
    if (std::find(names.begin(), names.end(), member.first) != names.end()) continue;
    throw Error(Fault::corrupt, "Unknown key \"" + printable(member.first, 80) + "\"",
                hint_for(member.first, {names.begin(), names.end()}));
  }
}

bool Value::is_null() const { return std::holds_alternative<std::nullptr_t>(kind_); }
bool Value::is_object() const { return std::holds_alternative<Object>(kind_); }
bool Value::is_string() const { return std::holds_alternative<std::string>(kind_); }
bool Value::is_array() const { return std::holds_alternative<Array>(kind_); }
bool Value::boolean() const { return as<bool>(*this, "true or false"); }
const std::string& Value::string() const { return as<std::string>(*this, "a string"); }
const Array& Value::array() const { return as<Array>(*this, "an array"); }
const Object& Value::object() const { return as<Object>(*this, "an object"); }

Array Value::take_array() && {
  static_cast<void>(array());  // refuses another kind
  return std::move(std::get<Array>(kind_));
}

Object Value::take_object() && {
  static_cast<void>(object());
  return std::move(std::get<Object>(kind_));
}

std::int64_t Value::integer() const {
  // The literal as a whole: "2.0" and "2e0" are the same to some readers and another text to whoever signs.
  const std::string& text = as<Number>(*this, "an integer").text;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(Fault::corrupt, "expected an integer, found ", printable(text, 40));
  }
  return number;
}

std::uint64_t Value::size() const {
  const std::int64_t number = integer();
  if (number < 0) fail(Fault::corrupt, "expected a size, found ", number);
  return static_cast<std::uint64_t>(number);
}

std::string_view Value::kind_name() const {
  static constexpr std::string_view kNames[] = {"null", "a boolean", "a number", "a string", "an array", "an object"};
  return kNames[kind_.index()];
}

Value parse(std::string_view what, ByteView bytes, const Limits& limits) {
  if (bytes.size() > limits.bytes) {
    fail(Fault::corrupt, what, ": ", bytes.size(), " bytes, at most ", limits.bytes, " are allowed");
  }
  const std::string_view text = text_of(bytes);
  // RFC 8259, 8.1: some readers pass over it, others do not.
  if (text.starts_with("\xef\xbb\xbf")) fail(Fault::corrupt, what, ": not JSON: begins with a byte order mark");
  // The parser takes a NUL for the end and would not see what stands behind it.
  if (text.find('\0') != std::string_view::npos) fail(Fault::corrupt, what, ": not JSON: holds a NUL byte");
  Builder builder(what, text, limits);
  try {
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) fail(Fault::corrupt, what, ": not JSON");
  } catch (const DuplicateMember& duplicate) {
    // Still of its own kind, since trust data tell it apart from other damage.
    throw DuplicateMember(std::string(what) + ": " + duplicate.what(), duplicate.member());
  }
  return builder.take();
}

Value parse(std::string_view what, ByteView bytes) { return parse(what, bytes, Limits{}); }

namespace {

/// As JSON has it: in units of UTF-16.
void append_escaped(std::string& out, std::uint32_t code) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  if (code > 0xffff) {
    append_escaped(out, 0xd800U + ((code - 0x10000U) >> 10U));
    append_escaped(out, 0xdc00U + (code & 0x3ffU));
    return;
  }
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += kHex[code >> shift & 0xfU];
}

}  // namespace

std::string quoted(std::string_view text) {
  static constexpr std::uint32_t kReplacement = 0xfffd;  // JSON has no way to write what is no text
  std::string out = "\"";
  while (!text.empty()) {
    // More is escaped than JSON asks for: what is written here is also looked at on terminals.
    const Character next = first_character(text);
    const char letter = text.front();
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (letter == '\n') {
      out += "\\n";
    } else if (next.is_harmless) {
      out += text.substr(0, next.length);
    } else {
      append_escaped(out, next.is_utf8 ? next.code : kReplacement);
    }
    text.remove_prefix(next.length);
  }
  return out += '"';
}

void Writer::new_line() {
  if (indent_ == 0) return;
  out_ += '\n';
  out_.append(indent_ * has_items_.size(), ' ');
}

void Writer::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (has_items_.empty()) return;
  if (has_items_.back()) out_ += ',';
  has_items_.back() = true;
  new_line();
}

void Writer::open(char bracket) {
  separate();
  out_ += bracket;
  has_items_.push_back(false);
}

void Writer::close(char bracket) {
  const bool had_items = has_items_.back();
  has_items_.pop_back();
  if (had_items) new_line();
  out_ += bracket;
}

Writer& Writer::begin_object() { return open('{'), *this; }
Writer& Writer::end_object() { return close('}'), *this; }
Writer& Writer::begin_array() { return open('['), *this; }
Writer& Writer::end_array() { return close(']'), *this; }

Writer& Writer::key(std::string_view name) {
  separate();
  out_ += quoted(name);
  out_ += indent_ == 0 ? ":" : ": ";
  after_key_ = true;
  return *this;
}

Writer& Writer::string(std::string_view text) {
  separate();
  out_ += quoted(text);
  return *this;
}

Writer& Writer::integer(std::int64_t number) {
  separate();
  out_ += std::to_string(number);
  return *this;
}

Writer& Writer::size(std::uint64_t number) {
  separate();
  out_ += std::to_string(number);
  return *this;
}

Writer& Writer::boolean(bool truth) {
  separate();
  out_ += truth ? "true" : "false";
  return *this;
}

Writer& Writer::null() {
  separate();
  out_ += "null";
  return *this;
}

Writer& Writer::member(std::string_view name, std::string_view text) { return key(name).string(text); }

Writer& Writer::value(const Value& value) {
  if (value.is_object()) {
    begin_object();
    for (const auto& [name, item] : value.object().members()) key(name).value(item);
    return end_object();
  }
  if (value.is_array()) {
    begin_array();
    for (const Value& item : value.array()) this->value(item);
    return end_array();
  }
  if (value.is_string()) return string(value.string());
  if (value.is_null()) return null();
  if (const auto* truth = std::get_if<bool>(&value.kind())) return boolean(*truth);
  separate();
  // As it was written: a number goes through without being rounded.
  out_ += std::get<Number>(value.kind()).text;
  return *this;
}

std::string to_text(const Value& value) { return Writer(0).value(value).text(); }

}  // namespace hallmark::json
