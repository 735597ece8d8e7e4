// SPDX-License-Identifier: Apache-2.0
#include "store/bundle/bundle_documents.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "store/image/media_types.h"
#include "store/layout/index_file.h"
#include "trust/json.h"

namespace hallmark::store {
namespace {

constexpr std::string_view kContainerdName = "io.containerd.image.name";
/// The name of an image that has a digest and no tag: other tools would take it for a tag.
constexpr std::string_view kDigestName = "vnd.hallmark.bundle.name";

void write_annotations(json::Writer& writer, const std::map<std::string, std::string>& annotations) {
  writer.key("annotations").begin_object();
  for (const auto& [name, value] : annotations) writer.member(name, value);
  writer.end_object();
}

/// The rest of a descriptor, whose members follow "annotations" and "artifactType" in the alphabet.
void write_identity(json::Writer& writer, const Descriptor& descriptor) {
  writer.member("digest", descriptor.digest.to_string());
  writer.member("mediaType", descriptor.media_type);
  writer.key("size").size(descriptor.size);
}

/// Tags that two repositories use mean nothing alone; then it is the full name that tells them apart.
std::set<std::string> shared_tags(const std::vector<PackedImage>& images) {
  std::set<std::string> seen;
  std::set<std::string> shared;
  for (const PackedImage& image : images) {
    if (image.name.tag() && !seen.insert(*image.name.tag()).second) shared.insert(*image.name.tag());
  }
  return shared;
}

std::map<std::string, std::string> names_of(const PackedImage& image, const std::set<std::string>& shared) {
  const std::string name = image.name.to_string();
  if (!image.name.tag()) return {{std::string(kDigestName), name}};
  const std::string& tag = *image.name.tag();
  // Containerd reads the one, most others read the second.
  return {{std::string(kContainerdName), name}, {std::string(kRefName), shared.contains(tag) ? name : tag}};
}

/// Docker's list knows no platforms: of an index one manifest is shown.
const PackedManifest& for_docker(const PackedImage& image) {
  const auto found = std::find_if(image.manifests.begin(), image.manifests.end(), [](const PackedManifest& manifest) {
    return manifest.platform.same_as({"linux", "amd64", ""});
  });
  return found == image.manifests.end() ? image.manifests.front() : *found;
}

void write_platform(json::Writer& writer, const PackedManifest& manifest) {
  writer.begin_object().member("architecture", manifest.platform.architecture);
  writer.member("config", manifest.parts.config.digest.to_string()).key("diffIDs").begin_array();
  for (const Digest& diff_id : manifest.diff_ids) writer.string(diff_id.to_string());
  writer.end_array().member("manifest", manifest.descriptor.digest.to_string());
  writer.member("os", manifest.platform.os).key("present").boolean(true);
  if (!manifest.platform.variant.empty()) writer.member("variant", manifest.platform.variant);
  writer.end_object();
}

void write_left_out(json::Writer& writer, const LeftOut& left_out) {
  const auto& platform = left_out.platform;
  writer.begin_object();
  if (platform) writer.member("architecture", platform->architecture);
  writer.member("manifest", left_out.digest.to_string());
  if (platform) writer.member("os", platform->os);
  writer.key("present").boolean(false);
  if (platform && !platform->variant.empty()) writer.member("variant", platform->variant);
  writer.end_object();
}

void write_image(json::Writer& writer, const PackedImage& image) {
  writer.begin_object().member("name", image.name.to_string()).key("platforms").begin_array();
  for (const PackedManifest& manifest : image.manifests) write_platform(writer, manifest);
  for (const LeftOut& left_out : image.left_out) write_left_out(writer, left_out);
  writer.end_array().key("top").begin_object();
  write_identity(writer, image.root);
  writer.end_object().end_object();
}

void write_trust(json::Writer& writer, const TrustSummary& trust) {
  writer.begin_object().key("expires").begin_object();
  for (const auto& [role, expires] : trust.expires) writer.member(role, expires);
  writer.end_object().member("gun", trust.gun).member("system", "tuf").key("versions").begin_object();
  for (const auto& [role, version] : trust.versions) writer.key(role).integer(version);
  writer.end_object().end_object();
}

std::set<Digest> bases_of(const std::vector<ListedBlob>& blobs) {
  std::set<Digest> bases;
  for (const ListedBlob& blob : blobs) {
    if (blob.base) bases.insert(*blob.base);
  }
  return bases;
}

}  // namespace

std::string bundle_path(const Digest& digest) {
  return "blobs/" + std::string(digest.algorithm_name()) + "/" + digest.hex();
}

std::string index_document(const std::vector<PackedImage>& images, const Digest& evidence, const Digest& statement) {
  const std::set<std::string> shared = shared_tags(images);
  json::Writer writer(0);
  writer.begin_object();
  write_annotations(writer, {{"vnd.hallmark.bundle", "1"},
                             {"vnd.hallmark.bundle.evidence", evidence.to_string()},
                             {"vnd.hallmark.bundle.statement", statement.to_string()}});
  writer.key("manifests").begin_array();
  for (const PackedImage& image : images) {
    writer.begin_object();
    write_annotations(writer, names_of(image, shared));
    write_identity(writer, image.root);
    writer.end_object();
  }
  writer.end_array().member("mediaType", kOciIndex).key("schemaVersion").integer(2).end_object();
  return writer.text();
}

std::string docker_document(const std::vector<PackedImage>& images) {
  // Names of one image stand together: docker would load its layers once for each.
  std::vector<std::pair<const PackedManifest*, std::vector<std::string>>> items;
  for (const PackedImage& image : images) {
    const PackedManifest& manifest = for_docker(image);
    auto item = std::find_if(items.begin(), items.end(), [&](const auto& other) {
      return other.first->descriptor.digest == manifest.descriptor.digest;
    });
    if (item == items.end()) item = items.insert(items.end(), {&manifest, {}});
    if (image.name.tag()) item->second.push_back(image.name.to_string());
  }
  json::Writer writer(0);
  writer.begin_array();
  for (const auto& [manifest, tags] : items) {
    writer.begin_object().member("Config", bundle_path(manifest->parts.config.digest)).key("Layers").begin_array();
    for (const Descriptor& layer : manifest->parts.layers) writer.string(bundle_path(layer.digest));
    writer.end_array().key("RepoTags").begin_array();
    for (const std::string& tag : tags) writer.string(tag);
    writer.end_array().end_object();
  }
  writer.end_array();
  return writer.text();
}

std::string statement_payload(const std::vector<PackedImage>& images, const std::vector<ListedBlob>& blobs,
                              const Digest& evidence, const BundlePlan& bundle_plan) {
  json::Writer writer(0);
  writer.begin_object().member("_type", "https://in-toto.io/Statement/v1").key("predicate").begin_object();
  writer.key("base").begin_array();
  for (const Digest& base : bases_of(blobs)) writer.string(base.to_string());
  writer.end_array().key("blobs").begin_array();
  for (const ListedBlob& blob : blobs) {
    writer.begin_object();
    if (blob.base) writer.member("base", blob.base->to_string());
    writer.member("digest", blob.digest.to_string()).key("present").boolean(!blob.base);
    writer.key("size").size(blob.size).end_object();
  }
  writer.end_array();
  if (bundle_plan.created) writer.member("created", to_text(*bundle_plan.created));
  writer.member("creator", bundle_plan.creator).member("evidence", evidence.to_string()).key("images").begin_array();
  for (const PackedImage& image : images) write_image(writer, image);
  writer.end_array().key("trust").begin_array();
  for (const TrustSummary& summary : bundle_plan.trust) write_trust(writer, summary);
  writer.end_array().end_object().member("predicateType", "urn:hallmark:bundle:v1").key("subject").begin_array();
  for (const PackedImage& image : images) {
    writer.begin_object().key("digest").begin_object();
    writer.member(image.root.digest.algorithm_name(), image.root.digest.hex()).end_object();
    writer.member("name", image.name.to_string()).end_object();
  }
  writer.end_array().end_object();
  return writer.text();
}

}  // namespace hallmark::store
