// SPDX-License-Identifier: Apache-2.0
#include "store/disk/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "trust/error.h"

namespace hallmark::store {

Input::Input(const std::string& name, const std::string& example, const std::atomic<bool>& interrupted)
    : shown_(name == "-" ? "standard input" : printable(name, 300)),
      descriptor_(name == "-" ? STDIN_FILENO : open(name.c_str(), O_RDONLY | O_CLOEXEC)),
      interrupted_(interrupted) {
  if (descriptor_ < 0) fail_here();
  // Whoever forgot the file would wait for a command that waits for them.
  if (name == "-" && isatty(STDIN_FILENO) == 1) {
    throw Error(Fault::usage, "standard input is a terminal, expected a tar", example);
  }
}

Input::~Input() {
  if (descriptor_ != STDIN_FILENO) close(descriptor_);
}

std::optional<std::uint64_t> Input::size() const {
  struct stat status {};
  // Of pipes and devices the system says 0: only a regular file has a size that means something.
  if (fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

std::size_t Input::read(std::span<std::uint8_t> buffer) {
  for (;;) {
    // Before each read, and again after a signal has broken one off: a slow pipe must not keep a person waiting.
    if (interrupted_) fail(Fault::interrupted, "interrupted");
    const ssize_t count = ::read(descriptor_, buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) fail_here();
  }
}

void Input::fail_here() const { fail(Fault::local, shown_, ": ", std::generic_category().message(errno)); }

}  // namespace hallmark::store
