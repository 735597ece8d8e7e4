// SPDX-License-Identifier: Apache-2.0
//
// For tests/store/*.sh: one commit, look or removal in a process of its own, so that it can be killed and watched.
//   commit_driver commit STORE NAME SEED     brings an image in; the same seed is the same image
//   commit_driver import STORE NAME LAYOUT   brings the first image of an OCI layout in, two layers at once
//   commit_driver remove STORE NAME
//   commit_driver state STORE                one line a name: NAME ROOT; then DAMAGE lines, if any
#include <atomic>
#include <fstream>
#include <iostream>
#include <thread>

#include "tests/support/images.h"
#include "trust/error.h"
#include "trust/json.h"

using namespace hallmark;

namespace {

/// The blobs of a layout, in pieces as a connection gives them.
class FolderSource final : public store::Source {
 public:
  explicit FolderSource(std::filesystem::path layout) : layout_(std::move(layout)) {}

  void fetch(const store::Descriptor& blob, ByteSink& out) override {
    std::ifstream in(path(blob.digest), std::ios::binary);
    std::string piece(kPiece, '\0');
    while (in.read(piece.data(), kPiece) || in.gcount() > 0) {
      out.write(view_of(std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount()))));
    }
  }

  [[nodiscard]] test::TestImage image() const {
    const json::Value index = json::parse("index.json", test::read_whole(layout_ / "index.json"));
    const json::Object& entry = index.object().at("manifests").array().at(0).object();
    const Digest digest = Digest::parse(entry.at("digest").string());
    const store::Document root{{entry.at("mediaType").string(), digest, entry.at("size").size(), std::nullopt, {}},
                               test::read_whole(path(digest))};
    return {root, {root}, {root.descriptor}, {}};
  }

 private:
  static constexpr std::streamsize kPiece = 100'000;
  [[nodiscard]] std::filesystem::path path(const Digest& digest) const {
    return layout_ / "blobs" / digest.algorithm_name() / digest.hex();
  }

  std::filesystem::path layout_;
};

void import(store::Store& store, const std::string& name, FolderSource source) {
  const test::TestImage image = source.image();
  const store::Manifest manifest = store::parse_manifest(image.root);
  store::Staging staging(store.directory());
  staging.take(image.root);
  const store::Config config = store::parse_config(staging.take_config(manifest.config, source));
  std::atomic<std::size_t> next = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        for (std::size_t layer = next++; layer < manifest.layers.size(); layer = next++) {
          staging.take_layer(manifest.layers[layer], config.diff_ids.at(layer), source, [](std::uint64_t) {});
        }
      });
    }
  }
  store.commit(staging.seal(image.root.descriptor, image.chosen), test::approve(Reference::parse(name), image),
               store.lock());
}

int run(const std::vector<std::string>& words) {
  store::Store store(words.at(1));
  if (words[0] == "commit") {
    test::bring_in(store, words.at(2), test::simple_image(static_cast<unsigned>(std::stoul(words.at(3)))));
  } else if (words[0] == "import") {
    import(store, words.at(2), FolderSource(words.at(3)));
  } else if (words[0] == "remove") {
    store.remove(test::entries_of(store, {Reference::parse(words.at(2))}));
  } else if (words[0] == "state") {
    for (const store::Entry& entry : store.list()) {
      std::cout << entry.name.familiar() << " " << entry.root.digest.abbreviated() << "\n";
    }
    for (const store::DamagedBlob& damage : store.check([](const store::Descriptor&) {}, [] {})) {
      std::cout << "DAMAGE " << damage.digest.to_string() << " " << damage.what << "\n";
    }
  } else {
    return 2;
  }
  return 0;
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) return 2;
  try {
    return run({words + 1, words + count});
  } catch (const Error& error) {
    std::cerr << "commit_driver: " << error.what() << "\n";
    if (!error.hint().empty()) std::cerr << "hint: " << error.hint() << "\n";
    return static_cast<int>(error.fault());
  } catch (const std::exception& error) {
    std::cerr << "commit_driver: internal error: " << error.what() << "\n";
    return 1;
  }
}
