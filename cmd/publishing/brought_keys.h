// SPDX-License-Identifier: Apache-2.0
//
// Key files that somebody brings: a backup, a signer's key, what openssl or an authority wrote.
#pragma once

#include <string>
#include <vector>

#include "trust/crypto/key_file.h"

namespace hallmark::cmd {

/// The private keys of a file that nobody else can read. Fault::usage when others can, and for a file without a private
/// key; of a public one it says what that is for, whoever may read it.
std::vector<crypto::KeyFile> read_brought_keys(const std::string& file);

/// What a question calls one of them before it is open: by what the file says, so that of many each is known.
/// `place` counts from 0.
std::string name_of_brought(const std::vector<crypto::KeyFile>& keys, std::size_t place, const std::string& file);

}  // namespace hallmark::cmd
