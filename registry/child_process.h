// SPDX-License-Identifier: Apache-2.0
//
// Another program, started without a shell, and the pipes to it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace hallmark::registry {

/// "No such file or directory"
std::string reason_of(int error_number);

class OpenFile {
 public:
  explicit OpenFile(int number) : number_(number) {}
  ~OpenFile() { close(); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  void close();

 private:
  int number_;
};

struct Pipe {
  OpenFile reading;
  OpenFile writing;
};
/// Neither end is inherited.
Pipe make_pipe();

/// A child process that is ended and reaped whatever happens.
class Child {
 public:
  explicit Child(pid_t number) : number_(number) {}
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The exit status, if it has ended; 128 and the signal's number when it was ended.
  std::optional<int> ended();

 private:
  pid_t number_;
};

/// What the program gets as its standard streams; a negative one is ours.
struct Streams {
  int in;
  int out;
  int err;
};

/// Starts a program of PATH that inherits nothing else. Returns its number, or the negative error of the system.
pid_t start_program(const std::string& program, std::vector<std::string> arguments, const Streams& streams);

}  // namespace hallmark::registry
