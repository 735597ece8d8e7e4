// SPDX-License-Identifier: Apache-2.0
//
// Names of images, read as docker reads them (distribution/reference: grammar and normalisation).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "trust/digest.h"

namespace hallmark {

/// A normalised reference: "debian" is docker.io/library/debian:latest.
class Reference {
 public:
  /// Fault::usage with docker's words when the text is no reference.
  static Reference parse(std::string_view text);

  /// "docker.io", "localhost:5000": as written, except that the aliases of Docker Hub are folded into "docker.io".
  [[nodiscard]] const std::string& domain() const { return domain_; }
  /// "library/debian"
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Present unless the text had only a digest; "latest" when it had neither.
  [[nodiscard]] const std::optional<std::string>& tag() const { return tag_; }
  [[nodiscard]] const std::optional<Digest>& digest() const { return digest_; }
  /// Whether "latest" was filled in.
  [[nodiscard]] bool tag_defaulted() const { return tag_defaulted_; }

  /// "docker.io/library/debian": the globally unique name of the repository.
  [[nodiscard]] std::string repository() const { return domain_ + "/" + path_; }
  /// The same with the host in lower case and without ":443": what trust data call the repository (GUN), so that each
  /// spelling of one host asks under one memory.
  [[nodiscard]] std::string gun() const;
  /// "docker.io/library/debian:12@sha256:..."
  [[nodiscard]] std::string to_string() const;
  /// "debian:12": as docker shows it.
  [[nodiscard]] std::string familiar() const;
  /// "debian"
  [[nodiscard]] std::string familiar_repository() const;

  /// A digest that is there stays.
  [[nodiscard]] Reference with_tag(std::string tag) const;
  /// The same name by its tag alone; there must be one.
  [[nodiscard]] Reference without_digest() const;
  /// The same repository, no tag, only this digest.
  [[nodiscard]] Reference at_digest(Digest digest) const;

  /// By what the name says; whether "latest" was typed or filled in makes no difference.
  bool operator==(const Reference& other) const { return to_string() == other.to_string(); }

  /// OCI distribution-spec, spec.md: [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}.
  static bool is_tag(std::string_view text);

 private:
  Reference(std::string domain, std::string path) : domain_(std::move(domain)), path_(std::move(path)) {}

  std::string domain_;
  std::string path_;
  std::optional<std::string> tag_;
  std::optional<Digest> digest_;
  bool tag_defaulted_ = false;
};

}  // namespace hallmark
