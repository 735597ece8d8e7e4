// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/secret.h"

#include <sodium.h>

#include <algorithm>

#include "trust/error.h"

namespace hallmark::crypto {
namespace {

std::uint8_t* locked_memory(std::size_t size) {
  // Once is enough, and more often does no harm; without it there are no guard pages.
  if (sodium_init() < 0) fail(Fault::local, "libsodium cannot be used on this machine");
  void* memory = sodium_malloc(size);
  if (memory == nullptr) fail(Fault::local, "no memory for ", size, " secret bytes");
  return static_cast<std::uint8_t*>(memory);
}

}  // namespace

void Secret::Free::operator()(std::uint8_t* bytes) const { sodium_free(bytes); }

Secret::Secret(std::size_t size) : bytes_(locked_memory(size)), size_(size) {
  // libsodium fills it with a pattern; those who ask for a secret of zeros rest on zeros.
  std::fill_n(bytes_.get(), size, std::uint8_t{0});
}

Secret::Secret(ByteView bytes) : bytes_(locked_memory(bytes.size())), size_(bytes.size()) {
  std::copy(bytes.begin(), bytes.end(), bytes_.get());
}

Secret Secret::take(Bytes&& bytes) {
  Secret secret{ByteView(bytes)};
  // clear() alone would leave them in memory that goes to somebody else.
  wipe(bytes);
  bytes.clear();
  return secret;
}

Secret Secret::take(std::string&& text) {
  Secret secret(view_of(text));
  wipe(text);
  text.clear();
  return secret;
}

void wipe(std::span<std::uint8_t> bytes) { sodium_memzero(bytes.data(), bytes.size()); }

void wipe(std::string& text) { sodium_memzero(text.data(), text.size()); }

}  // namespace hallmark::crypto
