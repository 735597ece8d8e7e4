// SPDX-License-Identifier: Apache-2.0
//
// Keys that were parsed before, by one thread. OpenSSL takes longer to read a key than to verify a signature with it,
// and a judgement that is made again reads the same keys again.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "trust/tuf/dialect.h"

namespace hallmark::tuf {

/// A shortcut and no evidence: a key that is not found is parsed, and comes out the same.
class ParsedKeys {
 public:
  /// By Key::id, which is the hash of all that a key is parsed from.
  [[nodiscard]] std::optional<Key> find(std::string_view id) const;
  /// Of a key that was parsed from so many bytes: some small ones are kept.
  void keep(const Key& key, std::size_t bytes);

 private:
  std::map<std::string, Key, std::less<>> keys_;
};

}  // namespace hallmark::tuf
