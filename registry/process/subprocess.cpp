// SPDX-License-Identifier: Apache-2.0
#include "registry/process/subprocess.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <new>
#include <system_error>

#include "registry/process/child_environment.h"

namespace hallmark::registry {
namespace {

/// What the system does in the child before the program begins. No code of ours runs there.
class SpawnActions {
 public:
  SpawnActions() {
    if (::posix_spawn_file_actions_init(&actions_) != 0) throw std::bad_alloc();
  }
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;

  void connect(int from, int to) {
    if (from >= 0 && ::posix_spawn_file_actions_adddup2(&actions_, from, to) != 0) throw std::bad_alloc();
  }
  // Also what a library opened without O_CLOEXEC stays here.
  void close_from(int first) {
    if (::posix_spawn_file_actions_addclosefrom_np(&actions_, first) != 0) throw std::bad_alloc();
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// Signals as a program expects them: that we ignore SIGPIPE is our own affair.
class SpawnSignals {
 public:
  SpawnSignals() {
    if (::posix_spawnattr_init(&attributes_) != 0) throw std::bad_alloc();
    sigset_t signals{};
    sigemptyset(&signals);
    // Empty: what a thread of ours blocks must not make a program that cannot be ended.
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    sigaddset(&signals, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSignals() { ::posix_spawnattr_destroy(&attributes_); }
  SpawnSignals(const SpawnSignals&) = delete;
  SpawnSignals& operator=(const SpawnSignals&) = delete;

  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::vector<std::string> our_environment() {
  std::vector<std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) variables.emplace_back(*entry);
  return variables;
}

std::string file_of(const Program& program) {
  const char* const path = std::getenv("PATH");
  const FoundProgram found = find_program(program.name, path == nullptr ? "" : path);
  if (!found.file.empty()) return found.file;
  if (found.passed_over.empty()) throw Error(program.missing, program.what + " is not in PATH", program.hint);
  throw Error(program.missing,
              program.what + " is not in PATH: " + printable(found.passed_over, 300) +
                  " is there, but nothing is run from a folder that PATH does not name from the root",
              "if it is the right one, name its folder in PATH from the root, not as \".\" or an empty part");
}

/// As the system takes lists of texts.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

std::string reason_of(int error_number) { return std::generic_category().message(error_number); }

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(Fault::local, "cannot make a pipe: ", reason_of(errno));
  return Pipe{store::FileDescriptor(ends[0]), store::FileDescriptor(ends[1])};
}

Child::~Child() {
  if (number_ <= 0) return;
  // Not SIGTERM: it must not go on with half of what it was to be given.
  ::kill(number_, SIGKILL);
  int ignored = 0;
  while (::waitpid(number_, &ignored, 0) < 0 && errno == EINTR) {
  }
}

std::optional<int> Child::ended() {
  int status = 0;
  const pid_t done = ::waitpid(number_, &status, WNOHANG);
  if (done == 0 || (done < 0 && errno == EINTR)) return std::nullopt;
  number_ = 0;
  // Its status is lost, and counts as a failure.
  if (done < 0) return 127;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t start_program(const Program& program, std::vector<std::string> arguments, const Streams& streams) {
  // Not left to posix_spawnp(), which looks into relative parts of PATH.
  const std::string file = file_of(program);
  SpawnActions actions;
  actions.connect(streams.in, STDIN_FILENO);
  actions.connect(streams.out, STDOUT_FILENO);
  actions.connect(streams.err, STDERR_FILENO);
  actions.close_from(STDERR_FILENO + 1);
  const SpawnSignals signals;
  arguments.insert(arguments.begin(), program.name);
  std::vector<std::string> environment = child_environment(our_environment());
  pid_t number = 0;
  const int error = ::posix_spawn(&number, file.c_str(), actions.get(), signals.get(), pointers_to(arguments).data(),
                                  pointers_to(environment).data());
  if (error != 0) fail(Fault::local, program.what, " cannot be run: ", printable(file, 300), ": ", reason_of(error));
  return number;
}

}  // namespace hallmark::registry
