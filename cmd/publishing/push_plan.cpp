// SPDX-License-Identifier: Apache-2.0
#include "cmd/publishing/push_plan.h"

#include <algorithm>
#include <functional>
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
    for (const store::Descriptor& layer : parts.layers) note(layer, plan_.layers);
    note(parts.config, plan_.configs);
    // After its blobs, and before the index: a registry refuses a manifest that names what it does not have.
    plan_.documents.push_back(std::move(document));
  }

 private:
  void note(const store::Descriptor& blob, std::vector<store::Descriptor>& blobs) {
    if (seen_.insert(blob.digest).second) blobs.push_back(blob);
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
      const PushPlan plan = plan_push(store, other);
      for (const auto* blobs : {&plan.layers, &plan.configs}) {
        for (const store::Descriptor& blob : *blobs) sources.emplace(blob.digest, other.name.path());
      }
    } catch (const Error& error) {
      // What is not whole here is no source, and no reason to stop.
      if (error.fault() != Fault::missing && error.fault() != Fault::corrupt) throw;
    }
  }
  return sources;
}

/// Tells how far the bytes are that it gives.
class ToldReader final : public store::BlobReader {
 public:
  ToldReader(store::BlobReader& bytes, std::function<void(std::uint64_t)> passed)
      : bytes_(bytes), passed_(std::move(passed)) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  std::size_t read(std::uint64_t offset, std::span<std::uint8_t> buffer) override {
    const std::size_t count = bytes_.read(offset, buffer);
    passed_(offset + count);
    return count;
  }

 private:
  store::BlobReader& bytes_;
  std::function<void(std::uint64_t)> passed_;
};

/// Nobody looks at configs: docker tells of layers alone.
class Unobserved final : public PushObserver {
 public:
  void was_there(const store::Descriptor& /*layer*/) override {}
  void passed(const store::Descriptor& /*layer*/, std::uint64_t /*bytes*/) override {}
  void pushed(const store::Descriptor& /*layer*/) override {}
  void mounted(const store::Descriptor& /*layer*/, const std::string& /*from*/) override {}
};

/// By its bytes, whatever it says of them.
bool is_there(registry::Repository& target, const store::Descriptor& root) {
  // Asked for first without its bytes: most pushes are of something new.
  if (!target.has_manifest(root.digest)) return false;
  try {
    static_cast<void>(target.manifest(root.digest, root.size));
    return true;
  } catch (const Error& error) {
    // It only spares the transfer: what cannot be read is sent.
    const bool is_of_registry = error.fault() == Fault::missing || error.fault() == Fault::corrupt ||
                                error.fault() == Fault::unavailable || error.fault() == Fault::unauthorized;
    if (!is_of_registry) throw;
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
          PushObserver& observer) {
  // send() puts the root there last, so that it stands for all that it names.
  if (is_there(target, plan.root().descriptor)) {
    for (const store::Descriptor& layer : plan.layers) observer.was_there(layer);
    return;
  }
  const std::map<Digest, std::string> sources = sources_for(store, entry);
  const auto send_blob = [&](const store::Descriptor& blob, PushObserver& whom) {
    if (target.has_blob(blob)) return whom.was_there(blob);
    const auto source = sources.find(blob.digest);
    const auto from = source == sources.end() ? std::nullopt : std::optional(source->second);
    const auto bytes = store.open(blob);
    ToldReader told(*bytes, [&](std::uint64_t count) { whom.passed(blob, count); });
    const auto delivery = target.put_blob(blob, told, from);
    delivery == registry::Delivery::mounted ? whom.mounted(blob, *from) : whom.pushed(blob);
  };
  store::for_each_parallel(
      plan.layers, kWorkers,
      [&](const store::Descriptor& layer, const std::atomic<bool>& /*stop*/) { send_blob(layer, observer); });
  Unobserved nobody;
  for (const store::Descriptor& config : plan.configs) send_blob(config, nobody);
  // One after the other, parents last, once every blob is there.
  for (const store::Document& document : plan.documents) target.put_manifest(document);
}

}  // namespace hallmark::cmd
