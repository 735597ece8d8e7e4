// SPDX-License-Identifier: Apache-2.0
//
// Images made up for tests, a source that can lie about them, and the way in through the real gate.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "store/store.h"

namespace hallmark::test {

/// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A gzip stream of stored blocks.
Bytes gzip_of(ByteView plain);
/// Bytes that look random and are the same for the same seed.
Bytes noise(std::size_t size, unsigned seed);
Bytes vector_file(const std::string& name);
void write_file(const std::filesystem::path& path, ByteView bytes);
Bytes read_whole(const std::filesystem::path& path);

struct TestLayer {
  std::string media_type;
  Bytes blob;
  Digest diff_id;
};

/// Plain bytes as a gzip layer.
TestLayer gzip_layer(const Bytes& plain);

/// What goes into an image; every part can be given another face before it is made.
struct Recipe {
  std::vector<TestLayer> layers;
  std::vector<Digest> diff_ids;  ///< of the config; those of the layers when empty
  std::string os = "linux";
  std::string architecture = "amd64";
  std::string variant;
  std::string config_type = "application/vnd.oci.image.config.v1+json";
  std::string manifest_type = "application/vnd.oci.image.manifest.v1+json";
  std::string layer_extra;      ///< members for each layer's descriptor: ",\"data\":\"...\""
  std::int64_t size_error = 0;  ///< added to the size in each layer's descriptor
};

struct TestImage {
  store::Document root;
  std::vector<store::Document> manifests;  ///< the root itself when it is no index
  std::vector<store::Descriptor> chosen;   ///< of the manifests
  std::map<Digest, Bytes> blobs;           ///< configs and layers
};

TestImage make_image(const Recipe& recipe);
/// Two layers of noise.
TestImage simple_image(unsigned seed);
/// An index of these single images, all of them chosen.
TestImage make_index(const std::vector<TestImage>& images);

class MemorySource final : public store::Source {
 public:
  explicit MemorySource(std::map<Digest, Bytes> blobs) : blobs_(std::move(blobs)) {}
  void fetch(const store::Descriptor& blob, ByteSink& out) override;

  std::map<Digest, Bytes>& blobs() { return blobs_; }
  std::size_t piece = 10'000;
  std::atomic<int> fetches = 0;

 private:
  std::map<Digest, Bytes> blobs_;
};

policy::Approval approve(const Reference& name, const TestImage& image);
policy::Approval approve(const Subject& subject);

/// All of an image into the quarantine.
store::Staged stage(store::Staging& staging, const TestImage& image, store::Source& source);
/// Staged, approved, committed.
void bring_in(store::Store& store, const std::string& name, const TestImage& image);
void bring_in(store::Store& store, const std::string& name, const TestImage& image, store::Source& source);

/// Each file under the folder with its bytes, hallmark's own folder left out.
std::map<std::string, Bytes> visible(const std::filesystem::path& folder);
/// Whether nothing is left of runs that are over.
bool has_no_residue(const std::filesystem::path& folder);

/// What the store lists under these names, as a command would choose them. A name that is not here is one that went.
std::vector<store::Entry> entries_of(const store::Store& store, const std::vector<Reference>& names);

inline Reference named(const std::string& text) { return Reference::parse(text); }

/// Where a store in the folder has it.
inline std::filesystem::path blob(const TemporaryFolder& folder, const Digest& digest) {
  return folder.path() / "blobs" / "sha256" / digest.hex();
}

}  // namespace hallmark::test
