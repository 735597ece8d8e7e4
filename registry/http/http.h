// SPDX-License-Identifier: Apache-2.0
//
// One HTTP exchange at a time: no redirect is followed, nothing is tried again, no header is invented but
// User-Agent, and Expect before a large body, so that a refusal does not cost its transfer. TLS is always verified,
// version 1.2 at least. Connections are kept alive and shared by all threads.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "registry/http/certificates.h"
#include "registry/http/exchange.h"
#include "registry/http/url.h"
#include "registry/settings.h"

namespace hallmark::registry {

/// What all requests to one server share: connections, files of certificates, limits of time, voices. What an answer
/// means, and who may be shown what, is decided above it (registry/server).
class Http {
 public:
  /// `certificates` must outlive this.
  Http(const Settings& settings, const Certificates& certificates, std::chrono::milliseconds connect_limit);
  ~Http();
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  /// From several threads at once. Fault::interrupted when the settings' flag is up.
  Exchange perform(const Request& request, Receiver& receiver);

  [[nodiscard]] const Settings& settings() const;
  /// Where a certificate authority for the host would be put; empty where there is no such place.
  [[nodiscard]] std::string place_for_authority(const Url& url) const;
  /// One line for people; lines of several threads do not mix.
  void notice(const std::string& line);
  /// One line for whoever follows the requests (--verbose). The query of an address is not in it.
  void trace(const std::string& line);
  /// Sleeps; Fault::interrupted when the flag goes up meanwhile.
  void wait(std::chrono::milliseconds duration) const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace hallmark::registry
