// SPDX-License-Identifier: Apache-2.0
#include "registry/server/token_server_rule.h"

#include <algorithm>

#include "registry/config/login_domain.h"
#include "registry/http/shown_address.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

std::string origin_of(const Url& url) { return url.scheme() + "://" + url.authority(); }

/// docker.io is asked at other hosts than its name says, and its token server is older than this program.
bool is_of_hub(const Demand& demand) {
  return demand.domain == "docker.io" && origin_of(demand.realm) == "https://auth.docker.io";
}

/// The registry whose credentials they are; a trust server may ask for them as well.
Url registry_of(const Demand& demand) {
  return Url::parse("https://" + (demand.domain == "docker.io" ? "registry-1.docker.io" : demand.domain));
}

/// Another port of a host is in the same hands. It is told all the same.
bool is_same_machine(const Url& left, const Url& right) {
  return left.host() == right.host() || (is_loopback(left.host()) && is_loopback(right.host()));
}

/// registry.gitlab.example belongs to gitlab.example. Neighbours need not: many names below one domain have many
/// owners.
bool is_above(const Url& upper, const Url& lower) {
  const bool is_name = !ipv4_address(lower.host()) && lower.host().find(':') == std::string::npos;
  // A name without a dot is a top-level domain or a host of this network, and nobody's parent.
  return is_name && upper.host().find('.') != std::string::npos && lower.host().ends_with("." + upper.host());
}

std::string shown_credentials(const Credentials& credentials) {
  if (credentials.kind == Credentials::Kind::identity_token) return "the identity token";
  return "the password of " + printable(credentials.user, 80);
}

/// Where they went before, or nothing.
std::string places_before(const Demand& demand, const std::vector<Sent>& sent) {
  std::string places;
  for (const Sent& one : sent) {
    if (one.domain != demand.domain || one.asker != demand.asker.authority()) continue;
    places += (places.empty() ? "" : ", ") + printable(one.origin, 200);
  }
  return places;
}

/// "registry.example names https://b.example"
std::string opening(const Demand& demand) {
  return demand.asker.authority() + " names " + printable(origin_of(demand.realm), 200);
}

[[noreturn]] void refuse(const Demand& demand, const Credentials& credentials, const std::string& why) {
  const std::string pair = demand.domain + "=" + origin_of(demand.realm);
  throw Error(
      Fault::unauthorized,
      opening(demand) + " as its token server: refused, it does not get " + shown_credentials(credentials) + ": " + why,
      "ask whoever runs the registry; if it is right, name it with --token-server " + printable(pair, 300) +
          " or in HALLMARK_TOKEN_SERVERS");
}

/// As it was typed, "REGISTRY=URL"; a password in it is not shown.
std::string shown_named(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || text.find("://") < equals) return shown_address(text);
  return printable(text.substr(0, equals + 1), 200) + shown_address(text.substr(equals + 1));
}

std::string named_for(const std::string& domain, const std::vector<NamedTokenServer>& named) {
  std::string names;
  for (const NamedTokenServer& one : named) {
    if (one.domain == domain) names += (names.empty() ? "" : ", ") + one.origin;
  }
  return names;
}

void remember(const Settings& settings, const TokenServerMemory& memory, const Sent& sent, bool is_own) {
  try {
    memory.add(sent);
  } catch (const Error& error) {
    // A disk that is full or read-only does not end the pull of a container. What cannot be read, or is in other hands,
    // does.
    if (error.fault() != Fault::local) throw;
    const std::string line = "the token server of " + sent.asker + ", " + printable(sent.origin, 200) +
                             ", cannot be remembered, so another one would not be noticed: " + error.what();
    // Nothing is lost where the credentials only went to whom they belong.
    if (is_own && settings.trace) settings.trace(line);
    if (!is_own && settings.notice) settings.notice(line);
  }
}

}  // namespace

NamedTokenServer parse_named_token_server(std::string_view text) {
  try {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) fail(Fault::usage, "there is no \"=\"");
    const std::string registry(text.substr(0, equals));
    if (registry.empty()) fail(Fault::usage, "the registry is missing");
    if (registry.find('/') != std::string::npos) fail(Fault::usage, "a registry has no path");
    return {login_domain(registry), origin_of(Url::parse(text.substr(equals + 1)))};
  } catch (const Error& error) {
    throw Error(Fault::usage, "\"" + shown_named(text) + "\" names no token server: " + error.what(),
                "expected REGISTRY=URL, as in registry.example=https://auth.example");
  }
}

Answer answer_to(const Demand& demand, const std::vector<NamedTokenServer>& named, const std::vector<Sent>& sent) {
  const std::string origin = origin_of(demand.realm);
  // Whoever names one knows it: then nothing else counts, what is remembered least of all.
  const auto is_for = [&](const NamedTokenServer& one) { return one.domain == demand.domain; };
  if (std::any_of(named.begin(), named.end(), is_for)) {
    const NamedTokenServer wanted{demand.domain, origin};
    return std::find(named.begin(), named.end(), wanted) != named.end() ? Answer::yes : Answer::no;
  }
  // Whoever asks now: a trust server may name the token server that the registry named.
  const auto went_there = [&](const Sent& one) { return one.domain == demand.domain && one.origin == origin; };
  if (std::any_of(sent.begin(), sent.end(), went_there) || is_of_hub(demand)) return Answer::yes;
  // Also when it is the registry itself: it never saw the password that another server got.
  if (!places_before(demand, sent).empty()) return Answer::ask;
  const Url registry = registry_of(demand);
  // A registry that gives tokens itself gets no more than Basic would show it.
  const bool is_registry = demand.asker.authority() == registry.authority();
  if (is_registry && demand.realm.has_origin_of(demand.asker)) return Answer::yes;
  // Near the registry, whoever asks: a trust server elsewhere is near itself, and the password is not its own.
  const bool is_near = is_same_machine(demand.realm, registry) || is_above(demand.realm, registry);
  return is_near || demand.logs_in ? Answer::yes_and_tell : Answer::ask;
}

void admit_token_server(const Settings& settings, const Demand& demand, const Credentials& credentials) {
  const TokenServerMemory memory(settings.docker_config);
  // It ends here when it cannot be read: it might have said that the password went elsewhere before.
  const std::vector<Sent> sent = memory.load();
  const Sent now{demand.domain, demand.asker.authority(), origin_of(demand.realm)};
  const std::string before = places_before(demand, sent);
  const std::string what_before = before.empty() ? "it never got it before" : "that went to " + before + " before";
  const Answer answer = answer_to(demand, settings.token_servers, sent);
  if (answer == Answer::no) {
    refuse(demand, credentials, named_for(demand.domain, settings.token_servers) + " is named for " + demand.domain);
  }
  // A warning that nobody reads stops nothing.
  if (answer == Answer::ask && !settings.has_reader) {
    refuse(demand, credentials, what_before + ", and there is no terminal to tell it on");
  }
  if (answer != Answer::yes && settings.notice) {
    settings.notice("warning: " + opening(demand) + " as its token server: it gets " + shown_credentials(credentials) +
                    "; " + what_before);
  }
  if (std::find(sent.begin(), sent.end(), now) != sent.end()) return;
  // Before anything is sent: a run that is killed has not sent what is not written down.
  remember(settings, memory, now, demand.realm.has_origin_of(demand.asker));
}

}  // namespace hallmark::registry
