// SPDX-License-Identifier: Apache-2.0
//
// An archive of images that somebody else made: what docker, podman, skopeo, crane, oras, umoci and this program save.
// One forward pass; nothing is ever made under a name that the archive gives. An archive may show its images twice, as
// an OCI layout and as docker's manifest.json: both views are read, and must agree, because other programs read only
// one of them. Refusals have the words of store/stream/archive_refusal.h. Nothing in it is believed: who may vouch for
// the images is the gate's business.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "store/archive/archive_names.h"
#include "store/archive/tar_entries.h"
#include "store/image/image.h"
#include "store/image/source.h"
#include "store/staging/staging.h"
#include "store/stream/unpack.h"
#include "trust/json.h"
#include "trust/reference.h"

namespace hallmark::store {

struct ArchiveImage {
  std::vector<Reference> names;     ///< by tag or by its digest; none when the archive does not name it
  Document root;                    ///< without bytes when it is no index: the manifest has them
  std::vector<Document> manifests;  ///< those that are in the archive; the root itself when it is no index
  std::vector<Descriptor> chosen;   ///< their descriptors, each with the platform that its config or the index says
  bool manifest_is_synthesized;     ///< whether the manifest was made here, because a docker archive has none
  bool matches_stored_manifest = false;  ///< the same, but the store has a manifest of this config
  bool is_whole = true;                  ///< false: the root lists more than `manifests`
};

/// A manifest that the store has, with the document under which a name has it.
struct StoredManifest {
  Document root;
  Document manifest;  ///< the root itself when that is no index
  Descriptor chosen;  ///< as the index lists it
};

/// Used once: read(), then match_stored_manifest() where there is a store, then take() for what is let in.
class Archive final : public Source {
 public:
  /// The bytes go to the staging, which outlives this.
  explicit Archive(Staging& staging) : staging_(staging) {}

  /// Reads it to its end. `judge` is called with the images as soon as everything but large blobs was read, if it
  /// comes first: what it throws ends the reading. More names may come after it. `progress` is told how many bytes of
  /// content have passed.
  void read(const ByteReader& input, const std::function<void(const std::vector<ArchiveImage>&)>& judge,
            const std::function<void(std::uint64_t)>& progress);

  /// After read(): an image of a docker archive has no manifest of its own. `find` gives one, other than the one that
  /// was made, whose config has this digest: the config says the DiffIDs, and the layers were checked against them, so
  /// that it is the image of that manifest, and whoever signed the manifest signed it. Its layers are then taken as the
  /// manifest has them.
  void match_stored_manifest(
      const std::function<std::optional<StoredManifest>(const ArchiveImage& made, const Digest& config)>& find);

  /// Is told the names of each image that has to be made, before layers are unpacked for one: without them there is no
  /// digest that could be judged. What it throws ends read().
  void judge_names(std::function<void(const std::vector<Reference>&)> judge) { judge_names_ = std::move(judge); }

  /// Within `judge`, for whoever wants no more: the rest of the tar is read, under its limits, and not kept.
  void pass_over_the_rest();

  /// After read(), or within `judge`. Never empty.
  [[nodiscard]] const std::vector<ArchiveImage>& images() const { return images_; }
  /// Digests of the evidence index and of the statement, as index.json says them; absent when it says none.
  [[nodiscard]] const std::optional<Digest>& evidence() const { return evidence_; }
  [[nodiscard]] const std::optional<Digest>& statement() const { return statement_; }
  /// What a person should know, one line each.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  /// A blob that is small, whole. Refused when it is not there or not what it is called.
  [[nodiscard]] Bytes blob(const Digest& digest, std::optional<std::uint64_t> size, std::uint64_t most) const;

  /// What the tar has, by name: all of it after read(), what has come by then within `judge`.
  [[nodiscard]] const std::map<std::string, TarEntry::Type>& entries() const { return entries_->names(); }
  /// False within `judge`: more entries may come.
  [[nodiscard]] bool is_read() const { return is_read_; }
  /// How many entries index.json has, images or not.
  [[nodiscard]] std::size_t listed_count() const { return listed_ ? listed_->size() : 0; }

  /// After read(): everything of the image is in the staging afterwards, and in a bundle every blob was what it is
  /// called, whoever names it. A layer that is not in the archive is taken from the store if it has a good one.
  void take(const ArchiveImage& image, const std::function<void(std::uint64_t)>& progress);
  /// For Staging: a config that the archive has, whole. Refused when it has none.
  void fetch(const Descriptor& blob, ByteSink& out) override;

 private:
  /// An item of manifest.json.
  struct DockerItem {
    std::string config;
    std::vector<Reference> names;
    std::vector<std::string> layers;
    std::map<Digest, Descriptor> sources;  ///< of some of its layers, by their DiffIDs
  };
  /// What a manifest and its config say.
  struct Parts {
    Descriptor config;
    std::vector<Digest> layers;
    std::vector<Digest> diff_ids;
    Platform platform;
  };
  /// A manifest of index.json that may be the one that docker's view shows, by its config.
  struct Candidate {
    std::size_t image;
    const Parts* parts;
  };

  // archive.cpp: the pass
  [[nodiscard]] bool judge_early(const std::function<void(const std::vector<ArchiveImage>&)>& judge);
  void take_entries(const std::function<void(const std::vector<ArchiveImage>&)>& judge,
                    const std::function<void(std::uint64_t)>& progress);
  void take_entry(const TarEntry& entry, const std::function<void(std::uint64_t)>& progress);
  [[nodiscard]] const SpooledBlob* find(const std::string& path) const;
  [[nodiscard]] bool has(const Digest& digest) const;
  [[nodiscard]] const Bytes* document(const std::string& name) const;

  /// Remembers the path, so that judge_early() does not try again before it has come.
  /// False: what stands under the path is needed and may still come.
  bool wait_for(const std::string& path) const;

  // archive_images.cpp: what it shows
  [[nodiscard]] bool resolve(bool is_whole);
  void forget_images();
  [[nodiscard]] bool has_views(bool is_whole);
  void read_docker_view(bool is_whole);
  void weigh(std::uint64_t bytes);
  void weigh_names() const;
  void read_layout();
  [[nodiscard]] std::vector<Listed> listed();
  [[nodiscard]] bool add_all_listed(bool is_whole);
  static void check_platform(const Descriptor& entry, const Platform& found);
  [[nodiscard]] bool add_listed(const Listed& entry, bool is_whole);
  [[nodiscard]] bool add_image(const Listed& entry, bool is_whole);
  [[nodiscard]] bool is_no_image(const Listed& entry);
  [[nodiscard]] json::Value listed_value(const Descriptor& descriptor);
  [[nodiscard]] bool is_runnable(const Descriptor& descriptor);
  void require_absent() const;
  void choose_manifests(ArchiveImage& image);
  [[nodiscard]] Document listed_document(const Descriptor& descriptor);
  [[nodiscard]] bool read_parts(const Document& document, bool is_whole);
  void add(ArchiveImage image);
  void add_name(std::size_t image, const Reference& name);

  // archive_docker.cpp: what manifest.json shows
  [[nodiscard]] static DockerItem docker_item(const json::Object& object);
  [[nodiscard]] static std::map<Digest, Descriptor> layer_sources(const json::Object& object);
  void check_sources(const DockerItem& item, const std::vector<Digest>& diff_ids, bool is_whole) const;
  [[nodiscard]] std::vector<DockerItem> docker_items() const;
  void require_parents(const json::Array& list, const std::vector<DockerItem>& items) const;
  [[nodiscard]] const SpooledBlob& docker_config(const std::string& path);
  [[nodiscard]] std::optional<Digest> digest_at(const std::string& path) const;
  [[nodiscard]] std::vector<Digest> layers_of(const DockerItem& item) const;
  [[nodiscard]] static bool shows(const Parts& parts, const std::vector<Digest>& layers);
  [[nodiscard]] std::map<Digest, std::vector<Candidate>> candidates() const;
  [[nodiscard]] std::set<std::size_t> same_as(const DockerItem& item, const std::vector<Candidate>& candidates,
                                              bool is_whole) const;
  void check_agreement(bool is_whole);
  [[nodiscard]] std::set<std::size_t> unnamed() const;
  void name_images(const DockerItem& item, const std::set<std::size_t>& same, const std::set<std::size_t>& unnamed);
  void require_names(const std::set<std::size_t>& images) const;
  void require_tags() const;
  static void require_tags_of(const DockerItem& item);
  Descriptor accept_layer(const std::string& path, const Digest& diff_id);
  void make_image(const DockerItem& item);

  // archive_bundle.cpp: what a bundle's own documents may say
  static void check_bundle_index(const json::Object& index);
  void check_bundle_item(const DockerItem& item, const std::set<std::size_t>& same) const;
  void check_bundle_items() const;
  [[nodiscard]] const Digest& shown_in_bundle(const ArchiveImage& image) const;

  // archive_legacy.cpp: what docker's first format shows
  void refuse_first_format() const;
  void check_repositories() const;
  [[nodiscard]] bool is_top_layer(const std::string& id, const DockerItem& item) const;

  Staging& staging_;
  std::optional<TarEntries> entries_;
  std::map<std::string, SpooledBlob> spooled_;  // by path
  std::map<std::string, Bytes> documents_;      // index.json and its like
  std::optional<std::string> misnamed_;         // why the first blob that is not what it is called is refused
  std::uint64_t bytes_passed_ = 0;
  bool is_read_ = false;           // to its end
  std::size_t attempts_ = 0;       // at an early judgement
  mutable std::string waits_for_;  // what the last one lacked
  std::optional<std::vector<Listed>> listed_;
  std::optional<std::vector<DockerItem>> items_;
  std::function<void(const std::vector<Reference>&)> judge_names_;  // until they are
  std::map<Digest, Parts> parts_;                                   // by manifest
  std::map<std::pair<Digest, std::string>, std::string> types_;     // of documents, by what they are called
  std::set<std::string> checked_configs_;
  std::map<std::pair<std::string, Digest>, Descriptor> accepted_;
  std::vector<ArchiveImage> images_;
  std::map<Digest, std::size_t> places_;          // of images, by their roots
  std::map<Digest, std::set<std::string>> tags_;  // that stand alone in index.json, by the same
  std::set<Digest> left_out_;                     // manifests of indexes that are not in it
  std::map<std::string, std::size_t> owners_;     // images, by their names
  std::uint64_t weight_ = 0;
  std::optional<Digest> evidence_;
  std::optional<Digest> statement_;
  std::vector<std::string> warnings_;
};

}  // namespace hallmark::store
