// SPDX-License-Identifier: Apache-2.0
//
// X.509 certificates as carriers of keys: the facts in them, never a judgement by the machine's clock or trust store.
#pragma once

#include <string>
#include <vector>

#include "trust/crypto/key.h"
#include "trust/time.h"

namespace hallmark::crypto {

struct Certificate {
  std::string common_name;  ///< of the subject, UTF-8; empty when there is none
  bool is_authority;        ///< basicConstraints CA:TRUE
  bool signed_with_sha1;    ///< or with MD5: a signature that proves nothing
  Time not_before;
  Time not_after;
  PublicKey key;
};

/// All CERTIFICATE blocks of a PEM text, in order; other blocks are refused, as is a text without any.
/// A key this house does not know is Fault::corrupt. Text around the blocks is passed over.
std::vector<Certificate> parse_certificates(ByteView pem);

}  // namespace hallmark::crypto
