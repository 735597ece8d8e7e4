// SPDX-License-Identifier: Apache-2.0
#include "registry/metadata/notary.h"

#include <chrono>
#include <random>
#include <vector>

#include "registry/http/certificates.h"
#include "registry/http/failure.h"
#include "registry/http/http.h"
#include "registry/http/shown_address.h"
#include "registry/http/url.h"
#include "registry/metadata/trust_file.h"
#include "registry/oci/file_url.h"
#include "registry/server/document.h"
#include "registry/server/retry.h"
#include "registry/server/server_error.h"
#include "registry/server/session.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::registry {
namespace {

/// A server that is down is to be told from one that is there in no time: there may be a cached timestamp.
constexpr int kNotaryTries = 2;
constexpr std::uint64_t kMostKeyBytes = std::uint64_t{64} << 10U;

Url parse_server(const std::string& text) {
  try {
    Url url = Url::parse(text);
    // docker refuses http for a trust server as well, loopback or not.
    if (url.is_secure() && url.target().find('?') == std::string::npos) {
      std::string path = url.target();
      while (path.size() > 1 && path.ends_with('/')) path.pop_back();
      return url.at(path);
    }
  } catch (const Error&) {
    // Said below, in the words docker's users know.
  }
  throw Error(
      Fault::usage, "valid https URL required for trust server, got " + shown_address(text),
      "set --trust-server or DOCKER_CONTENT_TRUST_SERVER to https://HOST[:PORT] or, for a directory, to file:///PATH");
}

/// A file of the trust data as part of a path.
std::string encoded_file(const std::string& file) {
  check_trust_file(file);
  return percent_encoded(file, "/:@");
}

tuf::MetadataReply not_found(tuf::MetadataReply::Kind kind, std::string detail) {
  return tuf::MetadataReply{kind, {}, Fault::unavailable, std::move(detail)};
}

Publication not_published(std::string detail, std::string hint = {}) {
  return Publication{Publication::Kind::unreachable, Fault::unavailable, std::move(detail), std::move(hint)};
}

/// As docker and the notary client ask for them.
std::string actions_for(TrustAccess access) {
  switch (access) {
    case TrustAccess::read: return "pull";
    case TrustAccess::publish: return "push,pull";
    case TrustAccess::administer: return "*";
  }
  return "pull";
}

bool has_code(const ApiResponse& response, std::string_view code) {
  try {
    const json::Value body = json::parse("error", response.body);
    for (const json::Value& error : body.object().at("errors").array()) {
      const json::Value* const found = error.object().find("code");
      if (found != nullptr && found->is_string() && found->string() == code) return true;
    }
  } catch (const Error&) {
    return false;  // whatever it is, it is no such code
  }
  return false;
}

/// No secret: it only must not stand in one of the documents.
std::string random_boundary() {
  std::random_device device;
  Bytes bytes(30);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(device());
  return hex_of(bytes);
}

/// RFC 7578, in the shape that docker sends and the server expects.
std::string multipart(const std::map<std::string, Bytes>& files, const std::string& boundary) {
  std::string body;
  for (const auto& [role, bytes] : files) {
    check_trust_file(role);
    // The name stands in quotes in the header of its part, and these would end it there.
    if (role.find_first_of("\"\\\r\n") != std::string::npos) {
      fail(Fault::usage, "\"", printable(role, 200), "\" is no name of a role");
    }
    body.append("--").append(boundary).append("\r\nContent-Disposition: form-data; name=\"files\"; filename=\"");
    body.append(role).append("\"\r\nContent-Type: application/octet-stream\r\n\r\n");
    body.append(text_of(bytes)).append("\r\n");
  }
  return body + "--" + boundary + "--\r\n";
}

/// Keys that a server holds.
std::string key_file(const std::string& role) {
  if (role != "timestamp" && role != "snapshot") {
    fail(Fault::usage, "a trust server holds no key for \"", printable(role, 200),
         "\", only for timestamp and snapshot");
  }
  return role + ".key";
}

tuf::MetadataReply unreachable(Fault fault, std::string detail, std::string hint = {}) {
  return tuf::MetadataReply{tuf::MetadataReply::Kind::unreachable, {}, fault, std::move(detail), std::move(hint)};
}

bool is_of_the_server(const Error& error) {
  // What is wrong with this machine or its user's wish to stop is no answer of the server.
  return error.fault() == Fault::unavailable || error.fault() == Fault::unauthorized;
}

/// What the server did, or could not do, becomes a value: a remembered timestamp may stand in (docs/notary-v1.md, 6).
template <class Work>
tuf::MetadataReply to_answer(Work&& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (!is_of_the_server(error)) throw;
    return unreachable(error.fault(), std::string("error contacting notary server: ") + error.what(), error.hint());
  }
}

template <class Work>
Publication to_publication(Work&& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (!is_of_the_server(error)) throw;
    return Publication{Publication::Kind::unreachable, error.fault(),
                       std::string("error contacting notary server: ") + error.what(), error.hint()};
  }
}

}  // namespace

std::string trust_server_for(const Reference& name, const std::string& configured) {
  if (!configured.empty()) {
    // Read for the form alone: a slip is an error of usage, before anything is asked.
    if (is_file_url(configured)) {
      static_cast<void>(folder_of_file_url(configured));
    } else {
      static_cast<void>(parse_server(configured));
    }
    return configured;
  }
  return name.domain() == "docker.io" ? "https://notary.docker.io" : "https://" + name.domain();
}

/// Certificates are where docker has them for trust servers (~/.docker/tls/HOST). Plain http never follows, and no
/// redirect: where trust data come from is this user's to say.
struct NotaryServer::Inside {
  Inside(const Settings& settings, const Reference& name, std::string repository, const Url& server,
         const std::vector<std::filesystem::path>& authorities, TrustAccess access)
      : gun(std::move(repository)),
        certificates({settings.docker_config / "tls"}, server.authority(), authorities),
        http(settings, certificates, settings.timing.trust_connect),
        session(http, server, SessionOptions{false, false, Authorizer::Scopes::own_only, name.path()}, name.domain(),
                "repository:" + gun + ":" + actions_for(access)) {}

  [[nodiscard]] std::string target(const std::string& file) const {
    return "/v2/" + percent_encoded(gun, "/:") + "/_trust/tuf/" + file;
  }

  /// Documents of one question have a time together: many that trickle must not be what one may not be.
  tuf::MetadataReply ask_in_time(const tuf::MetadataFile& wanted) {
    const std::chrono::seconds limit = http.settings().timing.document;
    if (asked_for >= limit) {
      return unreachable(Fault::unavailable, session.base().authority() + ": the trust data of " + gun +
                                                 " did not come within " + std::to_string(limit.count()) + " seconds");
    }
    const auto began = std::chrono::steady_clock::now();
    tuf::MetadataReply answer = ask(ApiRequest{target(encoded_file(wanted.file))}, wanted.file, wanted.limit);
    asked_for += std::chrono::steady_clock::now() - began;
    return answer;
  }

  /// A key that is asked for twice is made twice, and only the last one counts: that may be repeated as well.
  tuf::MetadataReply ask(const ApiRequest& request, const std::string& file, std::uint64_t limit) {
    Fetched fetched = request_document(session, request, limit, kNotaryTries);
    if (fetched.too_large) {
      tuf::MetadataReply answer =
          not_found(tuf::MetadataReply::Kind::rejected,
                    file + ": expected at most " + std::to_string(limit) + " bytes, the server sends more");
      answer.is_over_limit = true;
      return answer;
    }
    return judged(file, std::move(fetched));
  }

  /// Who could not be talked to and why.
  [[nodiscard]] std::string failure_text(const ApiResponse& response) const {
    return "error contacting notary server: " + session.base().authority() + ": " + response.line();
  }

  /// What to do about it; empty when there is no more to say than that the server could not be reached.
  [[nodiscard]] std::string cure(const ApiResponse& response) const {
    // The registry itself is asked when no server is named, and often it is none.
    if (response.exchange.error() == TransportError::not_tls) {
      return "trust servers are asked by https only; DOCKER_CONTENT_TRUST_SERVER names one";
    }
    return failure_hint(response.exchange, http.place_for_authority(response.url));
  }

  tuf::MetadataReply judged(const std::string& file, Fetched fetched) {
    const ApiResponse& response = fetched.response;
    if (!response.exchange.is_answered()) {
      return unreachable(Fault::unavailable, failure_text(response), cure(response));
    }
    const std::string status = std::to_string(response.status());
    switch (response.status()) {
      case 200:
        return tuf::MetadataReply{tuf::MetadataReply::Kind::found, std::move(fetched.bytes), Fault::unavailable, {}};
      // The one answer that says that it is not there. It counts because it came whole (Exchange), from this server.
      case 404:
        return not_found(tuf::MetadataReply::Kind::missing,
                         session.base().authority() + " has no " + printable(file, 200));
      case 400:
        return not_found(tuf::MetadataReply::Kind::rejected, "trust server rejected operation: " + response.line());
      // Who may not look does not learn that nothing is there: an error is never an absence.
      case 401:
      case 403:
        return unreachable(Fault::unauthorized,
                           "you are not authorized to perform this operation: server returned " + status + ".");
      // Redirects are among these.
      default: return unreachable(Fault::unavailable, "unable to reach trust server at this time: " + status + ".");
    }
  }

  /// A request that changes something there. It is sent once more only when nobody was there to hear it.
  ApiResponse tell(const ApiRequest& request) {
    Retry retry(http, session.base().authority(), kNotaryTries);
    for (;;) {
      Collector ignored(kMostErrorBytes);
      ApiResponse response = session.perform(request, ignored);
      const TransportError error = response.exchange.error();
      const bool unheard = error == TransportError::no_connection || error == TransportError::unknown_host;
      if (!unheard || !retry.again(response.exchange, response.line())) return response;
    }
  }

  Publication published(const ApiResponse& response) {
    const std::string who = session.base().authority();
    if (!response.exchange.is_answered()) {
      return not_published(failure_text(response), cure(response));
    }
    switch (response.status()) {
      case 200: return Publication{Publication::Kind::accepted, Fault::unavailable, {}};
      case 400:
        // Not what went wrong with the documents, but what somebody else did meanwhile.
        if (has_code(response, "VERSION")) {
          return Publication{Publication::Kind::conflict, Fault::unavailable,
                             who + " has a newer version of the trust data already: " + response.line()};
        }
        return Publication{Publication::Kind::refused, Fault::refused, who + " rejected it: " + response.line()};
      case 401:
      case 403:
        return Publication{Publication::Kind::unreachable, Fault::unauthorized,
                           "you are not authorized to publish trust data for " + gun + ": " + response.line()};
      // A server that has no such place is no trust server for this name; the same again would not be taken either.
      case 404:
        return Publication{Publication::Kind::refused, Fault::missing,
                           who + " takes no trust data: " + response.line()};
      case 413:
        return Publication{Publication::Kind::refused, Fault::unavailable,
                           who + " takes nothing so large: " + response.line()};
      // Whether it was taken is not known: it is read back before anything else is done.
      default: return not_published("trust server " + who + " failed: " + response.line());
    }
  }

  std::string gun;
  Certificates certificates;
  Http http;
  Session session;
  std::chrono::steady_clock::duration asked_for{};  // for the documents of this question
};

NotaryServer::NotaryServer(const Settings& settings, const Reference& name, const std::string& gun,
                           const std::string& server, const std::optional<std::string>& ca_file)
    : NotaryServer(settings, name, gun, server, ca_file, TrustAccess::read) {}

NotaryServer::NotaryServer(const Settings& settings, const Reference& name, const std::string& gun,
                           const std::string& server, const std::optional<std::string>& ca_file, TrustAccess access) {
  std::vector<std::filesystem::path> authorities;
  if (ca_file) authorities.emplace_back(*ca_file);
  inside_ = std::make_unique<Inside>(settings, name, gun, parse_server(server), authorities, access);
}

NotaryServer::~NotaryServer() = default;

void NotaryServer::begin_question() { inside_->asked_for = {}; }

tuf::MetadataReply NotaryServer::fetch(const tuf::MetadataFile& wanted) {
  return to_answer([&] { return inside_->ask_in_time(wanted); });
}

Publication NotaryServer::publish(const std::map<std::string, Bytes>& files) {
  const std::string boundary = random_boundary();
  const std::string body = multipart(files, boundary);
  store::BytesReader reader(view_of(body));
  return to_publication([&] {
    return inside_->published(inside_->tell(ApiRequest{inside_->target(""),
                                                       Request::Kind::document,
                                                       {"Content-Type: multipart/form-data; boundary=" + boundary},
                                                       Method::post,
                                                       &reader}));
  });
}

tuf::MetadataReply NotaryServer::server_key(const std::string& role) {
  return fetch(tuf::MetadataFile{role, key_file(role), kMostKeyBytes});
}

tuf::MetadataReply NotaryServer::new_server_key(const std::string& role) {
  const ApiRequest request{inside_->target(key_file(role)), Request::Kind::document, {}, Method::post};
  return to_answer([&] { return inside_->ask(request, role + ".key", kMostKeyBytes); });
}

}  // namespace hallmark::registry
