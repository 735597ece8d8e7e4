// SPDX-License-Identifier: Apache-2.0
//
// The writing half of a registry, and what a test needs to send a blob to it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "registry/oci/client.h"
#include "tests/registry/world.h"
#include "tests/support/loopback_server.h"

namespace hallmark::test {

inline Told status(int number, std::vector<std::pair<std::string, std::string>> headers) {
  Told told;
  told.status = number;
  told.headers = std::move(headers);
  return told;
}
inline Told refusal(int number, const std::string& code, const std::string& message) {
  Told told = status(number, {});
  told.body = R"({"errors":[{"code":")" + code + R"(","message":")" + message + R"("}]})";
  return told;
}

/// The writing half of a registry: one session at a time; every answer has a new Location and an old one is refused.
class Shelf {
 public:
  Told operator()(const Asked& asked) {
    const std::lock_guard lock(mutex_);
    if (asked.target.find("/blobs/sha256:") != std::string::npos) return head_blob(asked);
    if (asked.target.find("/uploads/") == std::string::npos) return put_manifest(asked);
    if (asked.method == "POST") return begin(asked);
    const bool is_current = open && asked.target.find("state=" + std::to_string(state)) != std::string::npos;
    if (!is_current) return refusal(404, "BLOB_UPLOAD_INVALID", "blob upload invalid");
    if (asked.method == "PATCH") return append(asked);
    if (asked.method == "PUT") return end(asked);
    if (asked.method == "DELETE") {
      open = false;
      return status(204, {});
    }
    return forgets ? refusal(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown") : where(204);
  }

  std::map<std::string, std::string> blobs;
  std::map<std::string, std::string> manifests;
  std::string data;
  std::string least_chunk;
  bool open = false;
  bool forgets = false;  // does not tell the state of a session
  bool silent_about_range = false;
  bool drops_chunks = false;  // takes only the first
  std::string mountable;      // what other/one has
  bool lies_about_mounts = false;
  int state = 0;
  int sessions = 0;

 private:
  static std::string digest_in(const std::string& target, const std::string& mark) {
    const auto at = target.find(mark);
    if (at == std::string::npos) return {};
    const std::string text = target.substr(at + mark.size(), 7 + 2 + 64);
    return text.starts_with("sha256%3A") ? "sha256:" + text.substr(9, 64) : text.substr(0, 7 + 64);
  }
  Told where(int number) {
    ++state;
    Told told = status(number, {{"Location", "/v2/a/b/blobs/uploads/1?state=" + std::to_string(state)}});
    if (!silent_about_range) {
      told.headers.emplace_back("Range", "0-" + std::to_string(data.empty() ? 0 : data.size() - 1));
    }
    return told;
  }
  Told head_blob(const Asked& asked) {
    const auto found = blobs.find(digest_in(asked.target, "/blobs/"));
    if (found == blobs.end()) return status(404, {});
    Told told = status(200, {});
    told.body = found->second;
    return told;
  }
  Told begin(const Asked& asked) {
    const std::string mounted = digest_in(asked.target, "mount=");
    if (asked.target.find("from=other/one") != std::string::npos) {
      if (!lies_about_mounts) blobs[mounted] = mountable;
      return status(201, {{"Location", "/v2/a/b/blobs/" + mounted}});
    }
    if (asked.target.find("from=private/one") != std::string::npos) return refusal(403, "DENIED", "not yours");
    open = true;
    ++sessions;
    data.clear();
    Told told = where(202);
    if (!least_chunk.empty()) told.headers.emplace_back("OCI-Chunk-Min-Length", least_chunk);
    return told;
  }
  Told append(const Asked& asked) {
    const std::string expected =
        std::to_string(data.size()) + "-" + std::to_string(data.size() + asked.body.size() - 1);
    if (asked.header("content-range") != expected) return status(416, {});
    if (!drops_chunks || data.empty()) data += asked.body;
    return where(202);
  }
  Told end(const Asked& asked) {
    data += asked.body;
    const std::string digest = digest_in(asked.target, "digest=");
    if (Digest::of(view_of(data)).to_string() != digest) {
      return refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
    }
    blobs[digest] = data;
    open = false;
    return status(201, {{"Docker-Content-Digest", digest}});
  }
  Told put_manifest(const Asked& asked) {
    const std::string name = asked.target.substr(asked.target.find_last_of('/') + 1);
    if (asked.method != "PUT") {
      Told told = status(manifests.contains(name) ? 200 : 404, {});
      if (told.status == 200) told.body = manifests.at(name);
      return told;
    }
    manifests[name] = asked.body;
    return status(201, {{"Docker-Content-Digest", Digest::of(view_of(asked.body)).to_string()}});
  }

  std::mutex mutex_;
};

/// A registry, a client that may write, and a blob.
struct Scene {
  explicit Scene(std::size_t size)
      : bytes(size, 'x'), server([this](const Asked& asked) { return lie ? lie(asked) : shelf(asked); }) {
    for (std::size_t at = 0; at < bytes.size(); at += 1000) bytes[at] = static_cast<char>('a' + at / 1000 % 26);
    shelf.mountable = bytes;
  }

  [[nodiscard]] store::Descriptor blob() const {
    return store::Descriptor{"x", Digest::of(view_of(bytes)), bytes.size(), std::nullopt, {}};
  }
  registry::Delivery put(const std::optional<std::string>& from) {
    registry::Client client(world.settings, Reference::parse(server.name() + "/a/b"), registry::Access::push);
    store::BytesReader reader(view_of(bytes));
    return client.put_blob(blob(), reader, from);
  }
  [[nodiscard]] std::string methods() const {
    std::string text;
    for (const Asked& asked : server.asked()) text += (text.empty() ? "" : " ") + asked.method;
    return text;
  }
  [[nodiscard]] bool has_it() {
    const auto found = shelf.blobs.find(blob().digest.to_string());
    return found != shelf.blobs.end() && found->second == bytes;
  }
  /// The first request that fits is fouled, the others are not.
  void foul_once(const std::string& method, const Foul& foul) {
    server.foul([method, foul, done = std::make_shared<bool>(false)](const Asked& asked) {
      if (*done || asked.method != method) return Foul{};
      *done = true;
      return foul;
    });
  }

  World world;
  std::string bytes;
  Shelf shelf;
  std::function<Told(const Asked&)> lie;
  LoopbackServer server;
};

}  // namespace hallmark::test
