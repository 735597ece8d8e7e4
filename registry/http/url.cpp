// SPDX-License-Identifier: Apache-2.0
#include "registry/http/url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "registry/http/headers.h"
#include "registry/http/shown_address.h"
#include "trust/error.h"
#include "trust/text.h"

namespace hallmark::registry {
namespace {

/// Signed addresses of blobs have a few KiB; what is longer is no address.
constexpr std::size_t kMostUrlBytes = std::size_t{16} << 10U;

bool is_alphanumeric(char character) {
  return is_digit(character) || (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  fail(Fault::unavailable, "address \"", shown_address(text), "\" cannot be used: ", why);
}

/// The address is not repeated, for it may hold a password.
[[noreturn]] void refuse_user() { fail(Fault::unavailable, "an address with a user name cannot be used"); }

std::optional<unsigned> number(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || rest != end || value > most) return std::nullopt;
  return value;
}

using Ipv4 = std::array<unsigned, 4>;

std::optional<Ipv4> ipv4(std::string_view host) {
  Ipv4 address{};
  for (std::size_t part = 0; part < address.size(); ++part) {
    const auto dot = part + 1 < address.size() ? host.find('.') : host.size();
    if (dot == std::string_view::npos) return std::nullopt;
    const std::string_view digits = host.substr(0, dot);
    const auto value = number(digits, 255);
    // With a zero before it a part is octal to some readers and decimal to others.
    if (!value || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
    address[part] = *value;
    host.remove_prefix(std::min(host.size(), dot + 1));
  }
  return address;
}

/// The network libraries read "127.1", "0x7f000001" and "017.0.0.1" as addresses; a last label that begins with a
/// digit is one of these, or no name at all (RFC 1123 section 2.1).
bool looks_like_a_number(std::string_view host) {
  const auto dot = host.find_last_of('.');
  const std::string_view last = dot == std::string_view::npos ? host : host.substr(dot + 1);
  // With a dot at its end a name leads to the same host and is another text: it would pass comparisons that it must not
  // pass.
  if (last.empty()) return true;
  if (last.starts_with("0x")) return true;
  return std::all_of(last.begin(), last.end(), is_digit);
}

std::string host_name(std::string_view text, std::string_view whole) {
  // 255 bytes on the wire are 253 in text (RFC 1035 section 2.3.4).
  if (text.empty() || text.size() > 253) refuse(whole, "it has no host");
  std::string host;
  for (const char character : text) {
    // Neither % nor anything beyond ASCII: what the library decodes might be another host than the one that was judged.
    if (!is_alphanumeric(character) && character != '-' && character != '.' && character != '_') {
      refuse(whole, "the host has characters no host has");
    }
    host += character;
  }
  host = lower_case(host);
  if (looks_like_a_number(host) && !ipv4(host)) refuse(whole, "the host is an unusual form of a number");
  return host;
}

std::string ipv6_literal(std::string_view text, std::string_view whole) {
  std::string host = lower_case(text);
  const bool sound = host.find_first_not_of("0123456789abcdef:") == std::string::npos;
  if (!sound || host.find(':') == std::string::npos) refuse(whole, "the host is no IPv6 address");
  return host;
}

/// Loopback, unspecified, mapped IPv4, link-local and unique local: all written forms of them, and some more.
bool is_local_ipv6(std::string_view host) {
  if (host.find(':') == std::string_view::npos) return false;
  if (host.starts_with(':') || host.starts_with('0')) return true;
  return host.starts_with("fe8") || host.starts_with("fe9") || host.starts_with("fea") || host.starts_with("feb") ||
         host.starts_with("fc") || host.starts_with("fd");
}

}  // namespace

std::optional<std::uint32_t> ipv4_address(std::string_view host) {
  const auto parts = ipv4(host);
  if (!parts) return std::nullopt;
  std::uint32_t address = 0;
  for (const unsigned part : *parts) address = address << 8U | part;
  return address;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost") || host == "::1") return true;
  const auto address = ipv4(host);
  return address && (*address)[0] == 127;
}

bool is_local_address(std::string_view host) {
  if (is_loopback(host) || is_local_ipv6(host)) return true;
  const auto address = ipv4(host);
  if (!address) return false;
  const auto& [a, b, c, d] = *address;
  static_cast<void>(c);
  static_cast<void>(d);
  // RFC 6890: this network, private ones, carriers' NAT (100.64/10), and link-local, where clouds hand out credentials.
  return a == 0 || a == 10 || (a == 172 && b >= 16 && b < 32) || (a == 192 && b == 168) || (a == 169 && b == 254) ||
         (a == 100 && b >= 64 && b < 128);
}

void Url::take_authority(std::string_view authority, std::string_view whole) {
  // Readers differ in which @ ends the user and begins the host.
  if (authority.find('@') != std::string_view::npos) refuse_user();
  std::string_view port_text;
  bool has_port = false;
  if (authority.starts_with('[')) {
    const auto bracket = authority.find(']');
    if (bracket == std::string_view::npos) refuse(whole, "a bracket is missing");
    host_ = ipv6_literal(authority.substr(1, bracket - 1), whole);
    const std::string_view rest = authority.substr(bracket + 1);
    has_port = rest.starts_with(':');
    if (!rest.empty() && !has_port) refuse(whole, "there is text after the host");
    if (has_port) port_text = rest.substr(1);
  } else {
    const auto colon = authority.find(':');
    has_port = colon != std::string_view::npos;
    host_ = host_name(authority.substr(0, colon), whole);
    if (has_port) port_text = authority.substr(colon + 1);
  }
  if (!has_port) {
    port_ = is_secure() ? 443 : 80;
    return;
  }
  const auto port = number(port_text, 65535);
  if (!port || *port == 0) refuse(whole, "the port is no port");
  port_ = static_cast<std::uint16_t>(*port);
}

void Url::take_target(std::string_view target, std::string_view whole) {
  target = target.substr(0, target.find('#'));
  for (const char character : target) {
    // A blank or a line break would end the line of the request, and a backslash is a slash to some readers.
    if (character <= ' ' || character > '~' || character == '\\' || character == '"') {
      refuse(whole, "it has characters that are to be encoded");
    }
  }
  target_ = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
}

Url Url::parse(std::string_view text) {
  if (text.size() > kMostUrlBytes) fail(Fault::unavailable, "an address of ", text.size(), " bytes is too long");
  const auto mark = text.find("://");
  if (mark == std::string_view::npos) refuse(text, "it does not begin with https://");
  Url url;
  url.scheme_ = lower_case(text.substr(0, mark));
  if (url.scheme_ != "https" && url.scheme_ != "http") refuse(text, "only https and http are spoken");
  const std::string_view rest = text.substr(mark + 3);
  const auto end = std::min(rest.find_first_of("/?#"), rest.size());
  // No fragment has one: it is a password with a "#", and the host would be what stands before its colon.
  if (rest.find('@', std::min(rest.find('#'), rest.size())) != std::string_view::npos) refuse_user();
  url.take_authority(rest.substr(0, end), text);
  url.take_target(rest.substr(end), text);
  return url;
}

Url Url::resolve(std::string_view reference) const {
  if (reference.size() > kMostUrlBytes) fail(Fault::unavailable, "an address of ", reference.size(), " bytes");
  // A colon before any slash ends a scheme: no relative path has one in its first part (RFC 3986 section 4.2).
  const auto first_mark = reference.find_first_of(":/?#");
  if (first_mark != std::string_view::npos && reference[first_mark] == ':') return parse(reference);
  if (reference.starts_with("//")) return parse(scheme_ + ":" + std::string(reference));
  if (reference.starts_with('/')) return at(reference);
  const std::string_view path = std::string_view(target_).substr(0, target_.find('?'));
  if (reference.starts_with('?')) return at(std::string(path) + std::string(reference));
  return at(std::string(path.substr(0, path.find_last_of('/') + 1)) + std::string(reference));
}

Url Url::with_scheme(std::string_view scheme) const {
  Url other = *this;
  const bool has_own_port = port_ == (is_secure() ? 443 : 80);
  other.scheme_ = scheme;
  if (has_own_port) other.port_ = other.is_secure() ? 443 : 80;
  return other;
}

Url Url::at(std::string_view target) const {
  Url other = *this;
  other.take_target(target, target);
  return other;
}

std::string Url::authority() const {
  const std::string host = host_.find(':') == std::string::npos ? host_ : "[" + host_ + "]";
  return port_ == (is_secure() ? 443 : 80) ? host : host + ":" + std::to_string(port_);
}

bool Url::has_origin_of(const Url& other) const {
  return scheme_ == other.scheme_ && host_ == other.host_ && port_ == other.port_;
}

std::string Url::to_string() const { return scheme_ + "://" + authority() + target_; }

std::string Url::shown() const { return scheme_ + "://" + authority() + target_.substr(0, target_.find('?')); }

std::string percent_encoded(std::string_view text, std::string_view kept) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char character : text) {
    if (is_alphanumeric(character) || std::string_view("-._~").find(character) != std::string_view::npos ||
        kept.find(character) != std::string_view::npos) {
      out += character;
    } else {
      const auto byte = static_cast<unsigned char>(character);
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xfU];
    }
  }
  return out;
}

}  // namespace hallmark::registry
