// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/folder.h"

#include <algorithm>
#include <utility>

#include "registry/oci/file_url.h"
#include "registry/oci/folder_index.h"
#include "registry/oci/referrers.h"
#include "store/disk/file.h"
#include "store/disk/unfinished_name.h"
#include "store/image/members.h"
#include "store/layout/layout.h"
#include "store/stream/blob_writer.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::registry {
namespace {

constexpr std::uint64_t kMostLayoutBytes = 4096;
constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;

using store::Path;

/// A layout of another version is none of ours to read or write.
void check_version(const Path& place) {
  const auto bytes = store::read_file(place / "oci-layout", kMostLayoutBytes);
  if (!bytes) return;
  const json::Value layout = json::parse("oci-layout", *bytes);
  store::refuse_other_spellings(layout.object(), {"imageLayoutVersion"});
  const std::string version = layout.object().at("imageLayoutVersion").string();
  if (version != "1.0.0") {
    fail(Fault::corrupt, printable(place.string(), 300), ": layout version ", printable(version, 40),
         ", expected 1.0.0");
  }
}

/// Removes the file unless it was given its name.
class Unfinished {
 public:
  explicit Unfinished(Path path) : path_(std::move(path)) {}
  ~Unfinished() { store::discard_tree(path_); }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  [[nodiscard]] const Path& path() const { return path_; }

 private:
  Path path_;
};

store::File locked(const Path& place) {
  store::File lock = store::File::open_lock(store::lock_path(place));
  lock.lock();
  return lock;
}

/// What killed pushes left in our own folder: blobs that nobody is writing. Under the repository's lock, so that none
/// is seen before it is locked.
void sweep(const Path& own) {
  std::error_code error;
  for (std::filesystem::directory_iterator item(own, error), end; !error && item != end; item.increment(error)) {
    if (!store::is_unfinished(item->path().filename().string())) continue;
    try {
      const auto status = store::status_of(item->path());
      if (!status || !status->is_regular || !store::File::open_lock(item->path()).try_lock()) continue;
      store::discard_tree(item->path());
    } catch (const Error&) {
      // What cannot be swept today (another user's) must not keep this push from its work.
      continue;
    }
  }
}

/// A new file, locked as long as it is open: so others see that somebody writes it.
store::File begin(const Path& place, const Path& path) {
  const store::File lock = locked(place);
  sweep(store::own_folder(place));
  store::File file = store::File::create(path);
  if (!file.try_lock()) fail(Fault::local, "another program has locked ", printable(path.string(), 300));
  return file;
}

/// Calls `take` with each piece of the file.
template <class Take>
void read_pieces(store::File& file, Take&& take) {
  Bytes piece(kPieceBytes);
  for (;;) {
    const std::size_t count = file.read(piece);
    if (count > 0) take(ByteView(piece).first(count));
    if (count < piece.size()) return;
  }
}

void copy(store::BlobReader& from, store::BlobWriter& to) {
  Bytes piece(kPieceBytes);
  for (std::uint64_t done = 0;;) {
    const std::size_t count = from.read(done, piece);
    if (count == 0) break;
    to.write(ByteView(piece).first(count));
    done += count;
  }
  to.finish();
}

/// What another repository of the folder has under a digest is hashed before it counts.
bool has_digest(const Path& path, const Digest& digest) {
  auto file = store::File::open_regular(path);
  if (!file) return false;
  Hasher hasher(digest.algorithm());
  read_pieces(*file, [&](ByteView piece) { hasher.write(piece); });
  return std::move(hasher).finish() == digest;
}

/// Digests that a manifest or index lists, without judging of what types they are: attestations have their own.
std::vector<Digest> listed(const json::Object& document) {
  std::vector<Digest> digests;
  const auto add = [&](const json::Value& value) {
    const json::Object& descriptor = value.object();
    // What has urls may be fetched from there, and need not be here (OCI image-spec, descriptor.md).
    const json::Value* const elsewhere = descriptor.find("urls");
    if (elsewhere != nullptr && !elsewhere->is_null()) return;
    digests.push_back(Digest::parse(descriptor.at("digest").string()));
  };
  if (const json::Value* const config = document.find("config")) add(*config);
  for (const std::string_view name : {"layers", "manifests"}) {
    const json::Value* const list = document.find(name);
    if (list == nullptr || list->is_null()) continue;
    std::for_each(list->array().begin(), list->array().end(), add);
  }
  return digests;
}

/// Where they do not, only an entry in an index says what the bytes are.
bool says_its_type(ByteView bytes) {
  const json::Value value = json::parse("manifest", bytes);
  const json::Value* const type = value.object().find("mediaType");
  return type != nullptr && type->is_string() && !type->string().empty();
}

}  // namespace

FolderRepository::FolderRepository(const Path& folder, Reference repository)
    : folder_(folder),
      repository_(std::move(repository)),
      place_(folder / repository_.domain() / Path(repository_.path())) {}

store::Document FolderRepository::read(const Digest& digest, const std::string& claimed_type,
                                       std::optional<std::uint64_t> size) const {
  check_version(place_);
  auto bytes = store::read_file(store::blob_path(place_, digest), store::kMostManifestBytes);
  if (!bytes) fail(Fault::missing, "there is no such manifest in ", printable(place_.string(), 300));
  // A folder may come from anywhere, and its names are claims.
  const Digest found = Digest::of(*bytes, digest.algorithm());
  if (found != digest) fail(Fault::corrupt, "expected ", digest.to_string(), ", found ", found.to_string());
  if (size && bytes->size() != *size) fail(Fault::corrupt, "expected ", *size, " bytes, found ", bytes->size());
  std::string type = store::document_type(claimed_type, *bytes);
  const std::uint64_t found_size = bytes->size();
  return store::Document{store::Descriptor{std::move(type), digest, found_size, std::nullopt, {}}, std::move(*bytes)};
}

store::Document FolderRepository::manifest(const std::string& tag) {
  if (!Reference::is_tag(tag)) fail(Fault::usage, "\"", printable(tag, 140), "\" is no tag");
  return within(repository_.with_tag(tag).familiar(), [&] {
    const auto root = FolderIndex::read(place_).find(tag);
    if (!root) fail(Fault::missing, "there is no such tag in ", printable(place_.string(), 300));
    return read(root->digest, root->media_type, root->size);
  });
}

store::Document FolderRepository::manifest(const Digest& digest, std::optional<std::uint64_t> size) {
  return within(repository_.at_digest(digest).familiar(), [&] {
    // Where a manifest does not say its own type, its entry may.
    const auto known = FolderIndex::read(place_).find(digest);
    return read(digest, known ? known->media_type : std::string(), size);
  });
}

std::vector<std::string> FolderRepository::tags() {
  return within(repository_.familiar_repository(), [&] {
    check_version(place_);
    // A repository without tags is an answer. One that is not there is none.
    if (!store::status_of(place_ / "index.json")) {
      fail(Fault::missing, "there is no such repository in ", printable(folder_.string(), 300));
    }
    const std::set<std::string> tags = FolderIndex::read(place_).tags();
    return std::vector<std::string>(tags.begin(), tags.end());
  });
}

std::vector<store::Descriptor> FolderRepository::referrers(const Digest& subject) {
  // A folder has no API that could list them: clients keep the list under a tag (OCI distribution-spec, "Referrers Tag
  // Schema").
  return tagged_referrers(*this, subject);
}

void FolderRepository::fetch(const store::Descriptor& blob, ByteSink& out) {
  within(repository_.familiar_repository() + ": blob " + blob.digest.to_string(), [&] {
    auto file = store::File::open_regular(store::blob_path(place_, blob.digest));
    if (!file) fail(Fault::missing, "it is not in ", printable(place_.string(), 300));
    if (file->size() != blob.size) fail(Fault::corrupt, "expected ", blob.size, " bytes, found ", file->size());
    std::uint64_t left = blob.size;
    read_pieces(*file, [&](ByteView piece) {
      if (piece.size() > left) fail(Fault::corrupt, "it grows while it is read");
      left -= piece.size();
      out.write(piece);
    });
    if (left > 0) fail(Fault::corrupt, "it ended ", left, " bytes too early");
  });
}

bool FolderRepository::has_blob(const store::Descriptor& blob) {
  // By its size alone. It is hashed when it is fetched.
  const auto status = store::status_of(store::blob_path(place_, blob.digest));
  if (!status || !status->is_regular) return false;
  if (status->size != blob.size) {
    fail(Fault::corrupt, repository_.familiar_repository(), " has ", status->size, " bytes under ",
         blob.digest.to_string(), ", expected ", blob.size);
  }
  return true;
}

bool FolderRepository::has_manifest(const Digest& digest) {
  const auto status = store::status_of(store::blob_path(place_, digest));
  return status && status->is_regular && status->size <= store::kMostManifestBytes;
}

void FolderRepository::prepare(const Digest& digest) const {
  check_version(place_);
  // A folder that somebody brought must not lead what is written here elsewhere.
  for (const Path& folder : {store::own_folder(place_), store::blob_folder(place_, digest)}) {
    store::require_no_link_below(folder_, folder);
  }
  store::make_directories(store::own_folder(place_));
  if (!store::status_of(place_ / "oci-layout")) {
    // Several blobs come at once, and the first of them begins the layout.
    const store::File lock = locked(place_);
    store::make_layout(place_);
  }
  store::make_directories(store::blob_folder(place_, digest));
}

bool FolderRepository::mount(const store::Descriptor& blob, const std::string& from) const {
  const Reference other = Reference::parse(repository_.domain() + "/" + from);
  const Path source = store::blob_path(folder_ / other.domain() / Path(other.path()), blob.digest);
  const Path target = store::blob_path(place_, blob.digest);
  if (!has_digest(source, blob.digest)) return false;
  if (store::link_file(source, target)) return store::sync_directory(target.parent_path()), true;
  // The name is taken, or the file system has no links. What has the name already may be the same blob.
  return has_digest(target, blob.digest);
}

Delivery FolderRepository::put_blob(const store::Descriptor& blob, store::BlobReader& bytes,
                                    const std::optional<std::string>& mount_from) {
  return within(repository_.familiar_repository() + ": blob " + blob.digest.to_string(), [&] {
    prepare(blob.digest);
    if (mount_from && mount(blob, *mount_from)) return Delivery::mounted;
    const Unfinished unfinished(store::own_folder(place_) / store::unfinished_name());
    // The store's copy is hashed on its way out: damage of this disk must not be passed on under a good name.
    Hasher hasher(blob.digest.algorithm());
    store::BlobWriter writer(begin(place_, unfinished.path()), blob.size,
                             [&](std::span<std::uint8_t> block) { hasher.write(block); });
    copy(bytes, writer);
    const Digest found = std::move(hasher).finish();
    if (found != blob.digest) {
      throw Error(Fault::corrupt, "expected " + blob.digest.to_string() + " to send, found " + found.to_string(),
                  "the copy on this machine is damaged: hallmark check says more");
    }
    const Path target = store::blob_path(place_, blob.digest);
    // Only what has its digest gets the name, and the name leads to the whole of it.
    store::rename_over(unfinished.path(), target);
    store::sync_directory(target.parent_path());
    return Delivery::sent;
  });
}

void FolderRepository::require_listed(const store::Document& document) const {
  const json::Value value = json::parse("manifest", document.bytes);
  for (const Digest& digest : listed(value.object())) {
    const auto status = store::status_of(store::blob_path(place_, digest));
    if (!status || !status->is_regular) fail(Fault::missing, "it lists ", digest.to_string(), ", which is not there");
  }
}

void FolderRepository::put(const store::Document& document, const std::optional<std::string>& tag) const {
  const store::Descriptor& root = document.descriptor;
  const Digest found = Digest::of(document.bytes, root.digest.algorithm());
  if (found != root.digest || document.bytes.size() != root.size) {
    fail(Fault::corrupt, "expected ", root.digest.to_string(), ", found ", found.to_string());
  }
  static_cast<void>(store::document_type(root.media_type, document.bytes));
  prepare(root.digest);
  // Until index.json is written: a tag that another push adds meanwhile would be lost.
  const store::File lock = locked(place_);
  sweep(store::own_folder(place_));
  // A name never leads to what is not there. Registries refuse such a manifest, too (MANIFEST_BLOB_UNKNOWN).
  require_listed(document);
  const Unfinished unfinished(store::own_folder(place_) / store::unfinished_name());
  store::replace_file(store::blob_path(place_, root.digest), unfinished.path(), document.bytes);
  FolderIndex index = FolderIndex::read(place_);
  if (tag) {
    index.put(root, *tag);
  } else {
    index.put(root);
  }
  // What this one lists is found through it, unless only its entry says of which type it is.
  const json::Value value = json::parse("manifest", document.bytes);
  for (const Digest& child : listed(value.object())) {
    if (!index.find(child)) continue;
    const auto bytes = store::read_file(store::blob_path(place_, child), store::kMostManifestBytes);
    if (bytes && says_its_type(*bytes)) index.drop_untagged(child);
  }
  index.write(place_);
}

void FolderRepository::put_manifest(const store::Document& document) {
  within(repository_.at_digest(document.descriptor.digest).familiar(), [&] { put(document, std::nullopt); });
}

void FolderRepository::put_manifest(const store::Document& document, const std::string& tag) {
  if (!Reference::is_tag(tag)) fail(Fault::usage, "\"", printable(tag, 140), "\" is no tag");
  within(repository_.with_tag(tag).familiar(), [&] { put(document, tag); });
}

}  // namespace hallmark::registry
