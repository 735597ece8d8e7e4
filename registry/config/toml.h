// SPDX-License-Identifier: Apache-2.0
//
// TOML 1.0 as files of settings use it: tables and lists of tables, with texts and truths. Other values are known to be
// there, and refused where a text or a truth is asked for.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hallmark::registry::toml {

constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

struct Value {
  std::variant<std::monostate, bool, std::string> held;  ///< nothing: a value that nobody reads
  std::size_t line;
};

/// One table; all tables of a list have the same name.
class Table {
 public:
  Table(std::string file, std::string name, bool is_listed, std::size_t line)
      : file_(std::move(file)), name_(std::move(name)), is_listed_(is_listed), line_(line) {}

  /// "registry.mirror"; empty for what stands before the first one.
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Whether it was written as [[name]].
  [[nodiscard]] bool is_listed() const { return is_listed_; }
  /// "FILE:LINE" of its beginning.
  [[nodiscard]] std::string place() const;

  /// Empty and false when there is no such key; Fault::usage when it is of another type.
  [[nodiscard]] std::string text(const std::string& key) const;
  [[nodiscard]] bool truth(const std::string& key) const;
  [[nodiscard]] bool has(const std::string& key) const { return values_.contains(key); }
  /// Fault::usage for any other key.
  void allow_only(const std::vector<std::string_view>& keys) const;

  /// False when there is one already.
  bool add(const std::string& key, Value value) { return values_.emplace(key, std::move(value)).second; }

 private:
  std::string file_;
  std::string name_;
  bool is_listed_;
  std::size_t line_;
  std::map<std::string, Value> values_;
};

/// In the order of the file, the nameless one first, each before those that stand in it. Fault::usage with file and
/// line for what cannot be read.
std::vector<Table> parse(const std::string& file, std::string_view text);

}  // namespace hallmark::registry::toml
