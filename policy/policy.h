// SPDX-License-Identifier: Apache-2.0
//
// A policy file, read: containers-policy.json as its own tools read it, or the native dialect ("hallmark": 1).
// Reading is total: what the code does not know, or does not support yet, is an error or a requirement that never
// passes; nothing is skipped.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/freshness.h"
#include "policy/gates.h"
#include "policy/waivers.h"
#include "trust/digest.h"
#include "trust/reference.h"
#include "trust/system/system.h"
#include "trust/time.h"

namespace hallmark::policy {

/// One node of the tree that a scope demands.
struct Requirement {
  enum class Type {
    accept_anything,
    reject,
    unsupported,  ///< parsed, and never passes: signedBy, sigstoreSigned, signedBaseLayer
    system,       ///< of a trust system
    threshold,
    digest,
    gates,
    audit  ///< looks at others and refuses only from its date on
  };
  /// What a threshold counts: branches whose signers differ, or branches.
  enum class Distinct { signer, requirement };
  /// What nobody filled in rejects.
  Type type = Type::reject;
  std::string pointer;    ///< JSON pointer into the file: "/transports/docker/reg.example~1app/0"
  std::string type_name;  ///< as written: "sigstoreSigned"
  std::string id;         ///< optional in the file; empty if not given
  std::string message;    ///< reject
  std::string store;      ///< system: the one that it names; empty if none
  /// Shared with plans, which outlive the policy when its file is read again.
  std::shared_ptr<const trust::Requirement> system;
  std::size_t k = 0;  ///< threshold
  Distinct distinct = Distinct::signer;
  std::vector<Requirement> of;  ///< threshold, audit
  std::vector<Digest> allow;    ///< digest
  std::optional<Gates> gates;   ///< gates
  std::optional<Time> until;    ///< audit: when it begins to refuse; absent means never
};

using Requirements = std::vector<Requirement>;  // all of them must pass

/// By which rules the file is read and names are looked up. A member "hallmark" at the top decides.
enum class PolicyDialect { containers, native };

/// Which list of requirements holds for a name.
struct Match {
  std::string transport;             ///< "docker", or empty when the default was taken
  std::string scope;                 ///< the key that matched; meaningful when transport is not empty
  std::vector<std::string> tried;    ///< keys that were looked for, in order, the matching one last
  const Requirements* requirements;  ///< lives as long as the policy stays where it is
};

/// A policy file that was read whole. Only read_policy() makes one, and it does not change: a file that was changed
/// is read again, and is another policy.
class Policy {
 public:
  /// As the caller named it; it is not made fit for a terminal.
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const Digest& digest() const { return digest_; }
  [[nodiscard]] PolicyDialect dialect() const { return dialect_; }
  [[nodiscard]] const std::string& name() const { return name_; }  ///< native metadata; may be empty
  /// Never negative. It is remembered by the name, so without a name it is compared with nothing.
  [[nodiscard]] std::optional<std::int64_t> serial() const { return serial_; }
  /// From this moment on, itself included, every decision is a refusal.
  [[nodiscard]] std::optional<Time> expires() const { return expires_; }
  /// Those of trust systems. Every file that they name has been read.
  [[nodiscard]] const trust::Stores& stores() const { return stores_; }
  [[nodiscard]] const std::map<std::string, SigningKey>& keys() const { return keys_; }  ///< stores of kind key
  /// Absent when the file says nothing of it.
  [[nodiscard]] const std::optional<Freshness>& freshness() const { return freshness_; }
  /// Whether what no publisher's signature vouches for is refused, whatever the lists say.
  [[nodiscard]] bool requires_publisher() const { return requires_publisher_; }
  /// The list for names that no scope has. Never empty.
  [[nodiscard]] const Requirements& fallback() const { return default_; }
  using Scopes = std::map<std::string, Requirements>;
  /// By transport, then by scope as the file spells it. Names are looked up under "docker" alone.
  [[nodiscard]] const std::map<std::string, Scopes>& transports() const { return transports_; }
  /// These three say nothing in the containers dialect, which does not know them.
  [[nodiscard]] const std::vector<Exception>& exceptions() const { return exceptions_; }
  [[nodiscard]] const BreakGlass& break_glass() const { return break_glass_; }
  [[nodiscard]] const Audit& audit() const { return audit_; }
  /// Remarks for `policy check`: dead scopes, wider scopes that a narrower one shadows, unsupported requirements.
  [[nodiscard]] const std::vector<std::string>& remarks() const { return remarks_; }

  /// containers-policy.json(5), "docker:" scopes: most specific first, nothing inherited. The native dialect reads
  /// hosts in lower case and without ":443". Fault::usage for NAME:TAG@DIGEST in the containers dialect, whose tools
  /// refuse it before they ask the policy.
  [[nodiscard]] Match match(const Reference& name) const;
  /// The repository as this policy calls it: in the native dialect the host in lower case and without ":443".
  [[nodiscard]] std::string repository(const Reference& name) const;

 private:
  friend class PolicyReader;  // policy/file/reader.cpp
  Policy(std::string path, Digest digest) : path_(std::move(path)), digest_(std::move(digest)) {}

  std::string path_;
  Digest digest_;
  PolicyDialect dialect_ = PolicyDialect::containers;
  std::string name_;
  std::optional<std::int64_t> serial_;
  std::optional<Time> expires_;
  trust::Stores stores_;
  std::map<std::string, SigningKey> keys_;
  std::optional<Freshness> freshness_;
  bool requires_publisher_ = false;
  Requirements default_;
  std::map<std::string, Scopes> transports_;
  std::vector<Exception> exceptions_;
  BreakGlass break_glass_;
  Audit audit_;
  std::vector<std::string> remarks_;
};

}  // namespace hallmark::policy
