// SPDX-License-Identifier: Apache-2.0
#include "cmd/state/trusted_metadata.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/catch.h"
#include "trust/tuf/policy/line.h"

using namespace hallmark;
namespace fs = std::filesystem;

namespace {

const std::string kGun = "localhost:5000/lib/app";

class Folders {
 public:
  Folders() : root_(fs::temp_directory_path() / ("hallmark-memory-" + std::to_string(getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(docker_files() / "targets");
  }
  ~Folders() { fs::remove_all(root_); }
  Folders(const Folders&) = delete;
  Folders& operator=(const Folders&) = delete;

  [[nodiscard]] fs::path ours() const { return root_ / "ours"; }
  [[nodiscard]] fs::path docker_files() const { return root_ / "docker" / "tuf" / kGun / "metadata"; }
  [[nodiscard]] fs::path state() const { return ours() / kGun / "@tuf" / "state.json"; }
  [[nodiscard]] cmd::TrustedMetadataStore memory() const { return {ours(), root_ / "docker"}; }

 private:
  fs::path root_;
};

void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

trust::TrustedMetadata sample(std::int64_t version) {
  const std::string suffix = std::to_string(version);
  return {{{"root", bytes_of("root")}, {"timestamp", bytes_of("timestamp " + suffix)}},
          {{"root", 1}, {"timestamp", version}},
          {"targets/releases"}};
}

trust::Collection collection(const std::string& store) { return {kGun, store, tuf::memory_rules()}; }

/// Whatever is remembered may be where it starts from.
bool anything(const trust::TrustedMetadata& /*memory*/, trust::MemoryOf /*whose*/) { return true; }

/// Of a system that counts changes by a role of its own, and asks others than TUF's files.
class LogMemory final : public trust::MemoryRules {
 public:
  explicit LogMemory(std::string kind = "log") : kind_(std::move(kind)) {}
  [[nodiscard]] std::string_view kind() const override { return kind_; }
  [[nodiscard]] std::int64_t revision(const std::map<std::string, std::int64_t>& versions) const override {
    const auto found = versions.find("size");
    return found == versions.end() ? 0 : found->second;
  }
  [[nodiscard]] bool is_one_line(const std::string& /*collection*/, const trust::TrustedMetadata& one,
                                 const trust::TrustedMetadata& other) const override {
    return one.files.at("key") == other.files.at("key");
  }
  [[nodiscard]] const Bytes* find(const trust::TrustedMetadata& /*memory*/,
                                  const trust::MetadataFile& /*wanted*/) const override {
    return nullptr;
  }

 private:
  std::string kind_;
};

trust::TrustedMetadata log_of(std::int64_t size) {
  return {{{"key", bytes_of("key")}, {"head", bytes_of("head " + std::to_string(size))}}, {{"size", size}}, {}};
}

bool same(const trust::TrustedMetadata& a, const trust::TrustedMetadata& b) {
  return a.files == b.files && a.versions == b.versions && a.delegations == b.delegations && a.roots == b.roots;
}

}  // namespace

TEST_CASE("what was learned is known the next time", "[cmd]") {
  const Folders folders;
  REQUIRE(folders.memory().load(collection(""), anything).memory.empty());
  folders.memory().save(collection(""), {}, sample(3));
  REQUIRE(same(folders.memory().load(collection(""), anything).memory, sample(3)));
  folders.memory().save(collection(""), folders.memory().load(collection(""), anything), sample(4));
  REQUIRE(same(folders.memory().load(collection(""), anything).memory, sample(4)));
  REQUIRE(folders.memory().load({"localhost:5000/lib", "", tuf::memory_rules()}, anything).memory.empty());
}

TEST_CASE("memory starts from docker's folder and then stands by itself", "[cmd]") {
  const Folders folders;
  write(folders.docker_files() / "root.json", "docker's root");
  write(folders.docker_files() / "targets" / "releases.json", "docker's releases");
  const cmd::KnownTrust first = folders.memory().load(collection(""), anything);
  REQUIRE(string_of(first.memory.files.at("root")) == "docker's root");
  REQUIRE(string_of(first.memory.files.at("targets/releases")) == "docker's releases");
  folders.memory().save(collection(""), first, sample(3));
  REQUIRE(same(folders.memory().load(collection(""), anything).memory, sample(3)));
}

TEST_CASE("of two that learn at once the higher version stays", "[cmd]") {
  const Folders folders;
  folders.memory().save(collection(""), {}, sample(3));
  const cmd::KnownTrust before = folders.memory().load(collection(""), anything);
  folders.memory().save(collection(""), before, sample(5));
  folders.memory().save(collection(""), before, sample(4));
  REQUIRE(same(folders.memory().load(collection(""), anything).memory, sample(5)));
}

TEST_CASE("a memory that was dropped on purpose may begin lower", "[cmd]") {
  const Folders folders;
  folders.memory().save(collection(""), {}, sample(9));
  folders.memory().save(collection(""), folders.memory().load(collection(""), anything), sample(2));
  REQUIRE(same(folders.memory().load(collection(""), anything).memory, sample(2)));
}

TEST_CASE("a memory that cannot be read is no first use", "[cmd]") {
  const Folders folders;
  folders.memory().save(collection(""), {}, sample(3));
  SECTION("state") {
    write(folders.state(), "{");
    REQUIRE_FAULT(folders.memory().load(collection(""), anything).memory, Fault::corrupt);
  }
  SECTION("a document is gone") {
    for (const auto& entry : fs::directory_iterator(folders.state().parent_path())) {
      if (entry.path() != folders.state()) fs::remove(entry.path());
    }
    REQUIRE_FAULT(folders.memory().load(collection(""), anything).memory, Fault::corrupt);
  }
  SECTION("a document was changed") {
    for (const auto& entry : fs::directory_iterator(folders.state().parent_path())) {
      if (entry.path() != folders.state()) write(entry.path(), "other");
    }
    REQUIRE_FAULT(folders.memory().load(collection(""), anything).memory, Fault::corrupt);
  }
}

TEST_CASE("the highest versions of a repository count, whatever a policy calls its trust store", "[cmd]") {
  const Folders folders;
  folders.memory().save(collection(""), {}, sample(3));
  REQUIRE(same(folders.memory().load(collection("prod"), anything).memory, sample(3)));
  folders.memory().save(collection("prod"), folders.memory().load(collection("prod"), anything), sample(7));
  for (const std::string store : {"prod", "renamed", ""}) {
    REQUIRE(same(folders.memory().load(collection(store), anything).memory, sample(7)));
  }
  // What it learns later goes on from there.
  folders.memory().save(collection(""), folders.memory().load(collection(""), anything), sample(8));
  REQUIRE(same(folders.memory().load(collection("prod"), anything).memory, sample(8)));
}

TEST_CASE("the roots before the newest are kept, and make one line of two memories", "[cmd]") {
  const Folders folders;
  folders.memory().save(collection("old"), {}, sample(3));
  trust::TrustedMetadata rotated = sample(7);
  rotated.files["root"] = bytes_of("third root");
  rotated.versions["root"] = 3;
  rotated.roots = {{1, bytes_of("root")}, {2, bytes_of("second root")}};
  folders.memory().save(collection("new"), {}, rotated);
  REQUIRE(same(folders.memory().load(collection("new"), anything).memory, rotated));
  REQUIRE(same(folders.memory().load(collection("old"), anything).memory, rotated));
}

TEST_CASE("what is no file in the place of a memory is no first use", "[cmd]") {
  const Folders folders;
  fs::create_directories(folders.state().parent_path());
  SECTION("a folder") { fs::create_directory(folders.state()); }
  SECTION("a link that leads nowhere") { fs::create_symlink("nowhere", folders.state()); }
  SECTION("a pipe") { REQUIRE(::mkfifo(folders.state().c_str(), 0600) == 0); }
  REQUIRE_FAULT(folders.memory().load(collection(""), anything).memory, Fault::corrupt);
}

TEST_CASE("a trust store whose root has nothing to do with the other's keeps its own versions", "[cmd]") {
  const Folders folders;
  trust::TrustedMetadata foreign = sample(9);
  foreign.files["root"] = bytes_of("another root");
  folders.memory().save(collection("prod"), {}, sample(3));
  folders.memory().save(collection("second"), {}, foreign);
  REQUIRE(same(folders.memory().load(collection("prod"), anything).memory, sample(3)));
  REQUIRE(same(folders.memory().load(collection("second"), anything).memory, foreign));
}

TEST_CASE("memory is not written through a link, and what is not its own stays", "[cmd]") {
  const Folders folders;
  const fs::path victim = folders.ours().parent_path() / "victim";
  fs::create_directories(victim);
  write(victim / "thesis.txt", "precious");
  SECTION("a linked folder") {
    fs::create_directories(folders.ours() / kGun);
    fs::create_directory_symlink(victim, folders.state().parent_path());
    REQUIRE_FAULT(folders.memory().save(collection(""), {}, sample(3)), Fault::local);
  }
  SECTION("a linked parent") {
    fs::create_directory_symlink(victim, folders.ours());
    REQUIRE_FAULT(folders.memory().save(collection(""), {}, sample(3)), Fault::local);
  }
  SECTION("a foreign file beside") {
    folders.memory().save(collection(""), {}, sample(3));
    write(folders.state().parent_path() / "notes.txt", "precious");
    folders.memory().save(collection(""), folders.memory().load(collection(""), anything), sample(4));
    REQUIRE(fs::exists(folders.state().parent_path() / "notes.txt"));
  }
  REQUIRE(fs::exists(victim / "thesis.txt"));
  REQUIRE(std::distance(fs::directory_iterator(victim), fs::directory_iterator()) == 1);
}

TEST_CASE("what one trust system remembers is no memory of another one", "[cmd]") {
  const Folders folders;
  write(folders.docker_files() / "root.json", "docker's root");
  folders.memory().save(collection("x"), {}, sample(7));
  const LogMemory rules;
  // The store is called as it was when it was one of TUF.
  REQUIRE(folders.memory().load({kGun, "x", rules}, anything).memory.empty());
  folders.memory().save({kGun, "x", rules}, {}, log_of(3));
  REQUIRE(same(folders.memory().load({kGun, "x", rules}, anything).memory, log_of(3)));
  REQUIRE(same(folders.memory().load({kGun, "renamed", rules}, anything).memory, log_of(3)));
  REQUIRE(same(folders.memory().load(collection("x"), anything).memory, sample(7)));
  // Each kind has folders that no other kind's store can have.
  REQUIRE(fs::exists(folders.ours() / kGun / "@log-x" / "state.json"));
  const LogMemory hyphen("log-x");
  REQUIRE_FAULT(folders.memory().load({kGun, "", hyphen}, anything), Fault::local);
}

TEST_CASE("what lies in a store's folder and does not fit the store is no first use", "[cmd]") {
  const Folders folders;
  folders.memory().save(collection("x"), {}, sample(7));
  const auto nothing = [](const trust::TrustedMetadata& /*memory*/, trust::MemoryOf /*whose*/) { return false; };
  REQUIRE_FAULT(folders.memory().load(collection("x"), nothing), Fault::corrupt);
  // Of another store it is no place to start from.
  REQUIRE(folders.memory().load(collection("second"), nothing).memory.empty());
}

TEST_CASE("a system says itself which memory is newer", "[cmd]") {
  const Folders folders;
  const LogMemory rules;
  const trust::Collection log{kGun, "x", rules};
  folders.memory().save(log, {}, log_of(3));
  const cmd::KnownTrust before = folders.memory().load(log, anything);
  folders.memory().save(log, before, log_of(5));
  // It has learned less meanwhile, and no timestamp at all.
  folders.memory().save(log, before, log_of(4));
  REQUIRE(same(folders.memory().load(log, anything).memory, log_of(5)));
}
