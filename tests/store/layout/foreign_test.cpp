// SPDX-License-Identifier: Apache-2.0
//
// Stores that other tools wrote into, or that are damaged or none at all.
#include "store/layout/layout.h"
#include "store/store.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

/// Adds an entry as another tool would.
void add_foreign(const TemporaryFolder& folder, const std::string& entry) {
  const auto path = folder.path() / "index.json";
  std::string text = string_of(read_whole(path));
  const std::string list = R"("manifests":[)";
  const std::size_t at = text.find(list) + list.size();
  text.insert(at, entry + (text[at] == ']' ? "" : ","));
  write_file(path, bytes_of(text));
}

std::string foreign_entry(const Descriptor& root, const std::string& name) {
  return R"({"mediaType":")" + root.media_type + R"(","digest":")" + root.digest.to_string() + R"(","size":)" +
         std::to_string(root.size) + R"(,"annotations":{"org.opencontainers.image.ref.name":")" + name +
         R"("},"x-other":{"b":1.50,"a":[true,null]}})";
}

void put_blob(const TemporaryFolder& folder, ByteView bytes) {
  std::filesystem::create_directories(folder.path() / "blobs" / "sha256");
  write_file(blob(folder, Digest::of(bytes)), bytes);
}

}  // namespace

TEST_CASE("what another tool brought in is listed, but counts as verified only after a pull", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", simple_image(1));
  const TestImage image = simple_image(2);
  put_blob(folder, image.root.bytes);
  for (const auto& [digest, bytes] : image.blobs) put_blob(folder, bytes);
  add_foreign(folder, foreign_entry(image.root.descriptor, "localhost:5000/foreign:1"));

  const std::optional<Entry> entry = store.find(named("localhost:5000/foreign:1"));
  REQUIRE(entry);
  CHECK(entry->manifests == std::vector{image.root.descriptor.digest});
  CHECK_FALSE(store.is_complete(image.root.descriptor, image.chosen));
  SECTION("it may get another name once it has been hashed") {
    {
      Staging staging(store.directory());
      store.commit(staging.present(*entry, [](std::uint64_t) {}), approve(named("localhost:5000/mine:1"), image),
                   store.lock());
    }
    CHECK(store.is_complete(image.root.descriptor, image.chosen));
    CHECK(has_no_residue(folder.path()));
  }
  SECTION("it gets none when something of it is damaged") {
    Bytes bytes = read_whole(blob(folder, image.blobs.begin()->first));
    bytes.back() ^= 1U;
    write_file(blob(folder, image.blobs.begin()->first), bytes);
    Staging staging(store.directory());
    REQUIRE_FAULT(staging.present(*entry, [](std::uint64_t) {}), Fault::corrupt);
    return;
  }
  MemorySource nothing({});
  bring_in(store, "localhost:5000/foreign:1", image, nothing);
  CHECK(store.is_complete(image.root.descriptor, image.chosen));
  CHECK(store.find(named("localhost:5000/foreign:1")));
  CHECK(string_of(read_whole(folder.path() / "index.json")).find("ref.name\":\"localhost:5000/foreign:1") !=
        std::string::npos);
}

TEST_CASE("a short name that another tool wrote is not taken for one of docker.io", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", simple_image(1));
  const TestImage image = simple_image(2);
  put_blob(folder, image.root.bytes);
  add_foreign(folder, foreign_entry(image.root.descriptor, "12"));
  add_foreign(folder, foreign_entry(image.root.descriptor, "debian:12"));
  CHECK(store.list().size() == 1);
  CHECK_FALSE(store.find(named("debian:12")));
}

TEST_CASE("of two names in one entry the one that tools change counts", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", simple_image(1));
  const Descriptor root = simple_image(1).root.descriptor;
  const auto add = [&](const std::string& ref_name, const std::string& image_name) {
    const std::string extra = ref_name.empty() ? "" : R"("org.opencontainers.image.ref.name":")" + ref_name + R"(",)";
    add_foreign(folder, R"({"mediaType":")" + root.media_type + R"(","digest":")" + root.digest.to_string() +
                            R"(","size":)" + std::to_string(root.size) + R"(,"annotations":{)" + extra +
                            R"("io.containerd.image.name":")" + image_name + "\"}}");
  };
  add("localhost:5000/new:1", "localhost:5000/old:1");
  add("2", "localhost:5000/containerd:2");
  add("", "localhost:5000/containerd:3");
  add("other", "localhost:5000/containerd:4");
  CHECK(store.find(named("localhost:5000/new:1")));
  CHECK(store.find(named("localhost:5000/containerd:2")));
  CHECK(store.find(named("localhost:5000/containerd:3")));
  CHECK_FALSE(store.find(named("localhost:5000/old:1")));
  CHECK_FALSE(store.find(named("localhost:5000/containerd:4")));
  CHECK(store.list().size() == 4);
}

TEST_CASE("entries and members of other tools survive a commit and a removal", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", simple_image(1));
  const std::string entry = foreign_entry(simple_image(2).root.descriptor, "latest");
  const std::string strange = R"({"mediaType":"application/x","digest":"blake3:00","size":7,"k":[{}]})";
  add_foreign(folder, entry);
  add_foreign(folder, strange);
  std::string text = string_of(read_whole(folder.path() / "index.json"));
  text.insert(text.find('{') + 1, R"("annotations":{"who":"other"},)");
  write_file(folder.path() / "index.json", bytes_of(text));
  bring_in(store, "b:1", simple_image(3));
  store.remove(entries_of(store, {named("a:1")}));
  const json::Value index = json::parse("index", read_whole(folder.path() / "index.json"));
  const std::string after = json::to_text(index);
  CHECK(after.find(json::to_text(json::parse("entry", view_of(entry)))) != std::string::npos);
  CHECK(after.find(json::to_text(json::parse("entry", view_of(strange)))) != std::string::npos);
  CHECK(after.find(R"("annotations":{"who":"other"})") != std::string::npos);
}

TEST_CASE("a damaged index is told and never written over", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", simple_image(1));
  const auto text = GENERATE(as<std::string>{}, "", "{", "[]", R"({"schemaVersion":2,"manifests":{}})",
                             R"({"schemaVersion":1,"manifests":[]})", R"({"manifests":[]})",
                             R"({"schemaVersion":2,"manifests":[],"manifests":[]})");
  write_file(folder.path() / "index.json", bytes_of(text));
  const auto before = visible(folder.path());
  REQUIRE_FAULT(store.list(), Fault::corrupt);
  REQUIRE_FAULT(store.find(named("a:1")), Fault::corrupt);
  REQUIRE_FAULT(store.remove(entries_of(store, {named("a:1")})), Fault::corrupt);
  REQUIRE_FAULT(store.check([](const Descriptor&) {}, [] {}), Fault::corrupt);
  REQUIRE_FAULT(bring_in(store, "b:1", simple_image(2)), Fault::corrupt);
  CHECK(visible(folder.path()) == before);
}

TEST_CASE("a damaged oci-layout is told and never written over", "[store]") {
  const TemporaryFolder folder;
  {
    Store store(folder.path());
    bring_in(store, "a:1", simple_image(1));
  }
  const auto text =
      GENERATE(as<std::string>{}, "", "{}", R"({"imageLayoutVersion":"2.0.0"})", R"({"imageLayoutVersion":1})");
  write_file(folder.path() / "oci-layout", bytes_of(text));
  REQUIRE_FAULT(Store(folder.path()), Fault::local);
  CHECK(string_of(read_whole(folder.path() / "oci-layout")) == text);
  std::filesystem::remove(folder.path() / "oci-layout");
  REQUIRE_FAULT(Store(folder.path()), Fault::local);
}

TEST_CASE("only a layout, an empty folder or nothing is taken for a store", "[store]") {
  const TemporaryFolder folder;
  CHECK_NOTHROW(Store(folder.path()));
  CHECK_NOTHROW(Store(folder.path() / "new" / "deep"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "new"));
  CHECK(std::filesystem::is_empty(folder.path()));
  std::filesystem::create_directory(folder.path() / "lost+found");
  CHECK_NOTHROW(Store(folder.path()));
  write_file(folder.path() / "letter.txt", bytes_of("dear"));
  REQUIRE_FAULT(Store(folder.path()), Fault::local);
  REQUIRE_FAULT(Store(folder.path() / "letter.txt"), Fault::local);
}

TEST_CASE("looking into a store that is not there makes nothing", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path() / "store");
  CHECK(store.list().empty());
  CHECK_FALSE(store.find(std::string("a:1")));
  CHECK(store.check([](const Descriptor&) {}, [] {}).empty());
  REQUIRE_FAULT(store.remove(entries_of(store, {named("a:1")})), Fault::missing);
  REQUIRE_FAULT(store.read(simple_image(1).root.descriptor), Fault::missing);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("a refused first pull leaves only empty folders", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path() / "deep" / "store");
  TestImage image = simple_image(1);
  MemorySource source({});
  REQUIRE_FAULT(bring_in(store, "a:1", image, source), Fault::missing);
  CHECK(visible(folder.path() / "deep" / "store").empty());
  CHECK(has_no_residue(folder.path() / "deep" / "store"));
  CHECK_NOTHROW(Store(folder.path() / "deep" / "store"));
}

TEST_CASE("a document of the store is hashed while it is read", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  bring_in(store, "a:1", image);
  const auto path = blob(folder, image.root.descriptor.digest);
  Bytes bytes = read_whole(path);
  bytes.back() ^= 1U;
  write_file(path, bytes);
  REQUIRE_FAULT(store.read(image.root.descriptor), Fault::corrupt);
  bytes.pop_back();
  write_file(path, bytes);
  REQUIRE_FAULT(store.read(image.root.descriptor), Fault::corrupt);
}
