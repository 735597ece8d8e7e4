// SPDX-License-Identifier: Apache-2.0
#include "cmd/publishing/key_store.h"

#include <algorithm>
#include <system_error>

#include "cmd/publishing/private_file.h"
#include "store/disk/file.h"
#include "store/disk/owner.h"
#include "trust/crypto/secret.h"
#include "trust/error.h"
#include "trust/tuf/dialect.h"
#include "trust/tuf/notary.h"

namespace hallmark::cmd {
namespace {

namespace fs = std::filesystem;

/// A SHA-256 in hex (docs/notary-v1.md, 2).
constexpr std::size_t kIdDigits = 64;
/// As many as docker shows of an id where it asks for a passphrase.
constexpr std::size_t kLeastPrefix = 7;

bool is_hex(const std::string& text) { return text.find_first_not_of("0123456789abcdef") == std::string::npos; }

bool is_id(const std::string& text) { return text.size() == kIdDigits && is_hex(text); }

[[noreturn]] void fail_missing_key(const std::string& id) {
  throw Error(Fault::missing, "No such key: " + printable(id, 80), "hallmark trust key ls lists what there is");
}

}  // namespace

std::string canonical_id(const crypto::PublicKey& key) {
  const tuf::Dialect& dialect = tuf::notary();
  return dialect.parse_key(dialect.write_key(key).object()).canonical_id;
}

std::vector<std::string> KeyStore::ids() const {
  std::vector<std::string> ids;
  std::error_code error;
  fs::directory_iterator at(folder_, error);
  if (error == std::errc::no_such_file_or_directory) return ids;
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    const fs::path& path = at->path();
    // The folder is docker's and notary's as well: what has another name is left alone.
    if (path.extension() == ".key" && is_id(path.stem().string())) ids.push_back(path.stem().string());
  }
  if (error) fail(Fault::local, "read ", printable(folder_.string(), 300), ": ", error.message());
  // A planted key could become the root of what is begun next.
  if (!ids.empty()) store::require_own("key folder", folder_);
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::string KeyStore::find(const std::string& prefix) const {
  if (prefix.size() < kLeastPrefix || prefix.size() > kIdDigits || !is_hex(prefix)) {
    fail(Fault::usage, "\"", printable(prefix, 80), "\" is no key id; expected ", kLeastPrefix, " to ", kIdDigits,
         " lower-case hex digits");
  }
  std::vector<std::string> found;
  for (const std::string& id : ids()) {
    if (id.starts_with(prefix)) found.push_back(id);
  }
  if (found.empty()) fail_missing_key(prefix);
  // The first of several would be a key that nobody chose.
  if (found.size() > 1) fail(Fault::usage, found.size(), " keys begin with ", prefix, "; give more digits");
  return found.front();
}

StoredKey KeyStore::read(const std::string& id) const {
  const fs::path path = path_of(id);
  if (!is_id(id) || !store::status_of(path)) fail_missing_key(id);
  store::require_own("key folder", folder_);
  Bytes bytes = read_private_file(path);
  return within(printable(path.string(), 300), [&] {
    std::vector<crypto::KeyFile> files;
    try {
      files = crypto::read_key_files(bytes);
    } catch (...) {
      // Wiped whatever comes: what was read may be a key in the clear.
      crypto::wipe(bytes);
      throw;
    }
    crypto::wipe(bytes);
    // The name of the file says which key it is, and can say that of one only.
    if (files.size() != 1) fail(Fault::usage, "expected one key, found ", files.size());
    return StoredKey{id, path, std::move(files.front())};
  });
}

crypto::SecretKey KeyStore::open(const StoredKey& stored, Passphrases& passphrases) {
  return within(printable(stored.path.string(), 300), [&] {
    crypto::SecretKey key = std::move(passphrases.open(stored.file, stored.file.role, stored.id).key);
    // The name is a claim until the key is open: another key under it would sign in the place of the right one.
    const std::string found = canonical_id(key.public_key());
    if (found != stored.id) fail(Fault::corrupt, "expected key ", stored.id, ", found ", found);
    return key;
  });
}

bool KeyStore::save(const crypto::SecretKey& key, const std::string& role, const std::string& gun,
                    const crypto::Secret& passphrase) const {
  const std::string id = canonical_id(key.public_key());
  // Never written over: the passphrase of the key that lies there may be the only one that anybody has.
  if (store::status_of(path_of(id))) {
    const StoredKey here = read(id);
    if (here.file.role == role && here.file.gun == gun) return false;
    throw Error(Fault::usage,
                "key " + id + " is here already, as a key of " + printable(here.file.role, 80) +
                    (here.file.gun.empty() ? "" : " of " + printable(here.file.gun, 200)) + "; expected " +
                    printable(role, 80) + (gun.empty() ? "" : " of " + printable(gun, 200)),
                "one key has one role; make another key");
  }
  if (passphrase.empty()) fail(Fault::usage, "the passphrase is empty: keys are stored encrypted");
  const std::string text = crypto::write_key_file(key, role, gun, passphrase);
  store::make_private_directories(folder_);
  write_private_file(path_of(id), view_of(text));
  return true;
}

void KeyStore::remove(const std::string& id) const {
  const fs::path path = path_of(id);
  if (!is_id(id) || !store::status_of(path)) fail_missing_key(id);
  store::remove_file(path);
  // A key that was taken away must not be back after a crash.
  store::sync_directory(folder_);
}

}  // namespace hallmark::cmd
