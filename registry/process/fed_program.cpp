// SPDX-License-Identifier: Apache-2.0
#include "registry/process/fed_program.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <thread>

#include "trust/error.h"

namespace hallmark::registry {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostOutBytes = std::size_t{1} << 20U;
constexpr std::size_t kMostErrBytes = std::size_t{8} << 10U;
constexpr int kSliceMilliseconds = 50;

/// Thrown to get out of `write`: the program reads no more.
struct EndedEarly {};

class FedProgram final : public ByteSink {
 public:
  FedProgram(const ProgramTask& task, const std::atomic<bool>* interrupted)
      : task_(task), interrupted_(interrupted), child_(start()) {
    // The child has its own ends. While these were open, no end of a pipe would be seen.
    in_.reading.close();
    out_.writing.close();
    err_.writing.close();
    if (!task_.has_own_err) err_.reading.close();
    // A write that waits does not see that the program talks, and each would wait for the other.
    if (::fcntl(in_.writing.number(), F_SETFL, O_NONBLOCK) != 0) {
      fail(Fault::local, "cannot write to a pipe: ", reason_of(errno));
    }
  }

  void write(ByteView piece) override {
    while (!piece.empty()) {
      step(true);
      const ssize_t count = ::write(in_.writing.number(), piece.data(), piece.size());
      // An error and no signal: SIGPIPE is ignored (cmd/main.cpp).
      if (count < 0 && errno == EPIPE) throw EndedEarly{};
      if (count < 0 && errno != EAGAIN && errno != EINTR) {
        fail(Fault::local, task_.program.what, " cannot be written to: ", reason_of(errno));
      }
      if (count <= 0) continue;
      piece = piece.subspan(static_cast<std::size_t>(count));
      moved_ = Clock::now();
    }
  }

  ProgramAnswer finish() {
    in_.writing.close();
    while (out_.reading.is_open() || err_.reading.is_open()) step(false);
    for (;;) {
      if (const auto status = child_.ended()) return {*status, std::move(said_), std::move(complained_)};
      check();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

 private:
  pid_t start() const {
    return start_program(task_.program, task_.arguments,
                         {in_.reading.number(), out_.writing.number(), task_.has_own_err ? err_.writing.number() : -1});
  }

  void check() const {
    if (interrupted_ != nullptr && interrupted_->load()) fail(Fault::interrupted, "interrupted");
    const auto now = Clock::now();
    if (now - moved_ > task_.silence || now - began_ > task_.limit) {
      fail(Fault::local, task_.program.what, " does not come to an end");
    }
  }

  /// Waits a little until something can be done, and takes what the program says.
  void step(bool wants_to_write) {
    check();
    std::array<pollfd, 3> files{pollfd{out_.reading.number(), POLLIN, 0}, pollfd{err_.reading.number(), POLLIN, 0},
                                pollfd{wants_to_write ? in_.writing.number() : -1, POLLOUT, 0}};
    if (::poll(files.data(), files.size(), kSliceMilliseconds) <= 0) return;
    if (files[0].revents != 0) take(out_.reading, said_, kMostOutBytes, true);
    if (files[1].revents != 0) take(err_.reading, complained_, kMostErrBytes, false);
  }

  void take(store::FileDescriptor& file, std::string& text, std::size_t limit, bool is_all_needed) {
    std::array<char, 4096> piece{};
    const ssize_t count = ::read(file.number(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) return;
    if (count <= 0) return file.close();
    moved_ = Clock::now();
    text.append(piece.data(), static_cast<std::size_t>(count));
    if (text.size() <= limit) return;
    // A part of an answer may read as another answer. Of complaints the beginning is enough.
    if (is_all_needed) fail(Fault::local, task_.program.what, " says more than ", limit, " bytes");
    text.resize(limit);
  }

  const ProgramTask& task_;
  const std::atomic<bool>* interrupted_;
  Pipe in_ = make_pipe();
  Pipe out_ = make_pipe();
  Pipe err_ = make_pipe();
  std::string said_;
  std::string complained_;
  Clock::time_point began_ = Clock::now();
  Clock::time_point moved_ = began_;
  Child child_;  // the last: it is ended before its input is closed, so that no half of it counts as a whole
};

}  // namespace

ProgramAnswer run_fed_program(const ProgramTask& task, const std::function<void(ByteSink&)>& write,
                              const std::atomic<bool>* interrupted) {
  FedProgram running(task, interrupted);
  try {
    write(running);
  } catch (const EndedEarly&) {
    // its status says why
  }
  return running.finish();
}

}  // namespace hallmark::registry
