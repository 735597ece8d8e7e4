// SPDX-License-Identifier: Apache-2.0
#include "registry/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <new>
#include <system_error>

#include "trust/error.h"

namespace hallmark::registry {
namespace {

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
  void close_from(int first) {
    if (::posix_spawn_file_actions_addclosefrom_np(&actions_, first) != 0) throw std::bad_alloc();
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

}  // namespace

std::string reason_of(int error_number) { return std::generic_category().message(error_number); }

void OpenFile::close() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(Fault::local, "cannot make a pipe: ", reason_of(errno));
  return Pipe{OpenFile(ends[0]), OpenFile(ends[1])};
}

Child::~Child() {
  if (number_ <= 0) return;
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
  if (done < 0) return 127;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t start_program(const std::string& program, std::vector<std::string> arguments, const Streams& streams) {
  SpawnActions actions;
  actions.connect(streams.in, STDIN_FILENO);
  actions.connect(streams.out, STDOUT_FILENO);
  actions.connect(streams.err, STDERR_FILENO);
  actions.close_from(STDERR_FILENO + 1);
  arguments.insert(arguments.begin(), program);
  std::vector<char*> words;
  words.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  pid_t number = 0;
  const int error = ::posix_spawnp(&number, program.c_str(), actions.get(), nullptr, words.data(), environ);
  return error == 0 ? number : -error;
}

}  // namespace hallmark::registry
