// SPDX-License-Identifier: Apache-2.0
//
// A body that is wanted whole and in memory, with a limit that holds while it arrives.
#pragma once

#include <cstdint>

#include "registry/http/http.h"
#include "trust/bytes.h"

namespace hallmark::registry {

/// For answers whose size nobody promised. What goes over the limit ends the exchange.
class Collector final : public Receiver {
 public:
  /// `limit`: bytes of the body.
  explicit Collector(std::uint64_t limit) : limit_(limit) {}

  bool begin(const Head& head) override;
  bool body(ByteView piece) override;
  void end() override;

  /// Whether the other side sent, or announced, more than the limit.
  [[nodiscard]] bool too_large() const { return too_large_; }
  /// Of a whole answer; none of any other.
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] Bytes take() { return std::move(bytes_); }

 private:
  std::uint64_t limit_;
  Bytes coming_;
  Bytes bytes_;
  bool too_large_ = false;
};

}  // namespace hallmark::registry
