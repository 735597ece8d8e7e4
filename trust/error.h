// SPDX-License-Identifier: Apache-2.0
//
// Why we stop. One error type for the whole house; its fault decides the exit status of the command.
// A judgement on evidence is a value, never an Error; an Error means that nothing further can be done here.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
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

/// A stable word for scripts and records, of errors that have one, and where it stands in the line.
struct ErrorCode {
  enum class Place {
    before,  ///< "E_ENTRY_NAME: an entry has no name"
    behind   ///< "expected 5 bytes, found 4 (E_BLOB_SIZE)"
  };

  std::string word{};  ///< empty: it has none
  Place place = Place::before;
};

/// docs/house.md, "Errors". Whoever catches one to go on asks for its fault first: only some are his to handle.
class Error : public std::runtime_error {
 public:
  Error(Fault fault, const std::string& message, std::string hint = {})
      : Error(fault, ErrorCode{}, message, std::move(hint)) {}
  /// The message does not have the code; what() shows both.
  Error(Fault fault, ErrorCode code, const std::string& message, std::string hint = {})
      : Error(std::string(), fault, std::move(code), message, std::move(hint)) {}

  [[nodiscard]] Fault fault() const noexcept { return fault_; }
  /// Empty when it has none.
  [[nodiscard]] const std::string& code() const noexcept { return code_.word; }
  /// As what() says it, without the code.
  [[nodiscard]] std::string message() const { return context_ + message_; }
  /// What the reader can do about it; empty when there is nothing to say.
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

  /// The same with "context: " before it.
  [[nodiscard]] Error within(std::string_view context) const {
    return {std::string(context) + ": " + context_, fault_, code_, message_, hint_};
  }
  /// The same where the context tells of `subject`: what was said of it before the message already gives way.
  [[nodiscard]] Error within(std::string_view context, std::string_view subject) const {
    const std::size_t at = context_.find(std::string(subject) + ": ");
    const std::string rest = at == std::string::npos ? context_ : context_.substr(at + subject.size() + 2);
    return {std::string(context) + ": " + rest, fault_, code_, message_, hint_};
  }

 private:
  Error(std::string context, Fault fault, ErrorCode code, const std::string& message, std::string hint)
      : std::runtime_error(context + shown(code, message)),
        fault_(fault),
        code_(std::move(code)),
        context_(std::move(context)),
        message_(message),
        hint_(std::move(hint)) {}

  static std::string shown(const ErrorCode& code, const std::string& message) {
    if (code.word.empty()) return message;
    return code.place == ErrorCode::Place::before ? code.word + ": " + message : message + " (" + code.word + ")";
  }

  Fault fault_;
  ErrorCode code_;
  std::string context_;
  std::string message_;
  std::string hint_;
};

namespace detail {
template <class Part>
void append(std::string& text, const Part& part) {
  if constexpr (std::is_convertible_v<const Part&, std::string_view>) {
    text += std::string_view(part);
  } else if constexpr (std::is_same_v<Part, char>) {
    text += part;
  } else {
    static_assert(std::is_integral_v<Part> && !std::is_same_v<Part, bool>, "text, a character or a whole number");
    text += std::to_string(part);
  }
}

/// For an Error with a hint, which fail() has no place for.
template <class... Parts>
std::string joined(const Parts&... parts) {
  std::string text;
  (append(text, parts), ...);
  return text;
}
}  // namespace detail

/// Throws an Error whose message is the parts in a row.
template <class... Parts>
[[noreturn]] void fail(Fault fault, const Parts&... parts) {
  throw Error(fault, detail::joined(parts...));
}

/// The same, with a code behind the message.
template <class... Parts>
[[noreturn]] void fail_as(Fault fault, std::string_view code, const Parts&... parts) {
  throw Error(fault, ErrorCode{std::string(code), ErrorCode::Place::behind}, detail::joined(parts...));
}

/// Runs the work; an Error that leaves it gets "context: " before its message and keeps all else.
template <class Work>
decltype(auto) within(std::string_view context, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    throw error.within(context);
  }
}

/// The same with a context that tells of a subject, which an error may have named itself: it is named once.
template <class Work>
decltype(auto) within_naming(std::string_view context, std::string_view subject, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    throw error.within(context, subject);
  }
}

/// Text from outside, made fit for a terminal: control characters and non-ASCII bytes escaped, cut to `limit` bytes.
std::string printable(std::string_view untrusted_text, std::size_t limit);

}  // namespace hallmark
