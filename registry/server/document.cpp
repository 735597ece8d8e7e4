// SPDX-License-Identifier: Apache-2.0
#include "registry/server/document.h"

#include "registry/server/retry.h"
#include "registry/server/server_error.h"

namespace hallmark::registry {

Fetched request_document(Session& session, const ApiRequest& request, std::uint64_t limit, int tries) {
  Retry retry(session.http(), session.base().authority(), tries);
  for (;;) {
    // A new one for each try: bytes of one answer never stand beside those of another.
    Collector collector(limit);
    ApiResponse response = session.perform(request, collector);
    // Not tried again: the next answer would be as large.
    if (collector.too_large()) return Fetched{std::move(response), {}, true};
    if (response.is_temporary() && retry.again(response.exchange, response.line())) continue;
    return Fetched{std::move(response), collector.take()};
  }
}

std::vector<Digest> claimed_digests(const Headers& headers, const std::string& host) {
  std::vector<Digest> claimed;
  for (const std::string& text : headers.all("docker-content-digest")) {
    const bool is_known = text.starts_with("sha256:") || text.starts_with("sha384:") || text.starts_with("sha512:");
    // What cannot be computed here is no contradiction.
    if (!is_known) continue;
    claimed.push_back(within(host + ": Docker-Content-Digest", [&] { return Digest::parse(text); }));
  }
  return claimed;
}

namespace {

/// Takes any answer, of up to `most` bytes, and wants none of it. With 0 not even its head: then only a refusal counts.
class Deaf final : public Receiver {
 public:
  explicit Deaf(std::uint64_t most) : most_(most) {}
  bool begin(const Head& /*head*/) override { return most_ > 0; }
  bool body(ByteView piece) override {
    taken_ += piece.size();
    return taken_ <= most_;
  }

 private:
  std::uint64_t most_;
  std::uint64_t taken_ = 0;
};

}  // namespace

ApiResponse request_status(Session& session, const ApiRequest& request, int tries) {
  Retry retry(session.http(), session.base().authority(), tries);
  for (;;) {
    Deaf deaf(kMostErrorBytes);
    ApiResponse response = session.perform(request, deaf);
    if (response.is_temporary() && retry.again(response.exchange, response.line())) continue;
    const bool is_denied = response.status() == 401 || response.status() == 403;
    if (request.method != Method::head || !is_denied) return response;
    ApiRequest aloud = request;
    aloud.method = Method::get;
    Deaf to_words(0);
    ApiResponse words = session.perform(aloud, to_words);
    // Another status does not explain the refusal; then that one stays, without words.
    return words.status() == response.status() ? words : response;
  }
}

Fetched fetch_document(Session& session, const ApiRequest& request, std::uint64_t limit, int tries) {
  Fetched fetched = request_document(session, request, limit, tries);
  if (fetched.too_large) {
    fail(Fault::corrupt, "expected at most ", limit, " bytes, ", session.base().authority(), " sends more");
  }
  return fetched;
}

}  // namespace hallmark::registry
