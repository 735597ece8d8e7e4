// SPDX-License-Identifier: Apache-2.0
#include "store/layout/layout.h"

#include <algorithm>
#include <iterator>
#include <system_error>

#include "store/disk/owner.h"
#include "store/image/layout_names.h"
#include "store/layout/index_file.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

constexpr std::string_view kLayoutVersion = "1.0.0";
constexpr std::uint64_t kMostLayoutBytes = 4096;

constexpr std::string_view kImageName = "io.containerd.image.name";  // containerd, podman
constexpr std::string_view kManifests = "vnd.hallmark.manifests";    // digests, a blank between two
constexpr std::string_view kUncompressedSize = "vnd.hallmark.uncompressed-size";
constexpr std::string_view kNote = "vnd.hallmark.note";
constexpr std::string_view kGrounds = "vnd.hallmark.grounds";
constexpr std::string_view kAdmitted = "vnd.hallmark.admitted";
/// On an entry that lost its name to other bytes: it goes when its bytes get a name in the repository again.
constexpr std::string_view kNameless = "vnd.hallmark.nameless";

std::string shown(const Path& path) { return printable(path.string(), 300); }

std::string annotation(const Descriptor& descriptor, std::string_view name) {
  const auto found = descriptor.annotations.find(std::string(name));
  return found == descriptor.annotations.end() ? std::string() : found->second;
}

/// Only a full name counts: "12" or "debian:12", which other tools write, would claim to come from docker.io.
std::optional<Reference> full_name(const std::string& text) {
  if (text.empty()) return std::nullopt;
  try {
    // Only as it would be written here, or one name could stand in two entries.
    Reference name = Reference::parse(text);
    if (!name.tag_defaulted() && name.to_string() == text) return name;
  } catch (const Error&) {
    return std::nullopt;
  }
  return std::nullopt;
}

/// The ref.name is what tools change when they give a name, even if they copy other annotations along. Beside the full
/// name that containerd writes it may be the tag alone.
std::optional<Reference> name_in(const Descriptor& descriptor) {
  const std::string ref_name = annotation(descriptor, kRefName);
  if (std::optional<Reference> name = full_name(ref_name)) return name;
  std::optional<Reference> name = full_name(annotation(descriptor, kImageName));
  return name && (ref_name.empty() || name->tag() == ref_name) ? name : std::nullopt;
}

std::vector<Digest> parse_digests(std::string_view text) {
  std::vector<Digest> digests;
  while (!text.empty()) {
    const std::size_t blank = text.find(' ');
    digests.push_back(Digest::parse(text.substr(0, blank)));
    text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
  }
  return digests;
}

/// One of the manifests that came in, by its text; absent for anything else that stands there.
std::optional<Digest> admitted_in(const LayoutEntry& entry) {
  const std::string text = annotation(*entry.descriptor, kAdmitted);
  const auto found = std::find_if(entry.manifests.begin(), entry.manifests.end(),
                                  [&](const Digest& manifest) { return manifest.to_string() == text; });
  // Of an index alone, and of what it brought in: the annotation may be a copy from another entry.
  if (found == entry.manifests.end() || !is_index(entry.descriptor->media_type)) return std::nullopt;
  return *found;
}

/// Annotations that the root has already are kept.
LayoutEntry make_entry(const Reference& name, const Descriptor& root, const EntryFields& fields) {
  std::string digests;
  for (const Digest& manifest : fields.manifests) digests += (digests.empty() ? "" : " ") + manifest.to_string();
  std::map<std::string, std::string> annotations = root.annotations;
  // Both: most tools read the one, containerd and podman the other.
  annotations[std::string(kImageName)] = name.to_string();
  annotations[std::string(kRefName)] = name.to_string();
  annotations[std::string(kManifests)] = digests;
  annotations[std::string(kUncompressedSize)] = std::to_string(fields.uncompressed_size);
  // What was noted of another image must not stay: it would tell of other bytes.
  annotations.erase(std::string(kNote));
  annotations.erase(std::string(kGrounds));
  annotations.erase(std::string(kAdmitted));
  if (fields.summary) annotations[std::string(kNote)] = image_summary_text(*fields.summary);
  if (fields.admission_reason) annotations[std::string(kGrounds)] = admission_reason_text(*fields.admission_reason);
  if (fields.admitted) annotations[std::string(kAdmitted)] = fields.admitted->to_string();
  json::Writer writer(0);
  writer.begin_object()
      .member("mediaType", root.media_type)
      .member("digest", root.digest.to_string())
      .key("size")
      .size(root.size)
      .key("annotations")
      .begin_object();
  for (const auto& [key, value] : annotations) writer.member(key, value);
  writer.end_object().end_object();
  // Read back from its own text, so that the entry in memory is what the file will say.
  return read_entry(json::parse("entry", view_of(writer.text())));
}

IndexFile read_index_file(const Path& directory) {
  return IndexFile::read(directory, "restore index.json from a copy, or move the store away and pull again");
}

/// Its names say what is pushed, signed and handed over, so nobody else may give them. Nor may others exchange what is
/// on its way to become index.json, or a blob. Blobs in their place are known by their digests.
void require_own_names(const Path& directory) {
  for (const Path& path : {directory / kIndexFile, new_index_path(directory), staging_folder(directory)}) {
    require_own_below("the names of the store", directory, path);
  }
}

/// A fresh ext4 disk is an empty store.
bool is_bare(const Path& directory, std::error_code& error) {
  for (std::filesystem::directory_iterator item(directory, error), end; !error && item != end; item.increment(error)) {
    if (item->path().filename() != "lost+found") return false;
  }
  return !error;
}

}  // namespace

void check_layout(const Path& directory) {
  std::error_code error;
  const auto kind = std::filesystem::status(directory, error).type();
  if (kind == std::filesystem::file_type::not_found) return;
  if (kind != std::filesystem::file_type::directory) {
    const std::string why = error ? error.message() : "not a folder";
    throw Error(Fault::local, "cannot use " + shown(directory) + " as a store: " + why,
                "choose another store with --store");
  }
  // Another process may begin the layout meanwhile: own folder, oci-layout, index.json. What comes last is looked for
  // first, so that what is found has all that came before it.
  const bool has_index = status_of(directory / kIndexFile).has_value();
  const std::optional<Bytes> bytes =
      within("oci-layout", [&] { return read_file(directory / kLayoutFile, kMostLayoutBytes); });
  if (bytes) {
    std::string version;
    try {
      version = json::parse("oci-layout", *bytes).object().at("imageLayoutVersion").string();
    } catch (const Error& damage) {
      throw Error(Fault::local, shown(directory) + " is damaged: " + damage.what(),
                  "expected {\"imageLayoutVersion\":\"1.0.0\"} in oci-layout");
    }
    if (version == kLayoutVersion) return require_own_names(directory);
    throw Error(Fault::local, shown(directory) + ": layout version " + printable(version, 40) + ", expected 1.0.0",
                "choose another store with --store");
  }
  // Not mended by us: the index.json may belong to something else.
  if (has_index) {
    throw Error(Fault::local, shown(directory) + " is damaged: it has an index.json but no oci-layout",
                "write {\"imageLayoutVersion\":\"1.0.0\"} into oci-layout if it is an OCI layout");
  }
  // Our own folder without oci-layout: another run has just begun it, or died right then.
  if (is_bare(directory, error) || status_of(own_folder(directory))) return require_own_names(directory);
  throw Error(Fault::local,
              shown(directory) + (error ? ": " + error.message() : " is not empty and no OCI image layout"),
              "choose another store with --store");
}

void make_layout(const Path& directory) {
  // First, since check_layout() knows the beginnings of a store by it.
  make_directories(own_folder(directory));
  if (status_of(directory / kLayoutFile)) return;
  const std::string text =
      json::Writer(0).begin_object().member("imageLayoutVersion", kLayoutVersion).end_object().text();
  replace_file(directory / kLayoutFile, own_folder(directory) / "oci-layout.new", view_of(text));
}

std::vector<json::Value> written_entries(const Path& directory) { return read_index_file(directory).entries; }

LayoutEntry read_entry(json::Value written) {
  LayoutEntry entry{std::move(written), std::nullopt, std::nullopt, {}, 0, {}, {}, {}};
  // What cannot be read keeps its place in the file: another tool wrote it, or a later version.
  try {
    entry.descriptor = read_index_entry(entry.written);
    entry.name = name_in(*entry.descriptor);
    entry.manifests = parse_digests(annotation(*entry.descriptor, kManifests));
    const std::string size = annotation(*entry.descriptor, kUncompressedSize);
    if (!size.empty()) entry.uncompressed_size = json::Value(json::Number{size}).size();
  } catch (const Error&) {
    // Half of ours is not ours: without its manifests an entry stands for nothing that a commit did.
    entry.manifests.clear();
  }
  if (entry.is_ours()) {
    entry.summary = parse_image_summary(annotation(*entry.descriptor, kNote));
    entry.admission_reason = parse_admission_reason(annotation(*entry.descriptor, kGrounds));
    entry.admitted = admitted_in(entry);
  }
  return entry;
}

LayoutIndex LayoutIndex::read(const Path& directory) {
  IndexFile file = read_index_file(directory);
  LayoutIndex index;
  index.document_ = std::move(file.members);
  for (json::Value& value : file.entries) index.add(read_entry(std::move(value)));
  return index;
}

void LayoutIndex::add(LayoutEntry entry) {
  entries_.push_back(std::move(entry));
  const auto place = std::prev(entries_.end());
  if (place->name) by_name_.emplace(place->name->to_string(), place);
}

LayoutEntries LayoutIndex::taken_out(const Reference& name) {
  LayoutEntries taken;
  const auto [first, last] = by_name_.equal_range(name.to_string());
  for (auto named = first; named != last; ++named) taken.splice(taken.end(), entries_, named->second);
  by_name_.erase(first, last);
  return taken;
}

const LayoutEntry* LayoutIndex::find(const Reference& name) const {
  const auto [first, last] = by_name_.equal_range(name.to_string());
  return first == last ? nullptr : &*first->second;
}

void LayoutIndex::put(const Reference& name, const Descriptor& root, const EntryFields& fields) {
  Descriptor named = root;
  named.annotations.clear();  // a sender's; none of our business
  const Reference own_digest = name.at_digest(root.digest);
  LayoutEntries displaced;
  // The same bytes keep what other tools have annotated.
  for (LayoutEntry& entry : taken_out(name)) {
    if (entry.descriptor && entry.descriptor->digest == root.digest) {
      named.annotations = entry.descriptor->annotations;
      named.annotations.erase(std::string(kNameless));
    } else {
      displaced.push_back(std::move(entry));
    }
  }
  for (LayoutEntry& entry : taken_out(own_digest)) {
    // What somebody entered by digest stays. One that only kept bytes from being lost has done its work.
    if (annotation(*entry.descriptor, kNameless).empty()) add(std::move(entry));
  }
  for (LayoutEntry& entry : displaced) {
    const Reference by_digest = name.at_digest(entry.descriptor->digest);
    // There already: the bytes are not lost.
    if (find(by_digest) != nullptr) continue;
    entry.descriptor->annotations[std::string(kNameless)] = "true";
    add(make_entry(by_digest, *entry.descriptor,
                   {entry.manifests, entry.uncompressed_size, entry.summary, entry.admission_reason, entry.admitted}));
  }
  add(make_entry(name, named, fields));
}

void LayoutIndex::remove(const Reference& name) { taken_out(name); }

std::string LayoutIndex::text() const {
  return index_text(document_, [&](json::Writer& writer) {
    for (const LayoutEntry& entry : entries_) writer.value(entry.written);
  });
}

void LayoutIndex::write(const Path& directory) const {
  write_index_file(directory, text(), "remove images with hallmark rmi");
}

}  // namespace hallmark::store
