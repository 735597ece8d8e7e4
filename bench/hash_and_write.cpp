// SPDX-License-Identifier: Apache-2.0
//
// The download-hash-write pass alone, with the product's own client, hasher and writer: what a pull would cost if it
// did not look into the layers. A program of the bench; the product has no such switch.
//
// usage: hash_and_write NAME FOLDER synced|unsynced WORKERS
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

#include "registry/oci/client.h"
#include "store/disk/file.h"
#include "store/image/image.h"
#include "store/parallel.h"
#include "store/stream/blob_writer.h"
#include "trust/digest.h"
#include "trust/error.h"

namespace hallmark {
namespace {

/// As BlobWriter, without its sync: for comparison with programs that sync nothing.
class UnsyncedWriter final : public ByteSink {
 public:
  UnsyncedWriter(const store::Path& path, std::uint64_t size, Hasher& hasher)
      : file_(store::File::create(path)), hasher_(hasher) {
    file_.reserve(size);
    block_.reserve(store::kBlockBytes);
  }

  void write(ByteView piece) override {
    while (!piece.empty()) {
      const std::size_t room = std::min(piece.size(), store::kBlockBytes - block_.size());
      block_.insert(block_.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(room));
      piece = piece.subspan(room);
      if (block_.size() == store::kBlockBytes) flush();
    }
  }

  void flush() {
    hasher_.write(block_);
    file_.write_at(written_, block_);
    written_ += block_.size();
    block_.clear();
  }

 private:
  store::File file_;
  Hasher& hasher_;
  Bytes block_;
  std::uint64_t written_ = 0;
};

void fetch(registry::Client& client, const store::Descriptor& blob, const store::Path& folder, bool synced) {
  Hasher hasher(blob.digest.algorithm());
  const store::Path path = folder / blob.digest.hex();
  if (synced) {
    store::BlobWriter writer(path, blob.size, [&](std::span<std::uint8_t> block) { hasher.write(block); });
    client.fetch(blob, writer);
    writer.finish();
  } else {
    UnsyncedWriter writer(path, blob.size, hasher);
    client.fetch(blob, writer);
    writer.flush();
  }
  const Digest found = std::move(hasher).finish();
  if (found != blob.digest) fail(Fault::corrupt, "expected ", blob.digest.to_string(), ", found ", found.to_string());
}

void run(const std::string& name, const store::Path& folder, bool synced, std::size_t workers) {
  const Reference reference = Reference::parse(name);
  registry::Settings settings;
  if (const char* config = std::getenv("DOCKER_CONFIG")) {
    settings.docker_config = config;
    settings.certificate_roots = {settings.docker_config / "tls"};
  }
  registry::Client client(settings, reference);
  store::Manifest manifest = store::parse_manifest(client.manifest(reference.tag().value_or("latest")));
  std::sort(manifest.layers.begin(), manifest.layers.end(),
            [](const store::Descriptor& a, const store::Descriptor& b) { return a.size > b.size; });
  manifest.layers.push_back(manifest.config);
  cmd::for_each_parallel(manifest.layers, workers, [&](const store::Descriptor& blob, const std::atomic<bool>&) {
    fetch(client, blob, folder, synced);
  });
}

}  // namespace
}  // namespace hallmark

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: hash_and_write NAME FOLDER synced|unsynced WORKERS\n";
    return 2;
  }
  try {
    hallmark::run(argv[1], argv[2], std::string(argv[3]) == "synced", std::stoul(argv[4]));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "hash_and_write: " << error.what() << "\n";
    return 1;
  }
}
