// SPDX-License-Identifier: Apache-2.0
#include "store/archive/statement_check.h"

#include <algorithm>
#include <set>

#include "store/archive/archive_words.h"
#include "store/stream/archive_refusal.h"
#include "trust/json.h"

namespace hallmark::store {
namespace {

/// One line of its inventory is about 120 bytes, and base64 makes more of it.
constexpr std::uint64_t kMostStatement = std::uint64_t{8} << 20U;
constexpr std::size_t kMostListedEvidence = 10'000;

template <class... Parts>
[[noreturn]] void disagree(const Parts&... parts) {
  refuse_archive("E_VIEWS_DISAGREE", "the statement is not that of this bundle: ", parts...);
}

/// What is needed, by digest, with its size.
using Blobs = std::map<Digest, std::uint64_t>;

void add(Blobs& blobs, const Digest& digest, std::uint64_t size) {
  const auto [place, is_new] = blobs.emplace(digest, size);
  if (!is_new && place->second != size) disagree(digest.to_string(), " has two sizes, ", place->second, " and ", size);
}

void add(Blobs& blobs, const json::Object& descriptor) {
  add(blobs, Digest::parse(descriptor.at("digest").string()), descriptor.at("size").size());
}

void add_image(Blobs& blobs, const ArchiveImage& image) {
  add(blobs, image.root.descriptor.digest, image.root.descriptor.size);
  for (const Document& document : image.manifests) {
    add(blobs, document.descriptor.digest, document.descriptor.size);
    const Manifest manifest = parse_manifest(document);
    add(blobs, manifest.config.digest, manifest.config.size);
    for (const Descriptor& layer : manifest.layers) add(blobs, layer.digest, layer.size);
  }
}

/// The evidence index, its manifests, and what these name.
void add_evidence(Blobs& blobs, const Archive& archive) {
  const Bytes index = archive.blob(*archive.evidence(), std::nullopt, kMostManifestBytes);
  add(blobs, *archive.evidence(), index.size());
  const json::Value value = json::parse("evidence", index);
  const json::Array& entries = value.object().at("manifests").array();
  if (entries.size() > kMostListedEvidence) fail(Fault::corrupt, "more evidence than an archive may have");
  for (const json::Value& entry : entries) {
    add(blobs, entry.object());
    const Digest digest = Digest::parse(entry.object().at("digest").string());
    const json::Value manifest =
        json::parse("evidence", archive.blob(digest, entry.object().at("size").size(), kMostManifestBytes));
    add(blobs, manifest.object().at("config").object());
    for (const json::Value& layer : manifest.object().at("layers").array()) add(blobs, layer.object());
  }
}

void check_platforms(const std::string& name, const BundleStatement::Image& said, const ArchiveImage& image,
                     const Archive& archive) {
  std::size_t present = 0;
  for (const BundleStatement::Platform& platform : said.platforms) {
    const auto found = std::find_if(image.manifests.begin(), image.manifests.end(), [&](const Document& document) {
      return document.descriptor.digest == platform.manifest;
    });
    const bool is_here = found != image.manifests.end();
    // Both ways: what is said and not here, and what is here and not said.
    if (is_here != platform.is_present) {
      disagree("the manifest ", platform.manifest.to_string(), " of ", name, is_here ? " is here" : " is not here");
    }
    if (!is_here) continue;
    ++present;
    const Manifest manifest = parse_manifest(*found);
    if (platform.config != manifest.config.digest) disagree("another config of ", name);
    const Config config = parse_config(archive.blob(manifest.config.digest, manifest.config.size, kMostConfigBytes));
    if (platform.diff_ids != config.diff_ids) disagree("other DiffIDs of ", name);
  }
  if (present != image.manifests.size()) disagree(name, " has more platforms than it says");
}

void check_images(const BundleStatement& statement, const Archive& archive) {
  std::map<std::string, const BundleStatement::Image*> said;
  for (const BundleStatement::Image& image : statement.images) said.emplace(image.name, &image);
  std::size_t named = 0;
  for (const ArchiveImage& image : archive.images()) {
    // The statement speaks of names, so nobody has spoken for this one.
    if (image.names.empty()) disagree("it has an image without a name, ", image.root.descriptor.digest.to_string());
    for (const Reference& reference : image.names) {
      const std::string name = reference.to_string();
      const auto entry = said.find(name);
      const auto subject = statement.subjects.find(name);
      if (entry == said.end() || subject == statement.subjects.end()) disagree("it does not say ", name);
      const Descriptor& root = image.root.descriptor;
      if (entry->second->root != root.digest || entry->second->size != root.size || subject->second != root.digest) {
        disagree(name, " is ", subject->second.to_string(), " in it, found ", root.digest.to_string());
      }
      check_platforms(name, *entry->second, image, archive);
      ++named;
    }
  }
  // Each entry of index.json is one name of it: what is no image, or stands there twice, is an image to others.
  const std::size_t listed = archive.listed_count();
  if (listed != named || named != statement.images.size() || named != statement.subjects.size()) {
    disagree("it says ", std::max(statement.images.size(), statement.subjects.size()), " names, here are ",
             std::max(named, listed));
  }
}

/// What the tar must have: the documents, the statement, and what it lists as present.
std::set<std::string> paths_of(const BundleStatement& statement, const Digest& envelope) {
  std::set<std::string> paths{std::string(kLayoutFile), std::string(kIndexFile), std::string(kDockerFile),
                              path_of_blob(envelope)};
  for (const auto& [digest, blob] : statement.blobs) {
    if (blob.is_present) paths.insert(path_of_blob(digest));
  }
  return paths;
}

/// A folder of its own is nothing to anybody, as long as it leads to a file that should be there.
bool leads_to_one(const std::string& folder, const std::set<std::string>& paths) {
  const auto first = paths.lower_bound(folder + "/");
  return first != paths.end() && first->starts_with(folder + "/");
}

/// All that should be there and nothing else: what one reader passes over is another one's image.
void check_entries(const BundleStatement& statement, const Archive& archive) {
  const std::set<std::string> paths = paths_of(statement, *archive.statement());
  std::set<std::string> missing = paths;
  // Links are never expected: a bundle has none.
  for (const auto& [name, type] : archive.entries()) {
    const bool is_expected = type == TarEntry::Type::folder ? leads_to_one(name, paths)
                                                            : type == TarEntry::Type::file && paths.contains(name);
    if (!is_expected) disagree("it does not list ", printable(name, 200), ", which is here");
    missing.erase(name);
  }
  if (missing.empty() || !archive.is_read()) return;
  const std::string& first = *missing.begin();
  if (!digest_of_path(first)) disagree(first, " is not here");
  refuse_archive("E_BLOB_MISSING", first, " is not here, and the statement says that it is");
}

}  // namespace

void check_statement(const BundleStatement& statement, const Archive& archive) {
  refusing_as("E_VIEWS_DISAGREE", [&] {
    check_images(statement, archive);
    if (!archive.evidence() || *archive.evidence() != statement.evidence) disagree("it says another evidence");
    Blobs blobs;
    for (const ArchiveImage& image : archive.images()) add_image(blobs, image);
    add_evidence(blobs, archive);
    for (const auto& [digest, size] : blobs) {
      const auto said = statement.blobs.find(digest);
      if (said == statement.blobs.end() || said->second.size != size) {
        disagree("it does not list ", digest.to_string());
      }
    }
    // Each of them is listed, so as many of them means no others.
    if (blobs.size() != statement.blobs.size()) disagree("it lists blobs that nothing here needs");
    check_entries(statement, archive);
  });
}

std::optional<CarriedStatement> read_statement(const Archive& archive) {
  if (!archive.statement()) return std::nullopt;
  return within("the statement in the archive", [&] {
    std::optional<CarriedStatement> carried = refusing_as("E_STATEMENT", [&] {
      dsse::Envelope envelope = dsse::parse(archive.blob(*archive.statement(), std::nullopt, kMostStatement));
      BundleStatement says = parse_statement(envelope);
      return std::optional(CarriedStatement{*archive.statement(), std::move(envelope), std::move(says)});
    });
    // In one step with the reading: nobody gets a statement that was not held against its bundle.
    check_statement(carried->says, archive);
    return carried;
  });
}

}  // namespace hallmark::store
