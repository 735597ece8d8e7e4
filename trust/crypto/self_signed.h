// SPDX-License-Identifier: Apache-2.0
//
// Root keys are listed by self-signed certificates that name the repository (docs/notary-v1.md, 5.1). The same key
// makes another certificate for each repository.
#pragma once

#include <string_view>

#include "trust/bytes.h"
#include "trust/crypto/secret_key.h"
#include "trust/time.h"

namespace hallmark::crypto {

/// PEM of a self-signed leaf certificate for signing code, with a random serial number. The common name may be longer
/// than the 64 characters that X.520 allows, as names of repositories are. Fault::usage for an Ed25519 key, an empty
/// name, or an end that is not after the beginning. Fractions of a second are cut.
/// The times are the caller's: nothing here asks for the time of day.
Bytes make_certificate(const SecretKey& key, std::string_view common_name, Time not_before, Time not_after);

}  // namespace hallmark::crypto
