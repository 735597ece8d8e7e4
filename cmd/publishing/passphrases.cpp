// SPDX-License-Identifier: Apache-2.0
#include "cmd/publishing/passphrases.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <ostream>
#include <vector>

#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// Bytes. The least is what docker and notary ask of a new one.
constexpr std::size_t kLeastPassphrase = 8;
/// The buffer is locked memory, which there is little of.
constexpr std::size_t kMostPassphrase = 1024;
/// As docker counts: the first try, and these more.
constexpr int kMoreTries = 3;
constexpr int kTriesForNew = 10;
std::string called(const std::string& role, const std::string& id) {
  return shown_role(role) + " key with ID " + id.substr(0, 7);
}

/// Of both tools, so that a machine that was set up for either of them signs without a question.
std::vector<std::string> variables_of(const std::string& role) {
  if (role == "root") return {"DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE", "NOTARY_ROOT_PASSPHRASE"};
  const std::string docker = "DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE";
  if (role == "targets") return {docker, "NOTARY_TARGETS_PASSPHRASE"};
  if (role == "snapshot") return {docker, "NOTARY_SNAPSHOT_PASSPHRASE"};
  return {docker, "NOTARY_DELEGATION_PASSPHRASE"};
}

/// The terminal does not show what is typed, until this goes.
class Silence {
 public:
  Silence() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) fail(Fault::local, "the terminal does not tell its settings");
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    // A program that ended badly may have left these off: the wait would then not end with a line, or not with ^C.
    silent.c_lflag |= static_cast<tcflag_t>(ICANON | ISIG);
    // What was typed before the question is thrown away.
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) != 0) fail(Fault::local, "the terminal cannot be made silent");
  }
  ~Silence() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  termios before_{};
};

/// One line, without its end.
crypto::Secret read_line(const std::atomic<bool>& interrupted) {
  crypto::Secret buffer(kMostPassphrase);
  std::size_t size = 0;
  for (;;) {
    std::uint8_t byte = 0;
    // Byte by byte: what follows the line stays for whoever reads next, and no buffer of a library has the secret.
    const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
    // The handler has run when the call returns.
    if (interrupted) fail(Fault::interrupted, "interrupted");
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail(Fault::usage, "no passphrase was typed");
    if (byte == '\n') return crypto::Secret(buffer.view().first(size));
    if (size == kMostPassphrase) fail(Fault::usage, "the passphrase has more than ", kMostPassphrase, " bytes");
    buffer.space()[size++] = byte;
  }
}

}  // namespace

std::string shown_role(const std::string& role) {
  return role == "targets" || role == "snapshot" ? "repository" : printable(role, 80);
}

std::vector<Passphrases::Found> Passphrases::from_variables(const std::string& role) const {
  std::vector<Found> all;
  for (const std::string& name : variables_of(role)) {
    const auto found = environment_.passphrases.find(name);
    if (found != environment_.passphrases.end()) all.push_back({name, crypto::Secret(found->second.view())});
  }
  return all;
}

crypto::Secret Passphrases::ask(const std::string& prompt, const std::string& role) const {
  // Who feeds a pipe does not see the question, and a pipe has no echo that could be taken away.
  if (isatty(STDIN_FILENO) != 1) {
    const auto names = variables_of(role);
    throw Error(Fault::usage,
                "a passphrase is needed (" + prompt + "), and standard input is no terminal on which to ask for it",
                "set " + names[0] + " or " + names[1] + ", or run this on a terminal");
  }
  const Silence silence;
  environment_.err << prompt << ": " << std::flush;
  try {
    crypto::Secret typed = read_line(environment_.interrupted);
    environment_.err << std::endl;
    return typed;
  } catch (const Error&) {
    // The end of the line was not shown, like the line.
    environment_.err << std::endl;
    throw;
  }
}

const crypto::Secret& Passphrases::keep(const std::string& role, crypto::Secret secret) {
  return known_.insert_or_assign(role, std::move(secret)).first->second;
}

OpenedKey Passphrases::open_called(const crypto::KeyFile& file, const std::string& role, const std::string& name) {
  if (!file.encrypted) return {crypto::open_key(file, nullptr), nullptr};
  if (const auto known = known_.find(role); known != known_.end()) {
    try {
      return {crypto::open_key(file, &known->second), &known->second};
    } catch (const crypto::WrongPassphrase&) {
      // Another key of the role may have another one.
    }
  }
  std::string wrong;
  for (Found& found : from_variables(role)) {
    try {
      crypto::SecretKey key = crypto::open_key(file, &found.secret);
      return {std::move(key), &keep(role, std::move(found.secret))};
    } catch (const crypto::WrongPassphrase&) {
      // A machine may be set up for both tools, with keys of both.
      wrong += (wrong.empty() ? "" : ", and that in ") + found.variable;
    }
  }
  // Not asked for on the terminal: a script with a wrong variable must end, and be told which one it is.
  if (!wrong.empty()) {
    throw Error(Fault::usage, "the passphrase in " + wrong + " is wrong for the " + name,
                "correct it, or unset it to be asked on the terminal");
  }
  for (int more = kMoreTries;; --more) {
    crypto::Secret typed = ask("Enter passphrase for " + name, role);
    try {
      crypto::SecretKey key = crypto::open_key(file, &typed);
      return {std::move(key), &keep(role, std::move(typed))};
    } catch (const crypto::WrongPassphrase&) {
      if (more == 0) fail(Fault::usage, "the passphrase of the ", name, " was wrong ", kMoreTries + 1, " times");
      environment_.err << "Passphrase incorrect. Please retry." << std::endl;
    }
  }
}

OpenedKey Passphrases::open(const crypto::KeyFile& file, const std::string& role, const std::string& id) {
  return open_called(file, role, called(role, id));
}

OpenedKey Passphrases::open_foreign(const crypto::KeyFile& file, const std::string& role, const std::string& name) {
  return open_called(file, role, name);
}

crypto::Secret Passphrases::ask_new(const std::string& name, const std::string& role) const {
  for (int tries = 0; tries < kTriesForNew; ++tries) {
    crypto::Secret first = ask("Enter passphrase for new " + name, role);
    if (first.size() < kLeastPassphrase) {
      environment_.err << "Passphrase is too short. Please use a password manager to generate and store a good random "
                          "passphrase."
                       << std::endl;
      continue;
    }
    // A slip in it would lock the key for good, for nobody sees what is typed.
    const crypto::Secret second = ask("Repeat passphrase for new " + name, role);
    if (first.text() == second.text()) return first;
    environment_.err << "Passphrases do not match. Please retry." << std::endl;
  }
  fail(Fault::usage, "no passphrase was chosen for the new ", name, " in ", kTriesForNew, " tries");
}

const crypto::Secret& Passphrases::for_new(const std::string& role, const std::string& id) {
  if (const auto known = known_.find(role); known != known_.end()) return known->second;
  if (auto found = from_variables(role); !found.empty()) return keep(role, std::move(found.front().secret));
  if (role == "root" && isatty(STDIN_FILENO) == 1) {
    environment_.err
        << "A new root key is about to be made. It stands above every other key of what it signs, and its\n"
           "passphrase is all that protects it when the file gets into other hands. Choose a long one,\n"
           "made and kept by a password manager. Nobody can bring it back when it is lost: then the\n"
           "repository has to be begun anew. The key lies in docker's folder, below trust/private; make\n"
           "a copy with \"hallmark trust key backup\", and keep it where this machine is not."
        << std::endl;
  }
  return keep(role, ask_new(called(role, id), role));
}

}  // namespace hallmark::cmd
