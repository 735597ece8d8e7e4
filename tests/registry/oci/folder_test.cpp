// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/folder.h"

#include <atomic>
#include <thread>

#include "registry/oci/file_url.h"
#include "registry/oci/open.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "trust/json.h"

using namespace hallmark;
using registry::Delivery;
using registry::folder_of_file_url;
using registry::FolderRepository;
using test::Folder;
using test::Kept;

namespace {

const std::string kManifestType = "application/vnd.oci.image.manifest.v1+json";
const std::string kIndex = "application/vnd.oci.image.index.v1+json";

store::Descriptor descriptor_of(const std::string& type, const std::string& bytes) {
  return store::Descriptor{type, Digest::of(view_of(bytes)), bytes.size(), std::nullopt, {}};
}
std::string described(const std::string& type, const std::string& bytes) {
  return R"({"mediaType":")" + type + R"(","size":)" + std::to_string(bytes.size()) + R"(,"digest":")" +
         Digest::of(view_of(bytes)).to_string() + "\"}";
}
store::Document document_of(const std::string& type, const std::string& text) {
  return store::Document{descriptor_of(type, text), bytes_of(text)};
}
store::Document image(const std::string& layer, bool says_type) {
  return document_of(kManifestType, "{\"schemaVersion\":2," +
                                        (says_type ? "\"mediaType\":\"" + kManifestType + "\"," : std::string()) +
                                        "\"config\":" + described("application/vnd.oci.image.config.v1+json", "{}") +
                                        ",\"layers\":[" +
                                        described("application/vnd.oci.image.layer.v1.tar+gzip", layer) + "]}");
}
store::Document index_of(const store::Document& child) {
  return document_of(kIndex, R"({"schemaVersion":2,"mediaType":")" + kIndex + R"(","manifests":[)" +
                                 described(kManifestType, string_of(child.bytes)) + "]}");
}

/// A folder registry and one repository in it.
struct Place {
  [[nodiscard]] FolderRepository open(const std::string& name) const { return {folder.path(), Reference::parse(name)}; }
  static Delivery put(FolderRepository& repository, const std::string& bytes, const std::optional<std::string>& from) {
    store::BytesReader reader(view_of(bytes));
    return repository.put_blob(descriptor_of("x", bytes), reader, from);
  }
  [[nodiscard]] std::filesystem::path blob(const std::string& repository, const std::string& bytes) const {
    return folder.path() / repository / "blobs/sha256" / Digest::of(view_of(bytes)).hex();
  }
  [[nodiscard]] std::size_t entries(const std::string& repository) const {
    std::ifstream in(folder.path() / repository / "index.json");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return json::parse("index", view_of(text)).object().at("manifests").array().size();
  }

  Folder folder;
  FolderRepository app = open("localhost:5000/lib/app");
};

const std::string kApp = "localhost:5000/lib/app";

}  // namespace

TEST_CASE("an image goes into a folder and comes back as it was", "[registry][folder]") {
  Place place;
  const store::Document document = image("layer", true);
  CHECK_FALSE(place.app.has_blob(descriptor_of("x", "layer")));
  REQUIRE_FAULT(place.app.tags(), Fault::missing);
  REQUIRE_FAULT(place.app.manifest("1.0"), Fault::missing);
  REQUIRE_FAULT(place.app.manifest(document.descriptor.digest, std::nullopt), Fault::missing);
  CHECK(std::filesystem::is_empty(place.folder.path()));

  CHECK(Place::put(place.app, "layer", std::nullopt) == Delivery::sent);
  REQUIRE_FAULT(place.app.put_manifest(document), Fault::missing);
  CHECK(Place::put(place.app, "{}", std::nullopt) == Delivery::sent);
  place.app.put_manifest(document);
  CHECK(place.app.has_manifest(document.descriptor.digest));
  CHECK(place.app.tags().empty());
  place.app.put_manifest(document, "1.0");
  CHECK(place.app.tags() == std::vector<std::string>{"1.0"});
  CHECK(place.entries(kApp) == 1);
  CHECK(place.app.manifest("1.0").bytes == document.bytes);
  CHECK(place.app.manifest("1.0").descriptor.media_type == kManifestType);
  CHECK(place.app.manifest(document.descriptor.digest, document.bytes.size()).bytes == document.bytes);
  REQUIRE_FAULT(place.app.manifest(document.descriptor.digest, 1), Fault::corrupt);
  REQUIRE_FAULT(place.app.manifest("2.0"), Fault::missing);
  REQUIRE_FAULT(place.app.manifest("no tag"), Fault::usage);
  Kept kept;
  place.app.fetch(descriptor_of("x", "layer"), kept);
  CHECK(kept.text == "layer");
  REQUIRE_FAULT(place.app.fetch(descriptor_of("x", "other"), kept), Fault::missing);
  for (const auto& item : std::filesystem::directory_iterator(place.folder.path() / kApp / ".hallmark")) {
    CHECK(item.path().filename() == "lock");
  }
}

TEST_CASE("bytes that are not what they are called do not enter a folder, nor are they believed there",
          "[registry][folder]") {
  Place place;
  store::BytesReader reader(view_of("damaged"));
  REQUIRE_FAULT(place.app.put_blob(descriptor_of("x", "genuine"), reader, std::nullopt), Fault::corrupt);
  REQUIRE_FAULT(place.app.put_blob(descriptor_of("x", "longer than that"), reader, std::nullopt), Fault::corrupt);
  CHECK_FALSE(place.app.has_blob(descriptor_of("x", "genuine")));
  store::Document false_document = image("layer", true);
  Place::put(place.app, "layer", std::nullopt);
  Place::put(place.app, "{}", std::nullopt);
  false_document.bytes.push_back(' ');
  REQUIRE_FAULT(place.app.put_manifest(false_document, "1.0"), Fault::corrupt);
  REQUIRE_FAULT(place.app.put_manifest(document_of(kManifestType, R"({"schemaVersion":1})"), "1.0"), Fault::corrupt);

  const store::Document document = image("layer", true);
  place.app.put_manifest(document, "1.0");
  std::ofstream(place.blob(kApp, "layer")) << "other";
  std::ofstream(place.blob(kApp, string_of(document.bytes)), std::ios::app) << " ";
  REQUIRE_FAULT(place.app.manifest("1.0"), Fault::corrupt);
  std::ofstream(place.blob(kApp, "layer")) << "longer";
  Kept kept;
  REQUIRE_FAULT(place.app.fetch(descriptor_of("x", "layer"), kept), Fault::corrupt);
  REQUIRE_FAULT(place.app.has_blob(descriptor_of("x", "layer")), Fault::corrupt);
}

TEST_CASE("a tag moves, and what had it stays reachable by its digest", "[registry][folder]") {
  Place place;
  for (const char* bytes : {"one", "two", "{}"}) Place::put(place.app, bytes, std::nullopt);
  const store::Document one = image("one", false);
  const store::Document two = image("two", false);
  place.app.put_manifest(one, "latest");
  place.app.put_manifest(two, "latest");
  CHECK(place.app.manifest("latest").bytes == two.bytes);
  // It does not say its type; the entry does.
  CHECK(place.app.manifest(one.descriptor.digest, std::nullopt).bytes == one.bytes);
  place.app.put_manifest(one, "old");
  CHECK(place.app.tags() == std::vector<std::string>{"latest", "old"});
  CHECK(place.entries(kApp) == 2);
}

TEST_CASE("an index goes in after what it lists, and only the index is listed by the folder", "[registry][folder]") {
  Place place;
  const store::Document child = image("layer", true);
  REQUIRE_FAULT(place.app.put_manifest(index_of(child), "1.0"), Fault::missing);
  Place::put(place.app, "layer", std::nullopt);
  Place::put(place.app, "{}", std::nullopt);
  place.app.put_manifest(child);
  CHECK(place.entries(kApp) == 1);
  place.app.put_manifest(index_of(child), "1.0");
  CHECK(place.entries(kApp) == 1);
  CHECK(place.app.manifest(child.descriptor.digest, std::nullopt).bytes == child.bytes);
  const store::Document silent = image("layer", false);
  place.app.put_manifest(silent);
  place.app.put_manifest(index_of(silent), "2.0");
  CHECK(place.app.manifest(silent.descriptor.digest, std::nullopt).bytes == silent.bytes);
}

TEST_CASE("a blob is mounted from another repository of the folder, if it is what it is called there",
          "[registry][folder]") {
  Place place;
  Place::put(place.app, "layer", std::nullopt);
  FolderRepository other = place.open("localhost:5000/lib/app/below");
  CHECK(Place::put(other, "layer", "lib/app") == Delivery::mounted);
  CHECK(other.has_blob(descriptor_of("x", "layer")));
  FolderRepository third = place.open("localhost:5000/third");
  CHECK(Place::put(third, "layer", "lib/nothing") == Delivery::sent);
  std::filesystem::remove(place.blob(kApp, "layer"));
  std::ofstream(place.blob(kApp, "layer")) << "other";
  FolderRepository fourth = place.open("localhost:5000/fourth");
  CHECK(Place::put(fourth, "layer", "lib/app") == Delivery::sent);
  Kept kept;
  fourth.fetch(descriptor_of("x", "layer"), kept);
  CHECK(kept.text == "layer");
}

TEST_CASE("blobs that come at the same time begin a repository together", "[registry][folder]") {
  Place place;
  for (int round = 0; round < 20; ++round) {
    const std::string name = "localhost:5000/lib/new" + std::to_string(round);
    std::atomic<int> failures{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < 8; ++number) {
      threads.emplace_back([&, number] {
        FolderRepository repository = place.open(name);
        try {
          Place::put(repository, "layer " + std::to_string(number), std::nullopt);
        } catch (const Error&) {
          ++failures;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    REQUIRE(failures == 0);
  }
}

TEST_CASE("what a killed push left is swept by the next one, and nothing else is", "[registry][folder]") {
  Place place;
  const std::string own = kApp + "/.hallmark/";
  const auto dead = place.folder.write(own + "unfinished-0123456789abcdef01234567", "half a layer");
  const auto foreign = place.folder.write(own + "unfinished-0123", "somebody's notes");
  const auto folder = place.folder.write(own + "unfinished-00112233445566778899aabb/notes", "somebody's folder");
  const auto link = place.folder.path() / (own + "unfinished-aa112233445566778899aabb");
  std::filesystem::create_symlink(foreign, link);
  SECTION("by a blob") { Place::put(place.app, "layer", std::nullopt); }
  SECTION("by a manifest") {
    for (const std::string bytes : {"layer", "{}"}) {
      place.folder.write(kApp + "/blobs/sha256/" + Digest::of(view_of(bytes)).hex(), bytes);
    }
    place.app.put_manifest(image("layer", true), "1.0");
  }
  CHECK_FALSE(std::filesystem::exists(dead));
  CHECK(std::filesystem::exists(foreign));
  CHECK(std::filesystem::exists(folder));
  CHECK(std::filesystem::is_symlink(link));
}

TEST_CASE("a blob that is being written is not swept by another push", "[registry][folder]") {
  Place place;
  /// Lets another push run before it gives its bytes.
  class Slow final : public store::BlobReader {
   public:
    Slow(const Place& place, std::string_view bytes) : place_(place), bytes_(view_of(bytes)) {}
    [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
    std::size_t read(std::uint64_t offset, std::span<std::uint8_t> buffer) override {
      FolderRepository other = place_.open(kApp);
      Place::put(other, "layer " + std::to_string(offset), std::nullopt);
      return bytes_.read(offset, buffer);
    }

   private:
    const Place& place_;
    store::BytesReader bytes_;
  };
  Slow slow(place, "slow layer");
  CHECK(place.app.put_blob(descriptor_of("x", "slow layer"), slow, std::nullopt) == Delivery::sent);
  CHECK(place.app.has_blob(descriptor_of("x", "slow layer")));
  CHECK(place.app.has_blob(descriptor_of("x", "layer 0")));
  for (const auto& item : std::filesystem::directory_iterator(place.folder.path() / kApp / ".hallmark")) {
    CHECK(item.path().filename() == "lock");
  }
}

TEST_CASE("tags that are given at the same time are all there", "[registry][folder]") {
  Place place;
  Place::put(place.app, "layer", std::nullopt);
  Place::put(place.app, "{}", std::nullopt);
  const store::Document document = image("layer", true);
  std::vector<std::thread> threads;
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&, number] { place.open(kApp).put_manifest(document, "t" + std::to_string(number)); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(place.app.tags().size() == 8);
}

TEST_CASE("a damaged folder is said to be damaged and not written over", "[registry][folder]") {
  Place place;
  place.folder.write(kApp + "/index.json", "{");
  REQUIRE_FAULT(place.app.tags(), Fault::corrupt);
  Place::put(place.app, "layer", std::nullopt);
  Place::put(place.app, "{}", std::nullopt);
  REQUIRE_FAULT(place.app.put_manifest(image("layer", true), "1.0"), Fault::corrupt);
  place.folder.write(kApp + "/oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
  REQUIRE_FAULT(Place::put(place.app, "more", std::nullopt), Fault::corrupt);
}

TEST_CASE("addresses of folders", "[registry][folder]") {
  CHECK(folder_of_file_url("file:///srv/images") == "/srv/images");
  CHECK(folder_of_file_url("file:///srv/my%20images") == "/srv/my images");
  for (const char* text : {"file://host/x", "file:/x", "/x", "file://", "file:///a/../b", "file:///a%2", "file:///a%zz",
                           "file:///a%00b", "https://x"}) {
    CAPTURE(text);
    REQUIRE_FAULT(folder_of_file_url(text), Fault::usage);
  }
  CHECK(registry::is_file_url("file:x"));
  CHECK_FALSE(registry::is_file_url("https://file:"));
}

TEST_CASE("the folder in the settings stands in for every registry", "[registry][folder]") {
  test::World world;
  world.settings.registry_folder = world.folder.path() / "images";
  // To read from a folder that is not there is a mistake; a push makes it.
  REQUIRE_FAULT(registry::open_repository(world.settings, Reference::parse("debian"), registry::Access::pull),
                Fault::usage);
  const auto repository = registry::open_repository(world.settings, Reference::parse("debian"), registry::Access::push);
  store::BytesReader reader(view_of("layer"));
  CHECK(repository->put_blob(descriptor_of("x", "layer"), reader, std::nullopt) == Delivery::sent);
  CHECK(std::filesystem::exists(world.folder.path() / "images/docker.io/library/debian/oci-layout"));
}
