// SPDX-License-Identifier: Apache-2.0
//
// Talk with one server: the choice of https or http, challenges, redirects. What it must not do is here too: no
// Authorization to another origin, no way from https to http, none from the network into this machine.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "registry/http/http.h"
#include "registry/http/url.h"
#include "registry/server/authorizer.h"

namespace hallmark::registry {

/// What is asked of a server. A body is read from its beginning each time that it is sent.
struct ApiRequest {
  std::string target;  ///< path and query on the server
  Request::Kind kind = Request::Kind::document;
  std::vector<std::string> headers{};
  Method method = Method::get;
  store::BlobReader* body = nullptr;
};

struct ApiResponse {
  Exchange exchange;
  Bytes body;  ///< of an answer that the receiver does not see: what the server says, at most 1 MiB
  Url url;     ///< that answered, at the end of redirects
  bool redirected = false;

  [[nodiscard]] int status() const { return exchange.status(); }
  /// One line for people: the error, or what the server said.
  [[nodiscard]] std::string line() const;
  /// Whether asking again may help.
  [[nodiscard]] bool is_temporary() const;
};

/// Fault::unavailable for a way that a redirect must not take: from https to http, from the network to an address on
/// this machine or in its own network.
void check_redirect(const Url& from, const Url& to);

/// What a session may do of itself.
struct SessionOptions {
  bool plain_fallback;  ///< http may follow where https is not spoken
  bool redirects;       ///< are followed
  Authorizer::Scopes scopes = Authorizer::Scopes::as_challenged;
  std::string path = {};  ///< of the repository, whose credentials may be others than those of its host
};

class Session {
 public:
  /// `base` is https with the path prefix of the server, which may be empty. `http` must outlive this.
  Session(Http& http, Url base, SessionOptions options, std::string domain, std::string scope);

  /// Asks, from any thread. The receiver sees answers of 200 and 206 only. Asked again is only what the server has
  /// refused to hear: after a 401, and over http where it does not speak https. Throws what the receiver throws,
  /// Fault::unavailable for forbidden redirects, Fault::unauthorized when no token is to be had.
  ApiResponse perform(const ApiRequest& request, Receiver& receiver);
  /// The same at an address that the server gave for it ("Location"); the request's target does not count. Another
  /// origin gets no Authorization.
  ApiResponse perform_at(const Url& url, const ApiRequest& request, Receiver& receiver);

  /// "Name: value" lines that go with every request to this server, and to no other. To be called before the first.
  void send_always(std::vector<std::string> headers) { always_ = std::move(headers); }
  /// Uses these instead of what is stored.
  void log_in(Credentials credentials) { authorizer_.log_in(std::move(credentials)); }
  [[nodiscard]] Authorizer::Login login() { return authorizer_.login(); }

  /// Throws the error for a response that is no success: 401 and 403 by what was sent, 404 Fault::missing, the rest
  /// Fault::unavailable.
  [[noreturn]] void refuse(const ApiResponse& response);

  /// One line for people, each text once.
  void warn(const std::string& text);

  [[nodiscard]] const Url& base() const { return base_; }
  Http& http() { return http_; }

 private:
  ApiResponse perform(const std::optional<Url>& place, const ApiRequest& request, Receiver& receiver);
  ApiResponse follow(const std::optional<Url>& place, const ApiRequest& request, const std::string& authorization,
                     Receiver& receiver);
  /// What goes along besides the question.
  struct Carried {
    std::string authorization;  ///< empty: none
    bool may_have_own;          ///< what is sent always may go along, if the server is the one that it is for
  };
  ApiResponse ask(const Url& url, const ApiRequest& request, const Carried& carried, Receiver& receiver);
  bool fall_back(const Url& url, const Exchange& exchange);
  [[nodiscard]] bool may_carry_credentials(const Url& url) const;
  /// Whether to ask again. Where a challenge could not be had, that is what the response says then.
  bool renew(ApiResponse& response, const std::string& sent);
  void pass_on_warnings(const ApiResponse& response);
  [[nodiscard]] Url root() const;
  [[nodiscard]] Url url_of(const ApiRequest& request) const;

  Http& http_;
  Url base_;
  SessionOptions options_;
  std::string domain_;
  Authorizer authorizer_;
  std::vector<std::string> always_;
  std::atomic<bool> plain_ = false;  // https was tried here and is not spoken
  std::mutex mutex_;
  std::set<std::string> warnings_;
  std::atomic<bool> told_few_ = false;  // the number is another one each time
};

}  // namespace hallmark::registry
