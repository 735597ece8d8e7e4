// SPDX-License-Identifier: Apache-2.0
#include "registry/notary.h"

#include <algorithm>
#include <vector>

#include "registry/certificates.h"
#include "registry/document.h"
#include "registry/failure.h"
#include "registry/http.h"
#include "registry/session.h"
#include "registry/url.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

/// A server that is down is to be told from one that is there in no time: there may be a cached timestamp.
constexpr int kTries = 2;

Url parse_server(const std::string& text) {
  try {
    Url url = Url::parse(text);
    if (url.is_secure() && url.target().find('?') == std::string::npos) {
      std::string path = url.target();
      while (path.size() > 1 && path.ends_with('/')) path.pop_back();
      return url.at(path);
    }
  } catch (const Error&) {
    // Said below, in the words docker's users know.
  }
  throw Error(Fault::usage, "valid https URL required for trust server, got " + printable(text, 200),
              "set DOCKER_CONTENT_TRUST_SERVER to https://HOST[:PORT]");
}

/// A file of the trust data as part of a path. Role names come from signed data, and yet are no paths of ours.
std::string encoded_file(const std::string& file) {
  std::string_view rest = file;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, end);
    if (part.empty() || part == "." || part == "..") {
      fail(Fault::corrupt, "\"", printable(file, 200), "\" is no name of a file of trust data");
    }
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
  return percent_encoded(file, "/:@");
}

tuf::Answer not_found(tuf::Answer::Kind kind, std::string detail) {
  return tuf::Answer{kind, {}, Fault::unavailable, std::move(detail)};
}

tuf::Answer unreachable(Fault fault, std::string detail) {
  return tuf::Answer{tuf::Answer::Kind::unreachable, {}, fault, std::move(detail)};
}

}  // namespace

std::string trust_server_for(const Reference& name, const std::string& configured) {
  if (!configured.empty()) {
    static_cast<void>(parse_server(configured));
    return configured;
  }
  return name.domain() == "docker.io" ? "https://notary.docker.io" : "https://" + name.domain();
}

struct NotaryServer::Inside {
  Inside(const Settings& settings, const Reference& name, std::string repository, const Url& server,
         const std::vector<std::filesystem::path>& authorities)
      : gun(std::move(repository)),
        certificates({settings.docker_config / "tls"}, server.authority(), authorities),
        http(settings, certificates, settings.timing.trust_connect),
        session(http, server, Session::Manner{.plain_fallback = false, .redirects = false}, name.domain(),
                "repository:" + gun + ":pull") {}

  tuf::Answer ask(const tuf::Wanted& wanted) {
    const Question question{"/v2/" + percent_encoded(gun, "/:") + "/_trust/tuf/" + encoded_file(wanted.file)};
    Fetched fetched = request_document(session, question, wanted.limit, kTries);
    if (fetched.too_large) {
      return not_found(tuf::Answer::Kind::rejected, wanted.file + ": expected at most " + std::to_string(wanted.limit) +
                                                        " bytes, the server sends more");
    }
    return judged(wanted, std::move(fetched));
  }

  tuf::Answer judged(const tuf::Wanted& wanted, Fetched fetched) {
    const Reply& reply = fetched.reply;
    if (reply.exchange.trouble != Trouble::none) {
      const std::string hint = trouble_hint(reply.exchange, http.place_for_authority(reply.url));
      return unreachable(Fault::unavailable, "error contacting notary server: " + session.base().authority() + ": " +
                                                 reply.line() + (hint.empty() ? hint : "; " + hint));
    }
    const std::string status = std::to_string(reply.status());
    switch (reply.status()) {
      case 200: return tuf::Answer{tuf::Answer::Kind::found, std::move(fetched.bytes), Fault::unavailable, {}};
      case 404:
        return not_found(tuf::Answer::Kind::missing, session.base().authority() + " does not have trust data for " +
                                                         gun + " (" + printable(wanted.file, 200) + ")");
      case 400: return not_found(tuf::Answer::Kind::rejected, "trust server rejected operation: " + reply.line());
      case 401:
      case 403:
        return unreachable(Fault::unauthorized,
                           "you are not authorized to perform this operation: server returned " + status + ".");
      default: return unreachable(Fault::unavailable, "unable to reach trust server at this time: " + status + ".");
    }
  }

  std::string gun;
  Certificates certificates;
  Http http;
  Session session;
};

NotaryServer::NotaryServer(const Settings& settings, const Reference& name, const std::string& gun,
                           const std::string& server, const std::optional<std::string>& ca_file) {
  std::vector<std::filesystem::path> authorities;
  if (ca_file) authorities.emplace_back(*ca_file);
  inside_ = std::make_unique<Inside>(settings, name, gun, parse_server(server), authorities);
}

NotaryServer::~NotaryServer() = default;

tuf::Answer NotaryServer::fetch(const tuf::Wanted& wanted) {
  try {
    return inside_->ask(wanted);
  } catch (const Error& error) {
    // What is wrong with this machine or its user's wish to stop is no answer of the server.
    if (error.fault() != Fault::unavailable && error.fault() != Fault::unauthorized) throw;
    return unreachable(error.fault(), std::string("error contacting notary server: ") + error.what());
  }
}

}  // namespace hallmark::registry
