// SPDX-License-Identifier: Apache-2.0
#include "store/staging/make_image.h"

#include "store/image/image_facts.h"
#include "store/image/media_types.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

Document document_of(std::string_view type, const json::Writer& writer) {
  Bytes bytes = bytes_of(writer.text());
  const Digest digest = Digest::of(bytes);
  const std::uint64_t size = bytes.size();
  return {{std::string(type), digest, size, std::nullopt, {}}, std::move(bytes)};
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
  // The caller's time and never the clock's: the same input gives the same digest.
  json::Writer writer(0);
  const std::string created = to_text(plan.created);
  writer.begin_object().member("created", created).member("architecture", plan.platform.architecture);
  if (!plan.platform.variant.empty()) writer.member("variant", plan.platform.variant);
  writer.member("os", plan.platform.os);
  write_settings(writer, plan.settings);
  writer.key("rootfs").begin_object().member("type", "layers");
  write_list(writer, "diff_ids", {diff_id.to_string()});
  writer.end_object();
  // image-spec, config.md, "history": one entry for the one layer, for tools that pair the two.
  writer.key("history").begin_array().begin_object().member("created", created).member("comment", plan.comment);
  writer.end_object().end_array().end_object();
  return document_of(kOciConfig, writer);
}

void write_descriptor(json::Writer& writer, const Descriptor& descriptor) {
  writer.begin_object().member("mediaType", descriptor.media_type).member("digest", descriptor.digest.to_string());
  writer.key("size").size(descriptor.size).end_object();
}

Document make_manifest(const Descriptor& config, const Descriptor& layer) {
  json::Writer writer(0);
  writer.begin_object().key("schemaVersion").integer(2).member("mediaType", kOciManifest);
  writer.key("config");
  write_descriptor(writer, config);
  writer.key("layers").begin_array();
  write_descriptor(writer, layer);
  writer.end_array().end_object();
  return document_of(kOciManifest, writer);
}

}  // namespace

MadeImage make_image(const ByteReader& root_file_system, const ImagePlan& plan, Staging& staging) {
  const MadeLayer made = staging.make_layer(root_file_system);
  const Document config = make_config(plan, made.diff_id);
  DocumentSource source(config);
  // The same way in as for what is fetched, with the same checks.
  staging.take_config(config.descriptor, source);
  const Document manifest = make_manifest(config.descriptor, made.layer);
  staging.take(manifest);
  ImageFacts facts = facts_of_manifest(manifest);
  facts.config = facts_of_config(config.bytes, std::nullopt);
  return {manifest.descriptor, config.descriptor.digest, std::move(facts)};
}

}  // namespace hallmark::store
