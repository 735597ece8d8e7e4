// SPDX-License-Identifier: Apache-2.0
//
// docker-credential-NAME: the programs that keep passwords. Started without a shell, with a time limit and a limit
// on what they may say.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

namespace hallmark::registry {

struct HelperAnswer {
  int status;       ///< its exit status; 128 and the signal's number when it was ended
  std::string out;  ///< at most 1 MiB
};

/// Runs `docker-credential-NAME get` from PATH with the key on its standard input; its standard error is ours.
/// Fault::usage for a name that is none or a program that is not there, Fault::local when it takes longer than
/// `limit`, says too much or cannot be run, Fault::interrupted when the flag goes up meanwhile.
HelperAnswer ask_helper(const std::string& name, const std::string& key, std::chrono::milliseconds limit,
                        const std::atomic<bool>* interrupted);

}  // namespace hallmark::registry
