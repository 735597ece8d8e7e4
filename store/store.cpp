// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include <algorithm>
#include <set>

#include "store/layout/completeness.h"
#include "store/layout/layout.h"
#include "store/layout/quarantine.h"
#include "store/layout/reachable.h"
#include "store/layout/verified_files.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

constexpr std::size_t kShortestId = 4;
constexpr std::size_t kHashedAtOnce = std::size_t{1} << 20U;

/// By its digest alone when it has one: a tag beside it was not looked at.
Reference entry_name(const Reference& name, const Digest& digest) {
  return name.digest() ? name.at_digest(digest) : name;
}

/// The image stands without it; what could not be vouched for is hashed again when it is needed.
void vouch(const Path& directory, const std::vector<Digest>& verified) noexcept {
  try {
    VerifiedFiles verified_files = VerifiedFiles::read(directory);
    for (const Digest& digest : verified) verified_files.add(digest);
    verified_files.write();
  } catch (const std::exception&) {
    return;
  }
}

/// Whether a blob in place has its bytes, by its bytes. A pull that looks at it meanwhile gives it a second name for a
/// moment, and then no voucher holds for it.
bool has_its_bytes(const Path& path, const Digest& digest, std::uint64_t size) {
  const auto before = status_of(path);
  std::optional<File> file = before && before->size == size ? File::open_regular(path) : std::nullopt;
  if (!file || !before->is_private) return false;
  Hasher hasher(digest.algorithm());
  Bytes block(kHashedAtOnce);
  while (const std::size_t count = file->read(block)) hasher.write(ByteView(block).first(count));
  const auto after = status_of(path);
  return after && after->inode == before->inode && std::move(hasher).finish() == digest;
}

/// Blobs on their way from the quarantine to where readers look for them.
struct Placing {
  const Path& directory;
  const VerifiedFiles& verified_files;
  std::set<Digest> moved;
  std::set<Path> folders;

  void place(const Quarantine& quarantine, const Digest& digest, std::uint64_t size, const StoreLock& lock) {
    if (moved.contains(digest)) return;
    // The copy in quarantine was hashed by this run, so it goes over whatever has the name. What this run only looked
    // at must still be the file that a commit verified.
    if (status_of(quarantine.path_of(digest))) {
      quarantine.put_in_place(digest, lock);
      moved.insert(digest);
      folders.insert(blob_folder(directory, digest));
    } else if (!verified_files.contains(digest, size) && !has_its_bytes(blob_path(directory, digest), digest, size)) {
      throw Error(Fault::local, digest.to_string() + " was removed or changed by another program meanwhile",
                  "try again");
    }
  }
};

class FileReader final : public BlobReader {
 public:
  explicit FileReader(File file) : file_(std::move(file)), size_(file_.size()) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  std::size_t read(std::uint64_t offset, std::span<std::uint8_t> buffer) override {
    return file_.read_at(offset, buffer);
  }

 private:
  File file_;
  std::uint64_t size_;
};

/// Manifests that an earlier commit brought in for the same name and root, and that are still complete.
std::vector<Digest> earlier_manifests(const Path& directory, const LayoutIndex& index, const Reference& name,
                                      const Descriptor& root) {
  // The same root alone: platforms of another index are not this image's.
  const LayoutEntry* entry = index.find(name);
  if (entry == nullptr || entry->descriptor->digest != root.digest || !is_index(root.media_type)) return {};
  std::vector<Digest> complete;
  for (const Descriptor& listed : parse_index(read_document(directory, root)).manifests) {
    // Others that the index lists may be here for another name, under which they were admitted. They stay out of this
    // one.
    const bool was_ours =
        std::find(entry->manifests.begin(), entry->manifests.end(), listed.digest) != entry->manifests.end();
    if (was_ours && has_image(directory, listed)) complete.push_back(listed.digest);
  }
  return complete;
}

/// What another tool's entry has here.
std::vector<Digest> manifests_here(const Path& directory, const Descriptor& root) {
  if (is_manifest(root.media_type)) return {root.digest};
  std::vector<Digest> here;
  try {
    for (const Descriptor& manifest : parse_index(read_document(directory, root)).manifests) {
      if (is_manifest(manifest.media_type) && has_image(directory, manifest)) here.push_back(manifest.digest);
    }
  } catch (const Error& error) {
    if (error.fault() != Fault::missing && error.fault() != Fault::corrupt) throw;
  }
  return here;
}

std::optional<Entry> readable(const Path& directory, LayoutEntry entry) {
  // Without a full name nobody can ask for it, and without a known type nobody can judge it.
  if (!entry.name || !entry.descriptor) return std::nullopt;
  const std::string& type = entry.descriptor->media_type;
  if (!is_index(type) && !is_manifest(type)) return std::nullopt;
  if (!entry.is_ours()) entry.manifests = manifests_here(directory, *entry.descriptor);
  entry.descriptor->annotations.clear();  // read by now; nobody looks at them later
  return Entry{std::move(*entry.name), std::move(*entry.descriptor), std::move(entry.manifests),
               entry.uncompressed_size, std::move(entry.admitted)};
}

/// What the index claims of an entry.
struct Claims {
  std::optional<ImageSummary> summary;
  std::optional<AdmissionReason> admission_reason;
};

/// The claims, where the files that they are about are those that a commit verified.
void add_summaries(const VerifiedFiles& verified_files, Claims claims, Entry& entry) {
  // index.json alone proves nothing: whoever copies a store copies its claims too.
  if (!claims.summary || !verified_files.contains(entry.root.digest, entry.root.size)) return;
  // The summary tells of the first manifest and of its config, so these must be the verified files as well.
  const Digest& first = entry.manifests.front();
  if ((first != entry.root.digest && !verified_files.contains(first)) || !verified_files.contains(claims.summary->id))
    return;
  entry.summary = std::move(claims.summary);
  entry.admission_reason = std::move(claims.admission_reason);
}

/// What lists want to know later. Nothing when it cannot be read: it is no reason against the image.
std::optional<ImageSummary> image_summary_of(const Path& directory, const Staged& staged) {
  try {
    const Manifest manifest = parse_manifest(read_document(directory, staged.manifests().front()));
    const Config config = parse_config(read_document(directory, manifest.config).bytes);
    return ImageSummary{manifest.config.digest, config.created, staged.layer_sizes()};
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// "sha256:0123abcd" or "0123abcd": the digits, when there are enough of them to be an id.
std::optional<std::string> id_prefix(const std::string& text) {
  constexpr std::string_view kAlgorithm = "sha256:";
  const std::string digits = text.starts_with(kAlgorithm) ? text.substr(kAlgorithm.size()) : text;
  const bool is_hex = std::all_of(digits.begin(), digits.end(),
                                  [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (!is_hex || digits.size() < kShortestId || digits.size() > 64) return std::nullopt;
  return digits;
}

/// The digests by which an image can be called: its root, its manifests, and the configs of these.
std::vector<Digest> ids_of(const Path& directory, const Entry& entry) {
  std::vector<Digest> ids;
  try {
    std::vector<Descriptor> manifests{entry.root};
    if (is_index(entry.root.media_type)) manifests = parse_index(read_document(directory, entry.root)).manifests;
    for (const Descriptor& manifest : manifests) {
      const bool is_here =
          std::find(entry.manifests.begin(), entry.manifests.end(), manifest.digest) != entry.manifests.end();
      if (!is_here) continue;
      ids.push_back(parse_manifest(read_document(directory, manifest)).config.digest);
      ids.push_back(manifest.digest);
    }
  } catch (const Error& error) {
    // A damaged image must not hide the others.
    if (error.fault() != Fault::missing && error.fault() != Fault::corrupt) throw;
  }
  // Always, and last: a damaged image can still be named, and removed, by the digest of its root.
  ids.push_back(entry.root.digest);
  return ids;
}

std::optional<Entry> find_by_id(const Path& directory, const std::vector<Entry>& entries, const std::string& prefix) {
  std::optional<Entry> match;
  std::set<Digest> matching;
  for (const Entry& entry : entries) {
    for (const Digest& id : ids_of(directory, entry)) {
      if (!id.hex().starts_with(prefix)) continue;
      matching.insert(id);
      // Several names of one image have the same ids: different ids are counted, not entries.
      if (!match) match = entry;
    }
  }
  if (matching.size() > 1) {
    throw Error(Fault::usage, "the id " + prefix + " is ambiguous: " + std::to_string(matching.size()) + " match",
                "write more of its digits");
  }
  return match;
}

/// Of the name's repository the index of which the manifest with the name's digest was admitted: that one alone.
std::optional<Entry> find_admitted(const Store& store, const LayoutIndex& index, const Reference& name) {
  for (const LayoutEntry& entry : index.entries()) {
    // The repository and not the tag: the digest was asked for, and a tag beside it does not choose.
    if (!entry.name || entry.name->repository() != name.repository() || entry.admitted != name.digest()) continue;
    std::optional<Entry> whole = readable(store.directory(), entry);
    if (!whole) continue;
    whole->name = name.at_digest(whole->root.digest);
    return store.alone(*std::move(whole), *name.digest());
  }
  return std::nullopt;
}

}  // namespace

void check_approval(const Staged& staged, const Subject& subject) {
  // As sets: the order may differ, but there is no manifest more and none fewer.
  std::set<Digest> approved(subject.instances.begin(), subject.instances.end());
  std::set<Digest> taken;
  for (const Descriptor& manifest : staged.manifests()) taken.insert(manifest.digest);
  if (subject.digest != staged.root().digest || subject.size != staged.root().size || approved != taken) {
    // No input leads here, only a caller that mixes two images up: that is no refusal.
    throw std::logic_error("the approval for " + subject.name.familiar() + " is for " + subject.digest.to_string() +
                           ", not for what was staged: " + staged.root().digest.to_string());
  }
  // The name goes into index.json as it stands: one with a digest must be that of these bytes.
  if (subject.name.digest() && *subject.name.digest() != subject.digest) {
    throw std::logic_error("the name " + subject.name.familiar() +
                           " says another digest than what was staged: " + subject.digest.to_string());
  }
  if (!subject.most_uncompressed) return;
  // Staging::present() measures only after limit_inflation(); what was not measured would have no limit at all.
  if (!staged.most_uncompressed()) {
    throw std::logic_error(subject.name.familiar() + " was not measured, and the approval has a limit");
  }
  if (*staged.most_uncompressed() > *subject.most_uncompressed) {
    within(subject.name.familiar(), [&] { refuse_inflation(*staged.most_uncompressed(), *subject.most_uncompressed); });
  }
}

Store::Store(std::filesystem::path directory) : directory_(std::move(directory)) { check_layout(directory_); }

void Store::commit(const Staged& staged, policy::Approval approval, const StoreLock& lock) {
  std::vector<Admission> one;
  one.push_back({&staged, std::move(approval)});
  commit(std::move(one), lock);
}

void Store::commit(std::vector<Admission>&& admissions, const StoreLock& lock) {
  // All of them before anything is written: one approval that does not fit leaves the store untouched.
  for (const Admission& admission : admissions) check_approval(*admission.staged, admission.approval.subject());
  // Once more, though the constructor has looked: something else may have been put there since.
  check_layout(directory_);
  // Before the first blob moves: an index.json that is damaged ends the commit while nothing has changed.
  LayoutIndex index = LayoutIndex::read(directory_);
  make_layout(directory_);
  const VerifiedFiles verified_files = VerifiedFiles::read(directory_);
  Placing placing{directory_, verified_files, {}, {}};
  for (const Admission& admission : admissions) {
    for (const StagedBlob& blob : admission.staged->blobs_) {
      placing.place(admission.staged->staging_->quarantine(), blob.digest, blob.size, lock);
    }
  }
  // The names of blobs before index.json: after a crash no entry may name what is not there.
  for (const Path& folder : placing.folders) sync_directory(folder);
  sync_directory(directory_ / "blobs");  // a run that died may have made a folder in it and not synced that

  for (const Admission& admission : admissions) {
    const Staged& staged = *admission.staged;
    const Reference name = entry_name(admission.approval.subject().name, staged.root().digest);
    std::vector<Digest> manifests;
    for (const Descriptor& manifest : staged.manifests()) manifests.push_back(manifest.digest);
    // Platforms that came in earlier under this name stay listed, or the next removal would take their blobs.
    for (const Digest& earlier : earlier_manifests(directory_, index, name, staged.root())) {
      if (std::find(manifests.begin(), manifests.end(), earlier) == manifests.end()) manifests.push_back(earlier);
    }
    const Subject& approved = admission.approval.subject();
    // Where the root itself was admitted, the root is what is told.
    const bool is_in_part = approved.admitted && *approved.admitted != staged.root().digest;
    index.put(name, staged.root(),
              {manifests, staged.uncompressed_size(), image_summary_of(directory_, staged), approved.admission_reason,
               is_in_part ? approved.admitted : std::nullopt});
  }
  // The one visible step. What fails before it is taken back by the quarantine.
  index.write(directory_);
  const std::vector<Digest> moved(placing.moved.begin(), placing.moved.end());
  std::set<const Quarantine*> quarantines;
  for (const Admission& admission : admissions) quarantines.insert(&admission.staged->staging_->quarantine());
  // Not before the entry is on the disk: the second names in quarantine tell the next run what a crash left to take
  // back.
  for (const Quarantine* quarantine : quarantines) quarantine->settle(moved, lock);
  // After settle(): taking a second name away changes the time by which a verified file is known.
  vouch(directory_, moved);
}

std::vector<Entry> Store::list() const {
  std::vector<json::Value> written = written_entries(directory_);
  std::vector<Entry> entries;
  entries.reserve(written.size());
  for (json::Value& one : written) {
    if (auto found = readable(directory_, read_entry(std::move(one)))) entries.push_back(std::move(*found));
  }
  return entries;
}

std::deque<Entry> Store::list_with_summaries() const {
  std::vector<json::Value> written = written_entries(directory_);
  const VerifiedFiles verified_files = VerifiedFiles::read(directory_);
  std::deque<Entry> entries;
  for (json::Value& one : written) {
    LayoutEntry entry = read_entry(std::move(one));
    Claims claims{std::move(entry.summary), std::move(entry.admission_reason)};
    std::optional<Entry> found = readable(directory_, std::move(entry));
    if (!found) continue;
    add_summaries(verified_files, std::move(claims), *found);
    entries.push_back(std::move(*found));
  }
  return entries;
}

std::optional<Entry> Store::find(const Reference& name) const {
  const LayoutIndex index = LayoutIndex::read(directory_);
  // A tag beside a digest does not choose: the image is what the digest says.
  const LayoutEntry* exact = index.find(name.digest() ? name.at_digest(*name.digest()) : name);
  if (exact == nullptr && name.digest()) {
    const auto fitting = std::find_if(index.entries().begin(), index.entries().end(), [&](const LayoutEntry& entry) {
      return entry.name && entry.name->repository() == name.repository() && entry.descriptor->digest == *name.digest();
    });
    if (fitting != index.entries().end()) exact = &*fitting;
  }
  if (exact == nullptr) return name.digest() ? find_admitted(*this, index, name) : std::nullopt;
  std::optional<Entry> found = readable(directory_, *exact);
  if (found) add_summaries(VerifiedFiles::read(directory_), {exact->summary, exact->admission_reason}, *found);
  return found;
}

Entry Store::alone(Entry entry, const Digest& manifest) const {
  for (const Descriptor& listed : parse_index(read(entry.root)).manifests) {
    if (listed.digest != manifest) continue;
    // The size that stands in the entry is that of its first manifest; of another one it is not known.
    if (entry.manifests.empty() || entry.manifests.front() != manifest) entry.uncompressed_size = 0;
    entry.root = listed;
    entry.manifests = {manifest};
    // A name with the digest of the index would be the name of other bytes than these.
    if (entry.name.digest()) entry.name = entry.name.at_digest(manifest);
    entry.admitted.reset();
    return entry;
  }
  fail(Fault::corrupt, "the manifest that was admitted, ", manifest.to_string(), ", is not in the index");
}

std::optional<Entry> Store::find(const std::string& text) const {
  const std::optional<std::string> prefix = id_prefix(text);
  try {
    if (std::optional<Entry> named = find(Reference::parse(text))) return named;
  } catch (const Error& error) {
    // An id need not be a name.
    if (!prefix || error.fault() != Fault::usage) throw;
  }
  return prefix ? find_by_id(directory_, list(), *prefix) : std::nullopt;
}

bool Store::is_complete(const Descriptor& root, const std::vector<Descriptor>& manifests) const {
  return store::is_complete(directory_, root, manifests);
}

Document Store::read(const Descriptor& descriptor) const { return read_document(directory_, descriptor); }

std::unique_ptr<BlobReader> Store::open(const Descriptor& blob) const {
  std::optional<File> file = File::open_regular(blob_path(directory_, blob.digest));
  if (!file) fail(Fault::missing, blob.digest.to_string(), " is not in the store");
  auto reader = std::make_unique<FileReader>(std::move(*file));
  if (reader->size() != blob.size) {
    fail(Fault::corrupt, blob.digest.to_string(), ": expected ", blob.size, " bytes, found ", reader->size());
  }
  return reader;
}

}  // namespace hallmark::store
