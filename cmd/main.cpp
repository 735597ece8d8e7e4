// SPDX-License-Identifier: Apache-2.0
//
// The front door: the table of commands, the surroundings asked for once, and the one place where errors end.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <exception>
#include <iostream>
#include <limits>

#include "cmd/command.h"
#include "cmd/several.h"
#include "cmd/suggest.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// Set by the signal handler; nothing else in the house is global.
std::atomic<bool> interrupted{false};
std::atomic<int> signal_seen{0};

constexpr std::array kCommands{
    Command{"bundle ls", "List the images of an archive", bundle_ls_options, bundle_ls},
    Command{"check", "Re-hash every blob of the local store", check_options, check},
    Command{"history", "Show the steps by which an image was made", history_options, history},
    Command{"image prune", "Remove images that no tag names", image_prune_options, image_prune},
    Command{"images", "List images", images_options, images},
    Command{"import", "Make an image from a root file system tar", import_options, import_image},
    Command{"inspect", "Print what is known of images", inspect_options, inspect},
    Command{"load", "Load images from an archive once everything was verified", load_options, load},
    Command{"login", "Log in to a registry", login_options, login},
    Command{"logout", "Log out from a registry", logout_options, logout},
    Command{"policy check", "Read the policy file and tell what it says", policy_check_options, policy_check},
    Command{"policy explain", "Tell what the policy says about a name, and why", policy_explain_options,
            policy_explain},
    Command{"policy match", "Tell which scope of the policy holds for a name", policy_match_options, policy_match},
    Command{"policy schema", "Print the JSON schema of policies", policy_schema_options, policy_schema},
    Command{"pull", "Pull an image into the local store once everything was verified", pull_options, pull},
    Command{"push", "Push an image of the local store to a registry", push_options, push},
    Command{"rmi", "Remove images", rmi_options, rmi},
    Command{"save", "Save images to a tar archive, with the trust data that vouches for them", save_options, save},
    Command{"tag", "Give an image another name", tag_options, tag},
    Command{"trust init", "Begin a signed repository", trust_init_options, trust_init},
    Command{"trust inspect", "Print signatures and keys of a repository", trust_inspect_options, trust_inspect},
    Command{"trust renew", "Sign the roles of a repository again, with a later end", trust_renew_options, trust_renew},
    Command{"trust revoke", "Take back what is signed of a tag or a repository", trust_revoke_options, trust_revoke},
    Command{"trust rotate", "Give a role of a repository other keys", trust_rotate_options, trust_rotate},
    Command{"trust sign", "Sign what the registry has under a tag", trust_sign_options, trust_sign},
    Command{"trust status", "Print how long the roles of repositories are good", trust_status_options, trust_status},
    Command{"trust delegation add", "Make a delegation, or give it keys, paths, a threshold",
            trust_delegation_add_options, trust_delegation_add},
    Command{"trust delegation ls", "List delegations with their paths and keys", trust_delegation_ls_options,
            trust_delegation_ls},
    Command{"trust delegation remove", "Remove a delegation, or keys and paths of it", trust_delegation_remove_options,
            trust_delegation_remove},
    Command{"trust key backup", "Write all private keys into one file", trust_key_backup_options, trust_key_backup},
    Command{"trust key export", "Write private keys as they are stored, encrypted", trust_key_export_options,
            trust_key_export},
    Command{"trust key generate", "Generate and load a signing key-pair", trust_key_generate_options,
            trust_key_generate},
    Command{"trust key load", "Load a private key file for signing", trust_key_load_options, trust_key_load},
    Command{"trust key ls", "List private keys", trust_key_ls_options, trust_key_ls},
    Command{"trust signer add", "Let somebody sign repositories", trust_signer_add_options, trust_signer_add},
    Command{"trust signer remove", "Take a signer out of repositories", trust_signer_remove_options,
            trust_signer_remove},
    Command{"verify", "Decide about an image; fetch no layers, commit nothing", verify_options, verify},
    Command{"verify-bundle", "Check an archive and decide about its images; commit nothing", verify_bundle_options,
            verify_bundle},
};

extern "C" void on_signal(int number) {
  signal_seen = number;
  interrupted = true;
}

/// The first signal asks for an orderly end; a second one ends at once.
void listen_to_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // A reader that goes away shows as a failed write.
  std::signal(SIGPIPE, SIG_IGN);
}

/// A standard stream that is closed would give its number to the next file or connection, which would then receive
/// what is meant for people.
void hold_standard_streams() {
  for (int descriptor = open("/dev/null", O_RDWR); descriptor >= 0; descriptor = dup(descriptor)) {
    if (descriptor > STDERR_FILENO) {
      close(descriptor);
      return;
    }
  }
}

std::map<std::string, std::string> variables() {
  std::map<std::string, std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) result.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return result;
}

/// The longest name and two blanks.
constexpr std::size_t kNameWidth =
    std::max_element(kCommands.begin(), kCommands.end(),
                     [](const Command& a, const Command& b) { return a.name.size() < b.name.size(); })
        ->name.size() +
    2;

void print_line(std::ostream& out, std::string_view name, std::string_view summary) {
  out << "  " << name << std::string(kNameWidth - name.size(), ' ') << summary << "\n";
}

void print_help(std::ostream& out) {
  out << "Usage:  hallmark [OPTIONS] COMMAND\n\n"
         "Content trust for container images: nothing unverified is ever committed\n\nCommands:\n";
  for (const Command& command : kCommands) print_line(out, command.name, command.summary);
  print_line(out, "help", "Print this help, or that of a command");
  print_line(out, "version", "Print the version");
  out << "\nOptions:\n"
         "  --store DIR               Local layer store\n"
         "  --policy FILE             Policy file\n"
         "  --registry URL            Folder in the place of all registries, file:///PATH\n"
         "  --trust-server URL        Trust server, https://HOST or file:///PATH\n"
         "  --insecure-policy-perms   Take a policy file that others could have changed\n\n"
         "Run 'hallmark COMMAND --help' for more information on a command.\n";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

const Command* find_command(const std::string& name) {
  for (const Command& command : kCommands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

[[noreturn]] void refuse_command(const std::string& name) {
  std::vector<std::string> known{"help", "version"};
  for (const Command& command : kCommands) known.emplace_back(command.name);
  const std::string nearest = suggestion(name, known);
  throw Error(Fault::usage, "unknown command: " + printable(name, 80),
              nearest.empty() ? "hallmark help lists the commands" : "did you mean \"hallmark " + nearest + "\"?");
}

/// For "trust" or "trust key": the commands that begin so. False when none does.
bool print_group(const std::string& group, std::ostream& out) {
  const std::string beginning = group + " ";
  const auto belongs = [&](const Command& command) { return command.name.starts_with(beginning); };
  if (std::none_of(kCommands.begin(), kCommands.end(), belongs)) return false;
  out << "Usage:  hallmark " << group << " COMMAND\n\nCommands:\n";
  for (const Command& command : kCommands) {
    if (belongs(command)) print_line(out, command.name, command.summary);
  }
  return true;
}

int print_help_of(const std::vector<std::string>& words, std::ostream& out) {
  const std::string name = joined(words);
  const Command* command = find_command(name);
  if (command == nullptr && print_group(name, out)) return 0;
  if (command == nullptr) refuse_command(name);
  out << command->options().help();
  return 0;
}

/// Options before the command belong to the command.
std::vector<std::string> take_leading_options(std::vector<std::string>& words) {
  static constexpr std::array<std::string_view, 4> kValued{"--store", "--policy", "--registry", "--trust-server"};
  std::vector<std::string> options;
  while (!words.empty() && words.front().starts_with('-')) {
    const bool takes_value = std::find(kValued.begin(), kValued.end(), words.front()) != kValued.end();
    const std::size_t count = takes_value && words.size() > 1 ? 2 : 1;
    options.insert(options.end(), words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count));
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return options;
}

/// "trust", "trust key --help".
bool tells_group(std::vector<std::string> words, std::ostream& out) {
  if (words.back() == "--help" || words.back() == "-h") words.pop_back();
  return words.size() < 3 && print_group(joined(words), out);
}

int dispatch(std::vector<std::string> words, Surroundings& surroundings) {
  const std::vector<std::string> leading = take_leading_options(words);
  const bool asks_help = !leading.empty() && (leading.front() == "--help" || leading.front() == "-h");
  if (asks_help || (words.empty() && leading.empty())) return print_help(surroundings.out), 0;
  if (!leading.empty() && (leading.front() == "--version" || leading.front() == "-v")) words = {"version"};
  if (words.empty())
    fail(Fault::usage, "no command after ", printable(leading.front(), 80), "; hallmark help lists them");
  if (tells_group(words, surroundings.out)) return 0;
  if (words.front() == "help") {
    words.erase(words.begin());
    return words.empty() ? (print_help(surroundings.out), 0) : print_help_of(words, surroundings.out);
  }
  if (words.front() == "version") {
    surroundings.out << "hallmark " << HALLMARK_VERSION << "\n";
    return 0;
  }
  // Names of commands have up to three words.
  std::string name = words.front();
  std::size_t used = 1;
  while (find_command(name) == nullptr && used < std::min<std::size_t>(words.size(), 3)) name += " " + words[used++];
  const Command* command = find_command(name);
  if (command == nullptr) refuse_command(name);
  std::vector<std::string> arguments = leading;
  arguments.insert(arguments.end(), words.begin() + static_cast<std::ptrdiff_t>(used), words.end());
  const Options options = command->options();
  const Arguments parsed = options.parse(arguments);
  if (parsed.truth("help", false)) {
    surroundings.out << options.help();
    return 0;
  }
  return command->run(parsed, surroundings);
}

Time clock_time() { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

int run(std::vector<std::string> words) {
  Lines lines(std::cerr);
  Surroundings surroundings{variables(),
                            clock_time(),
                            geteuid() == 0,
                            isatty(STDOUT_FILENO) == 1,
                            isatty(STDERR_FILENO) == 1,
                            std::cout,
                            std::cerr,
                            lines,
                            interrupted,
                            clock_time};
  const int status = dispatch(std::move(words), surroundings);
  if (!std::cout.flush()) fail(Fault::local, "standard output cannot be written");
  return status;
}

}  // namespace
}  // namespace hallmark::cmd

int main(int argc, char** argv) {
  namespace cmd = hallmark::cmd;
  cmd::hold_standard_streams();
  cmd::listen_to_signals();
  try {
    return cmd::run({argv + 1, argv + argc});
  } catch (const hallmark::Error& error) {
    // Where it was interrupted is no concern of the person who did it.
    const bool interrupted = error.fault() == hallmark::Fault::interrupted;
    cmd::print_error(std::cerr, interrupted ? hallmark::Error(error.fault(), "interrupted") : error);
    if (interrupted && cmd::signal_seen == SIGTERM) return 143;
    return static_cast<int>(error.fault());
  } catch (const std::exception& error) {
    std::cerr << "hallmark: error: internal: " << error.what() << "\n";
    return 1;
  }
}
