// SPDX-License-Identifier: Apache-2.0
//
// Access tokens from a token server (docker's token authentication, OAuth2 for identity tokens). Its address comes
// from an unauthenticated answer and may get a password: the rules for it are here.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "registry/config/credentials.h"
#include "registry/http/http.h"
#include "registry/http/url.h"

namespace hallmark::registry {

/// A challenge, as it is put to the token server that it names.
struct TokenRequest {
  Url server;  ///< who challenged us
  Url realm;
  std::string service;
  std::vector<std::string> scopes;
  /// Whether an identity token is wanted as well, to be kept instead of the password.
  bool wants_identity = false;
};

/// What a token server gave.
struct Token {
  std::string value;              ///< fit for a header
  std::chrono::seconds lifetime;  ///< at least a minute
  std::string refresh_token;      ///< a new identity token, or empty
};

/// Fault::unauthorized unless the server may send us there: https if it was reached by https; http only to loopback
/// or where plain http is allowed; a local address only when it is the server's own host and port, or when both are
/// loopback.
void check_realm(const Url& realm, const Url& server, bool plain_http_allowed);

/// The address with `service`, one `scope` for each scope, and the wish for an identity token added.
Url token_url(const TokenRequest& request);

/// The answer of a token server: "token" or "access_token". Fault::unauthorized for anything else.
Token parse_token(ByteView body);

/// Fault::unauthorized when the credentials, or their absence, are refused; Fault::unavailable after the retries.
Token fetch_token(Http& http, const TokenRequest& request, const Credentials& credentials);

/// " stored in PLACE", or nothing for what was given by hand.
std::string stored_in(const Credentials& credentials);

/// "Authorization: Basic ..."
std::string basic_header(const Credentials& credentials);

}  // namespace hallmark::registry
