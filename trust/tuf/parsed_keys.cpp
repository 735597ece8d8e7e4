// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/parsed_keys.h"

namespace hallmark::tuf {
namespace {

/// Both together bound what one thread keeps: it lives as long as the thread.
constexpr std::size_t kMostKeys = 64;
constexpr std::size_t kMostKeyBytes = 4096;

}  // namespace

std::optional<Key> ParsedKeys::find(std::string_view id) const {
  const auto found = keys_.find(id);
  if (found == keys_.end()) return std::nullopt;
  return found->second;
}

void ParsedKeys::keep(const Key& key, std::size_t bytes) {
  // The first ones stay: a document with many keys cannot push out those that every judgement needs.
  if (keys_.size() < kMostKeys && bytes <= kMostKeyBytes) keys_.emplace(key.id, key);
}

}  // namespace hallmark::tuf
