// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/edit/key_entry.h"

namespace hallmark::tuf {

ListedKey list_key(const Dialect& dialect, const crypto::PublicKey& key) {
  json::Value text = dialect.write_key(key);
  // Read back from what is written, so that its id is the one that readers compute. Braces keep the order: it is read
  // before it is moved.
  return {dialect.parse_key(text.object()), std::move(text)};
}

ListedKey list_certificate(const Dialect& dialect, ByteView pem) {
  json::Value text = dialect.write_certificate(pem);
  return {dialect.parse_key(text.object()), std::move(text)};
}

void KeyRing::add(const crypto::SecretKey& key) {
  // By the bare key: documents list one key by several certificates.
  keys_.insert_or_assign(key.public_key().id(), &key);
}

const crypto::SecretKey* KeyRing::find(std::string_view canonical_id) const {
  const auto found = keys_.find(canonical_id);
  return found == keys_.end() ? nullptr : found->second;
}

}  // namespace hallmark::tuf
