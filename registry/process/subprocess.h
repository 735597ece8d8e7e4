// SPDX-License-Identifier: Apache-2.0
//
// Another program, started without a shell, and the pipes to it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "store/disk/file_descriptor.h"
#include "trust/error.h"

namespace hallmark::registry {

/// "No such file or directory"
std::string reason_of(int error_number);

struct Pipe {
  store::FileDescriptor reading;
  store::FileDescriptor writing;
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

/// What is to be started, and what to say when it is not there.
struct Program {
  std::string name;  ///< of a file; where it lies, PATH says
  std::string what;  ///< for messages: "credential helper docker-credential-x"
  Fault missing;     ///< when no absolute part of PATH has it
  std::string hint;  ///< then
};

/// Starts a program that inherits the streams, the folder and the harmless part of the environment, and nothing else
/// (child_environment.h). Returns its number. Fault::local when the system does not start it.
pid_t start_program(const Program& program, std::vector<std::string> arguments, const Streams& streams);

}  // namespace hallmark::registry
