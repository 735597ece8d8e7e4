// SPDX-License-Identifier: Apache-2.0
//
// What a template works on: the values of Go's text/template as far as docker's formats meet them. A record has its
// fields and no others; a map has what it has, and what is missing in it is nothing, which is no error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "trust/json.h"

namespace hallmark::cmd {

/// A value that a template prints, compares or goes through, by Go's rules for truth, text and JSON.
class TemplateValue {
 public:
  /// null of JSON, nil of a template, and what a map does not have.
  struct Nothing {};
  struct List {
    std::vector<TemplateValue> items;
    bool is_null = false;  ///< as empty as an empty one, but null in JSON
  };
  using Member = std::pair<std::string, TemplateValue>;
  struct Map {
    std::vector<Member> members;  ///< sorted by name
    bool is_of_text = false;      ///< index then finds an empty text where a member is missing
    bool is_null = false;
  };
  /// Whether the JSON of a record has the field; a template can ask for each. `when_filled` is Go's omitempty.
  enum class Shown { always, when_filled, never };  // in JSON
  /// A template, because the value is not complete yet.
  template <class Inner>
  struct FieldOf {
    std::string name;
    Inner value;
    Shown shown = Shown::always;
  };
  using Field = FieldOf<TemplateValue>;
  struct Record {
    std::string type;           ///< for messages
    std::vector<Field> fields;  ///< in their order
    bool is_null = false;       ///< a pointer to nothing
    bool is_row = false;        ///< of a table: docker sorts it in JSON and escapes < > & there
  };
  // A whole number of 64 bits is std::int64_t; a json::Number is any other one, as it was written.
  using Kind = std::variant<Nothing, bool, std::int64_t, json::Number, std::string, List, Map, Record>;

  TemplateValue() = default;
  explicit TemplateValue(Kind kind) : kind_(std::move(kind)) {}
  /// Texts are kept as they came: execute() escapes them when they are printed, and comparisons see what is really
  /// there.
  static TemplateValue text(std::string_view text);
  static TemplateValue number(std::int64_t number);
  static TemplateValue truth(bool truth);
  /// Whole numbers become numbers, the others keep how they were written.
  static TemplateValue of(const json::Value& value);
  static TemplateValue list_of(const std::vector<std::string>& texts);

  [[nodiscard]] const Kind& kind() const { return kind_; }
  /// nullptr when the value is of another kind.
  template <class Wanted>
  [[nodiscard]] const Wanted* as() const {
    return std::get_if<Wanted>(&kind_);
  }
  [[nodiscard]] bool is_nothing() const { return as<Nothing>() != nullptr; }

  /// What `if` makes of it.
  [[nodiscard]] bool is_true() const;
  /// As Go prints it: "[a b]", "map[k:v]", "<no value>" for nothing, "<nil>" for a record that is null.
  [[nodiscard]] std::string printed() const;
  /// "string", "list", "map", or the type of the record.
  [[nodiscard]] std::string type_name() const;
  /// About how many bytes a copy of it takes.
  [[nodiscard]] std::size_t weight() const;
  /// With the indent of the writer; fields that are shown when filled are left out when they are empty.
  void write(json::Writer& out) const;
  /// On one line, as the function json gives it.
  [[nodiscard]] std::string json_text() const;

 private:
  Kind kind_;
};

}  // namespace hallmark::cmd
