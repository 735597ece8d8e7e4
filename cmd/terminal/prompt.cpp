// SPDX-License-Identifier: Apache-2.0
#include "cmd/terminal/prompt.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <ostream>

#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// Some registries give out passwords of several thousand bytes.
constexpr std::size_t kMostBytes = std::size_t{64} << 10U;

/// Standard input as a terminal, without an echo while this is there.
class Terminal {
 public:
  explicit Terminal(bool silent) {
    if (::isatty(STDIN_FILENO) != 1 || ::tcgetattr(STDIN_FILENO, &before_) != 0) {
      throw Error(Fault::usage, "Cannot perform an interactive login from a non TTY device",
                  "use --username and --password-stdin");
    }
    if (!silent) return;
    termios now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    // The end of the line is seen, so that what is printed next begins on a line of its own.
    now.c_lflag |= static_cast<tcflag_t>(ECHONL);
    is_changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &now) == 0;
    // A password that everybody behind the person reads is not asked for.
    if (!is_changed_) fail(Fault::local, "the terminal does not stop showing what is typed");
  }
  ~Terminal() {
    if (is_changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

 private:
  termios before_{};
  bool is_changed_ = false;
};

/// Up to the first line break, or to the end.
std::string read_input(bool one_line) {
  std::string text;
  char byte = '\0';
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
    // A handler is there for the signals that end the program, and for no others.
    if (count < 0 && errno == EINTR) fail(Fault::interrupted, "interrupted");
    if (count < 0) fail(Fault::local, "standard input cannot be read");
    if (count == 0 || (one_line && byte == '\n')) return text;
    if (text.size() == kMostBytes) fail(Fault::usage, "standard input has more than ", kMostBytes, " bytes");
    text += byte;
  }
}

std::string ask(const std::string& prompt, bool silent) {
  // Silent before the question is seen: what is typed at once must not be shown.
  const Terminal terminal(silent);
  if (::write(STDERR_FILENO, prompt.data(), prompt.size()) < 0) fail(Fault::local, "standard error cannot be written");
  return read_input(true);
}

}  // namespace

std::string ask_secret(const std::string& prompt) { return ask(prompt, true); }
std::string ask_line(const std::string& prompt) { return ask(prompt, false); }

std::string read_secret() {
  std::string text = read_input(false);
  if (text.ends_with('\n')) text.pop_back();
  // A file that was written on Windows; docker takes both away as well.
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) fail(Fault::usage, "expected a password on standard input, found nothing");
  return text;
}

bool confirm(const Environment& environment, const std::string& question) {
  environment.err << question << " [y/N] " << std::flush;
  std::string answer;
  // The end of the input, or a signal: whoever did not answer did not agree.
  if (!std::getline(std::cin, answer)) {
    environment.err << std::endl;  // nobody typed the end of the line
    return false;
  }
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace hallmark::cmd
