// SPDX-License-Identifier: Apache-2.0
//
// The one strict reader of JSON for everything that decides, and a plain writer (RFC 8259).
// Refused, beyond what the grammar refuses: a byte order mark, two members of one name, invalid UTF-8, lone
// surrogates, nesting and sizes over the limit. Numbers are kept as they were written.
//
// Two manners of use: formats of ours end with allow_only(); formats of others ignore members they do not know.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "trust/bytes.h"
#include "trust/error.h"

namespace hallmark::json {

class Value;
using Array = std::vector<Value>;

/// A number as it was written: a reader that rounds cannot check a signature.
struct Number {
  std::string text;
};

/// Thrown (Fault::corrupt) when an object has two members of one name.
class DuplicateMember : public Error {
 public:
  DuplicateMember(const std::string& message, std::string member)
      : Error(Fault::corrupt, message), member_(std::move(member)) {}
  [[nodiscard]] const std::string& member() const { return member_; }

 private:
  std::string member_;
};

/// Members sorted bytewise by name; each name once.
class Object {
 public:
  using Member = std::pair<std::string, Value>;

  /// Sorts the members. Two of one name throw DuplicateMember.
  explicit Object(std::vector<Member> members);
  Object() = default;

  /// nullptr when there is no such member.
  [[nodiscard]] const Value* find(std::string_view name) const;
  /// Fault::corrupt when there is no such member.
  [[nodiscard]] const Value& at(std::string_view name) const;
  [[nodiscard]] const std::vector<Member>& members() const { return members_; }
  /// The same, of an object that is no longer needed.
  [[nodiscard]] std::vector<Member> take_members() &&;
  /// For formats of ours: any other member is Fault::corrupt and named in the message.
  void allow_only(std::initializer_list<std::string_view> names) const;

 private:
  std::vector<Member> members_;
};

/// Readers of a Value throw Fault::corrupt when it is of another kind.
class Value {
 public:
  using Kind = std::variant<std::nullptr_t, bool, Number, std::string, Array, Object>;

  Value() = default;
  explicit Value(Kind kind) : kind_(std::move(kind)) {}

  [[nodiscard]] bool is_null() const;
  [[nodiscard]] bool is_object() const;
  [[nodiscard]] bool is_string() const;
  [[nodiscard]] bool is_array() const;
  [[nodiscard]] bool boolean() const;
  /// An integer literal ("2", not "2.0" nor "2e0") that fits 64 bits.
  [[nodiscard]] std::int64_t integer() const;
  /// As integer(), and not negative.
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] const std::string& string() const;
  [[nodiscard]] const Array& array() const;
  [[nodiscard]] const Object& object() const;
  /// array() and object() of a value that is no longer needed.
  [[nodiscard]] Array take_array() &&;
  [[nodiscard]] Object take_object() &&;
  [[nodiscard]] const Kind& kind() const { return kind_; }
  /// "string", "object", ...: for messages.
  [[nodiscard]] std::string_view kind_name() const;

 private:
  Kind kind_;
};

/// What one document may cost. Callers raise them for documents that are known to be large, never for all.
struct Limits {
  std::size_t bytes = std::size_t{8} << 20U;
  std::size_t depth = 64;
  /// Values of any kind: "[0,0,...]" is small as text and large in memory.
  std::size_t values = 200'000;
};

/// Reads one whole document. `what` names it in messages. Any fault is Fault::corrupt.
Value parse(std::string_view what, ByteView bytes, const Limits& limits);
/// With the limits of a document that nobody expects to be large.
Value parse(std::string_view what, ByteView bytes);

/// Writes JSON from left to right; members stay in the order they are given. Output is valid UTF-8 if its input is;
/// control characters are escaped. With an indent of 0 there is no white space at all.
class Writer {
 public:
  explicit Writer(std::size_t indent) : indent_(indent) {}

  /// Each writes one value: an item of an array, what belongs to the key before it, or the document.
  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  /// Only in an object, and a value must follow.
  Writer& key(std::string_view name);
  Writer& string(std::string_view text);
  Writer& integer(std::int64_t number);
  Writer& size(std::uint64_t number);
  Writer& boolean(bool truth);
  Writer& null();
  Writer& string_or_null(const std::optional<std::string>& text) { return text ? string(*text) : null(); }
  Writer& value(const Value& value);
  /// key() and string() in one.
  Writer& member(std::string_view name, std::string_view text);

  /// What was written so far; a document once all brackets are closed.
  [[nodiscard]] const std::string& text() const { return out_; }

 private:
  void separate();
  void open(char bracket);
  void close(char bracket);
  void new_line();

  std::size_t indent_;
  std::string out_;
  std::vector<bool> has_items_;
  bool after_key_ = false;
};

/// The document on one line, members sorted.
std::string to_text(const Value& value);

/// The text as a JSON string with its quotes: `"`, `\` and what is not harmless (shown.h) escaped; U+FFFD for no UTF-8.
std::string quoted(std::string_view text);

}  // namespace hallmark::json
