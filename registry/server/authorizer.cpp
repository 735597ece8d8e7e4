// SPDX-License-Identifier: Apache-2.0
#include "registry/server/authorizer.h"

#include "registry/http/headers.h"
#include "registry/server/token_server_rule.h"

namespace hallmark::registry {
namespace {

/// A request that begins just before its token ends would arrive after it.
constexpr std::chrono::seconds kExpiryMargin{10};

bool is_same_request(const TokenRequest& left, const TokenRequest& right) {
  return left.realm.to_string() == right.realm.to_string() && left.service == right.service &&
         left.scopes == right.scopes;
}

/// Ours, and what the challenge wants besides. Its own words for our repository ("pull,push") are not followed.
std::vector<std::string> scopes_for(const std::string& own, const std::string& challenged) {
  std::vector<std::string> scopes;
  if (!own.empty()) scopes.push_back(own);
  const std::string same_repository = own.substr(0, own.find_last_of(':') + 1);
  for (const std::string& scope : scopes_of(challenged)) {
    if (own.empty() || !scope.starts_with(same_repository)) scopes.push_back(scope);
  }
  return scopes;
}

}  // namespace

Authorizer::Authorizer(Http& http, std::string domain, std::string path, std::string scope, Scopes scopes)
    : http_(http), domain_(std::move(domain)), path_(std::move(path)), scope_(std::move(scope)), scopes_(scopes) {}

void Authorizer::log_in(Credentials credentials) {
  const std::lock_guard lock(mutex_);
  credentials_ = std::move(credentials);
  logs_in_ = true;
}

Authorizer::Login Authorizer::login() {
  const std::lock_guard lock(mutex_);
  return Login{!header_.empty(), identity_token_};
}

std::string Authorizer::header() {
  const std::lock_guard lock(mutex_);
  if (request_ && expiry_ && Clock::now() >= *expiry_) fetch();
  return header_;
}

bool Authorizer::renew(const Url& server, const Headers& answer, const std::string& sent) {
  const std::lock_guard lock(mutex_);
  if (header_ != sent) return true;  // another thread was faster
  const auto challenge = choose_challenge(answer.all("www-authenticate"));
  if (!challenge) return false;
  return challenge->scheme == "basic" ? answer_basic(server) : answer_bearer(server, *challenge);
}

void Authorizer::accepted(const std::string& sent) {
  const std::lock_guard lock(mutex_);
  if (!sent.empty() && header_ == sent) proven_ = true;
}

bool Authorizer::answer_basic(const Url& server) {
  if (credentials().kind != Credentials::Kind::password) return false;
  std::string header = basic_header(credentials());
  // The same password would be refused again, and servers that lock accounts count it.
  if (header == header_) return false;
  admit(server, server);
  header_ = std::move(header);
  // A password does not run out: nothing is fetched anew from here on.
  request_.reset();
  return true;
}

bool Authorizer::answer_bearer(const Url& server, const Challenge& challenge) {
  if (credentials().kind == Credentials::Kind::registry_token) {
    // It was shown and refused, and there is nothing to exchange it for.
    if (!header_.empty()) return false;
    if (!is_header_word(credentials().secret)) {
      fail(Fault::usage, "the registry token stored in ", credentials().place, " is no token");
    }
    admit(server, server);
    header_ = "Authorization: Bearer " + credentials().secret;
    return true;
  }
  TokenRequest request{server, server.resolve(challenge.parameter("realm")), challenge.parameter("service"),
                       scopes_for(scope_, scopes_ == Scopes::own_only ? "" : challenge.parameter("scope")), logs_in_};
  const bool is_same = request_ && !header_.empty() && is_same_request(request, *request_);
  // The token of the same request was refused: a used one has expired, a new one does not allow it.
  if (is_same && (!proven_ || challenge.parameter("error") == "insufficient_scope")) return false;
  request_ = std::move(request);
  fetch();
  return true;
}

/// Credentials are about to go to `realm`.
void Authorizer::admit(const Url& server, const Url& realm) {
  admit_token_server(http_.settings(), Demand{domain_, server, realm, logs_in_}, credentials());
}

void Authorizer::fetch() {
  // Whoever shows nothing shows it to anybody: then no token server has to be admitted.
  if (credentials().kind != Credentials::Kind::none) {
    check_realm(request_->realm, request_->server, http_.settings().plain_http);
    admit(request_->server, request_->realm);
  }
  Token token = fetch_token(http_, *request_, credentials());
  header_ = "Authorization: Bearer " + token.value;
  expiry_ = Clock::now() + token.lifetime - kExpiryMargin;
  proven_ = false;
  if (logs_in_) identity_token_ = token.refresh_token;
  // Some servers take an old identity token no more once they gave a new one. It lives here only: what is stored is
  // docker's.
  if (credentials_->kind == Credentials::Kind::identity_token && !token.refresh_token.empty()) {
    credentials_->secret = std::move(token.refresh_token);
  }
}

const Credentials& Authorizer::credentials() {
  if (!credentials_) {
    credentials_ = find_credentials(http_.settings(), domain_, path_);
    const bool found = credentials_->kind != Credentials::Kind::none;
    http_.trace((found ? "credentials for " : "no credentials for ") + domain_ + " in " + credentials_->place);
  }
  return *credentials_;
}

std::string Authorizer::login_hint() const {
  return domain_ == "docker.io" ? "log in with: hallmark login" : "log in with: hallmark login " + domain_;
}

Error Authorizer::refusal(const std::string& line) {
  const std::lock_guard lock(mutex_);
  const Credentials& known = credentials();
  const std::string who = printable(known.user, 80);
  // Private and missing look the same to whoever shows nothing, so the hint names both.
  if (known.kind == Credentials::Kind::none) {
    return Error(Fault::unauthorized,
                 "access denied without credentials (none for " + domain_ + " in " + known.place + "): " + line,
                 login_hint() + " (if it is there at all: some registries hide what is missing)");
  }
  if (request_ && !header_.empty()) {
    return Error(Fault::unauthorized,
                 "the token" + (who.empty() ? std::string() : " of " + who) + " does not allow it: " + line,
                 "the account needs the right \"" + scope_ + "\"");
  }
  if (known.kind == Credentials::Kind::password && !header_.empty()) {
    return Error(Fault::unauthorized, "the password of " + who + stored_in(known) + " was refused: " + line,
                 login_hint());
  }
  return Error(Fault::unauthorized, "the credentials stored in " + known.place + " did not help: " + line,
               login_hint());
}

}  // namespace hallmark::registry
