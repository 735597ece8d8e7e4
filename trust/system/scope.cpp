// SPDX-License-Identifier: Apache-2.0
#include "trust/system/scope.h"

#include <algorithm>
#include <array>

#include "trust/error.h"

namespace hallmark {
namespace {

/// Of containers-transports(5), as containers-policy.json(5) knows them.
constexpr std::array<std::string_view, 10> kTransports{
    "atomic", "containers-storage", "dir", "docker", "docker-archive", "docker-daemon",
    "oci",    "oci-archive",        "sif", "tarball"};

/// Longer than any name; the keys that a scope is compared with grow with the square of its length.
constexpr std::size_t kLongestScope = 1024;

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool has_upper(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool parses(const std::string& reference) {
  try {
    Reference::parse(reference);
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool is_digest(std::string_view text) {
  try {
    Digest::parse(text);
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool is_image_id(std::string_view text) { return is_digest("sha256:" + std::string(text)); }

/// [root] or [driver@root], then nothing, a name, name@id, name@digest or name@digest@id.
bool is_storage_scope(std::string_view scope) {
  const std::size_t bracket = scope.find(']');
  if (!scope.starts_with('[') || bracket == std::string_view::npos) return false;
  std::string_view root = scope.substr(1, bracket - 1);
  if (const std::size_t at = root.find('@'); at != std::string_view::npos) {
    if (at == 0) return false;
    root.remove_prefix(at + 1);
  }
  if (!root.starts_with('/')) return false;
  const std::string_view name = scope.substr(bracket + 1);
  const std::size_t first = name.find('@');
  if (first == std::string_view::npos) return true;
  const std::size_t second = name.find('@', first + 1);
  if (second == std::string_view::npos) {
    const std::string_view last = name.substr(first + 1);
    return is_image_id(last) || is_digest(last);
  }
  return is_digest(name.substr(first + 1, second - first - 1)) && is_image_id(name.substr(second + 1));
}

/// host[/namespace[/stream[:tag]]], with nothing said about the parts: ^[^/]*(/[^:/]*(/[^:/]*(:[^:/]*)?)?)?$
bool is_atomic_scope(std::string_view scope) {
  const std::size_t first = scope.find('/');
  if (first == std::string_view::npos) return true;
  const std::string_view rest = scope.substr(first + 1);
  const std::size_t second = rest.find('/');
  const std::string_view space = rest.substr(0, second);
  if (space.find(':') != std::string_view::npos) return false;
  if (second == std::string_view::npos) return true;
  const std::string_view stream = rest.substr(second + 1);
  return stream.find('/') == std::string_view::npos && std::count(stream.begin(), stream.end(), ':') <= 1;
}

std::string wildcard_fault(std::string_view scope) {
  if (!scope.starts_with("*.")) return "a wildcard is \"*.\" and a domain";
  const std::string_view domain = scope.substr(2);
  if (domain.find_first_of(":/@") != std::string_view::npos) return "a wildcard with a port or a path matches nothing";
  if (has_upper(domain)) return "the host must be in lower case";
  return is_domain(domain) ? "" : "a wildcard is \"*.\" and a domain";
}

std::string host_fault(std::string_view host) {
  if (has_upper(host)) return "the host must be in lower case";
  if (!is_domain(host)) return "\"" + printable(host, 80) + "\" is no host";
  // In a name docker takes such a first part for a path on Docker Hub.
  if (host.find_first_of(".:") == std::string_view::npos && host != "localhost") {
    return "a host has a dot or a port, or is localhost";
  }
  // An alias of Docker Hub: names from there are folded into docker.io, so the scope could never match.
  if (Reference::parse(std::string(host) + "/a/b").domain() != host)
    return "images from there are called docker.io/...";
  if (host.ends_with(":443")) return "leave \":443\" out: it is ignored in names";
  return {};
}

std::string docker_scope_fault(std::string_view scope) {
  if (scope.size() > kLongestScope) return "it is longer than " + std::to_string(kLongestScope) + " characters";
  if (scope.find('*') != std::string_view::npos) return wildcard_fault(scope);
  const std::size_t slash = scope.find('/');
  if (std::string fault = host_fault(scope.substr(0, slash)); !fault.empty()) return fault;
  if (slash == std::string_view::npos) return {};
  const std::string text(scope);
  if (!parses(text)) return "this is no repository";
  const Reference name = Reference::parse(text);
  if (name.digest() && name.tag()) return "a scope has a tag or a digest, not both";
  const bool exact = name.digest() || !name.tag_defaulted();
  // Rules are looked for under full names alone.
  if (exact && name.to_string() != scope) return "the full name is " + name.to_string();
  return {};
}

}  // namespace

bool is_known_transport(std::string_view transport) {
  return std::find(kTransports.begin(), kTransports.end(), transport) != kTransports.end();
}

bool is_domain(std::string_view text) {
  // A label in front makes any host a host with a dot, which Reference never takes for a path.
  const std::string host = text.starts_with('[') ? std::string(text) : "h." + std::string(text);
  return text.find_first_of("/@") == std::string_view::npos && parses(host + "/x");
}

bool is_repository_path(std::string_view text) {
  if (text.find_first_of(":@") != std::string_view::npos) return false;
  return parses("h.x/" + std::string(text));
}

bool is_clean_path(std::string_view path) {
  if (!path.starts_with('/') || path.size() < 2) return false;
  for (std::string_view rest = path.substr(1);;) {
    const std::size_t slash = rest.find('/');
    if (is_one_of(rest.substr(0, slash), {"", ".", ".."})) return false;
    if (slash == std::string_view::npos) return path.find('\0') == std::string_view::npos;
    rest.remove_prefix(slash + 1);
  }
}

std::string scope_fault(std::string_view transport, std::string_view scope) {
  if (scope.empty() || !is_known_transport(transport)) return {};
  if (is_one_of(transport, {"dir", "oci", "oci-archive", "sif"})) {
    return is_clean_path(scope) ? "" : "a scope here is a clean absolute path, and not \"/\"";
  }
  if (is_one_of(transport, {"docker-archive", "tarball"})) return "the only scope here is \"\"";
  if (transport == "docker-daemon") return is_digest(scope) ? "a digest is no scope here" : "";
  if (transport == "containers-storage") return is_storage_scope(scope) ? "" : "a scope here begins with [root]";
  if (transport == "atomic") return is_atomic_scope(scope) ? "" : "a scope here is host[/namespace[/stream[:tag]]]";
  return {};
}

std::string strict_scope_fault(std::string_view transport, std::string_view scope) {
  if (!is_known_transport(transport)) return "there is no transport of this name";
  if (scope.empty()) return {};
  if (std::string fault = scope_fault(transport, scope); !fault.empty()) return fault;
  if (is_one_of(transport, {"docker", "atomic", "docker-daemon"})) return docker_scope_fault(scope);
  return {};
}

std::vector<std::string> namespaces(std::string_view name) {
  std::vector<std::string> keys;
  for (std::string_view rest = name;;) {
    keys.emplace_back(rest);
    const std::size_t slash = rest.rfind('/');
    if (slash == std::string_view::npos) break;
    rest = rest.substr(0, slash);
  }
  const std::string& host_and_port = keys.back();
  // A wildcard is for hosts, whatever their port (docs/policy.md).
  std::string host = host_and_port.substr(0, host_and_port.find(':'));
  for (std::size_t dot = host.find('.'); dot != std::string::npos; dot = host.find('.')) {
    host.erase(0, dot + 1);
    keys.push_back("*." + host);
  }
  return keys;
}

std::vector<std::string> lookup_keys(std::string_view repository, const Reference& name) {
  std::vector<std::string> keys;
  const std::string base(repository);
  // With both, the tag is what the image will be called, so its rules come first.
  if (name.tag()) keys.push_back(base + ":" + *name.tag());
  if (name.digest()) keys.push_back(base + "@" + name.digest()->to_string());
  for (std::string& key : namespaces(repository)) keys.push_back(std::move(key));
  keys.emplace_back();
  return keys;
}

}  // namespace hallmark
