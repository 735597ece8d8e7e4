// SPDX-License-Identifier: Apache-2.0
#include "cmd/bundling/referrer_evidence.h"

#include <algorithm>
#include <array>
#include <set>

#include "registry/oci/open.h"
#include "store/archive/carried_evidence.h"
#include "store/stream/bounded_bytes.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

/// cosign before version 3 signs sha256:0123 under the tag sha256-0123.sig.
constexpr std::array<std::string_view, 3> kCosignTags{".sig", ".att", ".sbom"};

struct ReferrerInfo {
  std::string artifact_type;
  std::optional<Digest> subject;
};

/// What a manifest says about itself.
ReferrerInfo parse_referrer(const store::Document& manifest) {
  const json::Value value = json::parse("manifest", manifest.bytes);
  const json::Object& object = value.object();
  ReferrerInfo info{{}, std::nullopt};
  // Its own type, or that of its config (OCI image-spec, manifest.md, "artifactType").
  const json::Value* type = object.find("artifactType");
  if (type == nullptr && object.find("config") != nullptr) type = object.at("config").object().find("mediaType");
  if (type != nullptr && type->is_string()) info.artifact_type = type->string();
  const json::Value* subject = object.find("subject");
  if (subject != nullptr && !subject->is_null()) info.subject = Digest::parse(subject->object().at("digest").string());
  return info;
}

class Gathering {
 public:
  Gathering(const store::Store& store, const registry::Settings& settings, store::BundlePlan& bundle_plan)
      : store_(store), settings_(settings), bundle_plan_(bundle_plan) {
    // Trust data are in already, and what an earlier image has brought need not be fetched twice.
    for (const store::Evidence& evidence : bundle_plan.evidence) known_.insert(evidence.manifest.descriptor.digest);
  }

  void add_kept(const std::set<Digest>& subjects) {
    for (store::Evidence& evidence : store_.evidence_about(subjects))
      add(std::move(evidence), subjects.begin()->to_string());
  }

  void add_from_registry(const Reference& name, const std::set<Digest>& subjects) {
    // Told once, not waited for again with every image.
    if (unreachable_.contains(name.domain())) return;
    try {
      const auto source = registry::open_repository(settings_, name, registry::Access::pull);
      std::vector<Digest> to_ask(subjects.begin(), subjects.end());
      for (std::size_t i = 0; i < to_ask.size(); ++i) {
        // Others may have signed what is said about an image.
        for (const Digest& found : add_referrers(*source, name, to_ask[i])) {
          if (std::find(to_ask.begin(), to_ask.end(), found) == to_ask.end()) to_ask.push_back(found);
        }
        if (subjects.contains(to_ask[i])) add_cosign(*source, to_ask[i]);
      }
    } catch (const Error& error) {
      // A bundle without a signature is of use. One with wrong bytes is not: damage ends the command.
      if (error.fault() != Fault::unavailable && error.fault() != Fault::unauthorized) throw;
      unreachable_.insert(name.domain());
      warn(name.domain() + " cannot be asked: signatures and other referrers that it has, of " +
           name.familiar_repository() + " and its other images, are missing from the bundle: " + error.what());
    }
  }

 private:
  void warn(const std::string& text) const { settings_.notice("warning: " + text); }

  void left_out(const std::string& what, const std::string& subject, const std::string& why) const {
    warn("left out of the bundle: " + printable(what, 200) + " about " + subject + ": " + why);
  }

  std::vector<Digest> add_referrers(registry::Repository& source, const Reference& name, const Digest& subject) {
    std::vector<Digest> found;
    for (const store::Descriptor& listed : source.referrers(subject)) {
      // An index may be a referrer as well, and has no blobs of its own (OCI image-spec, image-index.md, "subject").
      if (!store::is_manifest(listed.media_type)) {
        left_out(listed.digest.to_string(), name.at_digest(subject).familiar(),
                 "its type is " + printable(listed.media_type, 100));
        continue;
      }
      if (known_.contains(listed.digest)) {
        found.push_back(listed.digest);
        continue;
      }
      const store::Document manifest = source.manifest(listed.digest, listed.size);
      const ReferrerInfo info = parse_referrer(manifest);
      // The list is the registry's word, the manifest is the signer's: on load both must agree.
      if (info.subject != subject) {
        left_out(listed.digest.to_string(), name.at_digest(subject).familiar(), "it does not say that it is");
        continue;
      }
      store::Evidence evidence{store::referrer_kind(info.artifact_type),
                               info.artifact_type,
                               {{std::string(store::kEvidenceSubject), subject.to_string()}},
                               manifest,
                               {}};
      if (complete(source, evidence, subject)) found.push_back(listed.digest);
    }
    return found;
  }

  void add_cosign(registry::Repository& source, const Digest& subject) {
    for (const std::string_view suffix : kCosignTags) {
      const std::string tag = std::string(subject.algorithm_name()) + "-" + subject.hex() + std::string(suffix);
      // A digest of sha512 makes a tag that is too long.
      if (!Reference::is_tag(tag)) continue;
      try {
        store::Document manifest = source.manifest(tag);
        if (!store::is_manifest(manifest.descriptor.media_type)) {
          left_out(tag, subject.to_string(), "it is no manifest");
          continue;
        }
        if (known_.contains(manifest.descriptor.digest)) continue;
        std::string type = parse_referrer(manifest).artifact_type;
        store::Evidence evidence{
            "cosign-legacy",
            std::move(type),
            {{std::string(store::kEvidenceSubject), subject.to_string()}, {std::string(store::kEvidenceTag), tag}},
            std::move(manifest),
            {}};
        static_cast<void>(complete(source, evidence, subject));
      } catch (const Error& error) {
        // No such tag: nobody has signed it so.
        if (error.fault() != Fault::missing) throw;
      }
    }
  }

  /// With every blob that it names. False, and told, when it cannot be carried.
  bool complete(registry::Repository& source, store::Evidence& evidence, const Digest& subject) {
    std::uint64_t total = evidence.manifest.bytes.size();
    std::vector<store::Descriptor> blobs = store::evidence_blobs(evidence.manifest.bytes);
    // Cut, so that sizes that somebody made up cannot wrap the sum around.
    for (const store::Descriptor& blob : blobs) total += std::min(blob.size, store::kMostEvidenceBytes);
    const std::string digest = evidence.manifest.descriptor.digest.to_string();
    const bool is_too_large = std::any_of(
        blobs.begin(), blobs.end(), [](const store::Descriptor& blob) { return blob.size > store::kMostEvidenceBlob; });
    // A file that load would count, too: whatever this writes has to come in again.
    files_ += 1 + blobs.size();
    if (is_too_large || bytes_ + total > store::kMostEvidenceBytes || files_ > store::kMostEvidenceFiles) {
      left_out(evidence.kind + " " + digest, subject.to_string(), "it is larger than a bundle may carry");
      return false;
    }
    try {
      for (store::Descriptor& blob : blobs) evidence.blobs.push_back(fetch(source, std::move(blob)));
    } catch (const Error& error) {
      // Evidence without one of its blobs cannot be checked by anybody.
      if (error.fault() != Fault::missing) throw;
      left_out(evidence.kind + " " + digest, subject.to_string(), error.what());
      return false;
    }
    return add(std::move(evidence), subject.to_string());
  }

  static store::Document fetch(registry::Repository& source, store::Descriptor blob) {
    store::BoundedBytes collector(blob.size);
    source.fetch(blob, collector);
    const Digest found = Digest::of(collector.bytes(), blob.digest.algorithm());
    if (found != blob.digest || collector.bytes().size() != blob.size) {
      fail(Fault::corrupt, "evidence: expected ", blob.digest.to_string(), ", found ", found.to_string());
    }
    return {std::move(blob), collector.take()};
  }

  bool add(store::Evidence evidence, const std::string& subject) {
    if (known_.contains(evidence.manifest.descriptor.digest)) return true;
    std::uint64_t total = evidence.manifest.bytes.size();
    for (const store::Document& blob : evidence.blobs) total += blob.bytes.size();
    if (bytes_ + total > store::kMostEvidenceBytes || bundle_plan_.evidence.size() == store::kMostEvidence) {
      left_out(evidence.kind + " " + evidence.manifest.descriptor.digest.to_string(), subject,
               "it is more than a bundle may carry");
      return false;
    }
    bytes_ += total;
    known_.insert(evidence.manifest.descriptor.digest);
    bundle_plan_.evidence.push_back(std::move(evidence));
    return true;
  }

  const store::Store& store_;
  const registry::Settings& settings_;
  store::BundlePlan& bundle_plan_;
  std::set<Digest> known_;             // manifests of evidence that is in already
  std::set<std::string> unreachable_;  // registries
  std::uint64_t bytes_ = 0;
  std::size_t files_ = 0;  // that were asked for
};

}  // namespace

void add_referring_evidence(const store::Store& store, const registry::Settings& settings,
                            store::BundlePlan& bundle_plan) {
  Gathering gathering(store, settings, bundle_plan);
  for (const store::BundleImage& image : bundle_plan.images) {
    std::set<Digest> subjects(image.manifests.begin(), image.manifests.end());
    subjects.insert(image.root.digest);
    gathering.add_kept(subjects);
    gathering.add_from_registry(image.name, subjects);
  }
}

}  // namespace hallmark::cmd
