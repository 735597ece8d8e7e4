// SPDX-License-Identifier: Apache-2.0
//
// Small documents, whole: manifests, lists of tags, trust data; with retries and a limit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "registry/http/collector.h"
#include "registry/server/session.h"
#include "trust/bytes.h"
#include "trust/digest.h"

namespace hallmark::registry {

constexpr int kDocumentTries = 5;
/// Of what was put, with waits of half a second, doubled each time.
constexpr int kReadBackTries = 4;

/// The last answer, or the last error, of all tries.
struct Fetched {
  ApiResponse response;
  Bytes bytes;             ///< of a success
  bool too_large = false;  ///< more than the limit was sent or announced; nothing is kept then
};

/// Asks until there is an answer that another try would not change, at most `tries` times.
Fetched request_document(Session& session, const ApiRequest& request, std::uint64_t limit, int tries);

/// The same; more than the limit is Fault::corrupt.
Fetched fetch_document(Session& session, const ApiRequest& request, std::uint64_t limit, int tries);

/// What Docker-Content-Digest says, in the algorithms that are known here. Fault::corrupt when it cannot be read.
std::vector<Digest> claimed_digests(const Headers& headers, const std::string& host);

/// For what the head of the answer is all: HEAD, and a PUT that may be sent twice. HEAD has no words: when it is
/// refused (401, 403) a GET is sent for them.
ApiResponse request_status(Session& session, const ApiRequest& request, int tries);

}  // namespace hallmark::registry
