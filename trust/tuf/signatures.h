// SPDX-License-Identifier: Apache-2.0
//
// Who signed a document. Counted are keys, not signatures and not names of keys.
#pragma once

#include <string>
#include <vector>

#include "trust/tuf/metadata.h"

namespace hallmark::tuf {

/// The key ids out of `allowed` whose keys signed the document. A key counts once, however often it signed and under
/// however many ids it is listed. Signatures of other keys, by unknown methods or that are wrong do not count.
/// A key that signed but is listed under an id that is not its own is Fault::corrupt.
std::vector<std::string> signing_keys(const Dialect& dialect, const Envelope& envelope, const Keys& keys,
                                      const std::vector<std::string>& allowed);

/// Whether at least as many of the role's keys signed as its threshold asks; the sentence says how many did.
struct ThresholdResult {
  bool met;
  std::string count;
};
ThresholdResult verify_role(const Dialect& dialect, const Envelope& envelope, const Keys& keys, const Role& signers);

}  // namespace hallmark::tuf
