// SPDX-License-Identifier: Apache-2.0
#include "cmd/commands/complete.h"

#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <set>

#include "cmd/cli/locations.h"
#include "cmd/commands/table.h"
#include "cmd/publishing/key_store.h"
#include "cmd/publishing/signer.h"
#include "store/store.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// So many names are shown at most; a person types on before more of them help.
constexpr std::size_t kMostNames = 1000;

// Common ones. Any other can be typed: a completion only offers.
constexpr std::array<std::string_view, 8> kPlatforms{"linux/amd64", "linux/arm64",   "linux/arm/v6",  "linux/arm/v7",
                                                     "linux/386",   "linux/ppc64le", "linux/riscv64", "linux/s390x"};
// The shell lists files better than this program: with quoting, colours and ~.
constexpr std::array<std::string_view, 9> kFileValues{"base",  "dockerfile", "input", "output", "policy",
                                                      "store", "sign",       "key",   "rewrite"};
/// What the words of a command that are no options stand for.
enum class Operand { image, repository, top_role, delegation, signer, key, other };
struct Operands {
  std::string_view command;
  Operand first;
  Operand rest;
};
constexpr std::array kOperands{Operands{"trust delegation add", Operand::delegation, Operand::repository},
                               Operands{"trust delegation ls", Operand::repository, Operand::other},
                               Operands{"trust delegation remove", Operand::delegation, Operand::repository},
                               Operands{"trust init", Operand::repository, Operand::other},
                               Operands{"trust key export", Operand::key, Operand::key},
                               Operands{"trust key generate", Operand::other, Operand::other},
                               Operands{"trust renew", Operand::repository, Operand::other},
                               Operands{"trust rotate", Operand::top_role, Operand::repository},
                               Operands{"trust signer add", Operand::signer, Operand::repository},
                               Operands{"trust signer remove", Operand::signer, Operand::repository},
                               Operands{"trust status", Operand::repository, Operand::repository}};
constexpr std::array<std::string_view, 4> kTopRoles{"root", "targets", "snapshot", "timestamp"};
constexpr std::array<std::string_view, 6> kFileOperands{"bundle ls",      "import",        "load",
                                                        "trust key load", "verify-bundle", "trust key backup"};
constexpr std::array<std::string_view, 8> kNoOperands{"completion", "login",        "logout",      "policy check",
                                                      "check",      "trust key ls", "image prune", "version"};

template <class List>
bool has(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

class Completion {
 public:
  Completion(std::string beginning, Environment& environment)
      : beginning_(std::move(beginning)), environment_(environment) {}

  void offer(std::string_view value, std::string_view what = "") {
    // A command has names of its own and of docker's groups: the next word is offered once.
    if (!value.starts_with(beginning_) || !offered_.insert(std::string(value)).second) return;
    environment_.out << value;
    if (!what.empty()) environment_.out << "\t" << what;
    environment_.out << "\n";
  }
  void offer_files() { files_ = true; }
  void finish() { environment_.out << (files_ ? ":0" : ":4") << "\n"; }
  [[nodiscard]] const std::string& beginning() const { return beginning_; }

 private:
  std::string beginning_;
  Environment& environment_;
  std::set<std::string> offered_;
  bool files_ = false;
};

/// The next word of every command that begins with what was typed.
void offer_commands(const std::string& typed, Completion& completion) {
  for (const NamedCommand& one : named_commands()) {
    if (!one.name.starts_with(typed)) continue;
    const std::string_view rest = one.name.substr(typed.size());
    // Only the last word of a command has a summary; the words before it name a group.
    const std::size_t blank = rest.find(' ');
    completion.offer(rest.substr(0, blank), blank == std::string_view::npos ? one.command->summary : "");
  }
  if (!typed.empty()) return;
  completion.offer("help", "Print this help, or that of a command");
}

/// Standard error of a completion lands in the middle of the line that somebody types. What cannot be read has nothing
/// to offer; the command itself will tell.
template <class Work>
void silently(Work&& work) {
  try {
    std::forward<Work>(work)();
  } catch (const Error&) {
    return;
  }
}

void offer_names(const std::filesystem::path& directory, Operand kind, Completion& completion) {
  silently([&] {
    std::size_t count = 0;
    for (const store::Entry& entry : store::Store(directory).list()) {
      if (++count > kMostNames) return;
      completion.offer(kind == Operand::repository ? entry.name.familiar_repository() : entry.name.familiar());
    }
  });
}

/// The keys of docker's folder as `offer` takes them: an id and a role.
template <class Offer>
void for_each_key(const Environment& environment, Offer offer) {
  silently([&] {
    const KeyStore keys(docker_config(environment));
    for (const std::string& id : keys.ids()) {
      silently([&] { offer(id, keys.read(id).file.role); });
    }
  });
}

bool is_top_role(const std::string& role) { return has(kTopRoles, role); }

/// Roles of signers as far as their keys tell: what a repository has only its trust server knows.
void offer_delegations(const std::string& prefix, const Environment& environment, Completion& completion) {
  completion.offer(prefix + "targets/releases");
  for_each_key(environment, [&](const std::string&, const std::string& role) {
    if (role.empty() || is_top_role(role)) return;
    completion.offer(prefix + (role.starts_with("targets/") ? role : "targets/" + role));
  });
}

void offer_keys(const std::string& prefix, const Environment& environment, Completion& completion) {
  for_each_key(environment, [&](const std::string& id, const std::string& role) {
    completion.offer(prefix + id, printable(role, 80));
  });
}

void offer_roles(const std::string& prefix, const std::string& command, const Environment& environment,
                 Completion& completion) {
  for (const std::string_view role : kTopRoles) {
    // Tags are signed in targets and below it.
    if (command != "trust sign" || role == "targets") completion.offer(prefix + std::string(role));
  }
  offer_delegations(prefix, environment, completion);
}

void offer_value(const Option& option, const std::string& prefix, const std::string& command,
                 const Environment& environment, Completion& completion) {
  if (option.placeholder == "KEY_ID") return offer_keys(prefix, environment, completion);
  // Ids of keys that others hold.
  if (option.placeholder == "ID") return;
  if (option.placeholder == "ROLE") return offer_roles(prefix, command, environment, completion);
  if (option.name == "platform") {
    for (const std::string_view platform : kPlatforms) completion.offer(prefix + std::string(platform));
  } else if (option.name == "filter") {
    for (const std::string_view key : {"before=", "dangling=", "label=", "reference=", "since=", "until="}) {
      completion.offer(prefix + std::string(key));
    }
  } else if (option.name == "to") {
    for (const std::string_view runtime : {"containerd", "docker", "podman"}) {
      completion.offer(prefix + std::string(runtime));
    }
  } else if (has(kFileValues, option.name)) {
    completion.offer_files();
  }
}

/// The option whose value is being typed: "--platform linux/", "-f x", "--platform=linux/".
const Option* open_option(const std::vector<Option>& options, const std::string& before, const std::string& current,
                          std::string& prefix) {
  const std::size_t equals = current.find('=');
  for (const Option& option : options) {
    // A flag without a value leaves the next word alone.
    if (option.placeholder.empty()) continue;
    const std::string whole = "--" + option.name;
    if (before == whole || (!option.letter.empty() && before == "-" + option.letter)) return &option;
    if (equals != std::string::npos && current.substr(0, equals) == whole) {
      prefix = whole + "=";
      return &option;
    }
  }
  return nullptr;
}

/// "--store DIR", "--store=DIR"; the last one holds, as for the command.
std::optional<std::filesystem::path> named_store(const std::vector<std::string>& typed) {
  static constexpr std::string_view kOption = "--store";
  static constexpr std::string_view kWithValue = "--store=";
  std::optional<std::filesystem::path> named;
  for (std::size_t i = 0; i < typed.size(); ++i) {
    if (typed[i] == kOption && i + 1 < typed.size()) named = typed[++i];
    if (typed[i].starts_with(kWithValue)) named = typed[i].substr(kWithValue.size());
  }
  return named;
}

/// By the operands that stand before it.
Operand kind_of_next(const Command& command, const std::vector<Option>& options,
                     const std::vector<std::string>& typed) {
  const auto* const known = std::find_if(kOperands.begin(), kOperands.end(),
                                         [&](const Operands& one) { return one.command == command.name; });
  if (known == kOperands.end()) return Operand::image;
  std::string prefix;
  for (std::size_t i = 0; i < typed.size(); ++i) {
    const bool is_value = i > 0 && open_option(options, typed[i - 1], "", prefix) != nullptr;
    if (!is_value && !typed[i].starts_with('-')) return known->rest;
  }
  return known->first;
}

void offer_operand(Operand kind, const std::vector<std::string>& typed, Environment& environment,
                   Completion& completion) {
  switch (kind) {
    case Operand::other: return;
    case Operand::key: return offer_keys("", environment, completion);
    case Operand::delegation: return offer_delegations("", environment, completion);
    case Operand::top_role:
      for (const std::string_view role : kTopRoles) completion.offer(role);
      return;
    case Operand::signer:
      for_each_key(environment, [&](const std::string&, const std::string& role) {
        if (is_signer_name(role) && !is_top_role(role)) completion.offer(role);
      });
      return;
    case Operand::repository:
    case Operand::image:
      silently([&] {
        const auto named = named_store(typed);
        offer_names(named ? *named : store_directory(Arguments(), environment), kind, completion);
      });
  }
}

void offer_arguments(const Command& command, const std::vector<std::string>& typed, Environment& environment,
                     Completion& completion) {
  const std::vector<Option> options = command.options().list();
  std::string prefix;
  // The word before decides first: behind --store a folder is typed, whatever it looks like.
  const std::string before = typed.empty() ? "" : typed.back();
  if (const Option* option = open_option(options, before, completion.beginning(), prefix)) {
    offer_value(*option, prefix, std::string(command.name), environment, completion);
    return;
  }
  if (completion.beginning().starts_with('-')) {
    for (const Option& option : options) completion.offer("--" + option.name, option.help);
    return;
  }
  if (command.name == "completion") {
    for (const std::string_view shell : {"bash", "fish", "zsh"}) completion.offer(shell);
  }
  if (has(kFileOperands, command.name)) completion.offer_files();
  if (has(kFileOperands, command.name) || has(kNoOperands, command.name)) return;
  offer_operand(kind_of_next(command, options, typed), typed, environment, completion);
}

/// Before the command: what every command takes.
bool offer_leading(const std::vector<std::string>& leading, const Environment& environment, Completion& completion) {
  const std::vector<Option> options = Options("", "", "").list();
  std::string prefix;
  const std::string before = leading.empty() ? "" : leading.back();
  if (const Option* option = open_option(options, before, completion.beginning(), prefix)) {
    offer_value(*option, prefix, {}, environment, completion);
    return true;
  }
  if (!completion.beginning().starts_with('-')) return false;
  for (const Option& option : options) completion.offer("--" + option.name, option.help);
  completion.offer("--version", "Print the version");
  return true;
}

/// What may follow the words.
void offer_next(const std::vector<std::string>& words, Environment& environment, Completion& completion) {
  const std::size_t first = count_of_leading(words);
  const std::vector<std::string> leading(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(first));
  std::string name;
  for (std::size_t i = first; i < words.size(); ++i) {
    // "help pull" names commands as well.
    if (i == first && words[i] == "help") continue;
    name += words[i];
    if (const Command* command = find_command(name)) {
      // Options before the command belong to it.
      std::vector<std::string> typed = leading;
      typed.insert(typed.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
      return offer_arguments(*command, typed, environment, completion);
    }
    name += " ";
  }
  // Nothing but options so far: another option or a command may follow.
  if (first < words.size() || !offer_leading(leading, environment, completion)) offer_commands(name, completion);
}

}  // namespace

void complete(const std::vector<std::string>& words, Environment& environment) {
  Completion completion(words.empty() ? "" : words.back(), environment);
  offer_next({words.begin(), words.empty() ? words.end() : words.end() - 1}, environment, completion);
  completion.finish();
}

}  // namespace hallmark::cmd
