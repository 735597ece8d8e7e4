// SPDX-License-Identifier: Apache-2.0
//
// PEM (RFC 7468) with the plain headers that Notary writes before a blank line and that OpenSSL's reader refuses.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trust/bytes.h"
#include "trust/crypto/secret.h"

namespace hallmark::crypto {

using PemHeader = std::pair<std::string, std::string>;

struct PemBlock {
  std::string type;  ///< "ENCRYPTED PRIVATE KEY"
  std::vector<PemHeader> headers;
  Secret content;  ///< decoded

  /// Empty when there is no such header.
  [[nodiscard]] std::string header(std::string_view name) const;
};

/// All blocks of a text; what stands around them is passed over. A text without any, a block without its end, a header
/// twice or with control characters, and content that is no base64 are Fault::corrupt.
std::vector<PemBlock> parse_pem(ByteView text);

/// One block in lines of 64 characters, as Go and OpenSSL write it.
std::string write_pem(std::string_view type, const std::vector<PemHeader>& headers, ByteView content);

}  // namespace hallmark::crypto
