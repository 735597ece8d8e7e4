// SPDX-License-Identifier: Apache-2.0
#include "cmd/publishing/brought_keys.h"

#include <filesystem>

#include "cmd/publishing/key_store.h"
#include "cmd/publishing/passphrases.h"
#include "cmd/publishing/private_file.h"
#include "store/disk/trusted_file.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

namespace fs = std::filesystem;

/// As docker shows of an id where it asks for a passphrase.
constexpr std::size_t kAskedDigits = 7;

/// A public key that others may read is no secret that was let out, but the wrong file.
bool is_public_file(const std::string& file) {
  constexpr std::uint64_t kMostPublicBytes = std::uint64_t{64} << 10U;
  try {
    Bytes bytes = store::read_trusted("key file", file, kMostPublicBytes, true);
    const bool is_public = crypto::is_public_text(bytes);
    crypto::wipe(bytes);
    return is_public;
  } catch (const Error&) {
    return false;  // what is wrong with it is told by whoever reads it as a private one
  }
}

[[noreturn]] void refuse_content(const std::string& file, const std::string& why) {
  throw Error(Fault::usage, "provided file " + printable(file, 300) + " is not a supported private key: " + why,
              "to add a signer's public key use hallmark trust signer add");
}

}  // namespace

std::vector<crypto::KeyFile> read_brought_keys(const std::string& file) {
  Bytes bytes;
  try {
    // A file that others could write may hold their key, which would then sign in this user's name.
    bytes = read_private_file(file);
  } catch (const Error& error) {
    if (error.fault() == Fault::usage && is_public_file(file)) refuse_content(file, "it holds public keys alone");
    throw Error(error.fault(), "refusing to load key from " + printable(file, 300) + ": " + error.what(), error.hint());
  }
  try {
    std::vector<crypto::KeyFile> files = crypto::read_key_files(bytes);
    // An unencrypted key stands in it; memory that is given back is not cleared by anybody else.
    crypto::wipe(bytes);
    return files;
  } catch (const Error& error) {
    crypto::wipe(bytes);
    refuse_content(file, error.what());
  }
}

std::string name_of_brought(const std::vector<crypto::KeyFile>& keys, std::size_t place, const std::string& file) {
  const crypto::KeyFile& key = keys.at(place);
  std::string name = (key.role.empty() ? "encrypted" : shown_role(key.role)) + " key";
  // A backup says the id in a header. A key as it lies in its folder says it by its name.
  const std::string said = fs::path(key.path.empty() ? file : key.path).stem().string();
  if (is_key_id(said)) {
    name += " with ID " + said.substr(0, kAskedDigits);
  } else if (keys.size() > 1) {
    name += " (" + std::to_string(place + 1) + " of " + std::to_string(keys.size()) + ")";
  }
  return key.gun.empty() ? name : name + " of " + printable(key.gun, 200);
}

}  // namespace hallmark::cmd
