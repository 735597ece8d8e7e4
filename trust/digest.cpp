// SPDX-License-Identifier: Apache-2.0
#include "trust/digest.h"

// These functions are the library's own, without the providers that its general interface starts first
// (docs/decisions/0011). They cannot fail.
#include <openssl/sha.h>

#include <array>

#include "trust/error.h"

namespace hallmark {
namespace {

struct Kind {
  Algorithm algorithm;
  std::string_view name;
  std::size_t size;
};

constexpr std::array kKinds{Kind{Algorithm::sha256, "sha256", 32}, Kind{Algorithm::sha384, "sha384", 48},
                            Kind{Algorithm::sha512, "sha512", 64}};

const Kind& kind_of(Algorithm algorithm) {
  for (const Kind& kind : kKinds) {
    if (kind.algorithm == algorithm) return kind;
  }
  throw std::logic_error("no such digest algorithm");
}

}  // namespace

Digest Digest::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) fail(Fault::corrupt, "not a digest: ", printable(text, 80));
  for (const Kind& kind : kKinds) {
    // In lower case alone (OCI image-spec, descriptor.md, "Digests").
    if (text.substr(0, colon) == kind.name) {
      const std::string_view hex = text.substr(colon + 1);
      if (hex.size() != 2 * kind.size) fail(Fault::corrupt, "invalid checksum digest length: ", printable(text, 160));
      // What it takes is lower-case already: the text is the digest's own.
      static_cast<void>(within("invalid checksum digest format", [&] { return parse_hex(hex); }));
      return {kind.algorithm, std::string(hex)};
    }
  }
  // What cannot be computed here cannot be checked, and must not look as if it were.
  fail(Fault::corrupt, "unsupported digest algorithm: ", printable(text, 80));
}

Digest Digest::of(ByteView bytes, Algorithm algorithm) {
  Hasher hasher(algorithm);
  hasher.write(bytes);
  return std::move(hasher).finish();
}

Digest Digest::from_raw(Algorithm algorithm, ByteView hash) {
  if (hash.size() != kind_of(algorithm).size) fail(Fault::corrupt, "invalid checksum digest length ", hash.size());
  return {algorithm, hex_of(hash)};
}

std::string_view Digest::algorithm_name() const { return kind_of(algorithm_).name; }

std::string Digest::to_string() const {
  std::string text(algorithm_name());
  return text.append(":").append(hex_);
}

struct Hasher::State {
  SHA256_CTX sha256{};
  SHA512_CTX sha512{};  // of SHA-384 too
};

Hasher::Hasher(Algorithm algorithm) : algorithm_(algorithm), state_(std::make_unique<State>()) {
  switch (algorithm_) {
    case Algorithm::sha256: SHA256_Init(&state_->sha256); break;
    case Algorithm::sha384: SHA384_Init(&state_->sha512); break;
    case Algorithm::sha512: SHA512_Init(&state_->sha512); break;
  }
}

Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::write(ByteView piece) {
  switch (algorithm_) {
    case Algorithm::sha256: SHA256_Update(&state_->sha256, piece.data(), piece.size()); break;
    case Algorithm::sha384: SHA384_Update(&state_->sha512, piece.data(), piece.size()); break;
    case Algorithm::sha512: SHA512_Update(&state_->sha512, piece.data(), piece.size()); break;
  }
  size_ += piece.size();
}

Digest Hasher::finish() && {
  std::array<std::uint8_t, SHA512_DIGEST_LENGTH> hash{};
  switch (algorithm_) {
    case Algorithm::sha256: SHA256_Final(hash.data(), &state_->sha256); break;
    case Algorithm::sha384: SHA384_Final(hash.data(), &state_->sha512); break;
    case Algorithm::sha512: SHA512_Final(hash.data(), &state_->sha512); break;
  }
  // There is room for the longest hash; this one may be shorter.
  return Digest::from_raw(algorithm_, ByteView(hash).first(kind_of(algorithm_).size));
}

}  // namespace hallmark
