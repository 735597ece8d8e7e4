// SPDX-License-Identifier: Apache-2.0
//
// The right to ask: anonymous until a server challenges us, then Basic or Bearer with what docker has stored.
// Tokens live in memory only; threads share one and fetch it once.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "registry/config/credentials.h"
#include "registry/http/http.h"
#include "registry/http/url.h"
#include "registry/server/challenge.h"
#include "registry/server/token.h"
#include "trust/error.h"

namespace hallmark::registry {

/// One for each session. Credentials are looked for at the first challenge, so that what is public asks no helper.
class Authorizer {
 public:
  /// What is asked for of the rights that a server names in its challenge.
  enum class Scopes {
    own_only,      ///< none but `scope`: a trust server has no business with other rights at the registry
    as_challenged  ///< those besides `scope`, too: some registries have other names for their repositories
  };
  /// `domain`: whose credentials, as in a reference; `scope`: what is to be allowed, "repository:a/b:pull";
  /// empty for nothing but to be known.
  /// `path`: of the repository, for credentials that are filed for it alone; may be empty.
  /// `http` must outlive this.
  Authorizer(Http& http, std::string domain, std::string path, std::string scope, Scopes scopes);

  /// "Authorization: ..." for the next request, or nothing. A token about to expire is replaced first.
  std::string header();

  /// After a 401 to a request that carried `sent`: whether it is worth asking again with a new header().
  /// False when there is no challenge or nothing else to answer it with.
  bool renew(const Url& server, const Headers& answer, const std::string& sent);
  /// The server accepted what was sent: when it is refused later, it has expired.
  void accepted(const std::string& sent);

  /// These, not those that are stored; and asks for an identity token.
  void log_in(Credentials credentials);
  /// What came of it: whether the server wanted to see credentials at all, and the identity token, which may be empty.
  struct Login {
    bool was_asked;
    std::string identity_token;
  };
  [[nodiscard]] Login login();

  /// The error for a final 401 or 403, told by what was sent. `line` is what the server said.
  [[nodiscard]] Error refusal(const std::string& line);

 private:
  using Clock = std::chrono::steady_clock;

  bool answer_basic(const Url& server);
  bool answer_bearer(const Url& server, const Challenge& challenge);
  void admit(const Url& server, const Url& realm);
  void fetch();
  const Credentials& credentials();
  [[nodiscard]] std::string login_hint() const;

  Http& http_;
  std::string domain_;
  std::string path_;
  std::string scope_;
  Scopes scopes_;
  std::mutex mutex_;  // held while a token is fetched: the others wait for it
  std::optional<Credentials> credentials_;
  std::optional<TokenRequest> request_;
  std::string header_;
  std::optional<Clock::time_point> expiry_;
  bool proven_ = false;
  bool logs_in_ = false;
  std::string identity_token_;
};

}  // namespace hallmark::registry
