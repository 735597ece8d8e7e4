// SPDX-License-Identifier: Apache-2.0
#include "registry/server/login.h"

#include "registry/config/http_headers.h"
#include "registry/http/certificates.h"
#include "registry/http/http.h"
#include "registry/http/url.h"
#include "registry/server/document.h"
#include "registry/server/session.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

constexpr std::uint64_t kMostAnswerBytes = std::uint64_t{1} << 20U;

}  // namespace

CheckedCredentials check_credentials(const Settings& settings, const std::string& domain, const std::string& user,
                                     const std::string& password) {
  Credentials given{Credentials::Kind::password, user, password, {}};
  // Docker Hub answers at another host than its name says. Credentials stay filed under the name.
  const std::string host = domain == "docker.io" ? "registry-1.docker.io" : domain;
  const Certificates certificates(settings.certificate_roots, host, {});
  Http http(settings, certificates, settings.timing.connect);
  Session session(http, Url::parse("https://" + host), SessionOptions{.plain_fallback = true, .redirects = true},
                  domain, "");
  session.send_always(configured_headers(settings.docker_config));
  session.log_in(given);
  return within("login to " + domain, [&] {
    const Fetched fetched = fetch_document(session, ApiRequest{"/v2/"}, kMostAnswerBytes, kDocumentTries);
    // Whoever speaks the protocol has this place (OCI distribution-spec, "Determining Support").
    if (fetched.response.status() == 404) {
      fail(Fault::unavailable, fetched.response.url.authority(), " is no registry: ", fetched.response.line());
    }
    if (fetched.response.status() != 200) session.refuse(fetched.response);
    const Authorizer::Login login = session.login();
    // An identity token is kept in the place of the password, as docker does: then the password is on no disk.
    if (login.identity_token.empty()) return CheckedCredentials{login.was_asked, given};
    return CheckedCredentials{true, Credentials{Credentials::Kind::identity_token, user, login.identity_token, {}}};
  });
}

}  // namespace hallmark::registry
