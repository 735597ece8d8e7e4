// SPDX-License-Identifier: Apache-2.0
//
// Bytes that must not be seen: passphrases and private keys. Their memory is locked, kept out of core dumps, fenced by
// guard pages, and wiped when it is given back.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "trust/bytes.h"

namespace hallmark::crypto {

class Secret {
 public:
  /// That many zero bytes, to be filled by the caller.
  explicit Secret(std::size_t size);
  /// A copy; the original is the caller's to wipe.
  explicit Secret(ByteView bytes);
  /// Takes the bytes over: the original is wiped and left empty.
  static Secret take(Bytes&& bytes);
  static Secret take(std::string&& text);

  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&&) noexcept = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() = default;

  [[nodiscard]] ByteView view() const { return {bytes_.get(), size_}; }
  [[nodiscard]] std::string_view text() const { return text_of(view()); }
  [[nodiscard]] std::span<std::uint8_t> space() { return {bytes_.get(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  struct Free {
    void operator()(std::uint8_t* bytes) const;
  };

  std::unique_ptr<std::uint8_t, Free> bytes_;
  std::size_t size_;
};

/// Overwrites the bytes in a way that the compiler does not leave out.
void wipe(std::span<std::uint8_t> bytes);
void wipe(std::string& text);

}  // namespace hallmark::crypto
