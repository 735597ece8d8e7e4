// SPDX-License-Identifier: Apache-2.0
//
// One blob on its way out (distribution-spec 1.1, "Pushing blobs"): in one PUT when that works; in chunks after a cut
// or when something on the way takes no large body. How far it got is what the server says, never what was sent; when
// the server says nothing clear, the upload is given up and begun anew.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "registry/repository.h"
#include "registry/server/session.h"

namespace hallmark::registry {

/// The last byte of "0-9" ("bytes=0-9" is seen too); nothing for any other text.
std::optional<std::uint64_t> parse_upload_range(std::string_view text);

/// Where an upload goes on: `location` as an answer from `answered` has it. Absolute, a path, or a host without a
/// scheme. What names the same host by http although we came by https is taken for https (proxies confuse servers).
/// Fault::unavailable for any other way to http or into this machine.
Url upload_place(const Url& answered, const std::string& location);

/// The address that ends an upload.
Url closing_place(const Url& place, const Digest& digest);

/// To the repository ("library/debian") on the session's server.
Delivery upload_blob(Session& session, const std::string& repository, const store::Descriptor& blob,
                     store::BlobReader& bytes, const std::optional<std::string>& mount_from);

/// Whether a HEAD finds it; false also where that cannot be found out, for it can be sent all the same. Fault::corrupt
/// when it has another size there.
bool is_blob_there(Session& session, const std::string& repository, const store::Descriptor& blob);

/// After it was sent: a registry that said yes shows it now, or after some moments. Fault::unavailable when it does
/// not.
void require_blob(Session& session, const std::string& repository, const store::Descriptor& blob);

}  // namespace hallmark::registry
