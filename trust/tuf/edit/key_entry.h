// SPDX-License-Identifier: Apache-2.0
//
// Keys for documents that are being written: public keys as documents list them, and the secret keys at hand.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "trust/bytes.h"
#include "trust/crypto/secret_key.h"
#include "trust/json.h"
#include "trust/tuf/dialect.h"

namespace hallmark::tuf {

/// A public key with the text that a document gets.
struct ListedKey {
  Key key;
  json::Value text;
};

ListedKey list_key(const Dialect& dialect, const crypto::PublicKey& key);
/// By its certificate, PEM.
ListedKey list_certificate(const Dialect& dialect, ByteView pem);

/// Who is to sign a role: that many of these keys.
struct RoleKeys {
  std::vector<ListedKey> keys;
  std::int64_t threshold;
};

/// The secret keys at hand, by the canonical ids of their public keys. The keys must outlive the ring.
class KeyRing {
 public:
  void add(const crypto::SecretKey& key);
  /// nullptr when the key is not at hand.
  [[nodiscard]] const crypto::SecretKey* find(std::string_view canonical_id) const;

 private:
  std::map<std::string, const crypto::SecretKey*, std::less<>> keys_;
};

}  // namespace hallmark::tuf
