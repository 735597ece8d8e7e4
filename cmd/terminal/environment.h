// SPDX-License-Identifier: Apache-2.0
//
// What a process has around it, asked for once in main.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>

#include "cmd/terminal/console.h"
#include "trust/crypto/secret.h"
#include "trust/time.h"

namespace hallmark::cmd {

/// Whoever this process acts as.
struct Account {
  std::uint64_t number;
  std::filesystem::path home;  ///< as the system's list of users has it; empty: none
};

/// Everything below the commands gets it from here: only main() asks the system, so that tests can say what is there.
struct Environment {
  std::map<std::string, std::string> variables;  ///< the environment, but for what opens keys
  Time now;
  bool is_root;
  bool out_is_terminal;
  bool err_is_terminal;
  std::ostream& out;  ///< results
  std::ostream& err;  ///< everything else
  Console& console;   ///< the same, line by line, from any thread
  const std::atomic<bool>& interrupted;
  Time (*clock)();  ///< the time at this moment; `now` is when the process began
  Account account{};
  std::map<std::string, crypto::Secret> passphrases{};  ///< what opens keys, by the variable that had it; none is empty

  /// Absent when unset; an empty one as well, or Fault::usage where it decides something (environment.cpp lists them).
  [[nodiscard]] std::optional<std::string> variable(const std::string& name) const;
  /// $HOME, else what the list of users has: services and timers of the system have no variable. None when neither
  /// says it, as in a container whose user nobody listed. Fault::usage for a variable that is empty or relative.
  [[nodiscard]] std::optional<std::filesystem::path> home() const;
};

}  // namespace hallmark::cmd
