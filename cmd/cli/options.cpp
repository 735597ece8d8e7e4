// SPDX-License-Identifier: Apache-2.0
#include "cmd/cli/options.h"

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <utility>

#include "trust/error.h"

namespace hallmark::cmd {
namespace {

namespace po = boost::program_options;

std::string long_name(const std::string& name) { return name.substr(0, name.find(',')); }

/// "q" of "quiet,q"; empty when there is none.
std::string letter_of(const std::string& name) {
  const std::size_t comma = name.find(',');
  return comma == std::string::npos ? "" : name.substr(comma + 1);
}

/// "trust inspect" of "trust inspect [OPTIONS] IMAGE".
std::string command_of(const std::string& usage) {
  return usage.substr(0, usage.find_first_of("[ABCDEFGHIJKLMNOPQRSTUVWXYZ") - 1);
}

/// The usage is part of the hint: a slip is mended without a look at the manual.
[[noreturn]] void refuse(const std::string& usage, const std::string& why) {
  if (usage.empty()) throw Error(Fault::usage, why, "hallmark help lists the options that stand before a command");
  throw Error(Fault::usage, why, "usage: hallmark " + usage + "; hallmark " + command_of(usage) + " --help says more");
}

std::string unknown_flag(const std::string& token) {
  return token.starts_with("--") ? "unknown flag: " + printable(token.substr(0, token.find('=')), 80)
                                 : "unknown shorthand flag: " + printable(token, 80);
}

/// The flag without a value that "--quiet", "-q" or, at its end, "-aq" names.
const Option* switch_of(const std::string& word, const std::vector<Option>& options) {
  const auto find = [&](const auto& is_it) -> const Option* {
    const auto found = std::find_if(options.begin(), options.end(),
                                    [&](const Option& option) { return option.placeholder.empty() && is_it(option); });
    return found == options.end() ? nullptr : &*found;
  };
  if (word.starts_with("--")) return find([&](const Option& option) { return word == "--" + option.name; });
  if (word.size() < 2 || word[0] != '-') return nullptr;
  const Option* last = nullptr;
  // Letters may stand together as long as none of them takes a value.
  for (const char letter : word.substr(1)) {
    last = find([&](const Option& option) { return option.letter == std::string(1, letter); });
    if (last == nullptr) return nullptr;
  }
  return last;
}

/// Whether what stands behind the word is its value: "--format", "-f", at the end of letters "-qf".
bool takes_next(const std::string& word, const std::vector<Option>& options) {
  return std::any_of(options.begin(), options.end(), [&](const Option& option) {
    if (option.placeholder.empty()) return false;
    if (word.starts_with("--")) return word == "--" + option.name;
    if (word.size() < 2 || word[0] != '-' || option.letter != word.substr(word.size() - 1)) return false;
    // The letters before it take none, or they would have the rest of the word.
    return word.size() == 2 || switch_of(word.substr(0, word.size() - 1), options) != nullptr;
  });
}

/// Texts. All other values say where something is or what is wanted, and an empty one is most often a variable of a
/// script that was never set.
constexpr std::array<std::string_view, 5> kMayBeEmpty{"format", "message", "password", "path", "username"};

void check_values(const std::vector<Option>& options, const Arguments& parsed) {
  for (const Option& option : options) {
    if (option.placeholder.empty()) continue;
    if (std::find(kMayBeEmpty.begin(), kMayBeEmpty.end(), option.name) != kMayBeEmpty.end()) continue;
    const std::vector<std::string> values = parsed.values(option.name);
    if (std::find(values.begin(), values.end(), "") == values.end()) continue;
    throw Error(Fault::usage, "--" + option.name + " is empty: expected " + option.placeholder + ", found nothing",
                "leave it out, or give it a value; a variable of a script may not have been set");
  }
}

std::string count_of(std::size_t number) { return std::to_string(number) + (number == 1 ? " argument" : " arguments"); }

}  // namespace

std::optional<std::string> Arguments::value(const std::string& flag) const {
  const auto found = values_.find(flag);
  if (found == values_.end()) return std::nullopt;
  // The last one counts, as docker has it: an alias may give defaults.
  return found->second.back();
}

std::vector<std::string> Arguments::values(const std::string& flag) const {
  const auto found = values_.find(flag);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

bool Arguments::truth(const std::string& flag, bool otherwise) const {
  const auto text = value(flag);
  if (!text) return otherwise;
  if (const auto truth = truth_of(*text)) return *truth;
  fail(Fault::usage, "invalid argument \"", printable(*text, 80), "\" for \"--", flag, "\": expected true or false");
}

Options::Options(std::string usage, std::string summary, std::string example)
    : usage_(std::move(usage)), summary_(std::move(summary)), example_(std::move(example)) {
  flag("help,h", "Print this help");
  value("store", "DIR", "Local layer store");
  value("policy", "FILE", "Policy file");
  value("registry", "URL", "Folder in the place of all registries, file:///PATH");
  value("registries-conf", "FILE", "Where registries and their mirrors are, instead of the usual files");
  value("token-server", "REGISTRY=URL", "Token server that may get the registry's credentials, and no other");
  value("trust-server", "URL", "Trust server, https://HOST or file:///PATH");
  flag("insecure-policy-perms", "Take a policy file that others could have changed");
}

Options& Options::flag(const std::string& name, const std::string& help) {
  flags_.push_back({name, "", help});
  return *this;
}

Options& Options::value(const std::string& name, const std::string& placeholder, const std::string& help) {
  flags_.push_back({name, placeholder, help});
  return *this;
}

Options& Options::operands(std::size_t least, std::size_t most) {
  least_ = least;
  most_ = most;
  return *this;
}

std::vector<std::string> Options::take_switched(const std::vector<std::string>& arguments, Arguments& parsed) const {
  const std::vector<Option> all = list();
  std::vector<std::string> rest;
  bool only_operands = false;
  bool is_value = false;  // of the option before
  for (const std::string& argument : arguments) {
    if (std::exchange(is_value, false)) {
      rest.push_back(argument);
      continue;
    }
    is_value = !only_operands && takes_next(argument, all);
    only_operands = only_operands || argument == "--";
    const std::size_t equals = argument.find('=');
    const Option* switched =
        only_operands || equals == std::string::npos ? nullptr : switch_of(argument.substr(0, equals), all);
    if (switched == nullptr) {
      rest.push_back(argument);
      continue;
    }
    // Kept as it was typed: truth() refuses what is neither yes nor no, and names the flag.
    parsed.values_[switched->name].push_back(argument.substr(equals + 1));
    const bool has_others = argument[1] != '-' && equals > 2;  // "-aq=false"
    if (has_others) rest.push_back(argument.substr(0, equals - 1));
  }
  return rest;
}

void Options::take_declared(const std::vector<std::string>& arguments, Arguments& parsed) const {
  po::options_description description;
  for (const Flag& flag : flags_) {
    auto* semantic = po::value<std::vector<std::string>>();
    description.add_options()(flag.name.c_str(), flag.placeholder.empty() ? semantic->zero_tokens() : semantic, "");
  }
  try {
    const auto style =
        static_cast<po::command_line_style::style_t>(static_cast<unsigned>(po::command_line_style::unix_style) &
                                                     ~static_cast<unsigned>(po::command_line_style::allow_guessing));
    const auto result = po::command_line_parser(arguments).options(description).style(style).run();
    for (const auto& option : result.options) {
      if (option.position_key >= 0) {
        parsed.operands_.push_back(option.value.at(0));
      } else {
        parsed.values_[option.string_key].push_back(option.value.empty() ? "true" : option.value.at(0));
      }
    }
  } catch (const po::unknown_option& error) {
    // Messages of the library name neither the command nor what it takes.
    refuse(usage_, unknown_flag(error.get_option_name()));
  } catch (const po::error_with_option_name& error) {
    refuse(usage_, "flag needs an argument, or has one too many: " + printable(error.get_option_name(), 80));
  } catch (const po::error& error) {
    refuse(usage_, printable(error.what(), 200));
  }
}

void Options::check_count(std::size_t count) const {
  if (count >= least_ && count <= most_) return;
  const std::string wanted = least_ == most_  ? count_of(least_)
                             : count < least_ ? "at least " + count_of(least_)
                                              : "at most " + count_of(most_);
  refuse(usage_, "\"hallmark " + command_of(usage_) + "\" requires " + wanted + ", found " + std::to_string(count));
}

Arguments Options::parse(const std::vector<std::string>& arguments) const {
  Arguments parsed;
  take_declared(take_switched(arguments, parsed), parsed);
  // Whoever asks for help need not have the operands together yet.
  if (parsed.truth("help", false)) return parsed;
  check_count(parsed.operands_.size());
  check_values(list(), parsed);
  return parsed;
}

std::vector<Option> Options::list() const {
  std::vector<Option> options;
  for (const Flag& flag : flags_) {
    options.push_back({long_name(flag.name), letter_of(flag.name), flag.placeholder, flag.help});
  }
  return options;
}

std::string Options::help() const {
  std::string text = "Usage:  hallmark " + usage_ + "\n\n" + summary_ + "\n\nOptions:\n";
  std::vector<std::pair<std::string, std::string>> rows;
  std::size_t width = 0;
  for (const Option& option : list()) {
    std::string left = option.letter.empty() ? "      " : "  -" + option.letter + ", ";
    left += "--" + option.name;
    if (!option.placeholder.empty()) left += " " + option.placeholder;
    width = std::max(width, left.size());
    rows.emplace_back(left, option.help);
  }
  // By the long name, as docker sorts its own help.
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.first.substr(a.first.find("--")) < b.first.substr(b.first.find("--"));
  });
  for (const auto& [left, help] : rows) {
    text.append(left).append(width + 3 - left.size(), ' ').append(help).append("\n");
  }
  return text + "\nExample:\n  " + example_ + "\n";
}

std::optional<bool> truth_of(std::string_view text) {
  for (const char* yes : {"true", "1", "t", "T", "TRUE", "True"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"false", "0", "f", "F", "FALSE", "False"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

}  // namespace hallmark::cmd
