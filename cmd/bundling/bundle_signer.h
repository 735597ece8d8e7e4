// SPDX-License-Identifier: Apache-2.0
//
// The key that signs what is packed, and when it is said to be packed.
#pragma once

#include <optional>
#include <string>

#include "cmd/terminal/environment.h"
#include "trust/crypto/secret_key.h"
#include "trust/dsse.h"

namespace hallmark::cmd {

/// Signs the statement of a bundle, by which its receiver learns who packed it and when; it vouches for no image.
class StatementKey {
 public:
  /// `key` is a file with one secret key, or else the id of a key in the key folder or its beginning. Asks for its
  /// passphrase as signing does.
  static StatementKey open(const std::string& key, const Environment& environment);

  /// Adds the signature with the key's id (docs/bundle.md, "The statement").
  void sign(dsse::Envelope& envelope) const;

 private:
  StatementKey(std::string id, crypto::SecretKey key) : id_(std::move(id)), key_(std::move(key)) {}

  std::string id_;
  crypto::SecretKey key_;
};

/// $SOURCE_DATE_EPOCH, for whoever wants the same bytes again; otherwise now when somebody signs it, and nothing when
/// nobody does.
std::optional<Time> packing_time(const Environment& environment, bool is_signed);

}  // namespace hallmark::cmd
