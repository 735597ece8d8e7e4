// SPDX-License-Identifier: Apache-2.0
#include "cmd/publishing/key_store.h"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "cmd/publishing/private_file.h"
#include "store/disk/owner.h"
#include "tests/support/catch.h"

using namespace hallmark;
using cmd::KeyStore;
using crypto::Secret;
using crypto::SecretKey;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "hallmark-keys.XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// A process with these passphrases in its variables. Standard input is no terminal in a test that says so.
struct World {
  explicit World(const std::map<std::string, std::string>& passphrases)
      : environment{{}, Time(), false, false, false, out, err, console, interrupted, [] { return Time(); }} {
    for (const auto& [name, value] : passphrases) {
      // As the program takes them: a variable that is empty is none.
      if (!value.empty()) environment.passphrases.emplace(name, Secret(view_of(value)));
    }
  }

  std::ostringstream out;
  std::ostringstream err;
  cmd::Console console{err};
  std::atomic<bool> interrupted = false;
  cmd::Environment environment;
};

Secret passphrase(const std::string& text) { return Secret(view_of(text)); }

std::string text_in(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

fs::perms mode_of(const fs::path& path) { return fs::status(path).permissions(); }

const std::string kRepository = "DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE";
const std::string kRoot = "DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE";

}  // namespace

TEST_CASE("a key that was saved is found, read and opened, and nobody else can read it", "[cmd]") {
  const Folder folder;
  const KeyStore keys(folder.path() / "docker");
  REQUIRE(keys.ids().empty());
  const SecretKey key = SecretKey::generate_ecdsa();
  const std::string id = cmd::canonical_id(key.public_key());
  REQUIRE(keys.save(key, "targets", "localhost/a", passphrase("secret-1")));
  REQUIRE(keys.ids() == std::vector{id});
  REQUIRE(keys.find(id.substr(0, 7)) == id);
  const cmd::StoredKey stored = keys.read(id);
  REQUIRE(stored.file.role == "targets");
  REQUIRE(stored.file.gun == "localhost/a");
  REQUIRE(stored.file.encrypted);
  REQUIRE(mode_of(stored.path) == (fs::perms::owner_read | fs::perms::owner_write));
  for (const fs::path& made : {keys.folder(), keys.folder().parent_path(), folder.path() / "docker"}) {
    REQUIRE(mode_of(made) == fs::perms::owner_all);
  }
  const World world({{kRepository, "secret-1"}});
  cmd::Passphrases passphrases(world.environment);
  REQUIRE(KeyStore::open(stored, passphrases).public_key() == key.public_key());
  keys.remove(id);
  REQUIRE(keys.ids().empty());
  REQUIRE_FAULT(keys.remove(id), Fault::missing);
  REQUIRE_FAULT(keys.read(id), Fault::missing);
}

TEST_CASE("a key is never written over", "[cmd]") {
  const Folder folder;
  const KeyStore keys(folder.path());
  const SecretKey key = SecretKey::generate_ecdsa();
  const fs::path file = keys.folder() / (cmd::canonical_id(key.public_key()) + ".key");
  REQUIRE(keys.save(key, "alice", "", passphrase("secret-1")));
  const std::string before = text_in(file);
  REQUIRE_FALSE(keys.save(key, "alice", "", passphrase("secret-2")));
  REQUIRE_FAULT(keys.save(key, "bob", "", passphrase("secret-1")), Fault::usage);
  REQUIRE_FAULT(keys.save(key, "alice", "localhost/a", passphrase("secret-1")), Fault::usage);
  REQUIRE_FAULT(cmd::write_private_file(file, view_of("x")), Fault::usage);
  REQUIRE(text_in(file) == before);
  REQUIRE(std::distance(fs::directory_iterator(keys.folder()), fs::directory_iterator()) == 1);
}

TEST_CASE("a key is not stored without a passphrase", "[cmd]") {
  const Folder folder;
  const KeyStore keys(folder.path());
  REQUIRE_FAULT(keys.save(SecretKey::generate_ecdsa(), "alice", "", passphrase("")), Fault::usage);
  REQUIRE(keys.ids().empty());
}

TEST_CASE("a key file that others can read, or that is not what it is called, is refused", "[cmd]") {
  const Folder folder;
  const KeyStore keys(folder.path());
  const World world({{kRepository, "secret-1"}});
  cmd::Passphrases passphrases(world.environment);
  const SecretKey key = SecretKey::generate_ecdsa();
  const std::string id = cmd::canonical_id(key.public_key());
  REQUIRE(keys.save(key, "alice", "", passphrase("secret-1")));
  const fs::path file = keys.read(id).path;
  for (const fs::perms extra : {fs::perms::group_read, fs::perms::others_write}) {
    fs::permissions(file, extra, fs::perm_options::add);
    REQUIRE_FAULT(keys.read(id), Fault::usage);
    fs::permissions(file, extra, fs::perm_options::remove);
  }
  const std::string other(64, 'a');
  fs::copy_file(file, keys.folder() / (other + ".key"));
  REQUIRE_FAULT(KeyStore::open(keys.read(other), passphrases), Fault::corrupt);
  cmd::write_private_file(keys.folder() / (std::string(64, 'b') + ".key"), view_of("no key"));
  REQUIRE_FAULT(keys.read(std::string(64, 'b')), Fault::usage);
  REQUIRE_FAULT(keys.read("../" + id), Fault::missing);
}

TEST_CASE("an id is given by seven digits or more, and means one key", "[cmd]") {
  const Folder folder;
  const KeyStore keys(folder.path());
  store::make_private_directories(keys.folder());
  for (const char last : {'1', '2'}) {
    cmd::write_private_file(keys.folder() / (std::string(63, 'c') + last + ".key"), view_of("x"));
  }
  REQUIRE(keys.find(std::string(63, 'c') + "2") == std::string(63, 'c') + "2");
  REQUIRE_FAULT(keys.find("ccccccc"), Fault::usage);
  REQUIRE_FAULT(keys.find("cccccc"), Fault::usage);
  REQUIRE_FAULT(keys.find("CCCCCCCC"), Fault::usage);
  REQUIRE_FAULT(keys.find("ddddddd"), Fault::missing);
}

TEST_CASE("each role has its variables, docker's before notary's", "[cmd]") {
  const auto chosen = [](std::map<std::string, std::string> variables, const std::string& role) {
    const World world(std::move(variables));
    cmd::Passphrases passphrases(world.environment);
    return std::string(passphrases.for_new(role, std::string(64, 'a')).text());
  };
  const std::map<std::string, std::string> notary{{"NOTARY_ROOT_PASSPHRASE", "r"},
                                                  {"NOTARY_TARGETS_PASSPHRASE", "t"},
                                                  {"NOTARY_SNAPSHOT_PASSPHRASE", "s"},
                                                  {"NOTARY_DELEGATION_PASSPHRASE", "d"}};
  for (const auto& [role, expected] :
       std::map<std::string, std::string>{{"root", "r"}, {"targets", "t"}, {"snapshot", "s"}, {"alice", "d"}}) {
    REQUIRE(chosen(notary, role) == expected);
    auto both = notary;
    both[kRoot] = "root";
    both[kRepository] = "repository";
    REQUIRE(chosen(both, role) == (role == "root" ? "root" : "repository"));
    both[kRoot] = both[kRepository] = "";
    REQUIRE(chosen(both, role) == expected);
  }
}

TEST_CASE("a variable whose passphrase does not open a key gives way to the next one of its role", "[cmd]") {
  const Folder folder;
  const KeyStore keys(folder.path());
  const SecretKey key = SecretKey::generate_ecdsa();
  const std::string id = cmd::canonical_id(key.public_key());
  REQUIRE(keys.save(key, "targets", "localhost/a", passphrase("of-notary")));
  const auto open = [&](const std::map<std::string, std::string>& variables) {
    const World world(variables);
    cmd::Passphrases passphrases(world.environment);
    return cmd::canonical_id(KeyStore::open(keys.read(id), passphrases).public_key());
  };
  REQUIRE(open({{kRepository, "of-docker"}, {"NOTARY_TARGETS_PASSPHRASE", "of-notary"}}) == id);
  const std::string said = test::message_of([&] {
    open({{kRepository, "a-wrong-one"}, {"NOTARY_TARGETS_PASSPHRASE", "another"}, {kRoot, "of-notary"}});
  });
  REQUIRE(said.find("in " + kRepository + ", and that in NOTARY_TARGETS_PASSPHRASE is wrong") != std::string::npos);
}

TEST_CASE("keys in docker's older folders are found there, with what their place says", "[cmd]") {
  const Folder folder;
  const KeyStore keys(folder.path());
  const SecretKey root = SecretKey::generate_ecdsa();
  const SecretKey targets = SecretKey::generate_ecdsa();
  const std::string root_id = cmd::canonical_id(root.public_key());
  const std::string targets_id = cmd::canonical_id(targets.public_key());
  REQUIRE(keys.save(root, "root", "", passphrase("secret-1")));
  REQUIRE(keys.save(targets, "targets", "", passphrase("secret-1")));
  const fs::path old_roots = keys.folder() / "root_keys";
  const fs::path old_others = keys.folder() / "tuf_keys" / "localhost:5000" / "a";
  store::make_private_directories(old_roots);
  store::make_private_directories(old_others);
  fs::rename(keys.read(root_id).path, old_roots / (root_id + "_root.key"));
  fs::rename(keys.read(targets_id).path, old_others / (targets_id + ".key"));
  REQUIRE(keys.ids().size() == 2);
  REQUIRE(keys.find(root_id.substr(0, 9)) == root_id);
  REQUIRE(keys.read(root_id).file.role == "root");
  REQUIRE(keys.read(targets_id).file.gun == "localhost:5000/a");
  REQUIRE_FALSE(keys.save(root, "root", "", passphrase("secret-2")));
  fs::permissions(old_others, fs::perms::others_write, fs::perm_options::add);
  REQUIRE_FAULT(keys.ids(), Fault::usage);
  fs::permissions(old_others, fs::perms::others_write, fs::perm_options::remove);
  keys.remove(root_id);
  REQUIRE(keys.ids() == std::vector{targets_id});
}

TEST_CASE("a wrong passphrase in a variable is told by the variable's name, never by its value", "[cmd]") {
  const Folder folder;
  const KeyStore keys(folder.path());
  const SecretKey key = SecretKey::generate_ecdsa();
  REQUIRE(keys.save(key, "targets", "localhost/a", passphrase("secret-1")));
  const cmd::StoredKey stored = keys.read(cmd::canonical_id(key.public_key()));
  const World world({{kRepository, "wrong-secret"}});
  cmd::Passphrases passphrases(world.environment);
  const std::string said = test::message_of([&] { static_cast<void>(KeyStore::open(stored, passphrases)); });
  REQUIRE(said.find(kRepository) != std::string::npos);
  REQUIRE(said.find("repository key with ID " + stored.id.substr(0, 7)) != std::string::npos);
  REQUIRE(said.find("wrong-secret") == std::string::npos);
}
