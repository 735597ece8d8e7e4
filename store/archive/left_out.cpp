// SPDX-License-Identifier: Apache-2.0
#include "store/archive/left_out.h"

#include <map>
#include <string>
#include <vector>

#include "store/archive/statement_check.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

constexpr std::size_t kMostNamed = 20;

bool is_in(const Store& store, const Descriptor& layer) {
  try {
    static_cast<void>(store.open(layer));
    return true;
  } catch (const Error& error) {
    if (error.fault() != Fault::missing && error.fault() != Fault::corrupt) throw;
    return false;
  }
}

/// Each once.
std::map<Digest, Descriptor> layers_of(const Archive& archive) {
  std::map<Digest, Descriptor> layers;
  for (const ArchiveImage& image : archive.images()) {
    for (const Document& manifest : image.manifests) {
      for (const Descriptor& layer : parse_manifest(manifest).layers) layers.emplace(layer.digest, layer);
    }
  }
  return layers;
}

std::string shown(const std::vector<Digest>& bases) {
  std::string text;
  for (const Digest& base : bases) text += (text.empty() ? "" : " or ") + base.to_string();
  return text.empty() ? "" : " (in bundle " + text + ")";
}

}  // namespace

void require_left_out(const Archive& archive, const Store& store) {
  const auto statement = read_statement(archive);
  // Without a statement nothing is said to be left out: Archive::take() refuses what lacks.
  if (!statement) return;
  std::string missing;
  std::size_t count = 0;
  for (const auto& [digest, layer] : layers_of(archive)) {
    const auto stated = statement->says.blobs.find(digest);
    if (stated == statement->says.blobs.end() || stated->second.is_present || is_in(store, layer)) continue;
    if (++count > kMostNamed) continue;
    // Where the blob does not say which bundle has it, each of the bases may.
    const auto& base = stated->second.base;
    missing += (missing.empty() ? "" : ", ") + digest.to_string() +
               shown(base ? std::vector<Digest>{*base} : statement->says.base);
  }
  if (count > kMostNamed) missing += ", and " + std::to_string(count - kMostNamed) + " more";
  if (count == 0) return;
  throw Error(Fault::missing, ErrorCode{"E_BLOB_MISSING"},
              "layers that this bundle leaves out are not in the store: " + missing,
              "load the bundle that has them first; hallmark bundle ls --json tells which bundle a file is");
}

}  // namespace hallmark::store
