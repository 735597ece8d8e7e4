// SPDX-License-Identifier: Apache-2.0
//
// A program that reads from us while it talks: what it says is taken meanwhile, so that neither waits for the other.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "registry/process/subprocess.h"
#include "trust/bytes.h"

namespace hallmark::registry {

/// How a program is run.
struct ProgramTask {
  Program program;
  std::vector<std::string> arguments;
  std::chrono::milliseconds silence;  ///< the longest without a byte in any direction
  std::chrono::milliseconds limit;    ///< for all of it
  bool has_own_err;                   ///< what it complains of goes into the answer, and not to our standard error
};

struct ProgramAnswer {
  int status;       ///< its exit status; 128 and the signal's number when it was ended
  std::string out;  ///< at most 1 MiB
  std::string err;  ///< its beginning; empty where it went to ours
};

/// Runs a program of an absolute part of PATH. What `write` writes is its standard input; when that throws, the program
/// is killed before its input ends, and the exception goes on. When the program ends early, the rest is not written.
/// The program's own fault when it is not there; Fault::local when it says too much, or takes too long;
/// Fault::interrupted when the flag goes up. SIGPIPE must be ignored.
ProgramAnswer run_fed_program(const ProgramTask& task, const std::function<void(ByteSink&)>& write,
                              const std::atomic<bool>* interrupted);

}  // namespace hallmark::registry
