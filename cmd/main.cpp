// SPDX-License-Identifier: Apache-2.0
//
// The front door: the table of commands, the environment asked for once, and the one place where errors end.
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <exception>
#include <iostream>
#include <limits>
#include <new>

#include "cmd/cli/batch.h"
#include "cmd/cli/command.h"
#include "cmd/cli/plugin.h"
#include "cmd/commands/complete.h"
#include "cmd/commands/table.h"
#include "registry/process/child_environment.h"
#include "trust/error.h"
#include "trust/text.h"

namespace hallmark::cmd {
namespace {

/// Set by the signal handler; nothing else in the house is global.
std::atomic<bool> interrupted{false};
std::atomic<int> signal_seen{0};

/// Nothing but two stores: a handler may run in the middle of anything.
extern "C" void on_signal(int number) {
  signal_seen = number;
  interrupted = true;
}

/// The first signal asks for an orderly end; a second one ends at once.
void listen_to_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  // No SA_RESTART: a read from the terminal, or a wait for a lock, has to end with the signal.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // A reader that goes away shows as a failed write.
  std::signal(SIGPIPE, SIG_IGN);
}

/// Each thread would get an arena of 64 MiB of addresses, which a limit of memory counts: one does for all.
void share_memory() {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, 1);
#endif
}

/// A standard stream that is closed would give its number to the next file or connection, which would then receive
/// what is meant for people. Only for reading: what is written there is lost, and said to be.
void hold_standard_streams() {
  for (int descriptor = open("/dev/null", O_RDONLY); descriptor >= 0; descriptor = dup(descriptor)) {
    if (descriptor > STDERR_FILENO) {
      close(descriptor);
      return;
    }
  }
}

/// A program that we start reads /proc/PID/environ of ours, and memory may be swapped or dumped: what opens keys stays
/// in locked memory alone.
std::map<std::string, std::string> take_variables(std::map<std::string, crypto::Secret>& passphrases) {
  std::map<std::string, std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    // The first of two that have one name counts, as with getenv().
    if (!registry::is_for_us_alone(text)) {
      result.emplace(text.substr(0, equals), text.substr(equals + 1));
      continue;
    }
    const std::string_view value = text.substr(equals + 1);
    if (!registry::opens_keys(text)) {
      result.emplace(text.substr(0, equals), value);
    } else if (!value.empty()) {
      passphrases.emplace(text.substr(0, equals), crypto::Secret(view_of(value)));
    }
    explicit_bzero(*entry + equals + 1, value.size());
  }
  return result;
}

void print_line(std::ostream& out, std::string_view name, std::string_view summary) {
  constexpr std::size_t kNameWidth = 26;  // the longest name and two blanks
  out << "  " << name << std::string(kNameWidth - std::min(name.size(), kNameWidth - 1), ' ') << summary << "\n";
}

void print_help(std::ostream& out) {
  out << "Usage:  hallmark [OPTIONS] COMMAND\n\n"
         "Content trust for container images: nothing unverified is ever committed.\n"
         "With a policy or DOCKER_CONTENT_TRUST=1 publishers are verified; without either every digest is, and no "
         "publisher.\n\nCommands:\n";
  for (const Command& command : commands()) print_line(out, command.name, command.summary);
  print_line(out, "help", "Print this help, or that of a command");
  out << "\nOptions:\n";
  // Those that every command has: each of them may stand before the command as well.
  for (const Option& option : Options("", "", "").list()) {
    print_line(out, "--" + option.name + (option.placeholder.empty() ? "" : " " + option.placeholder), option.help);
  }
  out << "\nRun 'hallmark COMMAND --help' for more information on a command.\n";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// Docker's commands that have nothing to do with images alone.
/// People type them out of habit, and the nearest command of this program would be a wrong guess.
constexpr std::array<std::string_view, 41> kOfDocker{
    "attach", "build",  "builder", "buildx",  "commit", "compose", "config", "container", "context", "cp",    "create",
    "diff",   "events", "exec",    "export",  "info",   "kill",    "logs",   "network",   "node",    "pause", "plugin",
    "port",   "ps",     "rename",  "restart", "rm",     "run",     "search", "secret",    "service", "stack", "start",
    "stats",  "stop",   "swarm",   "system",  "top",    "unpause", "update", "volume"};

[[noreturn]] void refuse_command(const std::string& name, const std::vector<std::string>& leading = {}) {
  if (!leading.empty() && leading.back().starts_with('-') && leading.back().find('=') == std::string::npos) {
    throw Error(Fault::usage, "unknown flag before the command: " + printable(leading.back(), 80),
                "options of a command stand behind it; hallmark help lists those that stand before");
  }
  const std::string first = name.substr(0, name.find(' '));
  if (std::find(kOfDocker.begin(), kOfDocker.end(), first) != kOfDocker.end()) {
    throw Error(Fault::usage, "unknown command: " + first + " is docker's",
                "hallmark keeps images and runs nothing; pull --to docker gives docker an image");
  }
  std::vector<std::string> known{"help"};
  for (const NamedCommand& command : named_commands()) known.emplace_back(command.name);
  const std::string nearest = suggestion(name, known);
  throw Error(Fault::usage, "unknown command: " + printable(name, 80),
              nearest.empty() ? "hallmark help lists the commands" : "did you mean \"hallmark " + nearest + "\"?");
}

/// For "trust", "trust key" or "image": the commands that begin so. False when none does.
bool print_group(const std::string& group, std::ostream& out) {
  const std::string beginning = group + " ";
  const std::vector<NamedCommand> all = named_commands();
  const auto belongs = [&](const NamedCommand& one) { return one.name.starts_with(beginning); };
  if (std::none_of(all.begin(), all.end(), belongs)) return false;
  out << "Usage:  hallmark " << group << " COMMAND\n\nCommands:\n";
  for (const NamedCommand& one : all) {
    if (belongs(one)) print_line(out, one.name, one.command->summary);
  }
  return true;
}

int print_help_of(const std::vector<std::string>& words, std::ostream& out) {
  const std::string name = joined(words);
  if (name == "help" || name == "--help" || name == "-h") return print_help(out), 0;
  const Command* command = find_command(name);
  if (command == nullptr && print_group(name, out)) return 0;
  if (command == nullptr) refuse_command(name);
  out << command->options().help();
  return 0;
}

/// Options before the command belong to the command.
std::vector<std::string> take_leading_options(std::vector<std::string>& words) {
  const auto end = words.begin() + static_cast<std::ptrdiff_t>(count_of_leading(words));
  std::vector<std::string> options(words.begin(), end);
  words.erase(words.begin(), end);
  return options;
}

bool asks(const std::string& word, std::string_view name, std::string_view letter) {
  return word == name || word == letter;
}

int dispatch(std::vector<std::string> words, Environment& environment);

/// Options without a command: they can only ask for help or the version. What stands last may be the value of another
/// option, which then lacks its own.
int tell(std::vector<std::string> options, Environment& environment) {
  const bool version = asks(options.back(), "--version", "-v");
  if (version) options.pop_back();
  if (!version && !asks(options.back(), "--help", "-h")) {
    fail(Fault::usage, "no command after ", printable(options.front(), 80), "; hallmark help lists them");
  }
  const Arguments parsed = Options("", "", "").parse(options);
  if (version && !parsed.truth("help", false)) return dispatch({"version"}, environment);
  return print_help(environment.out), 0;
}

/// "trust", "trust key --help".
bool tells_group(std::vector<std::string> words, std::ostream& out) {
  if (words.back() == "--help" || words.back() == "-h") words.pop_back();
  // Groups have one or two words: with more of them a command is meant.
  return words.size() < 3 && print_group(joined(words), out);
}

int dispatch(std::vector<std::string> words, Environment& environment) {
  std::vector<std::string> leading = take_leading_options(words);
  const bool asks_help = !leading.empty() && asks(leading.front(), "--help", "-h");
  if (asks_help || (words.empty() && leading.empty())) return print_help(environment.out), 0;
  if (!leading.empty() && asks(leading.front(), "--version", "-v")) {
    words = {"version"};
    leading.clear();
  }
  if (words.empty()) return tell(leading, environment);
  // docker asks this before it takes the program for a plugin; no help lists it.
  if (words.front() == "docker-cli-plugin-metadata") {
    environment.out << plugin_metadata() << "\n";
    return 0;
  }
  if (words.front() == kCompleteCommand) {
    return complete({words.begin() + 1, words.end()}, environment), 0;
  }
  if (tells_group(words, environment.out)) return 0;
  if (words.front() == "help") {
    words.erase(words.begin());
    return words.empty() ? (print_help(environment.out), 0) : print_help_of(words, environment.out);
  }
  // Names of commands have up to three words.
  std::string name = words.front();
  std::size_t used = 1;
  while (find_command(name) == nullptr && used < std::min<std::size_t>(words.size(), 3)) name += " " + words[used++];
  const Command* command = find_command(name);
  if (command == nullptr) refuse_command(name, leading);
  std::vector<std::string> arguments = leading;
  arguments.insert(arguments.end(), words.begin() + static_cast<std::ptrdiff_t>(used), words.end());
  const Options options = command->options();
  const Arguments parsed = options.parse(arguments);
  if (parsed.truth("help", false)) {
    environment.out << options.help();
    return 0;
  }
  return command->run(parsed, environment);
}

/// A clock that is set back while this runs does not undo the time that has passed.
Time clock_time() {
  using std::chrono::steady_clock;
  const auto wall = [] {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  };
  // At the first call, which comes before anything is judged.
  static const Time kBegun = wall();
  static const steady_clock::time_point kStarted = steady_clock::now();
  return std::max(wall(),
                  kBegun + std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - kStarted));
}

/// As a shell tells a program that SIGPIPE ended.
constexpr int kBrokenPipe = 141;

/// Whoever read standard output has read enough: "hallmark images | head".
bool is_reader_gone() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  // A pipe without a reader reports an error. A full disk does not, and that one is told.
  return poll(&out, 1, 0) == 1 && (static_cast<unsigned>(out.revents) & static_cast<unsigned>(POLLERR)) != 0;
}

Account account() {
  const passwd* const listed = getpwuid(geteuid());
  const bool has_home = listed != nullptr && listed->pw_dir != nullptr;
  return {geteuid(), has_home ? std::filesystem::path(listed->pw_dir) : std::filesystem::path()};
}

int run(CommandLine line) {
  Console console(std::cerr);
  std::map<std::string, crypto::Secret> passphrases;
  Environment environment{take_variables(passphrases),
                          clock_time(),
                          geteuid() == 0,
                          isatty(STDOUT_FILENO) == 1,
                          isatty(STDERR_FILENO) == 1,
                          std::cout,
                          std::cerr,
                          console,
                          interrupted,
                          clock_time,
                          account()};
  environment.passphrases = std::move(passphrases);
  // In the place of the variable, from which everything else learns where docker's folder is.
  if (line.docker_config) environment.variables["DOCKER_CONFIG"] = *line.docker_config;
  const int status = dispatch(std::move(line.words), environment);
  // A result that was not written is no success: a script would go on with half of it.
  if (!std::cout.flush()) {
    if (is_reader_gone()) return kBrokenPipe;
    fail(Fault::local, "standard output cannot be written");
  }
  return status;
}

}  // namespace
}  // namespace hallmark::cmd

int main(int argc, char** argv) {
  namespace cmd = hallmark::cmd;
  // Before the first thread and the first file: what they find then stays so.
  cmd::share_memory();
  cmd::hold_standard_streams();
  cmd::listen_to_signals();
  try {
    return cmd::run(cmd::command_line_of({argv, argv + argc}));
  } catch (const hallmark::Error& error) {
    // Where it was interrupted is no concern of the person who did it.
    const bool interrupted = error.fault() == hallmark::Fault::interrupted;
    cmd::print_error(std::cerr, interrupted ? hallmark::Error(error.fault(), "interrupted") : error);
    // As a shell tells it: 128 and the number of the signal. 130, for SIGINT, is the number of the fault.
    if (interrupted && cmd::signal_seen == SIGTERM) return 143;
    return static_cast<int>(error.fault());
  } catch (const std::bad_alloc&) {
    // Nothing that has to be allocated is printed here.
    std::cerr << "hallmark: error: this machine has no more memory\n"
                 "hint: look at the limit of memory (ulimit -v, a container's); a window of 128 MiB is the most that "
                 "is used\n";
    return static_cast<int>(hallmark::Fault::local);
  } catch (const std::exception& error) {
    // A defect of this program, told as one; it must not look like a refusal or an absence.
    cmd::print_error(std::cerr, hallmark::Error(hallmark::Fault::local, std::string("internal: ") + error.what()));
    return 1;
  }
}
