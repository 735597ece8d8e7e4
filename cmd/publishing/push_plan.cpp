// SPDX-License-Identifier: Apache-2.0
#include "cmd/publishing/push_plan.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "store/parallel.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// A fourth takes more time from a registry on the same two processors than it saves: bench/push.sh.
constexpr std::size_t kWorkers = 3;

class Gathering {
 public:
  Gathering(const store::Store& store, PushPlan& plan) : store_(store), plan_(plan) {}

  void manifest(const store::Descriptor& descriptor) {
    store::Document document = store_.read(descriptor);
    const store::Manifest parts = store::parse_manifest(document);
    blob(parts.config);
    for (const store::Descriptor& layer : parts.layers) blob(layer);
    // After its blobs, and before the index: a registry refuses a manifest that names what it does not have.
    plan_.documents.push_back(std::move(document));
  }

 private:
  void blob(const store::Descriptor& descriptor) {
    if (seen_.insert(descriptor.digest).second) plan_.blobs.push_back(descriptor);
  }

  const store::Store& store_;
  PushPlan& plan_;
  std::set<Digest> seen_;
};

std::string platform_of(const store::Descriptor& manifest) {
  return manifest.platform ? printable(manifest.platform->to_string(), 80) : manifest.digest.abbreviated();
}

/// Other repositories of the registry in which an image of the store has the blob.
std::map<Digest, std::string> sources_for(const store::Store& store, const store::Entry& entry) {
  std::map<Digest, std::string> sources;
  for (const store::Entry& other : store.list()) {
    // Blobs are mounted within one registry (OCI distribution-spec, "Mounting a blob from another repository").
    const bool is_elsewhere = other.name.domain() == entry.name.domain() && other.name.path() != entry.name.path();
    if (!is_elsewhere) continue;
    try {
      for (const store::Descriptor& blob : plan_push(store, other).blobs)
        sources.emplace(blob.digest, other.name.path());
    } catch (const Error& error) {
      // What is not whole here is no source, and no reason to stop.
      if (error.fault() != Fault::missing && error.fault() != Fault::corrupt) throw;
    }
  }
  return sources;
}

/// By its bytes, whatever it says of them.
bool is_there(registry::Repository& target, const store::Descriptor& root) {
  // Asked for first without its bytes: most pushes are of something new.
  if (!target.has_manifest(root.digest)) return false;
  try {
    static_cast<void>(target.manifest(root.digest, root.size));
    return true;
  } catch (const Error& error) {
    if (error.fault() != Fault::missing && error.fault() != Fault::corrupt) throw;
    return false;
  }
}

}  // namespace

PushPlan plan_push(const store::Store& store, const store::Entry& entry) {
  return within(entry.name.familiar(), [&] {
    PushPlan plan;
    Gathering gathering(store, plan);
    if (!store::is_index(entry.root.media_type)) {
      gathering.manifest(entry.root);
      return plan;
    }
    store::Document root = store.read(entry.root);
    std::string missing;
    for (const store::Descriptor& listed : store::parse_index(root).manifests) {
      const bool is_here =
          std::find(entry.manifests.begin(), entry.manifests.end(), listed.digest) != entry.manifests.end();
      if (is_here) {
        gathering.manifest(listed);
      } else {
        missing += (missing.empty() ? "" : ", ") + platform_of(listed);
      }
    }
    // All of them at once: what is signed is the digest of the index, and readers may want any of its platforms.
    if (!missing.empty()) {
      throw Error(Fault::missing, "the index lists images that are not in the store: " + missing,
                  "pull it with --all-platforms");
    }
    plan.documents.push_back(std::move(root));
    return plan;
  });
}

void send(const store::Store& store, const store::Entry& entry, const PushPlan& plan, registry::Repository& target,
          const OnBlob& on_blob) {
  // send() puts the root there last, so that it stands for all that it names.
  if (is_there(target, plan.root().descriptor)) {
    for (const store::Descriptor& blob : plan.blobs) on_blob(blob, "Layer already exists");
    return;
  }
  const std::map<Digest, std::string> sources = sources_for(store, entry);
  store::for_each_parallel(plan.blobs, kWorkers, [&](const store::Descriptor& blob, const std::atomic<bool>& /*stop*/) {
    if (target.has_blob(blob)) return on_blob(blob, "Layer already exists");
    const auto source = sources.find(blob.digest);
    const auto from = source == sources.end() ? std::nullopt : std::optional(source->second);
    const auto delivery = target.put_blob(blob, *store.open(blob), from);
    on_blob(blob, delivery == registry::Delivery::mounted ? "Mounted from " + *from : "Pushed");
  });
  // One after the other, parents last, once every blob is there.
  for (const store::Document& document : plan.documents) target.put_manifest(document);
}

}  // namespace hallmark::cmd
