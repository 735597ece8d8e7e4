// SPDX-License-Identifier: Apache-2.0
#include "store/archive/archive.h"

#include <algorithm>

#include "store/archive/archive_words.h"
#include "store/stream/archive_refusal.h"
#include "store/stream/inflate.h"
#include "store/tar/tar_names.h"

namespace hallmark::store {
namespace {

constexpr std::uint64_t kMostIndexBytes = std::uint64_t{4} << 20U;
/// From this size on an entry is worth a judgement before it is read.
constexpr std::uint64_t kLarge = std::uint64_t{256} << 10U;
/// How often that is tried: whoever wants to be judged early puts documents first.
constexpr std::size_t kMostAttempts = 8;

/// Where names are matched without regard to case, this would be a document or a blob.
void check_spelling(const std::string& name) {
  const std::string plain = folded_name(name);
  if (plain == name || (!is_document(plain) && !digest_of_path(plain))) return;
  refuse_archive("E_ENTRY_NAME", "an entry is called ", printable(name, 200), ", another spelling of ", plain);
}

/// The archive without its compression.
class Plain {
 public:
  // Its own window counts around those of the layers, which are inflated at the same time.
  Plain(const ByteReader& input, LargeWindows& of_layers)
      : large_windows_(&of_layers),
        unpacker_(refusing_as("E_COMPRESSION", [&] { return Unpacker(input, large_windows_); })) {}

  ByteView next() {
    const ByteView piece = refusing_as("E_COMPRESSION", [&] { return unpacker_.next(); });
    given_ += piece.size();
    if (given_ > kMostExpansion && given_ - kMostExpansion > unpacker_.taken()) {
      refuse_archive("E_RATIO", "it inflates to more than ", kMostExpansion, " bytes beyond its size");
    }
    return piece;
  }
  [[nodiscard]] std::uint64_t taken() const { return unpacker_.taken(); }

 private:
  LargeWindows large_windows_;
  Unpacker unpacker_;
  std::uint64_t given_ = 0;
};

}  // namespace

void Archive::read(const ByteReader& input, const std::function<void(const std::vector<ArchiveImage>&)>& judge,
                   const std::function<void(std::uint64_t)>& progress) {
  Plain plain(input, staging_.large_windows());
  entries_.emplace([&] {
    const ByteView piece = plain.next();
    // With every piece: what the layers may inflate to grows with what has come.
    staging_.came(plain.taken());
    return piece;
  });
  const auto wait = [&] { staging_.wait_for_probes([&] { progress(bytes_passed_); }); };
  try {
    take_entries(judge, progress);
  } catch (const Error& error) {
    if (error.fault() == Fault::corrupt) wait();  // what comes earlier in the archive is said first
    throw;
  }
  wait();
  is_read_ = true;
  // A cut shows in the digests of what is missing; the mark alone is no reason to refuse.
  if (entries_->lacks_end_mark()) {
    warnings_.emplace_back("the archive has no end mark; every byte of it that counts is checked by its digest");
  }
  // Anew, with all there is: what was judged early was a part of it.
  static_cast<void>(resolve(true));
}

void Archive::take_entries(const std::function<void(const std::vector<ArchiveImage>&)>& judge,
                           const std::function<void(std::uint64_t)>& progress) {
  bool is_judged = false;
  while (const auto entry = entries_->next()) {
    check_spelling(entry->name);
    // Behind a link the name of one digest would have the bytes of another blob.
    if (entry->type == TarEntry::Type::link && digest_of_path(entry->name)) {
      refuse_archive("E_LINK_TARGET", entry->name, " is a link, expected a file");
    }
    if (entry->type != TarEntry::Type::file) continue;
    // Before a large one: a refusal should not cost gigabytes, and small ones are read anyway.
    if (!is_judged && entry->size >= kLarge) is_judged = judge_early(judge);
    take_entry(*entry, progress);
  }
}

void Archive::pass_over_the_rest() {
  while (entries_->next()) continue;
}

/// False when something that the judgement needs may still come.
bool Archive::judge_early(const std::function<void(const std::vector<ArchiveImage>&)>& judge) {
  // What the last attempt lacked has not come by: another one would end as that did.
  if (!waits_for_.empty() && find(waits_for_) == nullptr && !documents_.contains(waits_for_)) return false;
  // Given up: the judgement after the last byte is the one that counts.
  if (++attempts_ > kMostAttempts) return true;
  waits_for_.clear();
  try {
    if (!resolve(false)) return false;
    judge(images_);
    return true;
  } catch (const Error&) {
    // Something may still come, and all that was wrong may be its absence.
    if (!waits_for_.empty()) return false;
    throw;
  }
}

bool Archive::wait_for(const std::string& path) const {
  if (!is_read_) waits_for_ = path;
  return false;
}

void Archive::take_entry(const TarEntry& entry, const std::function<void(std::uint64_t)>& progress) {
  const auto pull = [&] { return entries_->data(); };
  if (is_document(entry.name)) {
    if (entry.size > kMostIndexBytes) {
      refuse_archive("E_JSON_LIMIT", entry.name, " has ", entry.size, " bytes, at most ", kMostIndexBytes,
                     " are allowed");
    }
    Bytes bytes;
    for (ByteView piece = pull(); !piece.empty(); piece = pull()) bytes.insert(bytes.end(), piece.begin(), piece.end());
    documents_.emplace(entry.name, std::move(bytes));
    return;
  }
  const auto named = digest_of_path(entry.name);
  // By the algorithm that the name promises: one pass tells whether it is kept.
  const Algorithm algorithm = named ? named->algorithm() : Algorithm::sha256;
  SpooledBlob spooled =
      staging_.spool(entry.size, algorithm, pull, [&](std::uint64_t bytes) { progress(bytes_passed_ + bytes); });
  // Noted: whoever names the blob refuses it, and of a bundle take() refuses it whoever does.
  if (named && spooled.digest != *named && !misnamed_) {
    misnamed_ = "expected " + named->to_string() + ", found " + spooled.digest.to_string();
  }
  spooled_.emplace(entry.name, std::move(spooled));
  bytes_passed_ += entry.size;
}

const SpooledBlob* Archive::find(const std::string& path) const {
  const auto found = spooled_.find(path);
  return found == spooled_.end() ? nullptr : &found->second;
}

bool Archive::has(const Digest& digest) const { return find(path_of_blob(digest)) != nullptr; }

const Bytes* Archive::document(const std::string& name) const {
  const auto found = documents_.find(name);
  if (found != documents_.end()) return &found->second;
  // A loader that follows links would read another file than one that does not.
  if (entries_->followed(name) != name) refuse_archive("E_LINK_TARGET", name, " is a link, expected a file");
  return nullptr;
}

Bytes Archive::blob(const Digest& digest, std::optional<std::uint64_t> size, std::uint64_t most) const {
  const std::string path = path_of_blob(digest);
  const SpooledBlob* spooled = find(path);
  if (spooled == nullptr) {
    // An early judgement is tried again once it has come.
    wait_for(path);
    refuse_archive("E_BLOB_MISSING", digest.to_string(), " is not in the archive");
  }
  if (spooled->digest != digest) {
    refuse_archive("E_BLOB_DIGEST", "expected ", digest.to_string(), ", found ", spooled->digest.to_string());
  }
  if (size && spooled->size != *size) {
    refuse_archive("E_BLOB_SIZE", digest.to_string(), ": expected ", *size, " bytes, found ", spooled->size);
  }
  return refusing_as("E_JSON_LIMIT", [&] { return staging_.bytes_of(*spooled, most); });
}

void Archive::fetch(const Descriptor& blob, ByteSink& out) {
  const SpooledBlob* spooled = find(path_of_blob(blob.digest));
  if (spooled == nullptr) {
    throw Error(Fault::corrupt, ErrorCode{"E_BLOB_MISSING"},
                blob.digest.to_string() + " is neither in the archive nor, whole, in the store",
                "load the bundle that has it, again if need be");
  }
  // Configs alone come this way: layers that the archive has are accepted.
  out.write(staging_.bytes_of(*spooled, kMostConfigBytes));
}

void Archive::take(const ArchiveImage& image, const std::function<void(std::uint64_t)>& progress) {
  // Of some blobs only the statement speaks, and it speaks for all of them.
  if (statement_ && misnamed_) refuse_archive("E_BLOB_DIGEST", *misnamed_);
  if (image.manifest_is_synthesized) return;  // was taken when it was made
  if (is_index(image.root.descriptor.media_type)) staging_.take(image.root);
  for (const Document& document : image.manifests) {
    staging_.take(document);
    const Manifest manifest = parse_manifest(document);
    const Config config = parse_config(staging_.take_config(manifest.config, *this));
    if (config.diff_ids.size() != manifest.layers.size()) {
      refuse_archive("E_LAYER_COUNT", document.descriptor.digest.to_string(), " has ", manifest.layers.size(),
                     " layers, its config ", config.diff_ids.size(), " DiffIDs");
    }
    for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
      const Descriptor& layer = manifest.layers[i];
      // What the archive has is what was spooled. What it left out is the store's, hashed again, and nobody else's.
      if (const SpooledBlob* spooled = find(path_of_blob(layer.digest))) {
        staging_.accept_layer(layer, config.diff_ids[i], *spooled);
      } else {
        staging_.take_layer(layer, config.diff_ids[i], *this, progress);
      }
    }
  }
}

}  // namespace hallmark::store
