// SPDX-License-Identifier: Apache-2.0
//
// Signers: what they may be called, and the public keys that they hand over.
#pragma once

#include <string>
#include <vector>

#include "trust/time.h"
#include "trust/tuf/edit/key_entry.h"

namespace hallmark::cmd {

/// Lower-case letters, digits, - and _, a letter or digit first.
bool is_signer_name(const std::string& name);

/// "targets/NAME", or below that.
bool is_delegation(const std::string& role);

/// The keys of PEM files, each a public key or a certificate. Fault::usage for another file, and for a certificate that
/// is not valid now.
std::vector<tuf::ListedKey> read_signer_keys(const std::vector<std::string>& files, Time now);

}  // namespace hallmark::cmd
