// SPDX-License-Identifier: Apache-2.0
#include "cmd/publishing/signer.h"

#include <algorithm>

#include "store/disk/trusted_file.h"
#include "trust/crypto/certificate.h"
#include "trust/crypto/key_file.h"
#include "trust/error.h"
#include "trust/tuf/notary.h"

namespace hallmark::cmd {
namespace {

/// Of a file with one public key or certificate.
constexpr std::uint64_t kMostKeyBytes = std::uint64_t{64} << 10U;

/// Readers do not look at the dates of a delegation's certificate; whoever adds it does.
void require_valid(const Bytes& certificate, Time now) {
  const crypto::Certificate facts = crypto::parse_certificates(certificate).front();
  if (facts.not_after < now) fail(Fault::usage, "the certificate expired at ", to_text(facts.not_after));
  if (now < facts.not_before) fail(Fault::usage, "the certificate is valid from ", to_text(facts.not_before));
}

tuf::ListedKey read_signer_key(const std::string& file, Time now) {
  // Whoever names the file vouches for it: keys come from other people.
  const Bytes bytes = store::read_trusted("public key", file, kMostKeyBytes, true);
  try {
    const crypto::PublicKeyFile read = crypto::read_public_key_file(bytes);
    if (read.certificate.empty()) return tuf::list_key(tuf::notary(), read.key);
    require_valid(read.certificate, now);
    return tuf::list_certificate(tuf::notary(), read.certificate);
  } catch (const Error& error) {
    if (error.fault() == Fault::local)
      throw Error(Fault::local, printable(file, 300) + ": " + error.what(), error.hint());
    throw Error(Fault::usage, "could not parse public key from file: " + printable(file, 300) + ": " + error.what(),
                "give the NAME.pub of hallmark trust key generate, a PEM public key, or a certificate");
  }
}

}  // namespace

bool is_signer_name(const std::string& name) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  // Docker's rule for the names of signers, which become roles: targets/NAME (docs/notary-v1.md, 1).
  return !name.empty() && is_plain(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return is_plain(c) || c == '-' || c == '_'; });
}

bool is_delegation(const std::string& role) {
  bool is_one = role.starts_with("targets/");
  for (std::size_t slash = role.find('/'); is_one && slash != std::string::npos; slash = role.find('/', slash + 1)) {
    is_one = tuf::notary().may_delegate(role.substr(0, slash), role.substr(0, role.find('/', slash + 1)));
  }
  return is_one;
}

std::vector<tuf::ListedKey> read_signer_keys(const std::vector<std::string>& files, Time now) {
  std::vector<tuf::ListedKey> keys;
  keys.reserve(files.size());
  for (const std::string& file : files) keys.push_back(read_signer_key(file, now));
  return keys;
}

}  // namespace hallmark::cmd
