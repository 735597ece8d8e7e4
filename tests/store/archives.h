// SPDX-License-Identifier: Apache-2.0
//
// Archives made up for tests, and what becomes of them.
#pragma once

#include <algorithm>
#include <functional>
#include <string>

#include "store/archive/archive.h"
#include "tests/store/tars.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

namespace hallmark::test {

using namespace hallmark::store;

constexpr const char* kLayout = R"({"imageLayoutVersion":"1.0.0"})";

inline std::string path_of(const Digest& digest) { return "blobs/sha256/" + digest.hex(); }

inline std::string blob_of(const Bytes& bytes) { return tar_file(path_of(Digest::of(bytes)), string_of(bytes)); }

/// An image whose documents are as large as asked.
inline TestImage image_of(unsigned seed, std::size_t padding) {
  Recipe recipe;
  recipe.layers.push_back(gzip_layer(noise(1000, seed)));
  recipe.layer_extra = R"(,"annotations":{"x":")" + std::string(padding, ' ') + "\"}";
  return make_image(recipe);
}

struct Listing {
  std::string index;
  std::string docker;
  std::string blobs;

  void add(const TestImage& image, const std::string& name) {
    const Manifest parts = parse_manifest(image.root);
    index += (index.empty() ? "" : ",") + (R"({"mediaType":")" + image.root.descriptor.media_type) + R"(","digest":")" +
             image.root.descriptor.digest.to_string() + R"(","size":)" + std::to_string(image.root.descriptor.size) +
             R"(,"annotations":{"io.containerd.image.name":")" + name + "\"}}";
    docker += (docker.empty() ? "" : ",") + (R"({"Config":")" + path_of(parts.config.digest)) + R"(","RepoTags":[")" +
              name + R"("],"Layers":[")" + path_of(parts.layers.front().digest) + "\"]}";
    blobs += blob_of(image.root.bytes);
    for (const auto& [digest, bytes] : image.blobs) blobs += blob_of(bytes);
  }
  [[nodiscard]] std::string documents() const {
    return tar_file("oci-layout", kLayout) +
           tar_file("index.json", R"({"schemaVersion":2,"manifests":[)" + index + "]}");
  }
  [[nodiscard]] std::string tar() const {
    return documents() + tar_file("manifest.json", "[" + docker + "]") + blobs + kTarEnd;
  }
};

struct Outcome {
  std::string refusal;
  std::size_t images = 0;
  std::vector<Reference> names = {};  // of the first one
};

/// Reads it and takes what it shows.
inline Outcome read_tar(
    const std::string& tar, const std::function<void(const Archive&)>& judge = [](const Archive&) {}) {
  const TemporaryFolder folder;
  const Store store(folder.path() / "store");
  Staging staging(store.directory());
  Archive archive(staging);
  Outcome outcome;
  std::size_t at = 0;
  outcome.refusal = message_of([&] {
    archive.read(
        [&](std::span<std::uint8_t> buffer) {
          const std::size_t size = std::min(buffer.size(), tar.size() - at);
          std::copy_n(tar.begin() + static_cast<std::ptrdiff_t>(at), size, buffer.begin());
          at += size;
          return size;
        },
        [&](const std::vector<ArchiveImage>&) { judge(archive); }, [](std::uint64_t) {});
    for (const ArchiveImage& image : archive.images()) {
      archive.take(image, [](std::uint64_t) {});
      static_cast<void>(staging.seal(image.root.descriptor, image.chosen));
    }
    outcome.images = archive.images().size();
    outcome.names = archive.images().front().names;
  });
  return outcome;
}

inline bool is_refused(const std::string& tar, const std::string& code) {
  return read_tar(tar).refusal.starts_with(code + ":");
}

}  // namespace hallmark::test
