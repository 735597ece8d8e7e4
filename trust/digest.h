// SPDX-License-Identifier: Apache-2.0
//
// What bytes are called: OCI digests (image-spec, descriptor.md, "Digests"), and the hasher that finds them.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "trust/bytes.h"

namespace hallmark {

enum class Algorithm { sha256, sha384, sha512 };

/// A whole digest: there is no empty one.
class Digest {
 public:
  /// "sha256:<64 lower-case hex>", "sha384:<96>" or "sha512:<128>"; anything else is Fault::corrupt.
  static Digest parse(std::string_view text);
  /// Of bytes that are in memory as a whole; what flows goes through a Hasher.
  static Digest of(ByteView bytes, Algorithm algorithm = Algorithm::sha256);
  /// From the raw hash; a wrong length is Fault::corrupt.
  static Digest from_raw(Algorithm algorithm, ByteView hash);

  [[nodiscard]] Algorithm algorithm() const { return algorithm_; }
  [[nodiscard]] const std::string& hex() const { return hex_; }
  /// "sha256"
  [[nodiscard]] std::string_view algorithm_name() const;
  [[nodiscard]] std::string to_string() const;
  /// The first twelve hex digits, as image lists show them.
  [[nodiscard]] std::string abbreviated() const { return hex_.substr(0, 12); }

  /// By algorithm, then by hash: of several digests of one file sha256 comes first.
  auto operator<=>(const Digest&) const = default;

 private:
  Digest(Algorithm algorithm, std::string hex) : algorithm_(algorithm), hex_(std::move(hex)) {}

  Algorithm algorithm_;
  std::string hex_;
};

/// Hashes and counts what is written to it.
class Hasher final : public ByteSink {
 public:
  explicit Hasher(Algorithm algorithm);
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  ~Hasher() override;

  void write(ByteView piece) override;
  /// Bytes so far, to be held against what a descriptor promises.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// The digest of all that was written. The hasher is spent.
  Digest finish() &&;

 private:
  struct State;
  Algorithm algorithm_;
  std::unique_ptr<State> state_;
  std::uint64_t size_ = 0;
};

}  // namespace hallmark
