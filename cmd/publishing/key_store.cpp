// SPDX-License-Identifier: Apache-2.0
#include "cmd/publishing/key_store.h"

#include <algorithm>
#include <system_error>

#include "cmd/publishing/private_file.h"
#include "store/disk/file.h"
#include "store/disk/owner.h"
#include "trust/crypto/secret.h"
#include "trust/error.h"
#include "trust/text.h"
#include "trust/tuf/dialect.h"
#include "trust/tuf/notary.h"

namespace hallmark::cmd {
namespace {

namespace fs = std::filesystem;

/// A SHA-256 in hex (docs/notary-v1.md, 2).
constexpr std::size_t kIdDigits = 64;
/// Folders of docker before 1.13 and notary before 0.5.
constexpr const char* kOldRootKeys = "root_keys";
constexpr const char* kOldOtherKeys = "tuf_keys";
/// As many as docker shows of an id where it asks for a passphrase.
constexpr std::size_t kLeastPrefix = 7;

bool is_hex(const std::string& text) { return text.find_first_not_of("0123456789abcdef") == std::string::npos; }

[[noreturn]] void fail_missing_key(const std::string& id) {
  throw Error(Fault::missing, "No such key: " + printable(id, 80), "hallmark trust key ls lists what there is");
}

}  // namespace

bool is_key_id(const std::string& text) { return text.size() == kIdDigits && is_hex(text); }

std::string canonical_id(const crypto::PublicKey& key) {
  const tuf::Dialect& dialect = tuf::notary();
  return dialect.parse_key(dialect.write_key(key).object()).canonical_id;
}

std::map<std::string, KeyStore::Place> KeyStore::places() const {
  std::map<std::string, Place> places;
  std::error_code error;
  fs::directory_iterator at(folder_, error);
  if (error == std::errc::no_such_file_or_directory) return places;
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    const fs::path& path = at->path();
    // The folder is docker's and notary's as well: what has another name is left alone.
    if (path.extension() == ".key" && is_key_id(path.stem().string()))
      places.emplace(path.stem().string(), Place{path});
  }
  if (error) fail(Fault::local, "read ", printable(folder_.string(), 300), ": ", error.message());
  add_older(kOldRootKeys, places);
  add_older(kOldOtherKeys, places);
  // A planted key could become the root of what is begun next.
  if (!places.empty()) store::require_own("key folder", folder_);
  return places;
}

void KeyStore::add_older(const std::string& subfolder, std::map<std::string, Place>& places) const {
  const fs::path top = folder_ / subfolder;
  std::error_code error;
  fs::recursive_directory_iterator at(top, error);
  if (error == std::errc::no_such_file_or_directory) return;
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const fs::path& path = at->path();
    // ID.key, and before that ID_ROLE.key.
    const std::string name = path.stem().string();
    const std::string id = name.substr(0, name.find('_'));
    if (path.extension() != ".key" || !is_key_id(id)) continue;
    Place place{path};
    if (id.size() < name.size()) place.role = name.substr(id.size() + 1);
    if (place.role.empty() && subfolder == kOldRootKeys) place.role = "root";
    const fs::path gun = path.parent_path().lexically_relative(top);
    if (subfolder != kOldRootKeys && gun != ".") place.gun = gun.generic_string();
    store::require_own_below("key folder", top, path.parent_path());
    // What lies in the folder of today as well was moved already.
    places.emplace(id, std::move(place));
  }
  if (error) fail(Fault::local, "read ", printable(top.string(), 300), ": ", error.message());
}

KeyStore::Place KeyStore::place_of(const std::string& id) const {
  // Usual, and without a look at all the others.
  if (is_key_id(id) && store::status_of(path_of(id))) return {path_of(id)};
  const std::map<std::string, Place> all = places();
  const auto found = all.find(id);
  if (found == all.end()) fail_missing_key(id);
  return found->second;
}

std::vector<std::string> KeyStore::ids() const {
  std::vector<std::string> ids;
  for (const auto& place : places()) ids.push_back(place.first);
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
  const Place place = place_of(id);
  store::require_own("key folder", folder_);
  Bytes bytes = read_private_file(place.path);
  return within(printable(place.path.string(), 300), [&] {
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
    crypto::KeyFile& file = files.front();
    if (file.role.empty()) file.role = place.role;
    if (file.gun.empty()) file.gun = place.gun;
    return StoredKey{id, place.path, std::move(file)};
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
  if (holds(ids(), id)) {
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
  const fs::path path = place_of(id).path;
  store::remove_file(path);
  // A key that was taken away must not be back after a crash.
  store::sync_directory(path.parent_path());
}

}  // namespace hallmark::cmd
