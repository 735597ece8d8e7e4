// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/allowance.h"

#include <algorithm>

#include "trust/tuf/refusal.h"

namespace hallmark::tuf {

MetadataReply Allowance::fetch(const MetadataFile& wanted) {
  MetadataFile asked = wanted;
  // A source stops reading at the limit, so what is over the sum is not even received.
  asked.limit = std::min(wanted.limit, kMostTrustBytes - bytes_);
  MetadataReply reply = behind_.fetch(asked);
  // Over a limit that is only what is left of the sum. A question that was refused says nothing of sizes.
  if (reply.kind == MetadataReply::Kind::rejected && reply.is_over_limit && asked.limit < wanted.limit) refuse_more();
  // What is over the file's own limit is left to ask(), which says so of the file and not of the sum.
  if (reply.kind == MetadataReply::Kind::found && reply.bytes.size() <= wanted.limit) count(reply.bytes.size());
  return reply;
}

void Allowance::count(std::uint64_t bytes) {
  // bytes_ is never over the limit, so the difference cannot wrap, as a sum of two sizes could.
  if (bytes > kMostTrustBytes - bytes_) refuse_more();
  bytes_ += bytes;
}

void Allowance::count_root() {
  // Each step costs a request and checks of signatures, and whoever holds a root key can make steps without end.
  if (++roots_ <= kMostRoots) return;
  refuse(
      Refusal::Kind::too_many_roots, "",
      "more than " + std::to_string(kMostRoots) + " roots lie between the trusted one of " + gun_ + " and the newest",
      "pin a newer root; what is remembered of a repository that nobody asked for so long is removed by hand");
}

void Allowance::refuse_more() const {
  refuse(Refusal::Kind::too_much_trust_data, "",
         "the trust data of " + gun_ + " have more than " + std::to_string(kMostTrustBytes) + " bytes all together",
         "a repository with so much trust data is not supported; ask the publisher to remove tags");
}

}  // namespace hallmark::tuf
