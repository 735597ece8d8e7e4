// SPDX-License-Identifier: Apache-2.0
#include "store/layout/reachable.h"

#include <algorithm>

#include "trust/error.h"

namespace hallmark::store {
namespace {

/// Of indexes in indexes: each level is a call, and a file must not say how many there are.
constexpr std::size_t kMostDepth = 8;

class Walk {
 public:
  Walk(const Path& directory, Reachable& reachable) : directory_(directory), reachable_(reachable) {}

  void document(const Descriptor& descriptor, std::size_t depth) {
    if (depth > kMostDepth) fail(Fault::corrupt, "indexes are nested deeper than ", kMostDepth);
    if (!reachable_.digests.insert(descriptor.digest).second) return;
    // Read without the rules for images: what another tool stored needs its blobs too, whatever it is.
    const json::Value value = json::parse("manifest", read_document(directory_, descriptor).bytes);
    const json::Object& object = value.object();
    // An artifact manifest, which drafts of image-spec 1.1 had, lists "blobs".
    for (const std::string_view list : {"manifests", "layers", "blobs"}) {
      const json::Value* found = object.find(list);
      if (found == nullptr || found->is_null()) continue;
      for (const json::Value& item : found->array()) child(item, list == "manifests", depth);
    }
    for (const std::string_view single : {"config", "subject"}) {
      const json::Value* found = object.find(single);
      if (found != nullptr && !found->is_null()) child(*found, single == "subject", depth);
    }
  }

 private:
  void child(const json::Value& value, bool is_document, std::size_t depth) {
    const json::Object& object = value.object();
    const Descriptor descriptor{object.at("mediaType").string(),
                                Digest::parse(object.at("digest").string()),
                                object.at("size").size(),
                                std::nullopt,
                                {}};
    // A manifest that is not here has nothing here: an index may be stored without all of its platforms.
    if (is_document && status_of(blob_path(directory_, descriptor.digest))) {
      document(descriptor, depth + 1);
    } else {
      reachable_.digests.insert(descriptor.digest);
    }
  }

  const Path& directory_;
  Reachable& reachable_;
};

std::string label(const LayoutEntry& entry) {
  if (entry.name) return entry.name->familiar();
  return entry.descriptor ? entry.descriptor->digest.to_string() : "an entry of index.json that is not understood";
}

}  // namespace

Document read_document(const Path& directory, const Descriptor& descriptor) {
  const Path path = blob_path(directory, descriptor.digest);
  // As large as any document may be; the caller knows which kind it is.
  std::optional<Bytes> bytes = within(descriptor.digest.to_string(), [&] { return read_file(path, kMostConfigBytes); });
  if (!bytes) fail(Fault::missing, descriptor.digest.to_string(), " is not in the store");
  if (bytes->size() != descriptor.size) {
    fail(Fault::corrupt, descriptor.digest.to_string(), " is damaged: expected ", descriptor.size, " bytes, found ",
         bytes->size());
  }
  const Digest found = Digest::of(*bytes, descriptor.digest.algorithm());
  if (found != descriptor.digest) {
    fail(Fault::corrupt, descriptor.digest.to_string(), " is damaged: found ", found.to_string());
  }
  return {descriptor, std::move(*bytes)};
}

Reachable reachable_from(const Path& directory, const LayoutEntries& entries) {
  Reachable reachable;
  Walk walk(directory, reachable);
  for (const LayoutEntry& entry : entries) {
    try {
      // What is not understood may need anything: then no blob may go.
      if (!entry.descriptor) fail(Fault::corrupt, "it is not understood");
      walk.document(*entry.descriptor, 0);
    } catch (const Error& error) {
      if (error.fault() != Fault::corrupt && error.fault() != Fault::missing) throw;
      reachable.unclear.push_back(label(entry) + ": " + error.what());
    }
  }
  return reachable;
}

}  // namespace hallmark::store
