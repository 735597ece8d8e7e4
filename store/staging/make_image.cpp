// SPDX-License-Identifier: Apache-2.0
#include "store/staging/make_image.h"

#include "store/image/image_facts.h"
#include "store/staging/staging_inside.h"
#include "store/stream/blob_writer.h"
#include "store/stream/inflate.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kConfigType = "application/vnd.oci.image.config.v1+json";
constexpr const char* kLayerType = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A layer on its way to the disk. It is inflated again as it is written, under the limits that it will meet
/// everywhere else: what cannot be pulled must not be made.
class LayerFile final : public ByteSink {
 public:
  explicit LayerFile(const Path& path)
      : file_(File::create(path)),
        outer_(Algorithm::sha256),
        inner_(Algorithm::sha256),
        inflater_(Compression::gzip, inner_, kInflateLimits, large_windows_) {}

  void write(ByteView piece) override {
    file_.write_at(outer_.size(), piece);
    outer_.write(piece);
    Bytes writable(piece.begin(), piece.end());
    inflater_.push(writable);
  }

  MadeLayer finish() && {
    inflater_.finish();
    file_.sync_data();
    const std::uint64_t size = outer_.size();
    const std::uint64_t inflated = inner_.size();
    return {{kLayerType, std::move(outer_).finish(), size, std::nullopt, {}}, std::move(inner_).finish(), inflated};
  }

 private:
  File file_;
  Hasher outer_;
  Hasher inner_;
  LargeWindows large_windows_;
  Inflater inflater_;
};

/// Plain bytes: hashed, and compressed.
class Packer final : public ByteSink {
 public:
  explicit Packer(ByteSink& out) : plain_(Algorithm::sha256), gzip_(Compression::gzip, out) {}

  void write(ByteView piece) override {
    plain_.write(piece);
    gzip_.write(piece);
  }
  Digest finish() && {
    gzip_.finish();
    return std::move(plain_).finish();
  }

 private:
  Hasher plain_;
  Compressor gzip_;
};

Document document_of(const char* type, const json::Writer& writer) {
  Bytes bytes = bytes_of(writer.text());
  const Digest digest = Digest::of(bytes);
  const std::uint64_t size = bytes.size();
  return {{type, digest, size, std::nullopt, {}}, std::move(bytes)};
}

void write_list(json::Writer& writer, const char* name, const std::vector<std::string>& list) {
  writer.key(name).begin_array();
  for (const std::string& item : list) writer.string(item);
  writer.end_array();
}

/// A set as the image-spec writes it: an object with empty objects.
void write_set(json::Writer& writer, const char* name, const std::set<std::string>& set) {
  if (set.empty()) return;
  writer.key(name).begin_object();
  for (const std::string& item : set) writer.key(item).begin_object().end_object();
  writer.end_object();
}

void write_settings(json::Writer& writer, const ImageSettings& settings) {
  writer.key("config").begin_object();
  if (!settings.user.empty()) writer.member("User", settings.user);
  write_set(writer, "ExposedPorts", settings.ports);
  if (!settings.environment.empty()) write_list(writer, "Env", settings.environment);
  if (settings.entrypoint) write_list(writer, "Entrypoint", *settings.entrypoint);
  if (settings.command) write_list(writer, "Cmd", *settings.command);
  write_set(writer, "Volumes", settings.volumes);
  if (!settings.working_directory.empty()) writer.member("WorkingDir", settings.working_directory);
  if (!settings.labels.empty()) {
    writer.key("Labels").begin_object();
    for (const auto& [name, value] : settings.labels) writer.member(name, value);
    writer.end_object();
  }
  writer.end_object();
}

Document make_config(const ImagePlan& plan, const Digest& diff_id) {
  json::Writer writer(0);
  const std::string created = to_text(plan.created);
  writer.begin_object().member("created", created).member("architecture", plan.platform.architecture);
  if (!plan.platform.variant.empty()) writer.member("variant", plan.platform.variant);
  writer.member("os", plan.platform.os);
  write_settings(writer, plan.settings);
  writer.key("rootfs").begin_object().member("type", "layers");
  write_list(writer, "diff_ids", {diff_id.to_string()});
  writer.end_object();
  writer.key("history").begin_array().begin_object().member("created", created).member("comment", plan.comment);
  writer.end_object().end_array().end_object();
  return document_of(kConfigType, writer);
}

void write_descriptor(json::Writer& writer, const Descriptor& descriptor) {
  writer.begin_object().member("mediaType", descriptor.media_type).member("digest", descriptor.digest.to_string());
  writer.key("size").size(descriptor.size).end_object();
}

Document make_manifest(const Descriptor& config, const Descriptor& layer) {
  json::Writer writer(0);
  writer.begin_object().key("schemaVersion").integer(2).member("mediaType", kManifestType);
  writer.key("config");
  write_descriptor(writer, config);
  writer.key("layers").begin_array();
  write_descriptor(writer, layer);
  writer.end_array().end_object();
  return document_of(kManifestType, writer);
}

}  // namespace

MadeLayer Staging::make_layer(const ByteReader& root_file_system) {
  const Path path = inside_->quarantine.path_of_unnamed(inside_->unnamed++);
  LayerFile file(path);
  Packer packer(file);
  read_tar(root_file_system, packer);
  const Digest plain = std::move(packer).finish();
  MadeLayer made = std::move(file).finish();
  if (made.diff_id != plain) {
    fail(Fault::local, "the layer was written as ", plain.to_string(), " and inflates to ", made.diff_id.to_string());
  }
  if (inside_->claim(made.layer.digest)) return made;
  inside_->fill(made.layer.digest, [&](const Path& named) {
    rename_over(path, named);
    return Taken{made.layer.media_type, made.layer.size, made.diff_id, made.inflated};
  });
  return made;
}

MadeImage make_image(const ByteReader& root_file_system, const ImagePlan& plan, Staging& staging) {
  const MadeLayer made = staging.make_layer(root_file_system);
  const Document config = make_config(plan, made.diff_id);
  DocumentSource source(config);
  staging.take_config(config.descriptor, source);
  const Document manifest = make_manifest(config.descriptor, made.layer);
  staging.take(manifest);
  ImageFacts facts = facts_of_manifest(manifest);
  facts.config = facts_of_config(config.bytes, std::nullopt);
  return {manifest.descriptor, config.descriptor.digest, std::move(facts)};
}

}  // namespace hallmark::store
