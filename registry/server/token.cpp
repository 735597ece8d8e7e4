// SPDX-License-Identifier: Apache-2.0
#include "registry/server/token.h"

#include <algorithm>
#include <optional>

#include "registry/http/collector.h"
#include "registry/http/failure.h"
#include "registry/http/headers.h"
#include "registry/server/retry.h"
#include "registry/server/server_error.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::registry {
namespace {

constexpr std::uint64_t kMostTokenBytes = std::uint64_t{1} << 20U;
/// docker's token authentication has 60 seconds where the server does not say, and no token with fewer.
constexpr std::chrono::seconds kLeastLifetime{60};
constexpr std::chrono::seconds kMostLifetime{86400};
constexpr int kMostTokenRedirects = 5;
constexpr int kTries = 4;

std::string text_or_none(const json::Object& object, std::string_view name) {
  const json::Value* const value = object.find(name);
  return value != nullptr && value->is_string() ? value->string() : std::string();
}

std::chrono::seconds lifetime_of(const json::Object& object) {
  const json::Value* const value = object.find("expires_in");
  if (value == nullptr || value->is_null()) return kLeastLifetime;
  return std::clamp(std::chrono::seconds(value->integer()), kLeastLifetime, kMostLifetime);
}

/// OAuth2's exchange of a refresh token (RFC 6749 section 6), with docker's "service" besides.
std::string form_of(const TokenRequest& request, const std::string& refresh_token) {
  std::string scopes;
  for (const std::string& scope : request.scopes) scopes += (scopes.empty() ? "" : " ") + scope;
  std::string form = "grant_type=refresh_token&client_id=hallmark&refresh_token=" + percent_encoded(refresh_token, "");
  if (!request.service.empty()) form += "&service=" + percent_encoded(request.service, "");
  return form + "&scope=" + percent_encoded(scopes, "");
}

/// `form` is what an identity token is exchanged by.
Request request_of(const TokenRequest& request, const Credentials& credentials, store::BytesReader& form) {
  Request http_request{token_url(request)};
  if (credentials.kind == Credentials::Kind::identity_token) {
    // By form, for addresses end up in logs. What the address would have said, the form says.
    http_request.url = request.realm;
    http_request.method = Method::post;
    http_request.headers.emplace_back("Content-Type: application/x-www-form-urlencoded");
    http_request.body = &form;
  } else if (credentials.kind == Credentials::Kind::password) {
    http_request.headers.push_back(basic_header(credentials));
  }
  return http_request;
}

/// One try: the exchange and where redirects lead. A form holds a credential and is sent to its address only.
Exchange ask(Http& http, Request http_request, const TokenRequest& request, Collector& collector) {
  for (int hop = 0;; ++hop) {
    // Each hop keeps the rules of the first address.
    check_realm(http_request.url, request.server, http.settings().plain_http);
    Exchange exchange = http.perform(http_request, collector);
    const auto location = exchange.head().headers.find("location");
    if (!exchange.is_answered() || !is_redirect(exchange.status()) || http_request.body != nullptr || !location) {
      return exchange;
    }
    if (hop == kMostTokenRedirects) fail(Fault::unavailable, "more than ", kMostTokenRedirects, " redirects");
    const Url next = http_request.url.resolve(*location);
    // The password stays with the server that was admitted for it.
    if (!next.has_origin_of(http_request.url)) http_request.headers.clear();
    http_request.url = next;
  }
}

[[noreturn]] void refuse(const Exchange& exchange, const Collector& collector, const Credentials& credentials,
                         const Timing& timing) {
  const int status = exchange.status();
  const std::string line = error_line(status, text_of(collector.bytes()));
  const bool is_identity = credentials.kind == Credentials::Kind::identity_token;
  // A server that exchanges no identity tokens says that the place, or the method, is not there.
  if (is_identity && (status == 400 || status == 401 || status == 403 || status == 404 || status == 405)) {
    fail(Fault::unauthorized, "the identity token", stored_in(credentials), " was refused: ", line);
  }
  if (status != 401 && status != 403) fail(Fault::unavailable, with_long_wait(line, exchange, timing));
  if (credentials.kind == Credentials::Kind::none) {
    fail(Fault::unauthorized, "no credentials in ", credentials.place, ", and without them: ", line);
  }
  fail(Fault::unauthorized, "the password of ", printable(credentials.user, 80), stored_in(credentials),
       " was refused: ", line);
}

Token fetch_from(Http& http, const TokenRequest& request, const Credentials& credentials, const std::string& name) {
  Retry retry(http, name, kTries);
  const bool is_identity = credentials.kind == Credentials::Kind::identity_token;
  const std::string form = is_identity ? form_of(request, credentials.secret) : std::string();
  store::BytesReader form_reader(view_of(form));
  for (;;) {
    Collector collector(kMostTokenBytes);
    const Exchange exchange = ask(http, request_of(request, credentials, form_reader), request, collector);
    if (collector.too_large()) fail(Fault::unavailable, "the answer has more than ", kMostTokenBytes, " bytes");
    const bool answered = exchange.is_answered();
    if (answered && exchange.status() == 200) return parse_token(collector.bytes());
    const bool temporary = answered ? is_temporary(exchange.status()) : is_temporary(exchange.error());
    const std::string why =
        answered ? error_line(exchange.status(), text_of(collector.bytes())) : failure_line(exchange);
    if (temporary && retry.again(exchange, why)) continue;
    if (!answered) {
      throw Error(Fault::unavailable, why, failure_hint(exchange, http.place_for_authority(request.realm)));
    }
    refuse(exchange, collector, credentials, http.settings().timing);
  }
}

}  // namespace

void check_realm(const Url& realm, const Url& server, bool plain_http_allowed) {
  const auto refuse_realm = [&](std::string_view why) {
    fail(Fault::unauthorized, server.authority(), " sends us to ", printable(realm.shown(), 200),
         " for a token: refused, ", why);
  };
  if (!realm.is_secure() && server.is_secure()) refuse_realm("it is not https");
  if (!realm.is_secure() && !is_loopback(realm.host()) && !plain_http_allowed) {
    refuse_realm("it is neither https nor on this machine");
  }
  if (!is_local_address(realm.host())) return;
  // A registry of this network may give tokens itself. Any other local address is a service that a stranger chose.
  if (is_loopback(realm.host()) && is_loopback(server.host())) return;
  if (realm.host() == server.host() && realm.port() == server.port()) return;
  refuse_realm("it is a local address");
}

Url token_url(const TokenRequest& request) {
  std::string target = request.realm.target();
  const auto add = [&](std::string_view name, const std::string& value) {
    target += target.find('?') == std::string::npos ? '?' : '&';
    target += std::string(name) + "=" + percent_encoded(value, "");
  };
  if (!request.service.empty()) add("service", request.service);
  for (const std::string& scope : request.scopes) add("scope", scope);
  if (request.wants_identity) {
    add("client_id", "hallmark");
    add("offline_token", "true");
  }
  return request.realm.at(target);
}

Token parse_token(ByteView body) {
  try {
    const json::Value value = json::parse("token", body, json::Limits{kMostTokenBytes, 32});
    const json::Object& object = value.object();
    std::string text = text_or_none(object, "token");
    // Servers write one or the other. Where both stand they mean the same.
    if (text.empty()) text = text_or_none(object, "access_token");
    if (!is_header_word(text)) fail(Fault::corrupt, "neither \"token\" nor \"access_token\" holds a token");
    return Token{std::move(text), lifetime_of(object), text_or_none(object, "refresh_token")};
  } catch (const Error& error) {
    // Not Fault::corrupt: no byte of an image is other than it is called.
    throw Error(Fault::unauthorized, std::string("the answer is no token: ") + error.what());
  }
}

std::string stored_in(const Credentials& credentials) {
  return credentials.place.empty() ? std::string() : " stored in " + credentials.place;
}

std::string basic_header(const Credentials& credentials) {
  return "Authorization: Basic " + base64_of(view_of(credentials.user + ":" + credentials.secret));
}

Token fetch_token(Http& http, const TokenRequest& request, const Credentials& credentials) {
  const std::string name = "token server " + request.realm.authority();
  return within(name, [&] { return fetch_from(http, request, credentials, name); });
}

}  // namespace hallmark::registry
