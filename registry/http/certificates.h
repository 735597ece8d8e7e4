// SPDX-License-Identifier: Apache-2.0
//
// Whom to trust on the way: docker's folders HOST[:PORT]/ with *.crt (authorities, added to the system's) and pairs
// X.cert and X.key (this client's own certificate). A folder that is there and cannot be used is an error.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace hallmark::registry {

/// What TLS to one host needs besides the system's authorities.
struct TlsFiles {
  std::string authorities;                   ///< PEM, besides the system's
  std::filesystem::path client_certificate;  ///< empty if there is none
  std::filesystem::path client_key;
};

/// Certificates as text that ends with a line. Fault::usage when there are none in it.
std::string read_pem(const std::filesystem::path& file);

/// The certificate files that count for one registry or trust server, and for the hosts that it leads to. What was read
/// for a host is kept.
class Certificates {
 public:
  /// The first root that has a folder with files for a host counts. The authorities for `home` ("HOST[:PORT]" as in
  /// the reference) and those in `authority_files` are trusted for every host that is reached from there.
  Certificates(std::vector<std::filesystem::path> roots, std::string home,
               const std::vector<std::filesystem::path>& authority_files);

  /// For "HOST[:PORT]". The result lives as long as this; calls may come from several threads.
  /// Fault::usage for files that cannot be used, Fault::local for what cannot be read.
  [[nodiscard]] const TlsFiles& for_host(const std::string& authority) const;
  /// Where an authority for the host would be put: "/etc/docker/certs.d/HOST/ca.crt"; empty without a root.
  [[nodiscard]] std::string place_for(const std::string& authority) const;

 private:
  [[nodiscard]] TlsFiles read(const std::string& authority) const;

  std::vector<std::filesystem::path> roots_;
  std::string home_;
  std::string common_authorities_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, TlsFiles> known_;
};

}  // namespace hallmark::registry
