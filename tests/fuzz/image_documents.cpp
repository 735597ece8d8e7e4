// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <mutex>

#include "store/image/image.h"
#include "store/store.h"
#include "store/stream/inflate.h"
#include "store/tar/tar.h"
#include "tests/fuzz/folder.h"
#include "tests/fuzz/fuzz.h"

namespace hallmark::fuzz {
namespace {

store::Document document(ByteView bytes, const std::string& media_type) {
  return {{media_type, Digest::of(bytes), bytes.size(), {}, {}}, Bytes(bytes.begin(), bytes.end())};
}

class Nowhere final : public ByteSink {
 public:
  void write(ByteView /*piece*/) override {}
};

}  // namespace

void image_documents(ByteView input) {
  const auto [number, rest] = choose(input, 5);
  ask([&, number = number, rest = rest] {
    if (number == 0) parse_manifest(document(rest, "application/vnd.oci.image.manifest.v1+json"));
    if (number == 1) parse_manifest(document(rest, "application/vnd.docker.distribution.manifest.v2+json"));
    if (number == 2) {
      const store::Index index = parse_index(document(rest, "application/vnd.oci.image.index.v1+json"));
      static_cast<void>(index.choose(store::Platform::parse("linux/arm/v6"),
                                     [](const store::Descriptor& one) { return one.platform; }));
    }
    if (number == 3) parse_index(document(rest, "application/vnd.docker.distribution.manifest.list.v2+json"));
    if (number == 4) store::parse_config(rest);
  });
}

/// index.json of a layout that another tool wrote.
void index_file(ByteView input) {
  const Folder folder;
  std::ofstream(folder.path() / "oci-layout") << R"({"imageLayoutVersion":"1.0.0"})";
  std::ofstream(folder.path() / "index.json") << text_of(input);
  ask([&] {
    const store::Store store(folder.path());
    for (const store::Entry& entry : store.list()) static_cast<void>(store.is_complete(entry.root, {entry.root}));
  });
}

/// A layer as it streams by, or a root file system to import.
void layer(ByteView input) {
  const auto [number, rest] = choose(input, 4);
  Nowhere nowhere;
  Bytes bytes(rest.begin(), rest.end());
  ask([&, number = number] {
    if (number == 3) {
      std::size_t at = 0;
      return store::read_tar(
          [&](std::span<std::uint8_t> buffer) {
            const std::size_t size = std::min(buffer.size(), bytes.size() - at);
            std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, buffer.begin());
            at += size;
            return size;
          },
          nowhere);
    }
    constexpr store::Compression kKinds[] = {store::Compression::none, store::Compression::gzip,
                                             store::Compression::zstd};
    store::LargeWindows large_windows;
    constexpr std::uint64_t kMost = std::uint64_t{8} << 20U;
    store::Inflater inflater(kKinds[number], nowhere, kMost, large_windows);
    const std::size_t half = bytes.size() / 2;
    inflater.push(std::span(bytes).first(half));
    inflater.push(std::span(bytes).subspan(half));
    inflater.finish();
  });
}

}  // namespace hallmark::fuzz
