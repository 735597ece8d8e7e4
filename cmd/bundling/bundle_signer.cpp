// SPDX-License-Identifier: Apache-2.0
#include "cmd/bundling/bundle_signer.h"

#include <charconv>
#include <filesystem>

#include "cmd/cli/locations.h"
#include "cmd/publishing/brought_keys.h"
#include "cmd/publishing/key_store.h"
#include "cmd/publishing/passphrases.h"
#include "cmd/publishing/private_file.h"
#include "trust/crypto/dsse_signature.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// The end of the year 9999: what is later cannot be written.
constexpr std::int64_t kMostSeconds = 253'402'300'799;

crypto::SecretKey open_file(const std::string& file, Passphrases& passphrases) {
  return within(printable(file, 300), [&] {
    Bytes bytes = read_private_file(file);
    std::vector<crypto::KeyFile> keys;
    try {
      keys = crypto::read_key_files(bytes);
    } catch (...) {
      crypto::wipe(bytes);
      throw;
    }
    crypto::wipe(bytes);
    if (keys.size() != 1) fail(Fault::usage, "expected one key, found ", keys.size());
    return std::move(passphrases.open_foreign(keys.front(), keys.front().role, name_of_brought(keys, 0, file)).key);
  });
}

}  // namespace

StatementKey StatementKey::open(const std::string& key, const Environment& environment) {
  Passphrases passphrases(environment);
  std::error_code ignored;
  // The file first: whoever names one that is there means it, whatever its name looks like.
  if (std::filesystem::exists(key, ignored)) {
    crypto::SecretKey opened = open_file(key, passphrases);
    const std::string id = canonical_id(opened.public_key());
    return {id, std::move(opened)};
  }
  // An id has neither: what looks like a path is never looked up as a key, so that a slip signs nothing.
  if (key.find_first_of("/.") != std::string::npos) {
    throw Error(Fault::missing, printable(key, 300) + ": there is no such file",
                "give a file with a secret key, or an id that hallmark trust key ls shows");
  }
  const KeyStore keys(docker_config(environment));
  const std::string id = keys.find(key);
  return {id, KeyStore::open(keys.read(id), passphrases)};
}

void StatementKey::sign(dsse::Envelope& envelope) const { crypto::sign(envelope, key_, id_); }

std::optional<Time> packing_time(const Environment& environment, bool is_signed) {
  const auto epoch = environment.variable("SOURCE_DATE_EPOCH");
  // A bundle that nobody signs has no time to vouch for, and without one it has the same bytes each day.
  if (!epoch) return is_signed ? std::optional(environment.now) : std::nullopt;
  std::int64_t seconds = -1;
  const char* const end = epoch->data() + epoch->size();
  const auto [at, error] = std::from_chars(epoch->data(), end, seconds);
  // A value that cannot be read must not quietly become now: receivers judge the age of the bundle by it.
  if (error != std::errc() || at != end || seconds < 0 || seconds > kMostSeconds) {
    fail(Fault::usage, "SOURCE_DATE_EPOCH: expected seconds since 1970, found ", printable(*epoch, 80));
  }
  return Time(std::chrono::seconds(seconds));
}

}  // namespace hallmark::cmd
