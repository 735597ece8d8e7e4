// SPDX-License-Identifier: Apache-2.0
#include "cmd/trust_line.h"

#include <algorithm>
#include <optional>

#include "trust/error.h"
#include "trust/tuf/root.h"
#include "trust/tuf/signatures.h"

namespace hallmark::cmd {
namespace {

std::optional<tuf::RootFile> read_root(const Bytes& bytes) {
  try {
    return tuf::read_root_file(tuf::notary(), bytes);
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    return std::nullopt;
  }
}

const Bytes* root_of(const tuf::Memory& memory) {
  const auto root = memory.files.find("root");
  return root == memory.files.end() ? nullptr : &root->second;
}

/// A root that names a key wrongly is signed by nobody.
bool is_signed_by(const tuf::RootRules& rules, const tuf::RootFile& old, const tuf::RootFile& file) {
  try {
    return rules.is_signed_by(old, file);
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    return false;
  }
}

/// The keys of its own that signed a root. What else it lists proves nothing: anybody can write a key down.
std::vector<std::string> own_signers(const tuf::RootFile& root) {
  try {
    return tuf::signing_keys(tuf::notary(), root.envelope, root.root.keys, root.signers().key_ids);
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    return {};
  }
}

/// Whether those who signed the old root signed the other one as well.
bool came_before(const tuf::RootRules& rules, const tuf::RootFile& old, const tuf::RootFile& file) {
  if (!is_signed_by(rules, old, file)) return false;
  const std::vector<std::string> both =
      tuf::signing_keys(tuf::notary(), file.envelope, old.root.keys, own_signers(old));
  return static_cast<std::int64_t>(both.size()) >= static_cast<std::int64_t>(old.signers().threshold);
}

}  // namespace

bool is_one_line(const std::string& gun, const tuf::Memory& one, const tuf::Memory& other) {
  const Bytes* const first = root_of(one);
  const Bytes* const second = root_of(other);
  if (first == nullptr || second == nullptr) return false;
  if (*first == *second) return true;
  const std::optional<tuf::RootFile> first_root = read_root(*first);
  const std::optional<tuf::RootFile> second_root = read_root(*second);
  if (!first_root || !second_root) return false;
  const tuf::RootRules rules(tuf::notary(), gun);
  return came_before(rules, *first_root, *second_root) || came_before(rules, *second_root, *first_root);
}

bool fits(const tuf::Memory& memory, const tuf::Anchor& anchor) {
  if (!anchor.is_pinned()) return true;
  const Bytes* const bytes = root_of(memory);
  const std::optional<tuf::RootFile> root = bytes == nullptr ? std::nullopt : read_root(*bytes);
  const std::optional<tuf::RootFile> pinned = anchor.root ? read_root(*anchor.root) : std::nullopt;
  if (!root) return false;
  const std::vector<std::string>& pins = pinned ? pinned->signers().key_ids : anchor.root_key_ids;
  const std::vector<std::string> ids = own_signers(*root);
  return std::any_of(ids.begin(), ids.end(),
                     [&pins](const std::string& id) { return std::find(pins.begin(), pins.end(), id) != pins.end(); });
}

}  // namespace hallmark::cmd
