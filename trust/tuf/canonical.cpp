// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/canonical.h"

#include <charconv>

#include "trust/error.h"

namespace hallmark::tuf {
namespace {

/// Beyond this a double, which is what signers count in, no longer tells two whole numbers apart.
constexpr std::int64_t kMostExact = std::int64_t{1} << 53U;

[[noreturn]] void refuse(std::string_view text) {
  fail(Fault::corrupt, "number ", printable(text, 40), " has no canonical form");
}

/// docs/notary-v1.md, 3: "1e3" and "3.0" stand as 1000 and 3 in what was signed; a fraction has no canonical form.
std::int64_t whole_number(const std::string& text) {
  const char* const end = text.data() + text.size();
  std::int64_t number = 0;
  const auto integer = std::from_chars(text.data(), end, number);
  if (integer.ec != std::errc() || integer.ptr != end) {
    double rounded = 0;
    const auto real = std::from_chars(text.data(), end, rounded);
    constexpr auto kMost = static_cast<double>(kMostExact);
    // The range is asked before the cast: a double beyond it has no defined whole number.
    if (real.ec != std::errc() || real.ptr != end || !(rounded >= -kMost && rounded <= kMost)) refuse(text);
    number = static_cast<std::int64_t>(rounded);
    if (static_cast<double>(number) != rounded) refuse(text);
  }
  if (number > kMostExact || number < -kMostExact) refuse(text);
  return number;
}

class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}

  void operator()(std::nullptr_t /*null*/) { out_ += "null"; }
  void operator()(bool truth) { out_ += truth ? "true" : "false"; }
  void operator()(const json::Number& number) { out_ += std::to_string(whole_number(number.text)); }
  void operator()(const std::string& text) { append_canonical(text, out_); }

  void operator()(const json::Array& items) {
    char separator = '[';
    for (const json::Value& item : items) {
      out_ += separator;
      std::visit(*this, item.kind());
      separator = ',';
    }
    out_ += items.empty() ? "[]" : "]";
  }

  void operator()(const json::Object& object) {
    char separator = '{';
    // json::Object keeps its members in the order of their bytes, which is the order that is signed.
    for (const json::Object::Member& member : object.members()) {
      out_ += separator;
      append_canonical(member.first, out_);
      out_ += ':';
      std::visit(*this, member.second.kind());
      separator = ',';
    }
    out_ += object.members().empty() ? "{}" : "}";
  }

 private:
  std::string& out_;
};

}  // namespace

void append_canonical(std::string_view text, std::string& out) {
  // Control characters stay raw, as signers leave them: one escape more, and no signature over the text is good.
  out += '"';
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '"' && text[i] != '\\') continue;
    out += text.substr(begin, i - begin);
    out += '\\';
    begin = i;
  }
  out += text.substr(begin);
  out += '"';
}

void append_canonical(const json::Value& value, std::string& out) {
  Encoder encoder(out);
  std::visit(encoder, value.kind());
}

}  // namespace hallmark::tuf
