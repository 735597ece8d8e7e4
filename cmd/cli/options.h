// SPDX-License-Identifier: Apache-2.0
//
// The flags of one command: declared once, parsed strictly, printed as its help.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hallmark::cmd {

/// For Options::operands(): as many as one likes.
constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

/// What was typed.
class Arguments {
 public:
  /// Whether it was typed, with whatever value.
  [[nodiscard]] bool has(const std::string& flag) const { return values_.contains(flag); }
  /// The last value given; Fault::usage was thrown at parsing when a flag that takes one had none.
  [[nodiscard]] std::optional<std::string> value(const std::string& flag) const;
  /// Each time it was given, in that order; empty when it was not.
  [[nodiscard]] std::vector<std::string> values(const std::string& flag) const;
  /// A flag that can be given as "--flag" or "--flag=false"; `otherwise` when it is absent.
  [[nodiscard]] bool truth(const std::string& flag, bool otherwise) const;
  /// Words that belong to no flag, in their order; as many as the command asks for.
  [[nodiscard]] const std::vector<std::string>& operands() const { return operands_; }

 private:
  friend class Options;
  std::map<std::string, std::vector<std::string>> values_;
  std::vector<std::string> operands_;
};

/// As a shell completes it.
struct Option {
  std::string name;         ///< "quiet"
  std::string letter;       ///< "q", or empty
  std::string placeholder;  ///< "DIR"; empty for a flag without a value
  std::string help;
};

/// Every command also has --help, --store DIR, --policy FILE, --registry URL and --trust-server URL.
class Options {
 public:
  /// usage: "pull [OPTIONS] NAME[:TAG|@DIGEST]"; summary: one line; example: a command line or several.
  Options(std::string usage, std::string summary, std::string example);

  /// name: "quiet,q". May be given as --quiet, --quiet=true, --quiet=false, -q, -q=false, -aq=false.
  Options& flag(const std::string& name, const std::string& help);
  /// name: "platform"; given as --platform X or --platform=X; may repeat.
  Options& value(const std::string& name, const std::string& placeholder, const std::string& help);
  /// How many operands there must be; checked by parse().
  Options& operands(std::size_t least, std::size_t most);

  /// Fault::usage, with the usage as hint, for anything that was not declared.
  [[nodiscard]] Arguments parse(const std::vector<std::string>& arguments) const;
  /// What --help prints: usage, summary, flags by their names, example.
  [[nodiscard]] std::string help() const;
  /// The flags as they were declared, for help and completion.
  [[nodiscard]] std::vector<Option> list() const;

 private:
  struct Flag {
    std::string name;
    std::string placeholder;  // empty: takes no value
    std::string help;
  };
  /// Takes --flag=true out of the arguments, so that a flag without a value never eats its neighbour.
  [[nodiscard]] std::vector<std::string> take_switched(const std::vector<std::string>& arguments,
                                                       Arguments& parsed) const;
  void take_declared(const std::vector<std::string>& arguments, Arguments& parsed) const;
  void check_count(std::size_t count) const;

  std::string usage_;
  std::string summary_;
  std::string example_;
  std::vector<Flag> flags_;
  std::size_t least_ = 0;
  std::size_t most_ = 0;
};

/// Yes and no as docker's flags take them. Absent for any other word.
std::optional<bool> truth_of(std::string_view text);

}  // namespace hallmark::cmd
