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

/// What a helper is asked to do, and what it reads: the key of the registry, or for `store` a JSON object.
enum class HelperVerb { get, store, erase };

/// Runs `docker-credential-NAME VERB` of an absolute part of PATH with the input on its standard input; its standard
/// error is ours. Fault::usage for a name that is none or a program that is not there, Fault::local when it takes
/// longer than `limit`, says too much or cannot be run, Fault::interrupted when the flag goes up meanwhile.
HelperAnswer ask_helper(const std::string& name, HelperVerb verb, const std::string& input,
                        std::chrono::milliseconds limit, const std::atomic<bool>* interrupted);

/// Why a helper failed: the first line of what it said, as the protocol has it. Some say what they were given or would
/// have answered; what looks like that, or has `secret` in it, is not repeated.
std::string complaint_of(const HelperAnswer& answer, const std::string& secret);

}  // namespace hallmark::registry
