// SPDX-License-Identifier: Apache-2.0
#include "registry/metadata/trust_folder.h"

#include <sys/stat.h>

#include "registry/metadata/notary.h"
#include "registry/metadata/open_trust.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"

using namespace hallmark;
using registry::Publication;
using registry::TrustAccess;
using registry::TrustFolder;
using test::Folder;
using PublicationKind = Publication::Kind;
using Files = std::map<std::string, Bytes>;

namespace {

Bytes vector_file(const std::string& name) {
  std::ifstream in(std::string(HALLMARK_VECTORS) + "/dct/01-two-tags/server/" + name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  REQUIRE_FALSE(text.empty());
  return bytes_of(text);
}

/// What docker published first, and then.
Files first() {
  return {{"root", vector_file("1.root.json")},
          {"targets", vector_file("2.targets.json")},
          {"snapshot", vector_file("1.snapshot.json")},
          {"timestamp", vector_file("1.timestamp.json")}};
}
Files second() {
  return {{"targets", vector_file("3.targets.json")},
          {"snapshot", vector_file("2.snapshot.json")},
          {"timestamp", vector_file("2.timestamp.json")}};
}

struct Place {
  Folder folder;
  std::string gun = "localhost:5000/lib/app";
  TrustFolder trust{folder.path(), gun, TrustAccess::publish};
  [[nodiscard]] std::filesystem::path file(const std::string& name) const {
    return folder.path() / gun / "_trust/tuf" / name;
  }
  std::string read(const std::string& name) {
    const tuf::MetadataReply answer = trust.fetch(tuf::MetadataFile{name, name, 100'000});
    return answer.kind == tuf::MetadataReply::Kind::found ? string_of(answer.bytes) : std::string("-");
  }
};

}  // namespace

TEST_CASE("what is published in a directory is read there under every name that a server has", "[registry][folder]") {
  Place place;
  CHECK(place.trust.fetch(tuf::MetadataFile{"root", "root.json", 1000}).kind == tuf::MetadataReply::Kind::missing);
  REQUIRE(place.trust.publish(first()).kind == PublicationKind::accepted);
  for (const auto& [role, bytes] : first()) {
    CHECK(place.read(role + ".json") == string_of(bytes));
    CHECK(place.read(role + "." + Digest::of(bytes).hex() + ".json") == string_of(bytes));
  }
  CHECK(place.read("1.root.json") == place.read("root.json"));
  REQUIRE(place.trust.publish(second()).kind == PublicationKind::accepted);
  CHECK(place.read("targets.json") == string_of(second().at("targets")));
  CHECK(place.read("targets." + Digest::of(first().at("targets")).hex() + ".json") != "-");
  CHECK(place.read("2.root.json") == "-");
  CHECK(place.trust.fetch(tuf::MetadataFile{"root", "root.json", 10}).kind == tuf::MetadataReply::Kind::rejected);
  REQUIRE_FAULT(place.trust.fetch(tuf::MetadataFile{"x", "../root.json", 10}), Fault::corrupt);
}

TEST_CASE("what does not follow on what is there is a conflict", "[registry][folder]") {
  Place place;
  REQUIRE(place.trust.publish(first()).kind == PublicationKind::accepted);
  REQUIRE(place.trust.publish(second()).kind == PublicationKind::accepted);
  const std::string before = place.read("timestamp.json");
  Files late = first();
  late.erase("root");
  const Publication publication = place.trust.publish(late);
  CHECK(publication.kind == PublicationKind::conflict);
  CHECK(publication.detail.find("version") != std::string::npos);
  CHECK(place.read("timestamp.json") == before);
  // The same once more is none: a publication that was interrupted is completed so.
  std::filesystem::remove(place.file("timestamp.json"));
  CHECK(place.trust.publish(second()).kind == PublicationKind::accepted);
  CHECK(place.read("timestamp.json") == before);
}

TEST_CASE("what a publication that was broken off left is no conflict", "[registry][folder]") {
  Place place;
  REQUIRE(place.trust.publish(first()).kind == PublicationKind::accepted);
  // Killed before the timestamp: another one signed the same versions since, which are other bytes.
  for (const auto& [role, bytes] : second()) {
    if (role == "timestamp") continue;
    std::ofstream(place.file(role + ".json"), std::ios::binary) << string_of(bytes) << "\n";
  }
  place.folder.write(place.gun + "/_trust/unfinished-0123456789abcdef01234567", "half");
  SECTION("signed anew") {
    CHECK(place.trust.publish(second()).kind == PublicationKind::accepted);
    for (const auto& [role, bytes] : second()) CHECK(place.read(role + ".json") == string_of(bytes));
  }
  SECTION("put right under the plain names") {
    CHECK(place.trust.publish(first()).kind == PublicationKind::accepted);
    for (const auto& [role, bytes] : first()) CHECK(place.read(role + ".json") == string_of(bytes));
  }
  CHECK_FALSE(std::filesystem::exists(place.folder.path() / place.gun / "_trust/unfinished-0123456789abcdef01234567"));
}

TEST_CASE("a root that a broken publication put there does not count before its timestamp", "[registry][folder]") {
  Place place;
  REQUIRE(place.trust.publish(first()).kind == PublicationKind::accepted);
  const std::string root = string_of(first().at("root"));
  std::ofstream(place.file("root.json"), std::ios::binary) << root << "\n";
  CHECK(place.read("root.json") == root);
  // Where nothing says what counts it is what lies there.
  std::filesystem::remove(place.file("timestamp.json"));
  CHECK(place.read("root.json") == root + "\n");
}

TEST_CASE("a first publication that was broken off is none", "[registry][folder]") {
  Place place;
  place.folder.write(place.gun + "/_trust/unfinished-0123456789abcdef01234567/root.json",
                     string_of(first().at("root")));
  CHECK(place.trust.fetch(tuf::MetadataFile{"root", "root.json", 100'000}).kind == tuf::MetadataReply::Kind::missing);
  CHECK(place.trust.publish(first()).kind == PublicationKind::accepted);
  CHECK_FALSE(std::filesystem::exists(place.folder.path() / place.gun / "_trust/unfinished-0123456789abcdef01234567"));
}

TEST_CASE("what is published without what its timestamp lists takes nothing more", "[registry][folder]") {
  Place place;
  REQUIRE(place.trust.publish(first()).kind == PublicationKind::accepted);
  for (const auto& item : std::filesystem::directory_iterator(place.file(""))) {
    if (item.path().filename().string().starts_with("targets.")) std::filesystem::remove(item.path());
  }
  Files files = first();
  files["targets"] = second().at("targets");
  CHECK(place.trust.publish(files).kind == PublicationKind::refused);
}

TEST_CASE("what would leave a broken directory is refused, and nothing is written", "[registry][folder]") {
  Place place;
  Files files = first();
  SECTION("no timestamp") { files.erase("timestamp"); }
  SECTION("no snapshot") { files.erase("snapshot"); }
  SECTION("no root") { files.erase("root"); }
  SECTION("targets that the snapshot does not list") { files["targets"] = vector_file("3.targets.json"); }
  SECTION("a snapshot that the timestamp does not list") { files["snapshot"] = vector_file("2.snapshot.json"); }
  SECTION("a role that the snapshot does not list") { files["targets/ci"] = vector_file("3.targets.json"); }
  SECTION("no document") { files["targets"] = bytes_of("no JSON"); }
  CHECK(place.trust.publish(files).kind == PublicationKind::refused);
  CHECK_FALSE(std::filesystem::exists(place.file("root.json")));
  REQUIRE_FAULT(place.trust.publish({{"../x", bytes_of("{}")}}), Fault::corrupt);
}

TEST_CASE("a directory has no keys", "[registry][folder]") {
  Place place;
  CHECK(place.trust.server_key("timestamp").kind == tuf::MetadataReply::Kind::rejected);
  CHECK(place.trust.new_server_key("snapshot").kind == tuf::MetadataReply::Kind::rejected);
}

TEST_CASE("a name that is no repository's has no directory", "[registry][folder]") {
  Folder folder;
  for (const char* gun : {"", "..", "a/../b", "/a", "a/", "a//b"}) {
    CAPTURE(gun);
    REQUIRE_FAULT(TrustFolder(folder.path(), gun, TrustAccess::publish), Fault::usage);
  }
}

TEST_CASE("a directory that is not there is no publisher without trust data", "[registry][folder]") {
  Folder folder;
  const auto asked = [&](const std::filesystem::path& top, TrustAccess access) {
    return TrustFolder(top, "x/y", access).fetch(tuf::MetadataFile{"root", "root.json", 1000});
  };
  const tuf::MetadataReply gone = asked(folder.path() / "gone", TrustAccess::read);
  CHECK(gone.kind == tuf::MetadataReply::Kind::unreachable);
  CHECK(gone.fault == Fault::local);
  CHECK(asked(folder.path(), TrustAccess::read).kind == tuf::MetadataReply::Kind::missing);
  CHECK(asked(folder.path() / "gone", TrustAccess::publish).kind == tuf::MetadataReply::Kind::missing);
}

TEST_CASE("a link or a pipe in a directory is no trust data, nor is it nothing", "[registry][folder]") {
  Place place;
  REQUIRE(place.trust.publish(first()).kind == PublicationKind::accepted);
  const std::filesystem::path root = place.file("root.json");
  std::filesystem::rename(root, root.string() + ".real");
  SECTION("link") { std::filesystem::create_symlink(root.string() + ".real", root); }
  SECTION("folder") { std::filesystem::create_directory(root); }
  SECTION("pipe") { REQUIRE(mkfifo(root.c_str(), 0600) == 0); }
  CHECK(place.trust.fetch(tuf::MetadataFile{"root", "root.json", 100'000}).kind == tuf::MetadataReply::Kind::rejected);
}

TEST_CASE("an address decides between a trust server and a directory", "[registry][folder]") {
  test::World world;
  const Reference name = Reference::parse("debian");
  const std::string address = "file://" + (world.folder.path() / "trust").string();
  CHECK(registry::trust_server_for(name, address) == address);
  REQUIRE_FAULT(registry::trust_server_for(name, "file://host/x"), Fault::usage);
  const auto open = [&](const std::string& server) {
    return registry::open_trust_server(world.settings, name, name.repository(), server, std::nullopt,
                                       registry::TrustAccess::publish);
  };
  CHECK(open(address)->publish(first()).kind == PublicationKind::accepted);
  CHECK(std::filesystem::exists(world.folder.path() / "trust/docker.io/library/debian/_trust/tuf/timestamp.json"));
  REQUIRE_FAULT(open("http://localhost"), Fault::usage);
}
