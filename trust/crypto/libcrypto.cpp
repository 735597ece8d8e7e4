// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/libcrypto.h"

namespace hallmark::crypto {

const SharedLibrary& libcrypto() {
  static const SharedLibrary kLibrary(HALLMARK_LIBCRYPTO_SONAME, "the cryptography library",
                                      "install OpenSSL 3 (Debian's package is libssl3, from Debian 13 on libssl3t64)");
  return kLibrary;
}

}  // namespace hallmark::crypto
