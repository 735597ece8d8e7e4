// SPDX-License-Identifier: Apache-2.0
//
// The way to a server through a proxy, or past it: http_proxy, https_proxy and no_proxy as Go reads them, and with it
// docker, podman and skopeo.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "registry/http/url.h"
#include "registry/settings.h"

namespace hallmark::registry {

/// User and password stand beside the address and never in it: what repeats an address repeats no password.
struct Proxy {
  std::string address;  ///< "http://proxy.example:3128"
  std::string shown;    ///< for people: "proxy.example:3128"
  std::string user;     ///< decoded; may be empty
  std::string password;
};

/// The proxy for a request; none when there is none, for loopback, and for what no_proxy names. Fault::usage, without
/// a word of it, for an address that cannot be used.
std::optional<Proxy> proxy_for(const Settings& settings, const Url& url);

/// Whether a list such as "example.com,.example.org,10.0.0.0/8,registry:5000,*" names the server. A name means what is
/// below it as well; with a port it means that port alone.
bool names_in_no_proxy(std::string_view no_proxy, const Url& url);

}  // namespace hallmark::registry
