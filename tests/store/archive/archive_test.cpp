// SPDX-License-Identifier: Apache-2.0
//
// Archives that ask for more work than they are worth, and whose two views are not of the same bytes.
#include "tests/store/archives.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

TEST_CASE("an archive of several images in both views is read", "[store]") {
  Listing listing;
  for (unsigned i = 0; i < 20; ++i) listing.add(image_of(i, 10), "r.example/a:" + std::to_string(i));
  const Outcome outcome = read_tar(listing.tar());
  CHECK(outcome.refusal.empty());
  CHECK(outcome.images == 20);
}

TEST_CASE("a blob that is not what it is called is refused, though only docker's view names it", "[store]") {
  const TestImage image = image_of(1, 10);
  const Manifest parts = parse_manifest(image.root);
  Listing listing;
  listing.add(image, "r.example/a:1");
  // Docker loads what stands under the DiffID; index.json has the layer compressed.
  const Digest inflated = parse_config(image.blobs.at(parts.config.digest)).diff_ids.front();
  const auto shown = [&](const std::string& bytes) {
    Listing other = listing;
    other.docker.replace(other.docker.find(parts.layers.front().digest.hex()), 64, inflated.hex());
    other.blobs += tar_file(path_of(inflated), bytes);
    return other.tar();
  };
  CHECK(read_tar(shown(string_of(noise(1000, 1)))).refusal.empty());
  CHECK(is_refused(shown("evil"), "E_BLOB_DIGEST"));
}

TEST_CASE("docker's list has no member that only some readers take for another one", "[store]") {
  // U+017F folds to an s where names are matched without regard to case.
  for (const char* spelling : {"layers", "Layer\xc5\xbf", "RepoTag\xc5\xbf", "CONFIG"}) {
    INFO(spelling);
    Listing listing;
    listing.add(image_of(1, 0), "example.com/a:1");
    listing.docker.insert(1, "\"" + std::string(spelling) + "\":null,");
    CHECK(read_tar(listing.tar()).refusal.starts_with("E_JSON_SYNTAX"));
  }
}

TEST_CASE("the parent of an image in docker's list is one of those in the archive", "[store]") {
  const TestImage parent = image_of(1, 0);
  Listing listing;
  listing.add(image_of(2, 0), "example.com/child:1");
  const std::string id = parse_manifest(parent.root).config.digest.to_string();
  listing.docker.insert(listing.docker.size() - 1, R"(,"Parent":")" + id + "\"");
  CHECK(is_refused(listing.tar(), "E_VIEWS_DISAGREE"));
  listing.add(parent, "example.com/parent:1");
  CHECK(read_tar(listing.tar()).refusal.empty());
}

TEST_CASE("the sources of layers in docker's list are those of the archive, and no parent is in it", "[store]") {
  const TestImage image = image_of(1, 0);
  const Manifest parts = parse_manifest(image.root);
  const std::string diff_id = parse_config(image.blobs.at(parts.config.digest)).diff_ids.front().to_string();
  const Descriptor& layer = parts.layers.front();
  const auto source = [&](const std::string& of, const Digest& digest, std::uint64_t size, const std::string& more) {
    return R"(,"LayerSources":{")" + of + R"(":{"mediaType":")" + layer.media_type + R"(","digest":")" +
           digest.to_string() + R"(","size":)" + std::to_string(size) + more + "}}";
  };
  const auto listing_with = [&](const std::string& members) {
    Listing listing;
    listing.add(image, "example.com/a:1");
    listing.docker.insert(listing.docker.size() - 1, members);
    return listing;
  };
  const std::string good = source(diff_id, layer.digest, layer.size, "");
  const Digest other = Digest::of(bytes_of("other"));
  for (const std::string& members : {good, std::string(R"(,"LayerSources":null,"Parent":"")")}) {
    CHECK(read_tar(listing_with(members).tar()).refusal.empty());
  }
  for (const std::string& members :
       {source(other.to_string(), layer.digest, layer.size, ""), source(diff_id, other, layer.size, ""),
        source(diff_id, layer.digest, layer.size + 1, ""),
        source(diff_id, layer.digest, layer.size, R"(,"urls":["https://example.com/l"])"),
        R"(,"Parent":")" + other.to_string() + "\""}) {
    INFO(members);
    CHECK(is_refused(listing_with(members).tar(), "E_VIEWS_DISAGREE"));
    // Without index.json as well.
    const Listing listing = listing_with(members);
    CHECK(is_refused(tar_file("manifest.json", "[" + listing.docker + "]") + listing.blobs + kTarEnd,
                     "E_VIEWS_DISAGREE"));
  }
  // Nothing in a signed bundle answers for them.
  const auto bundle = [&](const std::string& members) {
    const Listing listing = listing_with(members);
    return tar_file("oci-layout", kLayout) +
           tar_file("index.json",
                    R"({"schemaVersion":2,"annotations":{"vnd.hallmark.bundle":"1","vnd.hallmark.bundle.statement":")" +
                        other.to_string() + R"("},"manifests":[)" + listing.index + "]}") +
           tar_file("manifest.json", "[" + listing.docker + "]") + listing.blobs + kTarEnd;
  };
  CHECK(read_tar(bundle("")).refusal.empty());
  CHECK(is_refused(bundle(good), "E_VIEWS_DISAGREE"));
}

TEST_CASE("documents of an archive have a limit together", "[store]") {
  Listing listing;
  for (unsigned i = 0; i < 3; ++i) listing.add(image_of(i, 4'000'000), "r.example/a:" + std::to_string(i));
  CHECK(read_tar(listing.tar()).refusal.empty());
  for (unsigned i = 3; i < 5; ++i) listing.add(image_of(i, 4'000'000), "r.example/a:" + std::to_string(i));
  CHECK(is_refused(listing.tar(), "E_JSON_LIMIT"));
}

TEST_CASE("a large manifest is not judged under as many names as one likes", "[store]") {
  Listing listing;
  listing.add(image_of(1, 4'000'000), "r.example/a:1");
  const std::string annotation = R"("io.containerd.image.name":"r.example/a:1")";
  listing.index.erase(listing.index.find(annotation), annotation.size());
  const auto named = [&](std::size_t count) {
    Listing other = listing;
    const std::string last = "r.example/a:1\"";
    std::string names = last;
    for (std::size_t i = 2; i <= count; ++i) names += R"(,"r.example/a:)" + std::to_string(i) + '"';
    other.docker.replace(other.docker.find(last), last.size(), names);
    return other.tar();
  };
  CHECK(read_tar(named(7)).refusal.empty());
  CHECK(is_refused(named(20), "E_JSON_LIMIT"));
}

TEST_CASE("more names than an archive may have are refused", "[store]") {
  Listing listing;
  listing.add(image_of(1, 10), "r.example/a:1");
  for (std::size_t i = 0; i < 10'001; ++i) listing.docker.insert(listing.docker.find("\"r.example"), R"("b:1",)");
  CHECK(is_refused(listing.tar(), "E_JSON_LIMIT"));
}

TEST_CASE("what an early judgement lacks is waited for, not asked for at each entry", "[store]") {
  Listing listing;
  listing.add(image_of(1, 10), "r.example/a:1");
  const Bytes late = bytes_of("late");
  const auto extra = [](std::size_t i) { return tar_file("extra" + std::to_string(i), std::string(300'000, 'x')); };
  std::string tar = listing.documents() + listing.blobs;
  for (std::size_t i = 0; i < 5; ++i) tar += extra(i);
  tar += blob_of(late) + extra(5) + kTarEnd;
  int begun = 0;
  int ended = 0;
  const Outcome outcome = read_tar(tar, [&](const Archive& archive) {
    ++begun;
    const Bytes found = archive.blob(Digest::of(late), std::nullopt, 10);
    CHECK(found == late);
    ++ended;
  });
  CHECK(outcome.refusal.empty());
  CHECK(begun == 2);
  CHECK(ended == 1);
}

TEST_CASE("an early judgement is given up when each attempt lacks another blob", "[store]") {
  Listing listing;
  std::string manifests;
  for (unsigned i = 0; i < 30; ++i) {
    const TestImage image = image_of(i, 300'000);
    listing.blobs.clear();
    listing.add(image, "r.example/a:" + std::to_string(i));
    manifests += listing.blobs;
  }
  int judged = 0;
  const std::string tar = listing.documents() + manifests + tar_file("extra", std::string(300'000, 'x')) + kTarEnd;
  const Outcome outcome = read_tar(tar, [&](const Archive&) { ++judged; });
  CHECK(outcome.refusal.empty());
  CHECK(outcome.images == 30);
  CHECK(judged == 0);
}
