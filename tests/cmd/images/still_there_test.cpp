// SPDX-License-Identifier: Apache-2.0
#include "cmd/images/still_there.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

#include "cmd/cli/batch.h"
#include "cmd/images/image_filter.h"
#include "cmd/images/listed_image.h"
#include "tests/support/catch.h"

using namespace hallmark;
namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 1> kFilters{"label"};
const std::string kConfig =
    R"({"architecture":"amd64","os":"linux","config":{"Labels":{"a":"b"}},"rootfs":{"type":"layers","diff_ids":[]}})";

/// A layout with one image, written as any tool may.
class Layout {
 public:
  Layout() : root_(fs::temp_directory_path() / ("hallmark-still-there-" + std::to_string(getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(root_ / "blobs" / "sha256");
    write("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    const std::string manifest =
        R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":)" +
        described("application/vnd.oci.image.config.v1+json", put(kConfig), kConfig.size(), "") + R"(,"layers":[]})";
    write("index.json", R"({"schemaVersion":2,"manifests":[)" +
                            described("application/vnd.oci.image.manifest.v1+json", put(manifest), manifest.size(),
                                      R"(,"annotations":{"org.opencontainers.image.ref.name":"reg.example/app:1"})") +
                            "]}");
  }
  ~Layout() { fs::remove_all(root_); }
  Layout(const Layout&) = delete;
  Layout& operator=(const Layout&) = delete;

  [[nodiscard]] store::Store store() const { return store::Store(root_); }
  void lose_config() const { fs::remove(root_ / "blobs" / "sha256" / Digest::of(view_of(kConfig)).hex()); }
  /// As another run leaves it that gave the name to another image.
  void exchange_image() const {
    fs::remove_all(root_ / "blobs");
    const std::string other = Digest::of(view_of("another manifest")).to_string();
    write("index.json",
          R"({"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
          R"("size":16,"annotations":{"org.opencontainers.image.ref.name":"reg.example/app:1"},"digest":")" +
              other + "\"}]}");
  }
  /// As another run leaves it that removed the image.
  void remove_image() const {
    write("index.json", R"({"schemaVersion":2,"manifests":[]})");
    fs::remove_all(root_ / "blobs");
  }

 private:
  void write(const std::string& name, const std::string& text) const { std::ofstream(root_ / name) << text; }
  [[nodiscard]] Digest put(const std::string& text) const {
    Digest digest = Digest::of(view_of(text));
    write("blobs/sha256/" + digest.hex(), text);
    return digest;
  }
  static std::string described(const std::string& type, const Digest& digest, std::size_t size,
                               const std::string& members) {
    return R"({"mediaType":")" + type + R"(","digest":")" + digest.to_string() + R"(","size":)" + std::to_string(size) +
           members + "}";
  }

  fs::path root_;
};

}  // namespace

TEST_CASE("an image that is removed while a list is filtered is in no list, and one that is damaged is told", "[cmd]") {
  const Layout layout;
  const store::Store store = layout.store();
  std::ostringstream told;
  cmd::Batch batch(told);
  const std::deque<cmd::ListedImage> images = cmd::list_images(store, batch);
  REQUIRE(images.size() == 1);
  const cmd::ImageFilter filter({"label=a=b"}, kFilters, store, Time{});
  bool is_admitted = false;
  const auto look = [&] {
    cmd::unless_removed(store, images.front().entry, [&] { is_admitted = filter.admits(images.front()); });
  };
  SECTION("while it is there it is looked at") {
    look();
    CHECK(is_admitted);
  }
  SECTION("removed, it is left out without a word") {
    layout.remove_image();
    REQUIRE_NOTHROW(look());
    CHECK_FALSE(is_admitted);
    REQUIRE_FAULT(cmd::require_still_there(store, images.front().entry), Fault::missing);
  }
  SECTION("pulled anew, it is not the one that was listed") {
    layout.exchange_image();
    REQUIRE_NOTHROW(look());
    CHECK_FALSE(is_admitted);
  }
  SECTION("a name without its config is damage") {
    layout.lose_config();
    REQUIRE_FAULT(look(), Fault::corrupt);
    REQUIRE_NOTHROW(cmd::require_still_there(store, images.front().entry));
  }
}
