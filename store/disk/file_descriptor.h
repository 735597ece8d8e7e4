// SPDX-License-Identifier: Apache-2.0
//
// The one owner of an open file of the system.
#pragma once

#include <unistd.h>

#include <utility>

namespace hallmark::store {

/// Closed when this goes. What close() may still have to say is not heard: what matters is synced before.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  /// As open(2) gives it: a negative number is none.
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, kNone)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      close();
      number_ = std::exchange(other.number_, kNone);
    }
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { close(); }

  /// -1 when nothing is open.
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  /// May be called twice: the number is forgotten, so that no other file that gets it is closed.
  void close() {
    if (is_open()) ::close(number_);
    number_ = kNone;
  }

 private:
  static constexpr int kNone = -1;

  int number_ = kNone;
};

}  // namespace hallmark::store
