// SPDX-License-Identifier: Apache-2.0
//
// What the way to the network needs to know. Filled by the command; this room reads no environment.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace hallmark::registry {

struct Settings {
  std::filesystem::path docker_config;                   ///< folder with config.json and tls/
  std::vector<std::filesystem::path> certificate_roots;  ///< folders with HOST[:PORT]/*.crt, first with files wins
  std::string http_proxy;
  std::string https_proxy;
  std::string no_proxy;  ///< loopback is always added
  std::string user_agent;
  bool plain_http = false;                         ///< allowed for any registry host
  const std::atomic<bool>* interrupted;            ///< looked at during transfers
  std::function<void(const std::string&)> notice;  ///< one line for people: retries, warnings of registries
  std::function<void(const std::string&)> trace;   ///< one line a request, for -v
};

}  // namespace hallmark::registry
