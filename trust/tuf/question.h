// SPDX-License-Identifier: Apache-2.0
//
// What the client's procedure is asked, what it needs for that, and how it says no.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "trust/bytes.h"
#include "trust/error.h"

namespace hallmark::tuf {

/// One file that the procedure needs.
struct Wanted {
  std::string role;     ///< "timestamp", "targets/releases"
  std::string file;     ///< as the server calls it: "targets/releases.<sha256>.json", "2.root.json"
  std::uint64_t limit;  ///< the most bytes it may have
};

/// What became of asking for a file. Only `found` has bytes.
struct Answer {
  enum class Kind {
    found,
    missing,     ///< the other side said so in its own words (HTTP 404)
    rejected,    ///< the other side refused the question itself (HTTP 400), or sent more than the limit: final
    unreachable  ///< network, TLS, 401, 403, 5xx ...: we do not know
  };
  Kind kind;
  Bytes bytes;
  Fault fault = Fault::unavailable;  ///< for `unreachable`: what the command should exit with
  std::string detail;                ///< for all but `found`: one line for people
};

/// Where files come from. Nothing it returns is believed.
class Documents {
 public:
  virtual ~Documents() = default;
  virtual Answer fetch(const Wanted& wanted) = 0;
};

/// Whether a root certificate that stands for several repositories ("reg.example/lib/*") counts under a pin. No
/// document of Notary v1 names its repository: what such a certificate signed for one of them is good for all.
enum class Wildcards { refused, accepted };

/// What may be the first root.
struct Anchor {
  std::vector<std::string> root_key_ids;  ///< TUF key ids of root keys that must meet the threshold; or
  std::optional<Bytes> root;              ///< a root document to start from; neither: trust on first use
  std::optional<std::int64_t> least_root_version;
  Wildcards wildcards = Wildcards::refused;  ///< without a pin they are accepted, as docker does, and told

  [[nodiscard]] bool is_pinned() const { return !root_key_ids.empty() || root.has_value(); }
};

/// What this machine knows of one repository from last time.
struct Memory {
  std::map<std::string, Bytes> files;            ///< role to the bytes accepted last
  std::map<std::string, std::int64_t> versions;  ///< role to the highest version ever accepted
  std::set<std::string> delegations;             ///< roles that the last accepted snapshot listed
  /// The roots before the one in `files`, by version. They prove whose successor it is without anybody being asked.
  std::map<std::int64_t, Bytes> roots{};

  [[nodiscard]] bool empty() const { return files.empty() && versions.empty(); }
};

struct Question {
  std::string gun;
  Anchor anchor;
  /// Whether a timestamp that cannot be fetched now may be replaced by the remembered one while it is unexpired.
  bool cached_timestamp_allowed;
};

}  // namespace hallmark::tuf
