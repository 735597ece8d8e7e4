// SPDX-License-Identifier: Apache-2.0
#include "registry/document.h"

#include "registry/retry.h"

namespace hallmark::registry {

Fetched request_document(Session& session, const Question& question, std::uint64_t limit, int tries) {
  Retry retry(session.http(), session.base().authority(), tries);
  for (;;) {
    Collector collector(limit);
    Reply reply = session.perform(question, collector);
    if (collector.too_large()) {
      reply.exchange.trouble = Trouble::none;
      return Fetched{std::move(reply), {}, true};
    }
    if (reply.is_temporary() && retry.again(reply.exchange, reply.line())) continue;
    return Fetched{std::move(reply), collector.take()};
  }
}

Fetched fetch_document(Session& session, const Question& question, std::uint64_t limit, int tries) {
  Fetched fetched = request_document(session, question, limit, tries);
  if (fetched.too_large) {
    fail(Fault::corrupt, "expected at most ", limit, " bytes, ", session.base().authority(), " sends more");
  }
  return fetched;
}

}  // namespace hallmark::registry
