// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/signatures.h"

#include <algorithm>

#include "trust/error.h"

namespace hallmark::tuf {

std::vector<std::string> signing_keys(const Dialect& dialect, const Envelope& envelope, const Keys& keys,
                                      const std::vector<std::string>& allowed) {
  std::vector<std::string> ids;
  std::vector<crypto::PublicKey> counted;
  for (const Signature& signature : envelope.signatures()) {
    const auto listed = keys.find(signature.key_id);
    // No fault: after a rotation the signatures of former keys stand beside those of now.
    if (listed == keys.end() || std::find(allowed.begin(), allowed.end(), signature.key_id) == allowed.end()) continue;
    const Key& key = listed->second;
    // One key under two ids would look like two to whoever compares ids: pins, policies, people.
    if (key.id != signature.key_id) {
      fail(Fault::corrupt, "key ", printable(signature.key_id, 80),
           " is listed under an id that is not its own, which is ", key.id);
    }
    const std::optional<crypto::Scheme> scheme = dialect.scheme_of(signature);
    // Compared by the key itself: in two certificates it has two ids and is one signer all the same.
    if (!scheme || !key.material || std::find(counted.begin(), counted.end(), *key.material) != counted.end()) continue;
    // Passed over and not refused: a good signature by the same key may follow.
    if (!key.material->verifies(*scheme, envelope.signed_bytes(), signature.bytes)) continue;
    ids.push_back(signature.key_id);
    counted.push_back(*key.material);
  }
  return ids;
}

ThresholdResult verify_role(const Dialect& dialect, const Envelope& envelope, const Keys& keys, const Role& signers) {
  const std::size_t good = signing_keys(dialect, envelope, keys, signers.key_ids).size();
  std::string count = std::to_string(good) + " of " + std::to_string(signers.threshold) + " required signatures by " +
                      std::to_string(signers.key_ids.size()) + (signers.key_ids.size() == 1 ? " key" : " keys");
  return {static_cast<std::uint64_t>(good) >= static_cast<std::uint64_t>(signers.threshold), std::move(count)};
}

}  // namespace hallmark::tuf
