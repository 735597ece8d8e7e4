// SPDX-License-Identifier: Apache-2.0
//
// Why we stop. One error type for the whole house; its fault decides the exit status of the command.
// A judgement on evidence is a value, never an Error; an Error means that nothing further can be done here.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace hallmark {

/// What kind of trouble it is. The number is the exit status of the command.
enum class Fault {
  local = 1,         ///< this machine: disk, permissions, an internal failure
  usage = 2,         ///< the command line, or a policy, key or configuration file that cannot be used
  refused = 3,       ///< trust or policy says no
  corrupt = 4,       ///< bytes are not what was promised: digest, size, shape
  missing = 5,       ///< the other side, or the store, says in its own words that it is not there
  unauthorized = 6,  ///< 401, 403, a token that was not granted
  unavailable = 7,   ///< network, TLS, rate limit, server failure, after the retries
  partial = 8,       ///< of several arguments some failed, for different reasons
  interrupted = 130  ///< SIGINT or SIGTERM
};

class Error : public std::runtime_error {
 public:
  Error(Fault fault, const std::string& message) : std::runtime_error(message), fault_(fault) {}
  Error(Fault fault, const std::string& message, std::string hint)
      : std::runtime_error(message), fault_(fault), hint_(std::move(hint)) {}

  [[nodiscard]] Fault fault() const noexcept { return fault_; }
  /// What the reader can do about it; empty when there is nothing to say.
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

 private:
  Fault fault_;
  std::string hint_;
};

namespace detail {
template <class... Parts>
std::string joined(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}
}  // namespace detail

/// Throws an Error whose message is the parts in a row.
template <class... Parts>
[[noreturn]] void fail(Fault fault, const Parts&... parts) {
  throw Error(fault, detail::joined(parts...));
}

/// Runs the work; an Error that leaves it gets "context: " before its message and keeps fault and hint.
template <class Work>
decltype(auto) within(std::string_view context, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    throw Error(error.fault(), detail::joined(context, ": ", error.what()), error.hint());
  }
}

/// Text from outside, made fit for a terminal: control characters and non-ASCII bytes escaped, cut to `limit` bytes.
std::string printable(std::string_view untrusted_text, std::size_t limit);

}  // namespace hallmark
