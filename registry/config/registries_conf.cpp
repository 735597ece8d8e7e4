// SPDX-License-Identifier: Apache-2.0
#include "registry/config/registries_conf.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "registry/config/toml.h"
#include "registry/http/headers.h"
#include "store/disk/owner.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAnySubdomain = "*.";

std::string read_text(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) fail(Fault::usage, file.string(), " cannot be read: ", error.message());
  if (size > toml::kMostBytes) fail(Fault::usage, file.string(), " has ", size, " bytes: too many");
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) fail(Fault::usage, file.string(), " cannot be read");
  return text;
}

/// Names of repositories are docker's here; these keys are about short names and about how others find credentials.
bool is_of_no_account(const toml::Table& table) {
  if (table.name().empty()) {
    table.allow_only({"unqualified-search-registries", "short-name-mode", "credential-helpers",
                      "additional-layer-store-auth-helper"});
    return true;
  }
  return table.name() == "aliases" && !table.is_listed();
}

/// One spelling for one server: "Example.com:443" is example.com.
std::string usual_host(const std::string& domain) {
  std::string host = lower_case(domain);
  if (host.ends_with(":443")) host.resize(host.size() - 4);
  return host;
}

/// HOST[:PORT][/PATH]: the host in lower case, and Docker Hub by its one name. The host has to look like one, or it
/// would be read as a path at Docker Hub.
std::string checked_location(std::string text, const std::string& place) {
  while (text.ends_with('/')) text.pop_back();
  const auto slash = std::min(text.find('/'), text.size());
  const std::string host = text.substr(0, slash);
  const bool is_host = host == "localhost" || host.find_first_of(".:") != std::string::npos;
  const std::string hint = "write HOST[:PORT][/PATH], without https:// and without a tag";
  try {
    if (!is_host) fail(Fault::usage, "no host");
    const Reference whole = Reference::parse(text + "/x/x");
    return usual_host(whole.domain()) + text.substr(slash);
  } catch (const Error&) {
    throw Error(Fault::usage, place + ": \"" + printable(text, 200) + "\" is no place of repositories", hint);
  }
}

std::string checked_prefix(const std::string& text, const std::string& place) {
  if (!text.starts_with(kAnySubdomain)) return checked_location(text, place);
  const std::string domain = text.substr(kAnySubdomain.size());
  if (domain.find_first_of("/:*") != std::string::npos || domain.find('.') == std::string::npos) {
    fail(Fault::usage, place, ": prefix \"", printable(text, 200), "\": expected *.DOMAIN and no more");
  }
  return std::string(kAnySubdomain) + checked_location(domain, place);
}

RegistryRule rule_of(const toml::Table& table) {
  table.allow_only({"prefix", "location", "insecure", "blocked", "mirror-by-digest-only"});
  RegistryRule rule{table.text("prefix"), table.text("location"), table.truth("insecure"), table.truth("blocked"), {},
                    table.place()};
  if (rule.prefix.empty()) rule.prefix = rule.location;
  if (rule.prefix.empty()) fail(Fault::usage, rule.place, ": a registry needs a prefix or a location");
  rule.prefix = checked_prefix(rule.prefix, rule.place);
  if (!rule.location.empty()) {
    rule.location = checked_location(rule.location, rule.place);
  } else if (!rule.prefix.starts_with(kAnySubdomain)) {
    throw Error(Fault::usage, rule.place + ": prefix \"" + rule.prefix + "\" without a location",
                "add: location = \"" + rule.prefix + "\"");
  }
  static_cast<void>(table.truth("mirror-by-digest-only"));  // they never are asked otherwise
  return rule;
}

void add_mirror(const toml::Table& table, RegistryRule& rule) {
  table.allow_only({"location", "insecure", "pull-from-mirror"});
  const std::string location = table.text("location");
  if (location.empty()) fail(Fault::usage, table.place(), ": a mirror needs a location");
  const std::string use = table.text("pull-from-mirror");
  if (!use.empty() && use != "all" && use != "digest-only" && use != "tag-only") {
    fail(Fault::usage, table.place(), ": pull-from-mirror \"", printable(use, 40),
         "\": expected \"all\", \"digest-only\" or \"tag-only\"");
  }
  const Location mirror{checked_location(location, table.place()), table.truth("insecure")};
  // A tag is never asked of a mirror.
  if (use != "tag-only") rule.mirrors.push_back(mirror);
}

[[noreturn]] void refuse_table(const toml::Table& table) {
  if (table.name().starts_with("registries.")) {
    throw Error(Fault::usage, table.place() + ": a registries.conf of version 1, which is not read",
                "write it in version 2, with [[registry]] tables");
  }
  fail(Fault::usage, table.place(), ": table \"", printable(table.name(), 100), "\" is not known here");
}

std::vector<RegistryRule> rules_of(const fs::path& file) {
  std::vector<RegistryRule> rules;
  std::set<std::string> prefixes;
  for (const toml::Table& table : toml::parse(file.string(), read_text(file))) {
    if (is_of_no_account(table)) continue;
    if (table.is_listed() && table.name() == "registry") {
      rules.push_back(rule_of(table));
      if (!prefixes.insert(rules.back().prefix).second) {
        fail(Fault::usage, table.place(), ": prefix \"", rules.back().prefix, "\" a second time");
      }
    } else if (table.is_listed() && table.name() == "registry.mirror" && !rules.empty()) {
      add_mirror(table, rules.back());
    } else {
      refuse_table(table);
    }
  }
  if (!rules.empty()) store::require_own_file("registries.conf", file);
  return rules;
}

/// A file that may be there and cannot be looked at may block a registry.
bool is_there(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type == fs::file_type::not_found) return false;
  if (error) fail(Fault::usage, path.string(), " cannot be looked at: ", error.message());
  return true;
}

std::vector<fs::path> files_of(const RegistriesConf& conf) {
  if (!conf.chosen.empty()) return {conf.chosen};
  std::vector<fs::path> files;
  std::error_code error;
  const auto main = std::find_if(conf.files.begin(), conf.files.end(), is_there);
  if (main != conf.files.end()) files.push_back(*main);
  for (const fs::path& folder : conf.folders) {
    if (!is_there(folder) || !fs::is_directory(folder, error)) continue;
    std::set<fs::path> more;
    fs::directory_iterator entry(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      if (entry->path().extension() == ".conf") more.insert(entry->path());
    }
    // What blocks a registry may stand in it.
    if (error) fail(Fault::usage, folder.string(), " cannot be read: ", error.message());
    files.insert(files.end(), more.begin(), more.end());
  }
  return files;
}

std::string key_of(const Reference& name) { return usual_host(name.domain()) + "/" + name.path(); }

/// How much of the name the prefix stands for; 0 when it does not fit.
std::size_t matched_size(const std::string& prefix, const std::string& key) {
  if (!prefix.starts_with(kAnySubdomain)) return key.starts_with(prefix + "/") || key == prefix ? prefix.size() : 0;
  const std::string authority = key.substr(0, key.find('/'));
  const std::string host = authority.substr(0, authority.find(':'));
  return host.ends_with(prefix.substr(1)) ? authority.size() : 0;
}

}  // namespace

std::vector<RegistryRule> read_registries_conf(const RegistriesConf& conf) {
  std::map<std::string, RegistryRule> by_prefix;
  for (const fs::path& file : files_of(conf)) {
    for (RegistryRule& rule : rules_of(file)) by_prefix.insert_or_assign(rule.prefix, std::move(rule));
  }
  std::vector<RegistryRule> rules;
  rules.reserve(by_prefix.size());
  for (auto& [prefix, rule] : by_prefix) rules.push_back(std::move(rule));
  return rules;
}

const RegistryRule* rule_for(const std::vector<RegistryRule>& rules, const Reference& name) {
  const std::string key = key_of(name);
  // The more of the name, then the name itself before a pattern, then the longer pattern.
  using Rank = std::tuple<std::size_t, bool, std::size_t>;
  const RegistryRule* best = nullptr;
  Rank highest{};
  for (const RegistryRule& rule : rules) {
    const std::size_t size = matched_size(rule.prefix, key);
    const Rank rank{size, !rule.prefix.starts_with(kAnySubdomain), rule.prefix.size()};
    if (size == 0 || rank <= highest) continue;
    best = &rule;
    highest = rank;
  }
  return best;
}

Reference rewrite(const Reference& name, const RegistryRule& rule, const std::string& location) {
  const std::string key = key_of(name);
  const std::string there = location + key.substr(matched_size(rule.prefix, key));
  return within(rule.place, [&] { return Reference::parse(there); });
}

}  // namespace hallmark::registry
