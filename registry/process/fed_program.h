// SPDX-License-Identifier: Apache-2.0
//
// A program that reads from us while it talks: what it says is taken meanwhile, so that neither waits for the other.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "trust/bytes.h"

namespace hallmark::registry {

struct ProgramAnswer {
  int status;       ///< its exit status; 128 and the signal's number when it was ended
  std::string out;  ///< at most 1 MiB
  std::string err;  ///< its beginning
};

/// Runs a program of an absolute part of PATH. What `write` writes is its standard input; when that throws, the program
/// is killed before its input ends, and the exception goes on. When the program ends early, the rest is not written.
/// Fault::local when it is not there, says too much, or is still for ten minutes; Fault::interrupted when the flag goes
/// up. SIGPIPE must be ignored.
ProgramAnswer run_fed_program(const std::string& program, const std::vector<std::string>& arguments,
                              const std::function<void(ByteSink&)>& write, const std::atomic<bool>* interrupted);

}  // namespace hallmark::registry
