// SPDX-License-Identifier: Apache-2.0
#include "registry/config/toml.h"

#include <toml++/toml.h>

#include <algorithm>

#include "trust/error.h"

namespace hallmark::registry::toml {
namespace {

/// The parser goes down its stack for each name in a name ("a.a.a = 1"), as deep as a line has dots. Settings have a
/// few in a line, and more only where a line is a list of hosts.
constexpr std::ptrdiff_t kManyDots = 20;
constexpr std::ptrdiff_t kMostDots = 2000;

[[noreturn]] void refuse(const std::string& file, std::size_t line, const std::string& why) {
  throw Error(Fault::usage, printable(file, 300) + ":" + std::to_string(line) + ": " + why,
              "the file is written in TOML 1.0; see containers-registries.conf(5)");
}

void require_few_dots(const std::string& file, std::string_view text) {
  std::ptrdiff_t dots = 0;
  std::size_t line = 1;
  for (; !text.empty(); ++line) {
    const std::string_view one = text.substr(0, text.find('\n'));
    const auto here = std::count(one.begin(), one.end(), '.');
    if (here > kManyDots) dots += here;
    if (dots > kMostDots) refuse(file, line, "names within names, deeper than settings go");
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
}

std::size_t line_of(const ::toml::node& node) { return node.source().begin.line; }

bool is_list_of_tables(const ::toml::node& node) {
  const ::toml::array* const list = node.as_array();
  return list != nullptr && !list->empty() && list->is_homogeneous(::toml::node_type::table);
}

Value value_of(const ::toml::node& node) {
  Value value{std::monostate{}, line_of(node)};
  if (const auto text = node.value_exact<std::string>()) value.held = *text;
  if (const auto truth = node.value_exact<bool>()) value.held = *truth;
  return value;
}

/// Tables one after the other, each before those that stand in it, as they would be written with headings.
class Flat {
 public:
  explicit Flat(std::string file) : file_(std::move(file)) {}

  void add(const ::toml::table& table, const std::string& name, bool is_listed) {
    // The whole file has no beginning of its own.
    Table flat(file_, name, is_listed, std::max<std::size_t>(line_of(table), 1));
    std::vector<std::pair<std::string, const ::toml::node*>> inner;
    bool has_values = false;
    for (const auto& [key, node] : table) {
      if (node.is_table() || is_list_of_tables(node)) {
        inner.emplace_back(std::string(key.str()), &node);
      } else {
        has_values = flat.add(std::string(key.str()), value_of(node));
      }
    }
    // [a.b] makes a table "a" that nobody wrote.
    if (name.empty() || is_listed || has_values || inner.empty()) tables_.push_back(std::move(flat));
    std::sort(inner.begin(), inner.end(),
              [](const auto& a, const auto& b) { return line_of(*a.second) < line_of(*b.second); });
    for (const auto& [key, node] : inner) add_inner(*node, name.empty() ? key : name + "." + key);
  }

  [[nodiscard]] std::vector<Table> tables() && { return std::move(tables_); }

 private:
  void add_inner(const ::toml::node& node, const std::string& name) {
    if (const ::toml::table* const table = node.as_table()) return add(*table, name, false);
    for (const ::toml::node& each : *node.as_array()) add(*each.as_table(), name, true);
  }

  std::string file_;
  std::vector<Table> tables_;
};

}  // namespace

std::string Table::place() const { return printable(file_, 300) + ":" + std::to_string(line_); }

std::string Table::text(const std::string& key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return {};
  const auto* const text = std::get_if<std::string>(&found->second.held);
  if (text == nullptr) refuse(file_, found->second.line, key + " is no text");
  return *text;
}

bool Table::truth(const std::string& key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return false;
  const auto* const truth = std::get_if<bool>(&found->second.held);
  if (truth == nullptr) refuse(file_, found->second.line, key + " is neither true nor false");
  return *truth;
}

void Table::allow_only(const std::vector<std::string_view>& keys) const {
  for (const auto& [key, value] : values_) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    const std::string where = name_.empty() ? std::string() : " in \"" + printable(name_, 100) + "\"";
    refuse(file_, value.line, "key " + printable(key, 100) + where + " is not known here");
  }
}

std::vector<Table> parse(const std::string& file, std::string_view text) {
  if (text.size() > kMostBytes) {
    fail(Fault::usage, printable(file, 300), " has ", text.size(), " bytes, expected at most ", kMostBytes);
  }
  require_few_dots(file, text);
  try {
    Flat flat(file);
    flat.add(::toml::parse(text), "", false);
    return std::move(flat).tables();
  } catch (const ::toml::parse_error& error) {
    refuse(file, error.source().begin.line, printable(error.description(), 300));
  }
}

}  // namespace hallmark::registry::toml
