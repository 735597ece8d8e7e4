// SPDX-License-Identifier: Apache-2.0
//
// What the way to the network needs to know. Filled by the command; this room reads no environment.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace hallmark::registry {

/// How long to wait for what. The defaults are for people and real networks; tests wait less.
struct Timing {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds trust_connect{5'000};  ///< to a trust server: it must fail fast, there may be a cache
  /// From the end of a request for a blob to the first byte of it: whoever scans or fetches it from elsewhere first
  /// takes minutes. Meanwhile the connection is asked whether it is still there.
  std::chrono::seconds first_byte{3600};
  std::chrono::seconds stall{300};            ///< in the middle of an answer, or of what is sent
  std::chrono::seconds document{300};         ///< for a document, and for all trust data of a repository together
  std::chrono::milliseconds first_wait{500};  ///< before the second try; doubled for each further one
  std::chrono::seconds longest_wait{60};      ///< whatever Retry-After says
};

/// The files of containers' registries.conf.
struct RegistriesConf {
  std::filesystem::path chosen;                  ///< counts alone, and must be there; empty: those below
  std::vector<std::filesystem::path> files{};    ///< the first that is there
  std::vector<std::filesystem::path> folders{};  ///< of more files, *.conf, in this order
};

/// Where a registry's credentials may go for a token.
struct NamedTokenServer {
  std::string domain;  ///< the registry, as in a reference
  std::string origin;  ///< "https://auth.example:8443"

  bool operator==(const NamedTokenServer&) const = default;
};

/// Where credentials are looked for besides docker's config.json (config/credentials.h).
struct CredentialPlaces {
  std::string docker_auth_config;                   ///< DOCKER_AUTH_CONFIG: the text of a config.json; never printed
  std::filesystem::path registry_auth_file;         ///< REGISTRY_AUTH_FILE; empty: none
  std::vector<std::filesystem::path> auth_files{};  ///< containers' auth.json, behind config.json
};

/// Filled once for a command, and copied where a place on the way needs others (config/endpoints.h, oci/open.cpp).
struct Settings {
  std::filesystem::path docker_config;  ///< folder with config.json and tls/
  CredentialPlaces credential_places{};
  std::vector<std::filesystem::path> certificate_roots;  ///< folders with HOST[:PORT]/*.crt, first with files wins
  std::vector<std::filesystem::path> daemon_configs;     ///< docker's daemon.json: insecure registries, mirrors
  RegistriesConf registries_conf;                        ///< where registries and their mirrors really are
  std::vector<std::string> insecure_hosts;               ///< HOST[:PORT] that one of these files marks as insecure
  std::filesystem::path authority_file;                  ///< SSL_CERT_FILE: whom to trust besides; empty: nobody
  std::string authority_folders;                         ///< SSL_CERT_DIR: instead of the system's; empty: that one
  std::filesystem::path registry_folder;                 ///< stands in for every registry; empty: the network
  std::string trust_server;                              ///< for trust_server_for(); empty: what it chooses
  std::vector<NamedTokenServer> token_servers{};         ///< a registry that stands here has no others
  /// Proxies as the environment names them. The transfer library does not look there by itself.
  std::string http_proxy;
  std::string https_proxy;
  std::string no_proxy;  ///< loopback is always added (http/proxy.h)
  std::string user_agent;
  int most_tries = 10;            ///< of one request, where more would be made
  bool is_the_named_host = true;  ///< what "HttpHeaders" are for: not a mirror, nor another place that a rule names
  bool plain_http = false;        ///< allowed for any registry host
  bool has_reader = false;        ///< somebody reads notices when they come: they are shown on a terminal
  const std::atomic<bool>* interrupted = nullptr;    ///< looked at during transfers
  std::function<void(const std::string&)> notice{};  ///< one line for people: retries, warnings of registries
  std::function<void(const std::string&)> trace{};   ///< one line a request, for -v
  Timing timing{};
};

}  // namespace hallmark::registry
