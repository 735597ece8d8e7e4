// SPDX-License-Identifier: Apache-2.0
#include "cmd/bundling/bundle_base.h"

#include <algorithm>

#include "cmd/admission/archive_input.h"
#include "cmd/bundle_statement.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

constexpr std::size_t kMostNamed = 20;

CarriedStatement statement_of(const Desk& desk, const std::string& bundle) {
  ArchiveInput input(bundle, "hallmark save --base - NAME < BUNDLE > FILE", desk.surroundings.interrupted);
  store::Staging staging(desk.store);
  store::Archive archive(staging);
  return input.reading([&] {
    read_documents(archive, input);
    auto statement = read_statement(archive);
    if (!statement) {
      throw Error(Fault::usage, "it does not say what it has", "--base takes bundles that hallmark save has written");
    }
    return *std::move(statement);
  });
}

bool is_in(const store::Store& store, const store::Descriptor& layer) {
  try {
    static_cast<void>(store.open(layer));
    return true;
  } catch (const Error& error) {
    if (error.fault() != Fault::missing && error.fault() != Fault::corrupt) throw;
    return false;
  }
}

/// Each once.
std::map<Digest, store::Descriptor> layers_of(const store::Archive& archive) {
  std::map<Digest, store::Descriptor> layers;
  for (const store::ArchiveImage& image : archive.images()) {
    for (const store::Document& manifest : image.manifests) {
      for (const store::Descriptor& layer : store::parse_manifest(manifest).layers) layers.emplace(layer.digest, layer);
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

std::map<Digest, Digest> blobs_of_bases(const Desk& desk, const std::vector<std::string>& bundles) {
  if (std::count(bundles.begin(), bundles.end(), "-") > 1) fail(Fault::usage, "standard input is one bundle, not two");
  std::map<Digest, Digest> present;
  std::map<Digest, Digest> elsewhere;
  // The same in whatever order they are named: the one with the lowest digest has what two of them have.
  const auto note = [](std::map<Digest, Digest>& blobs, const Digest& blob, const Digest& bundle) {
    const auto [place, is_new] = blobs.emplace(blob, bundle);
    if (!is_new) place->second = std::min(place->second, bundle);
  };
  for (const std::string& bundle : bundles) {
    const CarriedStatement statement = statement_of(desk, bundle);
    for (const auto& [digest, blob] : statement.says.blobs) {
      if (blob.is_present) note(present, digest, statement.digest);
      if (!blob.is_present && blob.base) note(elsewhere, digest, *blob.base);
    }
  }
  present.merge(elsewhere);
  return present;
}

void require_left_out(const store::Archive& archive, const store::Store& store) {
  const auto statement = read_statement(archive);
  if (!statement) return;
  std::string missing;
  std::size_t count = 0;
  for (const auto& [digest, layer] : layers_of(archive)) {
    const auto stated = statement->says.blobs.find(digest);
    if (stated == statement->says.blobs.end() || stated->second.is_present || is_in(store, layer)) continue;
    if (++count > kMostNamed) continue;
    const auto& base = stated->second.base;
    missing += (missing.empty() ? "" : ", ") + digest.to_string() +
               shown(base ? std::vector<Digest>{*base} : statement->says.base);
  }
  if (count > kMostNamed) missing += ", and " + std::to_string(count - kMostNamed) + " more";
  if (count == 0) return;
  throw Error(Fault::missing, "E_BLOB_MISSING: layers that this bundle leaves out are not in the store: " + missing,
              "load the bundle that has them first; hallmark bundle ls --json tells which bundle a file is");
}

}  // namespace hallmark::cmd
