// SPDX-License-Identifier: Apache-2.0
#include "cmd/state/trusted_metadata.h"

#include <algorithm>
#include <charconv>
#include <random>

#include "store/disk/file.h"
#include "store/disk/owner.h"
#include "trust/digest.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostStateBytes = std::uint64_t{1} << 20U;
/// Above whatever is accepted of a server: a memory that was written must be readable.
constexpr std::uint64_t kMostDocumentBytes = std::uint64_t{100} << 20U;
/// Of docker's folder, which others write.
constexpr std::size_t kMostDocuments = 256;
/// A memory of another format is no empty one; it is refused until somebody decides.
constexpr std::int64_t kFormat = 1;
constexpr const char* kState = "state.json";
/// "@tuf", and behind that "-" and the name of the store. No component of a repository's name begins with '@', so no
/// repository's folder lies inside another's.
std::string folder_of_kind(const trust::MemoryRules& rules) {
  const std::string kind(rules.kind());
  // With a '-' in it one kind's folder could be that of another kind's store.
  if (kind.empty() || kind.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") != std::string::npos) {
    fail(Fault::local, "a kind of memory is called by lower-case letters and digits, found \"", printable(kind, 80),
         "\"");
  }
  return "@" + kind;
}

/// state.json: the documents by their hashes.
struct State {
  std::map<std::string, Digest> files;
  std::map<std::string, std::int64_t> versions;
  std::set<std::string> delegations;
  std::map<std::int64_t, Digest> roots;  // older ones, by version

  // Tells whether there is anything to write: most runs learn nothing.
  bool operator==(const State&) const = default;
};

State state_of(const trust::TrustedMetadata& memory) {
  State state{{}, memory.versions, memory.delegations, {}};
  for (const auto& [role, bytes] : memory.files) state.files.emplace(role, Digest::of(bytes));
  for (const auto& [version, bytes] : memory.roots) state.roots.emplace(version, Digest::of(bytes));
  return state;
}

std::string to_text(const State& state, const std::string& gun) {
  json::Writer writer(1);
  writer.begin_object().key("hallmark-trust").integer(kFormat).member("gun", gun).key("versions").begin_object();
  for (const auto& [role, version] : state.versions) writer.key(role).integer(version);
  writer.end_object().key("delegations").begin_array();
  for (const std::string& role : state.delegations) writer.string(role);
  writer.end_array().key("files").begin_object();
  for (const auto& [role, digest] : state.files) writer.member(role, digest.to_string());
  writer.end_object();
  if (!state.roots.empty()) {
    writer.key("roots").begin_object();
    for (const auto& [version, digest] : state.roots) writer.member(std::to_string(version), digest.to_string());
    writer.end_object();
  }
  writer.end_object();
  return writer.text() + "\n";
}

std::int64_t parse_version(const std::string& text) {
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc{} || end != text.data() + text.size() || version < 1) {
    fail(Fault::corrupt, "expected the version of a root, found ", printable(text, 80));
  }
  return version;
}

State parse_state(ByteView bytes) {
  State state;
  const json::Value value = json::parse(kState, bytes);
  const json::Object& object = value.object();
  object.allow_only({"hallmark-trust", "gun", "versions", "delegations", "files", "roots"});
  if (object.at("hallmark-trust").integer() != kFormat) fail(Fault::corrupt, "written by another version of hallmark");
  for (const auto& [role, version] : object.at("versions").object().members()) {
    state.versions.emplace(role, version.integer());
  }
  for (const json::Value& role : object.at("delegations").array()) state.delegations.insert(role.string());
  for (const auto& [role, digest] : object.at("files").object().members()) {
    state.files.emplace(role, Digest::parse(digest.string()));
  }
  if (const json::Value* const roots = object.find("roots")) {
    for (const auto& [version, digest] : roots->object().members()) {
      state.roots.emplace(parse_version(version), Digest::parse(digest.string()));
    }
  }
  return state;
}

fs::path document_path(const fs::path& folder, const Digest& digest) { return folder / (digest.hex() + ".json"); }

/// A memory that cannot be read is not an empty one.
template <class Work>
auto reading(const fs::path& folder, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    throw Error(error.fault(), "the remembered trust data cannot be read: " + folder.string() + ": " + error.what(),
                "restore the folder, or remove it to trust anew, which gives up what protects from older data");
  }
}

std::optional<State> read_state(const fs::path& folder) {
  const auto bytes = store::read_file(folder / kState, kMostStateBytes);
  if (bytes) return parse_state(*bytes);
  // A link, a pipe or a folder in its place is no memory that was never made.
  std::error_code error;
  const fs::file_status there = fs::symlink_status(folder / kState, error);
  if (there.type() == fs::file_type::not_found) return std::nullopt;
  if (error) fail(Fault::local, kState, ": ", error.message());
  if (there.type() == fs::file_type::regular) return read_state(folder);  // it came just now
  fail(Fault::corrupt, kState, " is no regular file");
}

trust::TrustedMetadata read_memory(const fs::path& folder, const State& state) {
  trust::TrustedMetadata memory{{}, state.versions, state.delegations};
  const auto read = [&folder](const std::string& name, const Digest& digest) {
    // Hashed: what was damaged on the disk must not count as what was once verified.
    auto bytes = store::read_file(document_path(folder, digest), kMostDocumentBytes);
    if (!bytes) fail(Fault::corrupt, name, ": ", document_path(folder, digest).string(), " is missing");
    if (const Digest found = Digest::of(*bytes); found != digest) {
      fail(Fault::corrupt, name, ": expected ", digest.to_string(), ", found ", found.to_string());
    }
    return *std::move(bytes);
  };
  for (const auto& [role, digest] : state.files) memory.files.emplace(role, read(role, digest));
  for (const auto& [version, digest] : state.roots) {
    memory.roots.emplace(version, read("root version " + std::to_string(version), digest));
  }
  return memory;
}

/// Docker keeps the newest file of each role: root.json, targets.json, targets/releases.json ...
trust::TrustedMetadata read_docker(const fs::path& folder) {
  trust::TrustedMetadata memory;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (!entry->is_regular_file(error) || entry->path().extension() != ".json") continue;
    store::require_own("the remembered trust data", entry->path());
    if (memory.files.size() == kMostDocuments) fail(Fault::corrupt, "more than ", kMostDocuments, " documents");
    const std::string role = entry->path().lexically_relative(folder).replace_extension().generic_string();
    if (auto bytes = store::read_file(entry->path(), kMostDocumentBytes)) memory.files.emplace(role, std::move(*bytes));
  }
  const bool absent = error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
  // A folder that cannot be read to its end is not one in which less is known.
  if (error && !absent) fail(Fault::local, error.message());
  if (!memory.files.empty()) store::require_own("the remembered trust data", folder);
  // Without a root there is nothing that the rest could be checked with.
  return memory.files.contains("root") ? memory : trust::TrustedMetadata{};
}

fs::path temporary_beside(const fs::path& path) {
  std::random_device device;
  return path.string() + "." + std::to_string(device());
}

void write_document(const fs::path& folder, const Bytes& bytes) {
  const fs::path path = document_path(folder, Digest::of(bytes));
  const auto there = store::status_of(path);
  // A look: should the bytes be others, the next read finds it out by their hash.
  if (there && there->is_regular && there->size == bytes.size()) return;
  store::replace_file(path, temporary_beside(path), bytes);
}

/// "<64 hex>.json", "state.json", or one of these with the number of an interrupted write.
bool is_own_name(const std::string& name) {
  const std::size_t end = name.find(".json");
  if (end == std::string::npos) return false;
  const std::string stem = name.substr(0, end);
  const bool is_hash = stem.size() == 64 && stem.find_first_not_of("0123456789abcdef") == std::string::npos;
  const std::string rest = name.substr(end + std::string_view(".json").size());
  const bool is_numbered =
      rest.empty() || (rest.starts_with('.') && rest.find_first_not_of("0123456789", 1) == std::string::npos);
  return is_numbered && (is_hash || stem == "state");
}

/// What no state names any more, leftovers of interrupted writes included.
void sweep(const fs::path& folder, const State& state) {
  // The lock stays: whoever waits for it holds this very file open.
  std::set<std::string> kept{kState, "lock"};
  for (const auto& [role, digest] : state.files) kept.insert(document_path(folder, digest).filename().string());
  for (const auto& [version, digest] : state.roots) kept.insert(document_path(folder, digest).filename().string());
  std::error_code ignored;
  for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
    const std::string name = entry->path().filename().string();
    std::error_code stays;  // the next one removes it
    if (!kept.contains(name) && is_own_name(name)) fs::remove(entry->path(), stays);
  }
}

using Versions = std::map<std::string, std::int64_t>;

/// The highest of each role.
void raise(Versions& versions, const Versions& others) {
  for (const auto& [role, version] : others) {
    const auto known = versions.emplace(role, version).first;
    known->second = std::max(known->second, version);
  }
}

/// The highest version of each role counts, and the documents that came with the higher revision.
void raise(const trust::MemoryRules& rules, trust::TrustedMetadata& memory, const trust::TrustedMetadata& other) {
  // Documents of one state belong together: each may be listed by its hash in another (docs/notary-v1.md, 1).
  if (rules.revision(other.versions) > rules.revision(memory.versions)) {
    memory.files = other.files;
    memory.delegations = other.delegations;
  }
  memory.roots.insert(other.roots.begin(), other.roots.end());
  raise(memory.versions, other.versions);
}

/// The newest of those that fit; empty when none does.
trust::TrustedMetadata newest_of(const trust::MemoryRules& rules, const std::vector<trust::TrustedMetadata>& memories,
                                 const TrustedMetadataStore::Fits& fits) {
  trust::TrustedMetadata newest;
  for (const trust::TrustedMetadata& memory : memories) {
    const bool is_newer = newest.empty() || rules.revision(newest.versions) < rules.revision(memory.versions);
    if (is_newer && fits(memory, trust::MemoryOf::another_store)) newest = memory;
  }
  return newest;
}

/// One may be of the same line only by way of another.
void raise_by_all(const trust::Collection& collection, std::vector<trust::TrustedMetadata> others,
                  trust::TrustedMetadata& memory) {
  const trust::MemoryRules& rules = collection.rules;
  for (bool is_raised = true; is_raised;) {
    const auto rest = std::partition(others.begin(), others.end(), [&](const trust::TrustedMetadata& other) {
      return rules.is_one_line(collection.name, memory, other);
    });
    is_raised = rest != others.begin();
    for (auto other = others.begin(); other != rest; ++other) raise(rules, memory, *other);
    others.erase(others.begin(), rest);
  }
}

/// What the folder has, and its state as text; nothing of both when there is none.
KnownTrust read_own(const fs::path& folder, const std::string& gun) {
  auto state = reading(folder, [&] { return read_state(folder); });
  while (state) {
    try {
      return {read_memory(folder, *state), to_text(*state, gun)};
    } catch (const Error&) {
      // A process that learned something newer sweeps what its state no longer names: then there is a newer state.
      auto newer = read_state(folder);
      if (!newer || *newer == *state) reading(folder, [&] { throw; });
      state = std::move(newer);
    }
  }
  return {};
}

}  // namespace

fs::path TrustedMetadataStore::folder(const trust::Collection& collection) const {
  const std::string kind = folder_of_kind(collection.rules);
  return ours_ / collection.name / (kind + (collection.store.empty() ? "" : "-" + collection.store));
}

std::vector<trust::TrustedMetadata> TrustedMetadataStore::others(const trust::Collection& collection,
                                                                 const fs::path& own) const {
  const std::string& gun = collection.name;
  const std::string kind = folder_of_kind(collection.rules);
  std::vector<trust::TrustedMetadata> memories;
  std::error_code error;
  fs::directory_iterator item(ours_ / gun, error);
  for (; !error && item != fs::directory_iterator(); item.increment(error)) {
    const std::string name = item->path().filename().string();
    // All trust stores of this system, whatever policies have called them.
    if (item->path() == own || (name != kind && !name.starts_with(kind + "-"))) continue;
    store::require_own_below("the remembered trust data", ours_, item->path() / kState);
    KnownTrust known = read_own(item->path(), gun);
    if (!known.stamp.empty()) memories.push_back(std::move(known.memory));
  }
  // A folder that is not there holds nothing; of one that cannot be read nobody knows.
  if (error && error != std::errc::no_such_file_or_directory) {
    reading(ours_ / gun, [&] { fail(Fault::local, error.message()); });
  }
  return memories;
}

KnownTrust TrustedMetadataStore::load(const trust::Collection& collection, const Fits& fits) const {
  const std::string& gun = collection.name;
  const fs::path own = folder(collection);
  // Of a store the memory is in .hallmark/trust.
  const fs::path store_folder = ours_.parent_path().parent_path();
  store::require_own_below("the remembered trust data", store_folder, own / kState);
  KnownTrust known = read_own(own, gun);
  if (!known.memory.empty() && !fits(known.memory, trust::MemoryOf::this_store)) {
    reading(own, [&] { fail(Fault::corrupt, "it is nothing that this trust store has learned"); });
  }
  const std::vector<trust::TrustedMetadata> memories = others(collection, own);
  // A store under a new name in the policy is no first use for whoever knows the repository already.
  if (known.memory.empty()) known.memory = newest_of(collection.rules, memories, fits);
  if (known.memory.empty() && collection.rules.reads_docker()) {
    const fs::path docker = docker_ / "tuf" / gun / "metadata";
    known.memory = reading(docker, [&] { return read_docker(docker); });
    // A root that the pins do not know is no start: docker trusts whatever it met first.
    if (!fits(known.memory, trust::MemoryOf::another_store)) known.memory = {};
  }
  // Whatever the start was: an older state is one, by whichever name of a store the newer was seen.
  raise_by_all(collection, memories, known.memory);
  return known;
}

KnownTrust TrustedMetadataStore::load(const trust::Question& question) const {
  return load(question.asked_collection(), [&question](const trust::TrustedMetadata& memory, trust::MemoryOf whose) {
    return question.fits(memory, whose);
  });
}

void TrustedMetadataStore::save(const trust::Collection& collection, const KnownTrust& before,
                                const trust::TrustedMetadata& learned) const {
  const std::string& gun = collection.name;
  State state = state_of(learned);
  const fs::path ours = folder(collection);
  // Without the lock and without a write: a store that cannot be written can still be judged by.
  if (read_state(ours) == state) return;

  // Names of repositories become folders: a link on the way would have the memory of one lie in that of another.
  for (fs::path path = ours; path != ours_.parent_path(); path = path.parent_path()) store::require_no_link(path);
  store::require_no_link(ours_.parent_path());
  store::make_directories(ours);
  store::File lock = store::File::open_lock(ours / "lock");
  lock.lock();
  const auto current = read_state(ours);
  // Compared with what load() saw: only then is what lies there newer than the judgement.
  const bool overtaken = current && to_text(*current, gun) != before.stamp;
  if (overtaken) {
    raise(state.versions, current->versions);
    state.roots.insert(current->roots.begin(), current->roots.end());
    if (collection.rules.revision(current->versions) > collection.rules.revision(learned.versions)) {
      state.files = current->files;
      state.delegations = current->delegations;
    }
  }
  // Documents before the state that names them: a crash in between leaves the old state whole.
  if (!overtaken || !current || state.files != current->files) {
    for (const auto& file : learned.files) write_document(ours, file.second);
  }
  for (const auto& root : learned.roots) write_document(ours, root.second);
  const fs::path path = ours / kState;
  store::replace_file(path, temporary_beside(path), view_of(to_text(state, gun)));
  // Last: until now readers of the old state may need what it names.
  sweep(ours, state);
}

}  // namespace hallmark::cmd
