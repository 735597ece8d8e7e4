// SPDX-License-Identifier: Apache-2.0
#include "registry/helper_program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "trust/error.h"

namespace hallmark::registry {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostOutputBytes = std::size_t{1} << 20U;
constexpr std::size_t kMostInputBytes = std::size_t{32} << 10U;  // fits a pipe that nobody reads yet
constexpr std::chrono::milliseconds kSlice{50};

std::string reason(int number) { return std::generic_category().message(number); }

class File {
 public:
  explicit File(int number) : number_(number) {}
  ~File() { close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] int number() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

struct Pipe {
  File reading;
  File writing;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(Fault::local, "cannot make a pipe: ", reason(errno));
  return Pipe{File(ends[0]), File(ends[1])};
}

/// A child process that is ended and reaped whatever happens.
class Child {
 public:
  explicit Child(pid_t number) : number_(number) {}
  ~Child() {
    if (number_ <= 0) return;
    ::kill(number_, SIGKILL);
    int ignored = 0;
    while (::waitpid(number_, &ignored, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The exit status, if it has ended.
  std::optional<int> ended() {
    int status = 0;
    const pid_t done = ::waitpid(number_, &status, WNOHANG);
    if (done == 0 || (done < 0 && errno == EINTR)) return std::nullopt;
    number_ = 0;
    if (done < 0) return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t number_;
};

class SpawnActions {
 public:
  SpawnActions() {
    if (::posix_spawn_file_actions_init(&actions_) != 0) throw std::bad_alloc();
  }
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;

  void connect(int from, int to) {
    if (::posix_spawn_file_actions_adddup2(&actions_, from, to) != 0) throw std::bad_alloc();
  }
  void close_from(int first) {
    if (::posix_spawn_file_actions_addclosefrom_np(&actions_, first) != 0) throw std::bad_alloc();
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

std::string word_for(HelperVerb verb) {
  switch (verb) {
    case HelperVerb::get: return "get";
    case HelperVerb::store: return "store";
    case HelperVerb::erase: return "erase";
  }
  return "get";
}

pid_t spawn(const std::string& program, std::string verb, const Pipe& in, const Pipe& out) {
  SpawnActions actions;
  actions.connect(in.reading.number(), STDIN_FILENO);
  actions.connect(out.writing.number(), STDOUT_FILENO);
  actions.close_from(STDERR_FILENO + 1);
  std::string name = program;
  std::array<char*, 3> arguments = {name.data(), verb.data(), nullptr};
  pid_t number = 0;
  const int error = ::posix_spawnp(&number, program.c_str(), actions.get(), nullptr, arguments.data(), environ);
  if (error == ENOENT) {
    throw Error(Fault::usage, "credential helper " + program + " is not in PATH",
                "install it, or take it out of docker's config.json");
  }
  if (error != 0) fail(Fault::local, "credential helper ", program, " cannot be run: ", reason(error));
  return number;
}

void check_name(const std::string& name) {
  const bool sound = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.';
  });
  if (!sound) fail(Fault::usage, "\"", printable(name, 80), "\" is no name of a credential helper");
}

/// What a helper is allowed, checked between its words.
struct Allowance {
  const std::string& program;
  Clock::time_point end;
  const std::atomic<bool>* interrupted;

  void check() const {
    if (interrupted != nullptr && interrupted->load()) fail(Fault::interrupted, "interrupted");
    if (Clock::now() >= end) fail(Fault::local, "credential helper ", program, " does not come to an end");
  }
};

std::string read_all(int file, const Allowance& allowance) {
  std::string out;
  std::array<char, 4096> piece{};
  for (;;) {
    allowance.check();
    pollfd waiting{file, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(kSlice.count())) <= 0) continue;
    const ssize_t got = ::read(file, piece.data(), piece.size());
    if (got == 0) return out;
    if (got < 0 && errno != EINTR) {
      fail(Fault::local, "credential helper ", allowance.program, " cannot be read: ", reason(errno));
    }
    if (got > 0) out.append(piece.data(), static_cast<std::size_t>(got));
    if (out.size() > kMostOutputBytes) {
      fail(Fault::local, "credential helper ", allowance.program, " says more than ", kMostOutputBytes, " bytes");
    }
  }
}

}  // namespace

HelperAnswer ask_helper(const std::string& name, HelperVerb verb, const std::string& input,
                        std::chrono::milliseconds limit, const std::atomic<bool>* interrupted) {
  check_name(name);
  if (input.size() > kMostInputBytes) fail(Fault::usage, "what the credential helper is to be told is too long");
  const std::string program = "docker-credential-" + name;
  Pipe in = make_pipe();
  Pipe out = make_pipe();
  // Written before anyone reads, while we hold the other end: nothing can block here and no SIGPIPE can come.
  if (::write(in.writing.number(), input.data(), input.size()) != static_cast<ssize_t>(input.size())) {
    fail(Fault::local, "cannot write to a pipe: ", reason(errno));
  }
  in.writing.close();
  Child child(spawn(program, word_for(verb), in, out));
  in.reading.close();
  out.writing.close();
  const Allowance allowance{program, Clock::now() + limit, interrupted};
  std::string answer = read_all(out.reading.number(), allowance);
  for (;;) {
    if (const auto status = child.ended()) return HelperAnswer{*status, std::move(answer)};
    allowance.check();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace hallmark::registry
