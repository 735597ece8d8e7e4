// SPDX-License-Identifier: Apache-2.0
#include "cmd/output/template_value.h"

#include <algorithm>

#include "trust/error.h"

namespace hallmark::cmd {
namespace {

using Value = TemplateValue;

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

std::string joined_items(const std::vector<Value>& items) {
  std::string text;
  // The first ones may print as nothing, so the length of the text does not tell.
  bool is_first = true;
  for (const Value& item : items) {
    text += (is_first ? "" : " ") + item.printed();
    is_first = false;
  }
  return text;
}

std::string joined_members(const std::vector<Value::Member>& members) {
  std::string text;
  for (const auto& [name, value] : members) text += (text.empty() ? "" : " ") + name + ":" + value.printed();
  return text;
}

std::string joined_fields(const std::vector<Value::Field>& fields) {
  std::string text;
  // The first field may print as nothing, so the length of the text does not tell.
  bool is_first = true;
  for (const Value::Field& field : fields) {
    if (field.shown == Value::Shown::never) continue;
    if (!is_first) text += ' ';
    is_first = false;
    text += field.value.printed();
  }
  return text;
}

void write_list(const Value::List& list, json::Writer& out) {
  // Go writes a nil slice as null and an empty one as []: scripts tell them apart.
  if (list.is_null) {
    out.null();
    return;
  }
  out.begin_array();
  for (const Value& item : list.items) item.write(out);
  out.end_array();
}

void write_map(const Value::Map& map, json::Writer& out) {
  if (map.is_null) {
    out.null();
    return;
  }
  out.begin_object();
  for (const auto& [name, value] : map.members) value.write(out.key(name));
  out.end_object();
}

void write_record(const Value::Record& record, json::Writer& out) {
  if (record.is_null) {
    out.null();
    return;
  }
  std::vector<const Value::Field*> fields;
  for (const Value::Field& field : record.fields) {
    const bool is_left_out =
        field.shown == Value::Shown::never || (field.shown == Value::Shown::when_filled && !field.value.is_true());
    if (!is_left_out) fields.push_back(&field);
  }
  // A row of docker's writes itself as a Go map, which is sorted by name; its structs keep the order of their fields.
  if (record.is_row) {
    std::sort(fields.begin(), fields.end(),
              [](const Value::Field* a, const Value::Field* b) { return a->name < b->name; });
  }
  out.begin_object();
  for (const Value::Field* field : fields) field->value.write(out.key(field->name));
  out.end_object();
}

/// In JSON these characters stand in strings only.
// Go's encoder escapes them for JSON within a page. Docker's rows are written by it as it is, its function json turns
// that off: the same text is escaped in one and not in the other.
std::string escaped_for_html(const std::string& text) {
  std::string out;
  for (const char character : text) {
    switch (character) {
      case '<': out += "\\u003c"; break;
      case '>': out += "\\u003e"; break;
      case '&': out += "\\u0026"; break;
      default: out += character;
    }
  }
  return out;
}

Value of_number(const json::Number& number) {
  try {
    return Value::number(json::Value(number).integer());
  } catch (const Error&) {
    // Fractions, exponents and what exceeds 64 bits stay as they were written: rounding would change what an image
    // says.
    return Value(Value::Kind(number));
  }
}

}  // namespace

TemplateValue TemplateValue::text(std::string_view text) { return TemplateValue(Kind(std::string(text))); }
TemplateValue TemplateValue::number(std::int64_t number) { return TemplateValue(Kind(number)); }
TemplateValue TemplateValue::truth(bool truth) { return TemplateValue(Kind(truth)); }

TemplateValue TemplateValue::of(const json::Value& value) {
  return std::visit(Overloaded{[](std::nullptr_t) { return Value(); }, [](bool truth) { return Value::truth(truth); },
                               [](const json::Number& number) { return of_number(number); },
                               [](const std::string& text) { return Value::text(text); },
                               [](const json::Array& array) {
                                 List list;
                                 for (const json::Value& item : array) list.items.push_back(of(item));
                                 return Value(Kind(std::move(list)));
                               },
                               [](const json::Object& object) {
                                 Map map;
                                 for (const auto& [name, member] : object.members())
                                   map.members.emplace_back(name, of(member));
                                 // Go knows map[string]string by its type, JSON knows none. Labels and annotations are
                                 // told by having texts alone, so that `index` of a label that is missing prints
                                 // nothing, as with docker.
                                 map.is_of_text =
                                     !map.members.empty() &&
                                     std::all_of(map.members.begin(), map.members.end(),
                                                 [](const Member& m) { return m.second.as<std::string>() != nullptr; });
                                 return Value(Kind(std::move(map)));
                               }},
                    value.kind());
}

TemplateValue TemplateValue::list_of(const std::vector<std::string>& texts) {
  List list;
  for (const std::string& one : texts) list.items.push_back(text(one));
  return TemplateValue(Kind(std::move(list)));
}

bool TemplateValue::is_true() const {
  return std::visit(
      Overloaded{
          [](const Nothing&) { return false; }, [](bool truth) { return truth; },
          [](std::int64_t number) { return number != 0; },
          [](const json::Number& number) {
            // What did not fit a whole number: 0.0 and 0e5 are false, as Go has it.
            return number.text.substr(0, number.text.find_first_of("eE")).find_first_of("123456789") !=
                   std::string::npos;
          },
          [](const std::string& text) { return !text.empty(); }, [](const List& list) { return !list.items.empty(); },
          [](const Map& map) { return !map.members.empty(); }, [](const Record& record) { return !record.is_null; }},
      kind_);
}

std::string TemplateValue::printed() const {
  return std::visit(
      Overloaded{[](const Nothing&) { return std::string("<no value>"); },
                 [](bool truth) { return std::string(truth ? "true" : "false"); },
                 [](std::int64_t number) { return std::to_string(number); },
                 [](const json::Number& number) { return number.text; }, [](const std::string& text) { return text; },
                 [](const List& list) { return "[" + joined_items(list.items) + "]"; },
                 [](const Map& map) { return "map[" + joined_members(map.members) + "]"; },
                 [](const Record& record) {
                   return record.is_null ? std::string("<nil>") : "{" + joined_fields(record.fields) + "}";
                 }},
      kind_);
}

std::size_t TemplateValue::weight() const {
  static constexpr std::size_t kOne = sizeof(TemplateValue);
  const auto sum = [](const auto& items, const auto& weigh) {
    std::size_t all = kOne;
    for (const auto& item : items) all += weigh(item);
    return all;
  };
  return std::visit(
      Overloaded{[](const std::string& text) { return kOne + text.size(); },
                 [&](const List& list) { return sum(list.items, [](const Value& item) { return item.weight(); }); },
                 [&](const Map& map) {
                   return sum(map.members, [](const Member& m) { return m.first.size() + m.second.weight(); });
                 },
                 [&](const Record& record) {
                   return sum(record.fields, [](const Field& f) { return f.name.size() + f.value.weight(); });
                 },
                 [](const auto&) { return kOne; }},
      kind_);
}

std::string TemplateValue::type_name() const {
  return std::visit(
      Overloaded{
          [](const Nothing&) { return std::string("nil"); }, [](bool) { return std::string("bool"); },
          [](std::int64_t) { return std::string("int"); }, [](const json::Number&) { return std::string("number"); },
          [](const std::string&) { return std::string("string"); }, [](const List&) { return std::string("list"); },
          [](const Map&) { return std::string("map"); }, [](const Record& record) { return record.type; }},
      kind_);
}

void TemplateValue::write(json::Writer& out) const {
  std::visit(Overloaded{[&](const Nothing&) { out.null(); }, [&](bool truth) { out.boolean(truth); },
                        [&](std::int64_t number) { out.integer(number); },
                        [&](const json::Number& number) { out.value(json::Value(number)); },
                        [&](const std::string& text) { out.string(text); },
                        [&](const List& list) { write_list(list, out); }, [&](const Map& map) { write_map(map, out); },
                        [&](const Record& record) { write_record(record, out); }},
             kind_);
}

std::string TemplateValue::json_text() const {
  json::Writer out(0);
  write(out);
  const auto* record = as<Record>();
  // The outermost value decides: no row is within another value.
  return record != nullptr && record->is_row ? escaped_for_html(out.text()) : out.text();
}

}  // namespace hallmark::cmd
