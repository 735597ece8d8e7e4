// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/policy/line.h"

#include <algorithm>
#include <optional>

#include "trust/error.h"
#include "trust/tuf/notary.h"
#include "trust/tuf/root.h"
#include "trust/tuf/signatures.h"

namespace hallmark::tuf {
namespace {

/// Absent for what cannot be read: it relates to nothing.
std::optional<RootFile> read_root(const Bytes& bytes) {
  try {
    return read_root_file(notary(), bytes);
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    return std::nullopt;
  }
}

/// The newest first.
std::vector<const Bytes*> documents_of(const TrustedMetadata& memory) {
  std::vector<const Bytes*> documents;
  if (const auto root = memory.files.find("root"); root != memory.files.end()) documents.push_back(&root->second);
  for (auto root = memory.roots.rbegin(); root != memory.roots.rend(); ++root) documents.push_back(&root->second);
  return documents;
}

/// Those that can be read.
std::vector<RootFile> roots_of(const TrustedMetadata& memory) {
  std::vector<RootFile> roots;
  for (const Bytes* const document : documents_of(memory)) {
    if (auto root = read_root(*document)) roots.push_back(std::move(*root));
  }
  return roots;
}

/// A root that names a key wrongly is signed by nobody.
bool is_signed_by(const RootRules& rules, const RootFile& old, const RootFile& file) {
  try {
    return rules.is_signed_by(old, file);
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    return false;
  }
}

/// The keys of its own that signed a root. What else it lists proves nothing: anybody can write a key down.
std::vector<std::string> own_signers(const RootFile& root) {
  try {
    return signing_keys(notary(), root.envelope, root.root.keys, root.signers().key_ids);
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    return {};
  }
}

/// Whether those who signed the old root signed the other one as well.
bool came_before(const RootRules& rules, const RootFile& old, const RootFile& file) {
  if (!is_signed_by(rules, old, file)) return false;
  // Counted are only keys that signed the old root: whoever lists a stranger's key, which never signed for him, must
  // not tie his root to the stranger's and raise the versions that are remembered there.
  const std::vector<std::string> both = signing_keys(notary(), file.envelope, old.root.keys, own_signers(old));
  return static_cast<std::int64_t>(both.size()) >= static_cast<std::int64_t>(old.signers().threshold);
}

class TufMemory final : public trust::MemoryRules {
 public:
  [[nodiscard]] std::string_view kind() const override { return "tuf"; }
  /// Whatever is signed anew, the timestamp is signed after it.
  [[nodiscard]] std::int64_t revision(const std::map<std::string, std::int64_t>& versions) const override {
    const auto found = versions.find("timestamp");
    return found == versions.end() ? 0 : found->second;
  }
  [[nodiscard]] bool is_one_line(const std::string& collection, const TrustedMetadata& one,
                                 const TrustedMetadata& other) const override {
    return tuf::is_one_line(collection, one, other);
  }
  [[nodiscard]] const Bytes* find(const TrustedMetadata& memory, const MetadataFile& wanted) const override {
    // By its version alone: another root in its place would prove another successor.
    if (wanted.role == "root" && wanted.file != notary().file_name("root")) {
      for (const auto& [version, bytes] : memory.roots) {
        if (wanted.file == notary().root_file_name(version)) return &bytes;
      }
      return nullptr;
    }
    const auto found = memory.files.find(wanted.role);
    return found == memory.files.end() ? nullptr : &found->second;
  }
  [[nodiscard]] bool reads_docker() const override { return true; }
};

}  // namespace

const trust::MemoryRules& memory_rules() {
  static const TufMemory kRules;
  return kRules;
}

bool is_one_line(const std::string& gun, const TrustedMetadata& one, const TrustedMetadata& other) {
  const std::vector<const Bytes*> documents = documents_of(other);
  // A document that both have needs no signature to prove it.
  for (const Bytes* const first : documents_of(one)) {
    for (const Bytes* const second : documents) {
      if (*first == *second) return true;
    }
  }
  const RootRules rules(notary(), gun);
  const std::vector<RootFile> others = roots_of(other);
  for (const RootFile& first : roots_of(one)) {
    for (const RootFile& second : others) {
      if (came_before(rules, first, second) || came_before(rules, second, first)) return true;
    }
  }
  return false;
}

bool fits(const std::string& gun, const TrustedMetadata& memory, trust::MemoryOf whose, const Anchor& anchor) {
  if (whose == trust::MemoryOf::this_store || !anchor.is_pinned()) return true;
  const RootRules rules(notary(), gun);
  const std::optional<RootFile> pinned = anchor.root ? read_root(*anchor.root) : std::nullopt;
  // Of a pinned document the keys count, whether the memory's roots came before it or after.
  const std::vector<std::string>& pins = pinned ? pinned->signers().key_ids : anchor.root_key_ids;
  const std::vector<RootFile> roots = roots_of(memory);
  return std::any_of(roots.begin(), roots.end(), [&](const RootFile& root) {
    if (pinned && is_signed_by(rules, *pinned, root)) return true;
    const std::vector<std::string> ids = own_signers(root);
    // One pinned signer makes it a place to start from: update() holds all pins against what is served.
    return std::any_of(ids.begin(), ids.end(), [&pins](const std::string& id) {
      return std::find(pins.begin(), pins.end(), id) != pins.end();
    });
  });
}

}  // namespace hallmark::tuf
