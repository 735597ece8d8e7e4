// SPDX-License-Identifier: Apache-2.0
#include "registry/server/session.h"

#include <algorithm>
#include <utility>

#include "registry/config/daemon_json.h"
#include "registry/http/collector.h"
#include "registry/http/failure.h"
#include "registry/server/rate_limit.h"
#include "registry/server/retry.h"
#include "registry/server/server_error.h"

namespace hallmark::registry {
namespace {

/// Registries redirect once, to the place of their blobs. What goes on for longer is a loop.
constexpr int kMostRedirects = 10;
/// A token may have expired, and the next one may lack a scope. Who refuses more often is never satisfied.
constexpr int kMostRenewals = 3;
/// A registry may speak to people, but not fill their terminals.
constexpr std::size_t kMostWarnings = 16;

/// 206 is the rest of a blob that was asked for by Range.
bool is_success(int status) { return status == 200 || status == 206; }

/// 301 to 303 would make a GET of anything else (RFC 9110 section 15.4).
bool is_followed(Method method, int status) {
  const bool reads = method == Method::get || method == Method::head;
  return is_redirect(status) && (reads || status == 307 || status == 308);
}

/// Nobody was reached by https. By http another proxy may be asked, or none, and most proxies tunnel to port 443 alone.
bool is_without_way(TransportError error) {
  return error == TransportError::no_connection || error == TransportError::unknown_host ||
         error == TransportError::proxy_refuses || error == TransportError::proxy_fails;
}

/// Lets successes through to the receiver and keeps what is said otherwise.
class Sieve final : public Receiver {
 public:
  Sieve(Receiver& receiver, Method method) : receiver_(receiver), has_words_(method != Method::head) {}

  bool begin(const Head& head) override {
    success_ = is_success(head.status);
    if (success_) return receiver_.begin(head);
    // An answer to HEAD tells the length of a body that does not come.
    return !has_words_ || words_.begin(head);
  }
  bool body(ByteView piece) override { return success_ ? receiver_.body(piece) : words_.body(piece); }
  void end() override { success_ ? receiver_.end() : words_.end(); }

  [[nodiscard]] bool ended_words() const { return words_.too_large(); }
  [[nodiscard]] Bytes take_words() { return words_.take(); }

 private:
  Receiver& receiver_;
  bool has_words_;
  Collector words_{kMostErrorBytes};
  bool success_ = false;
};

}  // namespace

void check_redirect(const Url& from, const Url& to) {
  // https up to the registry would be worth nothing: who sits behind it could read and change what follows.
  if (from.is_secure() && !to.is_secure()) {
    fail(Fault::unavailable, from.authority(), " redirects from https to ", to.shown(), ": refused");
  }
  // A stranger would have this machine ask services that only its own network reaches, a cloud's credentials among
  // them.
  if (is_local_address(to.host()) && !is_local_address(from.host())) {
    fail(Fault::unavailable, from.authority(), " redirects to the local address ", to.authority(), ": refused");
  }
}

std::string ApiResponse::line() const {
  return exchange.is_answered() ? error_line(status(), text_of(body)) : failure_line(exchange);
}

bool ApiResponse::is_temporary() const {
  return exchange.is_answered() ? registry::is_temporary(status()) : registry::is_temporary(exchange.error());
}

Session::Session(Http& http, Url base, SessionOptions options, std::string domain, std::string scope)
    : http_(http),
      base_(std::move(base)),
      options_(std::move(options)),
      domain_(std::move(domain)),
      authorizer_(http, domain_, options_.path, std::move(scope), options_.scopes) {}

Url Session::root() const { return plain_.load() ? base_.with_scheme("http") : base_; }

ApiResponse Session::ask(const Url& url, const ApiRequest& request, const Carried& carried, Receiver& receiver) {
  Request http_request{url, request.kind, request.headers, request.method, request.body};
  if (!carried.authorization.empty()) http_request.headers.push_back(carried.authorization);
  // There may be secrets among them.
  if (carried.may_have_own && url.has_origin_of(root()) && may_carry_credentials(url)) {
    http_request.headers.insert(http_request.headers.end(), always_.begin(), always_.end());
  }
  Sieve sieve(receiver, request.method);
  Exchange exchange = http_.perform(http_request, sieve);
  if (sieve.ended_words()) {
    exchange = Exchange::failed(TransportError::garbled,
                                "it refuses in more than " + std::to_string(kMostErrorBytes) + " bytes");
  }
  return ApiResponse{std::move(exchange), sieve.take_words(), url};
}

bool Session::fall_back(const Url& url, const Exchange& exchange) {
  if (!url.is_secure() || !options_.plain_fallback) return false;
  // Only where no TLS is spoken, or no connection is had. A bad certificate or a broken handshake may be the work of
  // somebody who wants to read along.
  const bool not_tls = exchange.error() == TransportError::not_tls;
  if (!not_tls && !is_without_way(exchange.error())) return false;
  const Settings& settings = http_.settings();
  const std::vector<std::string>& marked = settings.insecure_hosts;
  // On loopback nobody sits between. Elsewhere a flag or a file has to say so.
  const bool allowed = settings.plain_http || (not_tls && is_loopback(url.host())) ||
                       std::find(marked.begin(), marked.end(), base_.authority()) != marked.end() ||
                       is_marked_insecure(settings.daemon_configs, base_);
  if (allowed) plain_.store(true);
  return allowed;
}

/// A mark in a file allows plain http for bytes that are checked; who sends passwords over it must say so himself.
bool Session::may_carry_credentials(const Url& url) const {
  return url.is_secure() || is_loopback(url.host()) || http_.settings().plain_http;
}

/// A trust server may lie below a path of its host.
Url Session::url_of(const ApiRequest& request) const {
  const std::string prefix = base_.target() == "/" ? std::string() : base_.target();
  return root().at(prefix + request.target);
}

ApiResponse Session::follow(const std::optional<Url>& place, const ApiRequest& request,
                            const std::string& authorization, Receiver& receiver) {
  Url url = place ? *place : url_of(request);
  // The place of an upload may be on another host: it gets the bytes and no token.
  const bool may_carry = url.has_origin_of(root()) && may_carry_credentials(url);
  Carried carried{may_carry ? authorization : std::string(), true};
  ApiResponse response = ask(url, request, carried, receiver);
  // An address that the server gave has a scheme of its own and keeps it.
  if (!place && fall_back(url, response.exchange)) {
    url = url_of(request);
    if (!may_carry_credentials(url)) carried.authorization.clear();
    response = ask(url, request, carried, receiver);
  }
  for (int hop = 1;
       options_.redirects && response.exchange.is_answered() && is_followed(request.method, response.status()); ++hop) {
    const auto location = response.exchange.head().headers.find("location");
    if (!location) fail(Fault::unavailable, response.url.authority(), " redirects without saying where to");
    if (hop > kMostRedirects) {
      fail(Fault::unavailable, base_.authority(), ": more than ", kMostRedirects, " redirects, the last to ",
           response.url.shown());
    }
    const Url next = response.url.resolve(*location);
    check_redirect(response.url, next);
    // Once left, the origin is not given them again: another server chose the way back.
    if (!next.has_origin_of(url)) carried = {{}, false};
    response = ask(next, request, carried, receiver);
    response.redirected = true;
  }
  return response;
}

bool Session::renew(ApiResponse& response, const std::string& sent) {
  const Url server = root();
  if (!may_carry_credentials(server)) {
    throw Error(Fault::unauthorized, server.shown() + " asks for credentials: they are not sent over http",
                "give the registry TLS; --plain-http sends them all the same");
  }
  // A host that a redirect led to could name its own token server for this registry's password.
  if (!response.url.has_origin_of(server)) return false;
  if (choose_challenge(response.exchange.head().headers.all("www-authenticate"))) {
    return authorizer_.renew(server, response.exchange.head().headers, sent);
  }
  // Some servers challenge at their entrance only.
  Collector ignored(kMostErrorBytes);
  const ApiRequest request{"/v2/"};
  ApiResponse entrance = ask(url_of(request), request, Carried{{}, true}, ignored);
  if (!entrance.exchange.is_answered()) return response = std::move(entrance), false;
  if (entrance.status() != 401) return false;
  return authorizer_.renew(server, entrance.exchange.head().headers, sent);
}

ApiResponse Session::perform(const ApiRequest& request, Receiver& receiver) {
  return perform(std::nullopt, request, receiver);
}

ApiResponse Session::perform_at(const Url& url, const ApiRequest& request, Receiver& receiver) {
  return perform(url, request, receiver);
}

ApiResponse Session::perform(const std::optional<Url>& place, const ApiRequest& request, Receiver& receiver) {
  for (int round = 0;; ++round) {
    const std::string sent = authorizer_.header();
    ApiResponse response = follow(place, request, sent, receiver);
    const bool answered = response.exchange.is_answered();
    if (!answered || response.status() != 401) {
      // 404 as well: who is told what is missing was let in.
      if (answered && (response.status() / 100 == 2 || response.status() == 404)) authorizer_.accepted(sent);
      pass_on_warnings(response);
      return response;
    }
    if (round == kMostRenewals || !renew(response, sent)) return response;
  }
}

void Session::pass_on_warnings(const ApiResponse& response) {
  for (const std::string& text : warnings_of(response.exchange.head().headers.all("warning"))) {
    warn("warning from " + base_.authority() + ": " + text);
  }
  const auto few = few_pulls_left(response.exchange.head().headers);
  if (few && !told_few_.exchange(true)) http_.notice(base_.authority() + ": " + *few);
}

void Session::warn(const std::string& text) {
  {
    const std::lock_guard lock(mutex_);
    if (warnings_.size() >= kMostWarnings || !warnings_.insert(text).second) return;
  }
  http_.notice(text);
}

void Session::refuse(const ApiResponse& response) {
  const std::string who = response.url.authority();
  const std::string where = who == domain_ ? std::string() : who + ": ";
  const std::string line = with_long_wait(response.line(), response.exchange, http_.settings().timing);
  if (!response.exchange.is_answered()) {
    throw Error(Fault::unavailable, where + line,
                failure_hint(response.exchange, http_.place_for_authority(response.url)));
  }
  // Another host says nothing of this repository: its 404 is no absence, and its 403 no matter of this password.
  if (!response.url.has_origin_of(root())) {
    fail(Fault::unavailable, who, ", where ", base_.authority(), " sent us, says: ", line);
  }
  const int status = response.status();
  if (status == 401 || status == 403) throw authorizer_.refusal(line);
  if (status == 404) fail(Fault::missing, where, "the registry says: ", line);
  if (status == 429) fail(Fault::unavailable, where, "the registry limits the rate: ", line);
  fail(Fault::unavailable, where, "the registry says: ", line);
}

}  // namespace hallmark::registry
