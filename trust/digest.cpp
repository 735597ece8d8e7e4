// SPDX-License-Identifier: Apache-2.0
#include "trust/digest.h"

#include <openssl/evp.h>

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

const EVP_MD* message_digest(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::sha384: return EVP_sha384();
    case Algorithm::sha512: return EVP_sha512();
    case Algorithm::sha256: break;
  }
  return EVP_sha256();
}

}  // namespace

Digest Digest::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) fail(Fault::corrupt, "not a digest: ", printable(text, 80));
  for (const Kind& kind : kKinds) {
    if (text.substr(0, colon) == kind.name) {
      const std::string_view hex = text.substr(colon + 1);
      if (hex.size() != 2 * kind.size) fail(Fault::corrupt, "invalid checksum digest length: ", printable(text, 160));
      // What it takes is lower-case already: the text is the digest's own.
      static_cast<void>(within("invalid checksum digest format", [&] { return parse_hex(hex); }));
      return {kind.algorithm, std::string(hex)};
    }
  }
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
  struct Free {
    void operator()(EVP_MD_CTX* handle) const { EVP_MD_CTX_free(handle); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

Hasher::Hasher(Algorithm algorithm) : algorithm_(algorithm), state_(std::make_unique<State>()) {
  if (state_->context == nullptr || EVP_DigestInit_ex(state_->context.get(), message_digest(algorithm), nullptr) != 1) {
    fail(Fault::local, "OpenSSL cannot start a hash");
  }
}

Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::write(ByteView piece) {
  if (EVP_DigestUpdate(state_->context.get(), piece.data(), piece.size()) != 1) {
    fail(Fault::local, "OpenSSL cannot go on with a hash");
  }
  size_ += piece.size();
}

Digest Hasher::finish() && {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  if (EVP_DigestFinal_ex(state_->context.get(), hash.data(), &length) != 1) {
    fail(Fault::local, "OpenSSL cannot end a hash");
  }
  return Digest::from_raw(algorithm_, ByteView(hash).first(length));
}

}  // namespace hallmark
