// SPDX-License-Identifier: Apache-2.0
//
// What a command reads from front to back: a file that a person named, or standard input.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace hallmark::store {

/// Never seeks, so that a pipe does wherever a file does.
class Input {
 public:
  /// "-" is standard input; when that is a terminal, `example` tells how it is meant. Fault::local when there is no
  /// such file.
  Input(const std::string& name, const std::string& example, const std::atomic<bool>& interrupted);
  ~Input();
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  /// For messages.
  [[nodiscard]] const std::string& shown() const { return shown_; }
  /// Of a regular file.
  /// Absent for all else: then nobody knows before the end.
  [[nodiscard]] std::optional<std::uint64_t> size() const;
  /// Some bytes, none at the end. Fault::interrupted when a person wants to stop.
  std::size_t read(std::span<std::uint8_t> buffer);

 private:
  [[noreturn]] void fail_here() const;

  std::string shown_;
  int descriptor_;
  const std::atomic<bool>& interrupted_;
};

}  // namespace hallmark::store
