// SPDX-License-Identifier: Apache-2.0
//
// One blob on its way in: never a byte more than its descriptor says, resumed by Range after a cut.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "registry/http/http.h"
#include "registry/server/session.h"
#include "store/image/image.h"

namespace hallmark::registry {

/// A part of a blob: from its first byte to its last, both of them in it.
struct ContentRange {
  std::uint64_t first;
  std::uint64_t last;
  std::optional<std::uint64_t> total;
};

/// "bytes 6-10/11" or "bytes 6-10/*" (RFC 9110 section 14.4); nothing for any other text.
std::optional<ContentRange> parse_content_range(std::string_view text);

/// Pushes the blob at `target` of the server, from the byte at `offset` on, into the sink. Fault::corrupt when the
/// server's answer contradicts the descriptor's size; the digest is the sink's affair. `resumed` is told when bytes
/// come that continue others.
void fetch_blob(Session& session, const std::string& target, const store::Descriptor& blob, std::uint64_t offset,
                ByteSink& out, const std::function<void()>& resumed);

}  // namespace hallmark::registry
