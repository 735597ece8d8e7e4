// SPDX-License-Identifier: Apache-2.0
#include "store/layout/index_file.h"

#include "store/image/layout_names.h"
#include "store/image/media_types.h"
#include "store/layout/layout_paths.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

constexpr std::string_view kEntries = "manifests";
/// An image may have thousands of names, so it may be larger than a manifest of others.
constexpr std::uint64_t kMostIndexBytes = std::uint64_t{64} << 20U;
constexpr std::size_t kMostIndexValues = 2'000'000;

}  // namespace

IndexFile IndexFile::read(const Path& directory, const std::string& hint) {
  const Path path = directory / kIndexFile;
  IndexFile index;
  // By its name first: a link or a folder in its place is damage, and no empty index.
  if (!status_of(path)) return index;
  try {
    const std::optional<Bytes> bytes = read_file(path, kMostIndexBytes);
    if (!bytes) fail(Fault::corrupt, "index.json is not a file");
    json::Value document = json::parse("index.json", *bytes, json::Limits{kMostIndexBytes, 64, kMostIndexValues});
    std::vector<json::Object::Member> others;
    for (json::Object::Member& member : std::move(document).take_object().take_members()) {
      if (member.first != kEntries) {
        others.push_back(std::move(member));
      } else if (!member.second.is_null()) {
        index.entries = std::move(member.second).take_array();
      }
    }
    index.members = json::Object(std::move(others));
    // image-spec, image-index.md: what says something else is no index of this kind.
    if (index.members.at("schemaVersion").integer() != 2) fail(Fault::corrupt, "index.json: schemaVersion is not 2");
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    throw Error(Fault::corrupt, printable(directory.string(), 300) + " is damaged: " + error.what(), hint);
  }
  return index;
}

Descriptor read_index_entry(const json::Value& entry) {
  const json::Object& object = entry.object();
  Descriptor descriptor{object.at("mediaType").string(),
                        Digest::parse(object.at("digest").string()),
                        object.at("size").size(),
                        std::nullopt,
                        {}};
  const json::Value* annotations = object.find("annotations");
  if (annotations == nullptr || annotations->is_null()) return descriptor;
  for (const auto& [name, value] : annotations->object().members()) {
    descriptor.annotations.emplace(name, value.string());
  }
  return descriptor;
}

std::string index_text(const json::Object& members, const std::function<void(json::Writer&)>& write_entries) {
  json::Writer writer(0);
  writer.begin_object();
  // A new file gets what image-spec asks for; one that was there keeps its members.
  if (members.members().empty()) {
    writer.member("mediaType", kOciIndex).key("schemaVersion").integer(2);
  }
  for (const auto& [name, value] : members.members()) writer.key(name).value(value);
  writer.key(kEntries).begin_array();
  write_entries(writer);
  return writer.end_array().end_object().text();
}

void write_index_file(const Path& directory, const std::string& text, const std::string& hint) {
  // What could not be read again must not take the place of what can.
  if (text.size() > kMostIndexBytes) {
    throw Error(Fault::local,
                "index.json would have " + std::to_string(text.size()) + " bytes, at most " +
                    std::to_string(kMostIndexBytes) + " can be read",
                hint);
  }
  // What a crash leaves behind is written over.
  replace_file(directory / kIndexFile, new_index_path(directory), view_of(text));
}

}  // namespace hallmark::store
