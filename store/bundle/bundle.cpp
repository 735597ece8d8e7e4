// SPDX-License-Identifier: Apache-2.0
#include "store/bundle/bundle.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "store/bundle/bundle_documents.h"
#include "store/bundle/tar_writer.h"
#include "store/image/media_types.h"
#include "store/stream/hash_thread.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::store {
namespace {

constexpr std::string_view kEmpty = "{}";

Document document_of(std::string_view media_type, Bytes bytes) {
  Descriptor descriptor{std::string(media_type), Digest::of(bytes), bytes.size(), std::nullopt, {}};
  return {std::move(descriptor), std::move(bytes)};
}

PackedManifest read_manifest(const Store& store, const Descriptor& descriptor) {
  Manifest parts = parse_manifest(store.read(descriptor));
  Config config = parse_config(store.read(parts.config).bytes);
  if (config.diff_ids.size() != parts.layers.size()) {
    fail(Fault::corrupt, descriptor.digest.to_string(), ": ", parts.layers.size(), " layers, but the config has ",
         config.diff_ids.size(), " DiffIDs");
  }
  return {descriptor, std::move(config.platform), std::move(parts), std::move(config.diff_ids)};
}

PackedImage read_image(const Store& store, const BundleImage& packed) {
  PackedImage image{packed.name, packed.root, is_index(packed.root.media_type), {}, {}};
  if (!image.is_index) {
    image.manifests.push_back(read_manifest(store, packed.root));
    return image;
  }
  for (const Descriptor& listed : parse_index(store.read(packed.root)).manifests) {
    const bool goes =
        std::find(packed.manifests.begin(), packed.manifests.end(), listed.digest) != packed.manifests.end();
    if (goes) {
      image.manifests.push_back(read_manifest(store, listed));
    } else {
      image.left_out.push_back({listed.digest, listed.platform});
    }
  }
  if (image.manifests.empty()) fail(Fault::missing, "none of its platforms is in the store");
  return image;
}

/// The blobs of the bundle in their order, each once.
class Order {
 public:
  explicit Order(std::map<Digest, Digest> base_blobs) : base_blobs_(std::move(base_blobs)) {}

  void add(const Descriptor& blob) { add(blob.digest, blob.size, blob); }
  void add(Document document) {
    const Descriptor descriptor = document.descriptor;
    add(descriptor.digest, descriptor.size, std::move(document.bytes));
  }
  void add_layer(const Descriptor& layer) {
    // Listed and not carried: the statement says which bundle has it.
    const auto base = base_blobs_.find(layer.digest);
    if (base == base_blobs_.end()) return add(layer);
    if (seen_.insert(layer.digest).second) listed.push_back({layer.digest, layer.size, base->second});
  }

  std::vector<Part> parts;
  std::vector<ListedBlob> listed;

 private:
  void add(const Digest& digest, std::uint64_t size, std::variant<Bytes, Descriptor> content) {
    if (!seen_.insert(digest).second) return;
    listed.push_back({digest, size, std::nullopt});
    parts.push_back({bundle_path(digest), std::move(content)});
  }
  std::map<Digest, Digest> base_blobs_;
  std::set<Digest> seen_;
};

void add_evidence(Order& order, std::vector<Evidence> evidence) {
  for (Evidence& item : evidence) {
    order.add(std::move(item.manifest));
    for (Document& blob : item.blobs) order.add(std::move(blob));
  }
}

void add_images(Order& order, const std::vector<PackedImage>& images) {
  for (const PackedImage& image : images) {
    order.add(image.root);
    for (const PackedManifest& manifest : image.manifests) {
      order.add(manifest.descriptor);
      order.add(manifest.parts.config);
    }
  }
  // After everything that decides: who streams has judged all images before the first layer.
  for (const PackedImage& image : images) {
    for (const PackedManifest& manifest : image.manifests) {
      for (const Descriptor& layer : manifest.parts.layers) order.add_layer(layer);
    }
  }
}

void sort(BundlePlan& bundle_plan) {
  std::sort(bundle_plan.images.begin(), bundle_plan.images.end(),
            [](const BundleImage& a, const BundleImage& b) { return a.name.to_string() < b.name.to_string(); });
  std::sort(bundle_plan.evidence.begin(), bundle_plan.evidence.end(), [](const Evidence& a, const Evidence& b) {
    return std::tie(a.kind, a.manifest.descriptor.digest, a.annotations) <
           std::tie(b.kind, b.manifest.descriptor.digest, b.annotations);
  });
  std::sort(bundle_plan.trust.begin(), bundle_plan.trust.end(),
            [](const TrustSummary& a, const TrustSummary& b) { return a.gun < b.gun; });
}

std::vector<EvidenceEntry> entries_of(const std::vector<Evidence>& evidence) {
  std::vector<EvidenceEntry> entries;
  entries.reserve(evidence.size());
  for (const Evidence& item : evidence) entries.push_back(entry_of(item));
  return entries;
}

Bytes signed_statement(const std::string& payload, const std::function<void(dsse::Envelope&)>& sign) {
  dsse::Envelope envelope{std::string(dsse::kInTotoType), bytes_of(payload), {}};
  if (sign) sign(envelope);
  return bytes_of(dsse::to_text(envelope));
}

void write_blob(const Store& store, const Descriptor& blob, TarWriter& tar,
                const std::function<void(std::uint64_t)>& passed) {
  const std::unique_ptr<BlobReader> reader = store.open(blob);
  BackgroundHasher hash(blob.digest.algorithm());
  for (std::uint64_t done = 0; done < blob.size;) {
    const std::size_t count = reader->read(done, hash.room());
    // The header in the tar has promised the size already.
    if (count == 0) fail(Fault::corrupt, blob.digest.to_string(), ": expected ", blob.size, " bytes, found ", done);
    tar.write(hash.take(count));
    done += count;
    passed(count);
  }
  // Before the next header: a tar with a damaged blob never gets its end mark.
  const Digest found = hash.finish();
  if (found != blob.digest) {
    throw Error(Fault::corrupt, blob.digest.to_string() + " is damaged: found " + found.to_string(),
                "hallmark check tells what is damaged; hallmark pull brings it in again");
  }
}

}  // namespace

std::uint64_t Part::size() const {
  const auto* bytes = std::get_if<Bytes>(&content);
  return bytes != nullptr ? bytes->size() : std::get<Descriptor>(content).size;
}

std::vector<Part> plan_bundle(const Store& store, BundlePlan bundle_plan) {
  sort(bundle_plan);
  std::vector<PackedImage> images;
  for (const BundleImage& packed : bundle_plan.images) {
    images.push_back(within(packed.name.familiar(), [&] { return read_image(store, packed); }));
  }
  Document evidence = document_of({}, bytes_of(evidence_document(entries_of(bundle_plan.evidence))));
  const Digest evidence_digest = evidence.descriptor.digest;
  Order order(std::move(bundle_plan.base_blobs));
  order.add(std::move(evidence));
  add_evidence(order, std::move(bundle_plan.evidence));
  add_images(order, images);

  std::vector<ListedBlob> sorted = order.listed;
  std::sort(sorted.begin(), sorted.end(),
            [](const ListedBlob& a, const ListedBlob& b) { return a.digest.to_string() < b.digest.to_string(); });
  // After all that it lists, and before index.json, which names it by its digest.
  Bytes statement = signed_statement(statement_payload(images, sorted, evidence_digest, bundle_plan), bundle_plan.sign);
  const Digest statement_digest = Digest::of(statement);

  std::vector<Part> parts;
  parts.push_back({"oci-layout", bytes_of(R"({"imageLayoutVersion":"1.0.0"})")});
  parts.push_back({"index.json", bytes_of(index_document(images, evidence_digest, statement_digest))});
  parts.push_back({"manifest.json", bytes_of(docker_document(images))});
  parts.push_back({bundle_path(statement_digest), std::move(statement)});
  std::move(order.parts.begin(), order.parts.end(), std::back_inserter(parts));
  return parts;
}

Digest statement_of(const std::vector<Part>& parts) {
  // The fourth, by the order that every bundle has.
  return Digest::of(std::get<Bytes>(parts.at(3).content));
}

void write_bundle(const Store& store, const std::vector<Part>& parts, ByteSink& out,
                  const std::function<void(std::uint64_t)>& progress) {
  TarWriter tar(out);
  std::uint64_t total = 0;
  const auto passed = [&](std::uint64_t count) { progress(total += count); };
  for (const Part& part : parts) {
    tar.begin(part.path, part.size());
    if (const auto* bytes = std::get_if<Bytes>(&part.content)) {
      tar.write(*bytes);
      passed(bytes->size());
    } else {
      write_blob(store, std::get<Descriptor>(part.content), tar, passed);
    }
  }
  tar.finish();
}

Evidence make_evidence(const std::string& kind, const std::string& artifact_type,
                       const std::map<std::string, std::string>& manifest_annotations, const std::string& layer_type,
                       std::vector<EvidenceLayer> layers) {
  Evidence evidence{kind, artifact_type, {}, document_of(std::string(kOciManifest), {}), {}};
  evidence.blobs.push_back(document_of(std::string(kOciEmpty), bytes_of(kEmpty)));
  json::Writer writer(0);
  writer.begin_object().key("annotations").begin_object();
  for (const auto& [name, value] : manifest_annotations) writer.member(name, value);
  writer.end_object().member("artifactType", artifact_type).key("config").begin_object();
  writer.member("data", base64_of(view_of(kEmpty)))
      .member("digest", evidence.blobs.front().descriptor.digest.to_string());
  writer.member("mediaType", kOciEmpty).key("size").size(kEmpty.size()).end_object().key("layers").begin_array();
  for (EvidenceLayer& layer : layers) {
    Document blob = document_of(layer_type, std::move(layer.bytes));
    writer.begin_object().key("annotations").begin_object();
    for (const auto& [name, value] : layer.annotations) writer.member(name, value);
    writer.end_object().member("digest", blob.descriptor.digest.to_string()).member("mediaType", layer_type);
    writer.key("size").size(blob.descriptor.size).end_object();
    evidence.blobs.push_back(std::move(blob));
  }
  writer.end_array().member("mediaType", kOciManifest).key("schemaVersion").integer(2).end_object();
  evidence.manifest = document_of(std::string(kOciManifest), bytes_of(writer.text()));
  return evidence;
}

}  // namespace hallmark::store
