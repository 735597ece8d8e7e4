// SPDX-License-Identifier: Apache-2.0
#include "trust/reference.h"

#include <algorithm>
#include <array>

#include "trust/error.h"
#include "trust/text.h"

namespace hallmark {
namespace {

constexpr std::string_view kHub = "docker.io";
/// Other spellings of Docker Hub's host. Folded, so that no policy or trust data written for docker.io is escaped
/// by another spelling.
constexpr std::array<std::string_view, 4> kHubAliases{"index.docker.io", "registry-1.docker.io",
                                                      "registry.hub.docker.com", "registry.docker.io"};
constexpr std::size_t kLongestPath = 255;
constexpr std::size_t kLongestTag = 128;

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_alphanumeric(char c) { return is_lower_or_digit(c) || is_upper(c); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_any_case_hex(char c) { return is_hex(c) || (c >= 'A' && c <= 'F'); }

template <class Predicate>
bool all(std::string_view text, Predicate&& predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  fail(Fault::usage, why, ": \"", printable(text, 300), "\"");
}

/// component = [a-z0-9]+ *( sep [a-z0-9]+ ), sep = "." | "_" | "__" | "-"+
bool is_component(std::string_view text) {
  if (text.empty() || !is_lower_or_digit(text.front()) || !is_lower_or_digit(text.back())) return false;
  for (std::size_t i = 0; i < text.size();) {
    if (is_lower_or_digit(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && !is_lower_or_digit(text[end])) ++end;
    const std::string_view separator = text.substr(i, end - i);
    const bool dashes = all(separator, [](char c) { return c == '-'; });
    if (!dashes && separator != "." && separator != "_" && separator != "__") return false;
    i = end;
  }
  return true;
}

bool is_path(std::string_view text) {
  for (;;) {
    const std::size_t slash = text.find('/');
    if (!is_component(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool is_dns_label(std::string_view text) {
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         all(text, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_host(std::string_view text) {
  // As docker's grammar has it: the characters of an IPv6 address, whatever their order.
  if (text.starts_with('[')) {
    return text.size() > 2 && text.ends_with(']') &&
           all(text.substr(1, text.size() - 2), [](char c) { return is_any_case_hex(c) || c == ':'; });
  }
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_dns_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_domain(std::string_view text) {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon == std::string_view::npos) return is_host(text);
  const std::string_view port = text.substr(colon + 1);
  // "0443" would be another name for the server at 443, which no scope and no rule knows it by.
  return !port.empty() && port.front() != '0' && port.size() <= 5 && all(port, is_digit) &&
         is_host(text.substr(0, colon));
}

struct Split {
  std::string domain;
  std::string path;
};

/// Which part is the registry: only what stands before the first slash is looked at.
Split split_domain(std::string_view name) {
  const std::size_t slash = name.find('/');
  const std::string_view first = name.substr(0, slash);
  const bool has_domain =
      slash != std::string_view::npos && (first == "localhost" || first.find_first_of(".:") != std::string_view::npos ||
                                          std::any_of(first.begin(), first.end(), is_upper));
  Split split = has_domain ? Split{std::string(first), std::string(name.substr(slash + 1))}
                           : Split{std::string(kHub), std::string(name)};
  // Hosts have no case, and 443 is the port of https: only for this comparison both are left out.
  std::string plain = lowered(split.domain);
  if (plain.ends_with(":443")) plain.resize(plain.size() - 4);
  if (plain == kHub || std::find(kHubAliases.begin(), kHubAliases.end(), plain) != kHubAliases.end()) {
    split.domain = kHub;
  }
  // Docker Hub's official images; "docker.io/debian" is one of them.
  if (split.domain == kHub && split.path.find('/') == std::string::npos) split.path.insert(0, "library/");
  return split;
}

void check_name(std::string_view text, std::string_view written, const Split& split) {
  const bool hub_by_default = split.domain == kHub;
  if (!is_path(split.path)) {
    // Docker has words of its own for a name whose only fault is its case.
    if (is_path(lowered(split.path))) {
      const std::string shown = hub_by_default ? split.path : std::string(split.path);
      refuse(text, "invalid reference format: repository name (" + printable(shown, 260) + ") must be lowercase");
    }
    refuse(text, "invalid reference format");
  }
  if (!is_domain(split.domain)) refuse(text, "invalid reference format");
  // Docker's client takes an upper-case first part for a host, its engine refuses it; no registry is called so.
  const bool dotted = split.domain.find_first_of(".:") != std::string::npos || lowered(split.domain) == "localhost";
  if (!dotted) {
    refuse(text, "invalid reference format: repository name (" + printable(written, 260) + ") must be lowercase");
  }
  if (split.path.size() > kLongestPath) refuse(text, "repository name must not be more than 255 characters");
}

Digest parse_reference_digest(std::string_view text, std::string_view digest) {
  if (digest.empty()) refuse(text, "invalid reference format");
  try {
    return Digest::parse(digest);
  } catch (const Error& error) {
    fail(Fault::usage, error.what());
  }
}

/// Whether the text alone would be taken for that path on Docker Hub: "quay.io/app" is another host, and what looks
/// like a digest is no name.
bool reads_as(const std::string& text, const std::string& path) {
  const bool is_like_a_digest = text == "sha256" || (text.size() == 64 && all(text, is_hex));
  const Split split = split_domain(text);
  return !is_like_a_digest && split.domain == kHub && split.path == path;
}

}  // namespace

bool Reference::is_tag(std::string_view text) {
  return !text.empty() && text.size() <= kLongestTag && (is_alphanumeric(text.front()) || text.front() == '_') &&
         all(text, [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

Reference Reference::parse(std::string_view text) {
  // To docker this is the ID of an image.
  if (text.size() == 64 && all(text, is_hex)) {
    refuse(text, "invalid repository name, cannot specify 64-byte hexadecimal strings");
  }
  std::string_view name = text;
  std::optional<Digest> digest;
  // The first one: what follows must be one digest, so a second '@' is a fault.
  if (const std::size_t at = name.find('@'); at != std::string_view::npos) {
    digest = parse_reference_digest(text, name.substr(at + 1));
    name = name.substr(0, at);
  }
  std::optional<std::string> tag;
  // A colon before the last slash is that of a port.
  const std::size_t slash = name.rfind('/');
  if (const std::size_t colon = name.find(':', slash == std::string_view::npos ? 0 : slash);
      colon != std::string_view::npos) {
    tag = name.substr(colon + 1);
    name = name.substr(0, colon);
    if (!is_tag(*tag)) refuse(text, "invalid reference format");
    // As a name it would be a tag of docker.io/library/sha256, which nobody means.
    if (name == "sha256" && tag->size() == 64 && all(*tag, is_hex)) {
      throw Error(Fault::usage, "\"" + printable(text, 300) + "\" is a digest without a repository",
                  "write NAME@" + printable(text, 300));
    }
  }
  Split split = split_domain(name);
  check_name(text, name, split);

  Reference reference(std::move(split.domain), std::move(split.path));
  // No "latest" beside a digest: that name is about one image and no tag.
  reference.tag_defaulted_ = !tag && !digest;
  reference.tag_ = reference.tag_defaulted_ ? "latest" : std::move(tag);
  reference.digest_ = std::move(digest);
  return reference;
}

std::string Reference::gun() const {
  std::string host = lowered(domain_);
  if (host.ends_with(":443")) host.resize(host.size() - 4);
  return host + "/" + path_;
}

std::string Reference::to_string() const {
  std::string text = repository();
  if (tag_) text += ":" + *tag_;
  if (digest_) text += "@" + digest_->to_string();
  return text;
}

std::string Reference::familiar_repository() const {
  if (domain_ != kHub) return repository();
  constexpr std::string_view kLibrary = "library/";
  const bool official = path_.starts_with(kLibrary) && path_.find('/', kLibrary.size()) == std::string::npos;
  std::string shorter = official ? path_.substr(kLibrary.size()) : path_;
  // Short only where the short form is read back as this very name.
  return reads_as(shorter, path_) ? shorter : repository();
}

std::string Reference::familiar() const {
  std::string text = familiar_repository();
  if (tag_) text += ":" + *tag_;
  if (digest_) text += "@" + digest_->to_string();
  return text;
}

Reference Reference::with_tag(std::string tag) const {
  Reference other = *this;
  other.tag_ = std::move(tag);
  other.tag_defaulted_ = false;
  return other;
}

Reference Reference::without_digest() const {
  if (!tag_) throw std::logic_error("a reference would be left without tag and digest");
  Reference other = *this;
  other.digest_.reset();
  return other;
}

Reference Reference::at_digest(Digest digest) const {
  Reference other(domain_, path_);
  other.digest_ = std::move(digest);
  return other;
}

}  // namespace hallmark
