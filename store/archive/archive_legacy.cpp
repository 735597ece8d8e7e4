// SPDX-License-Identifier: Apache-2.0
//
// Docker's first format (its image specification v1): `repositories` has the names, and each folder at the root of the
// tar is a layer with a `json` of its own. Docker reads it wherever manifest.json is not there, older readers always.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "store/archive/archive.h"
#include "store/archive/archive_reading.h"
#include "store/archive/archive_words.h"
#include "store/image/members.h"
#include "store/tar/tar_names.h"

namespace hallmark::store {
namespace {

constexpr std::size_t kMostLegacyNames = 10'000;

/// What `repositories` lists: of each name the layer that it stands for.
std::vector<std::pair<Reference, std::string>> names_and_ids(const json::Object& repositories) {
  std::vector<std::pair<Reference, std::string>> listed;
  for (const auto& [repository, tags] : repositories.members()) {
    for (const auto& [tag, id] : tags.object().members()) {
      if (listed.size() == kMostLegacyNames)
        refuse_archive("E_JSON_LIMIT", "it lists more than ", kMostLegacyNames, " names");
      std::string name = repository;
      name.append(":").append(tag);
      // By the reader of manifest.json's names, so that both lists are refused alike.
      listed.emplace_back(parse_name(name), id.string());
    }
  }
  return listed;
}

}  // namespace

/// Without manifest.json it is what docker loads, and nothing in it can be held against a digest.
void Archive::refuse_first_format() const {
  std::string found;
  if (document(std::string(kRepositoriesFile)) != nullptr) found = kRepositoriesFile;
  for (const auto& [path, type] : entries_->names()) {
    // In any spelling that a file system folds: docker would find it there.
    if (type != TarEntry::Type::folder && found.empty() && is_of_first_format(folded(path))) found = path;
  }
  if (found.empty()) return;
  throw Error(Fault::corrupt, ErrorCode{"E_LEGACY"},
              printable(found, 200) +
                  " is of docker's first format, which has no digests, and without manifest.json docker would load it",
              "save the image again with a current tool");
}

/// Beside manifest.json: the same names, each with the top layer of the same image. Images without a layer are not in
/// it.
void Archive::check_repositories() const {
  const Bytes* bytes = document(std::string(kRepositoriesFile));
  if (bytes == nullptr) return;
  std::map<std::string, const DockerItem*> shown;
  for (const DockerItem& item : *items_) {
    for (const Reference& name : item.names) shown.emplace(name.to_string(), &item);
  }
  const json::Value value = parse_json(kRepositoriesFile, *bytes);
  for (const auto& [name, id] : refusing_as("E_JSON_SYNTAX", [&] { return names_and_ids(value.object()); })) {
    const auto item = shown.find(name.to_string());
    if (item == shown.end()) {
      refuse_archive("E_VIEWS_DISAGREE", name.familiar(), " is in repositories and not in manifest.json");
    }
    if (is_top_layer(id, *item->second)) continue;
    refuse_archive("E_VIEWS_DISAGREE", name.familiar(), " is one image in repositories and another in manifest.json");
  }
}

/// Called after a folder that has the layer, or, as docker has written it since it saves OCI layouts, after its DiffID.
bool Archive::is_top_layer(const std::string& id, const DockerItem& item) const {
  if (item.layers.empty()) return false;
  const std::optional<Digest> top = digest_at(item.layers.back());
  const std::optional<Digest> in_folder = digest_at(clean_entry_name(id + "/layer.tar"));
  // Where the folder has a layer, that is what an older docker loads.
  if (in_folder) return in_folder == top;
  return top && top->hex() == id;
}

}  // namespace hallmark::store
