// SPDX-License-Identifier: Apache-2.0
#include "registry/http/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "registry/http/headers.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

constexpr unsigned kAddressBits = 128;
constexpr unsigned kMappedBits = 96;  // before an IPv4 address in its IPv6 form (RFC 4291 section 2.5.5.2)

/// Both kinds in one form, so that 10.0.0.1 and ::ffff:10.0.0.1 are one address.
using Address = std::array<std::uint8_t, kAddressBits / 8>;

struct ParsedAddress {
  Address bytes;
  bool is_ipv4;
};

std::optional<ParsedAddress> parse_address(std::string_view text) {
  const std::string terminated(text);
  ParsedAddress parsed{{}, true};
  parsed.bytes[10] = parsed.bytes[11] = 0xff;
  if (::inet_pton(AF_INET, terminated.c_str(), parsed.bytes.data() + kMappedBits / 8) == 1) return parsed;
  parsed.is_ipv4 = false;
  if (::inet_pton(AF_INET6, terminated.c_str(), parsed.bytes.data()) == 1) return parsed;
  return std::nullopt;
}

std::optional<unsigned> parse_number(std::string_view text, unsigned most) {
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || rest != end || value > most) return std::nullopt;
  return value;
}

bool has_same_beginning(const Address& left, const Address& right, unsigned bits) {
  for (unsigned bit = 0; bit < bits; ++bit) {
    const auto mask = static_cast<unsigned>(0x80U >> (bit % 8));
    if ((left[bit / 8] & mask) != (right[bit / 8] & mask)) return false;
  }
  return true;
}

/// "10.0.0.0/8". Nothing when the entry is no network.
std::optional<bool> network_has(std::string_view entry, const std::optional<ParsedAddress>& address) {
  const auto slash = entry.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto network = parse_address(entry.substr(0, slash));
  const auto bits = parse_number(entry.substr(slash + 1), network && network->is_ipv4 ? 32 : kAddressBits);
  if (!network || !bits) return std::nullopt;
  const unsigned all_bits = *bits + (network->is_ipv4 ? kMappedBits : 0);
  return address && has_same_beginning(network->bytes, address->bytes, all_bits);
}

struct HostAndPort {
  std::string_view host;
  std::string_view port;
};

/// An entry as Go divides it: "[::1]:443" and "name:443" have a port, "::1" has none.
HostAndPort divided(std::string_view entry) {
  const auto colon = entry.rfind(':');
  if (colon == std::string_view::npos) return {entry, {}};
  const std::string_view host = entry.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) return {host.substr(1, host.size() - 2), entry.substr(colon + 1)};
  if (host.find(':') != std::string_view::npos) return {entry, {}};
  return {host, entry.substr(colon + 1)};
}

bool names_host(std::string_view entry, std::string_view host) {
  // "*.example.com" and ".example.com" mean what is below the name, "example.com" the name as well.
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (entry.starts_with('.')) return host.ends_with(entry);
  return host == entry || (host.ends_with(entry) && host.substr(0, host.size() - entry.size()).ends_with('.'));
}

bool entry_names(std::string_view entry, const Url& url, const std::optional<ParsedAddress>& address) {
  if (entry.empty()) return false;
  if (entry == "*") return true;
  if (const auto is_within = network_has(entry, address)) return *is_within;
  const auto [host, port] = divided(entry);
  if (host.empty() || (!port.empty() && port != std::to_string(url.port()))) return false;
  if (const auto named = parse_address(host)) return address && named->bytes == address->bytes;
  return names_host(host, url.host());
}

/// Of what comes from the variable nothing is repeated, for nobody can say where a broken address has its password.
[[noreturn]] void refuse_proxy(const Url& url, const std::string& why) {
  throw Error(Fault::usage, (url.is_secure() ? "https_proxy cannot be used: " : "http_proxy cannot be used: ") + why,
              "write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT; in user and password # @ : / ? and % are to "
              "be percent-encoded (%23 %40 %3A %2F %3F %25)");
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto byte = static_cast<unsigned char>(text[at]);
    if (byte == '%') {
      unsigned value = 0;
      const std::string_view digits = text.substr(at + 1, 2);
      const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
      if (digits.size() != 2 || error != std::errc{} || rest != digits.data() + 2) return std::nullopt;
      byte = static_cast<unsigned char>(value);
      at += 2;
    }
    // It becomes a part of a header.
    if (byte < 0x20 || byte == 0x7f) return std::nullopt;
    decoded += static_cast<char>(byte);
  }
  return decoded;
}

/// The ports that a proxy without one has, as Go has them.
std::optional<unsigned> own_port(std::string_view scheme) {
  static constexpr std::array<std::pair<std::string_view, unsigned>, 6> kPorts{
      {{"http", 80}, {"https", 443}, {"socks5", 1080}, {"socks5h", 1080}, {"socks4", 1080}, {"socks4a", 1080}}};
  const auto* const found =
      std::find_if(kPorts.begin(), kPorts.end(), [&](const auto& one) { return one.first == scheme; });
  return found == kPorts.end() ? std::nullopt : std::optional(found->second);
}

/// HOST[:PORT], by the rules of all other addresses.
Url parse_place(const Url& url, const std::string& place, unsigned port) {
  try {
    // As an address of https, so that a port that is left out shows as 443.
    const Url read = Url::parse("https://" + place);
    const bool has_port = place.ends_with(":443") || read.port() != 443;
    if (has_port) return read;
    const std::string host = read.host().find(':') == std::string::npos ? read.host() : "[" + read.host() + "]";
    return Url::parse("https://" + host + ":" + std::to_string(port));
  } catch (const Error&) {
    refuse_proxy(url, "expected a host, or a host and a port, behind the user");
  }
}

Proxy parse_proxy(const Url& url, std::string_view text) {
  const auto mark = text.find("://");
  const std::string scheme = mark == std::string_view::npos ? "http" : lower_case(text.substr(0, mark));
  const auto port = own_port(scheme);
  if (!port) refuse_proxy(url, "expected http, https or socks5 before its ://");
  std::string_view rest = mark == std::string_view::npos ? text : text.substr(mark + 3);
  // One of these before an @ is a part of a password that was not encoded: readers differ in where the host begins.
  const auto end = std::min(rest.find_first_of("/?#"), rest.size());
  if (rest.find('@', end) != std::string_view::npos) refuse_proxy(url, "a special character stands before its @");
  if (end < rest.size() && rest[end] != '/') refuse_proxy(url, "expected nothing behind the port");
  rest = rest.substr(0, end);
  Proxy proxy;
  const auto at = rest.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view pair = rest.substr(0, at);
    const auto colon = std::min(pair.find(':'), pair.size());
    const auto user = percent_decoded(pair.substr(0, colon));
    const auto password = percent_decoded(pair.substr(std::min(colon + 1, pair.size())));
    if (!user || !password) refuse_proxy(url, "user or password is not encoded as it has to be");
    proxy.user = *user;
    proxy.password = *password;
    rest.remove_prefix(at + 1);
  }
  const Url place = parse_place(url, std::string(rest), *port);
  const std::string host = place.host().find(':') == std::string::npos ? place.host() : "[" + place.host() + "]";
  proxy.shown = host + ":" + std::to_string(place.port());
  proxy.address = scheme + "://" + proxy.shown;
  return proxy;
}

}  // namespace

bool names_in_no_proxy(std::string_view no_proxy, const Url& url) {
  const auto address = parse_address(url.host());
  for (;;) {
    const auto comma = no_proxy.find(',');
    if (entry_names(lower_case(trimmed(no_proxy.substr(0, comma))), url, address)) return true;
    if (comma == std::string_view::npos) return false;
    no_proxy.remove_prefix(comma + 1);
  }
}

std::optional<Proxy> proxy_for(const Settings& settings, const Url& url) {
  const std::string& text = url.is_secure() ? settings.https_proxy : settings.http_proxy;
  if (text.empty() || is_loopback(url.host()) || names_in_no_proxy(settings.no_proxy, url)) return std::nullopt;
  return parse_proxy(url, text);
}

}  // namespace hallmark::registry
