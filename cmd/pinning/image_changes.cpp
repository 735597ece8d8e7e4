// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/image_changes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>

#include "cmd/pinning/dockerfile_flags.h"
#include "cmd/pinning/dockerfile_words.h"
#include "trust/error.h"
#include "trust/json.h"
#include "trust/shown.h"

namespace hallmark::cmd {
namespace {

using store::ImageSettings;
using Words = std::vector<std::string>;

constexpr std::string_view kSpace = " \t";
constexpr unsigned kMostPort = 65535;

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

/// ["a", "b"], whatever follows it; absent when it is not JSON: then it is meant for the shell.
std::optional<Words> parse_list(const std::string& text) {
  const auto list = list_before(text);
  if (!list) return std::nullopt;
  json::Value value;
  try {
    value = json::parse("list", view_of(*list));
  } catch (const Error&) {
    return std::nullopt;
  }
  Words words;
  for (const json::Value& item : value.array()) {
    // Docker refuses it, too: it is neither a list of words nor a line for a shell.
    if (!item.is_string()) fail(Fault::usage, "a JSON list has strings only");
    words.push_back(item.string());
  }
  return words;
}

Words command_line(const std::string& text) {
  if (const auto list = parse_list(text)) return *list;
  // Docker's default shell: --change has no SHELL.
  return {"/bin/sh", "-c", text};
}

/// One word, which may have spaces; never nothing.
std::string one_value(const std::string& text, const ImageSettings& settings) {
  std::string value = expand_word(text, settings.environment);
  if (value.empty()) fail(Fault::usage, "it is empty once variables were put in");
  return value;
}

/// NAME=value..., or the older NAME value.
std::vector<std::pair<std::string, std::string>> pairs_of(const std::string& text, const ImageSettings& settings) {
  const Words words = split_words(text);
  std::vector<std::pair<std::string, std::string>> pairs;
  const auto add = [&](const std::string& name, const std::string& value) {
    pairs.emplace_back(expand_word(name, settings.environment), expand_word(value, settings.environment));
    // "=value" would be a variable that no program can ask for.
    if (pairs.back().first.empty()) fail(Fault::usage, "a name is empty");
  };
  if (words.front().find('=') == std::string::npos) {
    if (words.size() < 2) fail(Fault::usage, "expected NAME=value or NAME value");
    add(words.front(), trimmed(std::string_view(text).substr(words.front().size())));
    return pairs;
  }
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) fail(Fault::usage, "expected NAME=value, found ", printable(word, 80));
    add(word.substr(0, equals), word.substr(equals + 1));
  }
  return pairs;
}

void set_variable(const std::string& name, const std::string& value, ImageSettings& settings) {
  const auto old = std::find_if(settings.environment.begin(), settings.environment.end(),
                                [&](const std::string& entry) { return entry.starts_with(name + "="); });
  if (old == settings.environment.end()) {
    settings.environment.push_back(name + "=" + value);
  } else {
    // In its place: the order of variables is part of the config, and of its digest.
    *old = name + "=" + value;
  }
}

unsigned port_of(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port < 1 || port > kMostPort) {
    throw Error(Fault::usage, "\"" + printable(text, 40) + "\" is no port from 1 to 65535",
                "write PORT, PORT-PORT, or either with /tcp, /udp or /sctp");
  }
  return port;
}

void expose(const std::string& word, ImageSettings& settings) {
  const std::size_t slash = word.find('/');
  std::string protocol = slash == std::string::npos ? "tcp" : word.substr(slash + 1);
  std::transform(protocol.begin(), protocol.end(), protocol.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (protocol != "tcp" && protocol != "udp" && protocol != "sctp") {
    fail(Fault::usage, "\"", printable(protocol, 40), "\" is no protocol; expected tcp, udp or sctp");
  }
  const std::string range = word.substr(0, slash);
  const std::size_t dash = range.find('-');
  const unsigned first = port_of(range.substr(0, dash));
  const unsigned last = dash == std::string::npos ? first : port_of(range.substr(dash + 1));
  // It would expose nothing, without a word.
  if (last < first) fail(Fault::usage, "the range ", printable(range, 40), " ends before it begins");
  // docker's config has a member for each port, and none for ranges.
  for (unsigned port = first; port <= last; ++port) settings.ports.insert(std::to_string(port) + "/" + protocol);
}

/// A relative one goes on from the one before.
std::string directory_of(const std::string& wanted, const std::string& before) {
  if (wanted.starts_with('/')) return wanted;
  std::filesystem::path path = (std::filesystem::path(before.empty() ? "/" : before) / wanted).lexically_normal();
  // Without the slash at the end that lexically_normal() keeps.
  return path.has_filename() || !path.has_relative_path() ? path.string() : path.parent_path().string();
}

void set_command(const std::string& text, ImageSettings& settings) { settings.command = command_line(text); }

void set_entrypoint(const std::string& text, ImageSettings& settings) {
  Words words = command_line(text);
  // An empty list takes it away.
  settings.entrypoint = words.empty() ? std::nullopt : std::optional(std::move(words));
}

void set_environment(const std::string& text, ImageSettings& settings) {
  for (const auto& [name, value] : pairs_of(text, settings)) set_variable(name, value, settings);
}

void set_labels(const std::string& text, ImageSettings& settings) {
  for (const auto& [name, value] : pairs_of(text, settings)) settings.labels[name] = value;
}

void set_user(const std::string& text, ImageSettings& settings) { settings.user = one_value(text, settings); }

void set_directory(const std::string& text, ImageSettings& settings) {
  settings.working_directory = directory_of(one_value(text, settings), settings.working_directory);
}

void add_ports(const std::string& text, ImageSettings& settings) {
  for (const std::string& word : split_words(text)) expose(expand_word(word, settings.environment), settings);
}

void add_volumes(const std::string& text, ImageSettings& settings) {
  const auto list = parse_list(text);
  for (const std::string& word : list ? *list : split_words(text)) {
    settings.volumes.insert(one_value(word, settings));
  }
}

struct Change {
  std::string_view name;
  void (*apply)(const std::string& text, ImageSettings& settings);
};

constexpr std::array kChanges{
    Change{"CMD", set_command},    Change{"ENTRYPOINT", set_entrypoint}, Change{"ENV", set_environment},
    Change{"EXPOSE", add_ports},   Change{"LABEL", set_labels},          Change{"USER", set_user},
    Change{"VOLUME", add_volumes}, Change{"WORKDIR", set_directory},
};

const Change& change_of(const std::string& name) {
  const auto* found =
      std::find_if(kChanges.begin(), kChanges.end(), [&](const Change& known) { return known.name == name; });
  if (found == kChanges.end()) {
    throw Error(Fault::usage, printable(name, 40) + " is not a valid change",
                "there are CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER, VOLUME and WORKDIR");
  }
  return *found;
}

/// None of these instructions has flags; docker looks for them all the same.
std::string without_flags(const std::string& text) {
  PlacedText rest;
  for (std::size_t i = 0; i < text.size(); ++i) rest.add(text[i], i);
  for (const PlacedText& flag : take_flags(rest, '\\')) {
    const std::string name = flag.text.substr(0, flag.text.find('='));
    throw Error(Fault::usage, "unknown flag " + printable(name, 80), "put -- before what begins with two dashes");
  }
  return trimmed(rest.text);
}

/// The documents of an image are UTF-8.
void require_text(const std::string& text) {
  if (!is_utf8(text)) fail(Fault::usage, "it is not UTF-8");
}

}  // namespace

void apply_change(const std::string& instruction, store::ImageSettings& settings) {
  const std::string line = trimmed(instruction);
  within("--change \"" + printable(line, 100) + "\"", [&] {
    require_text(line);
    // A second line would be a second instruction in a Dockerfile, and part of the first one here.
    if (line.find_first_of("\r\n") != std::string::npos) {
      throw Error(Fault::usage, "it has more than one line", "give --change once for each instruction");
    }
    std::string name = line.substr(0, line.find_first_of(kSpace));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    // Only what says how a container starts: an import runs nothing and copies nothing.
    const Change& known = change_of(name);
    const std::string text = without_flags(trimmed(std::string_view(line).substr(name.size())));
    if (text.empty()) fail(Fault::usage, name, " needs something to say");
    known.apply(text, settings);
  });
}

}  // namespace hallmark::cmd
