// SPDX-License-Identifier: Apache-2.0
//
// Addresses of the network, read strictly: what this reader takes means the same to the transfer library, so that a
// decision about a host is a decision about the host that is asked. User names in addresses are refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hallmark::registry {

/// One address. Scheme, host and port are its origin, and secrets stay with their origin.
class Url {
 public:
  /// "http" or "https" only. Fault::unavailable when the text, which may come from a server, is no such address.
  static Url parse(std::string_view text);
  /// Where a reference ("Location", "Link") found in an answer from here leads (RFC 3986 section 5.2, without the
  /// removal of dot segments). A fragment is dropped. Fault::unavailable as above.
  [[nodiscard]] Url resolve(std::string_view reference) const;
  /// The scheme's own port becomes that of the other scheme, any other port stays.
  [[nodiscard]] Url with_scheme(std::string_view scheme) const;
  /// The same server, another path (and query).
  [[nodiscard]] Url at(std::string_view target) const;

  [[nodiscard]] const std::string& scheme() const { return scheme_; }
  /// Lower case; an IPv6 address without its brackets.
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Path and query: "/v2/?n=1".
  [[nodiscard]] const std::string& target() const { return target_; }
  [[nodiscard]] bool is_secure() const { return scheme_ == "https"; }
  /// "host" or "host:port", the scheme's own port left out.
  [[nodiscard]] std::string authority() const;
  /// Scheme, host and port are the same.
  [[nodiscard]] bool has_origin_of(const Url& other) const;
  /// As it is asked for. For people there is shown().
  [[nodiscard]] std::string to_string() const;
  /// For people: without the query, which may be a credential.
  [[nodiscard]] std::string shown() const;

 private:
  Url() = default;
  void take_authority(std::string_view authority, std::string_view whole);
  void take_target(std::string_view target, std::string_view whole);

  std::string scheme_;
  std::string host_;
  std::uint16_t port_ = 0;
  std::string target_;
};

/// An IPv4 address in its usual form; nothing for any other text.
std::optional<std::uint32_t> ipv4_address(std::string_view host);

/// localhost, *.localhost, 127.0.0.0/8, ::1: by name, nothing is resolved.
bool is_loopback(std::string_view host);
/// Loopback, or an address literal that is private, link-local or unspecified.
bool is_local_address(std::string_view host);

/// Percent-encodes all but unreserved characters (RFC 3986 section 2.3) and those in `kept`.
std::string percent_encoded(std::string_view text, std::string_view kept);

}  // namespace hallmark::registry
