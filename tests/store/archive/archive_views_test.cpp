// SPDX-License-Identifier: Apache-2.0
//
// What one reader of an archive sees and another does not: names, documents, images by other names.
#include "tests/store/archives.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

/// An OCI layout of one image, with other annotations.
std::string layout_of(const TestImage& image, const std::string& annotations) {
  Listing listing;
  listing.add(image, "NAME");
  listing.index = replaced(listing.index, R"("io.containerd.image.name":"NAME")", annotations);
  return listing.documents() + listing.blobs;
}

std::string full(const std::string& name) { return R"("io.containerd.image.name":")" + name + '"'; }
std::string brief(const std::string& name) { return R"("org.opencontainers.image.ref.name":")" + name + '"'; }
std::string by_digest(const std::string& name) { return R"("vnd.hallmark.bundle.name":")" + name + '"'; }

std::string entry_of(const Document& document, const std::string& annotations) {
  return R"({"mediaType":")" + document.descriptor.media_type + R"(","digest":")" +
         document.descriptor.digest.to_string() + R"(","size":)" + std::to_string(document.descriptor.size) +
         R"(,"annotations":{)" + annotations + "}}";
}

}  // namespace

TEST_CASE("all names that an entry of index.json has are one name", "[store]") {
  const TestImage image = image_of(1, 0);
  const std::string digest = image.root.descriptor.digest.to_string();
  const auto becomes = [&](const std::string& annotations) {
    return read_tar(layout_of(image, annotations) + kTarEnd).refusal.substr(0, 16);
  };
  for (const char* name : {"1", "r.example/a:1"}) CHECK(becomes(full("r.example/a:1") + "," + brief(name)).empty());
  CHECK(becomes(full("docker.io/library/a:1") + "," + brief("a:1")).empty());
  CHECK(becomes(by_digest("r.example/a@" + digest)).empty());
  CHECK(becomes(brief("r.example/a:1")).empty());
  CHECK(becomes(brief("1")).empty());
  for (const char* name : {"2", "r.example/a:2", "r.example/b:1", "a:1"}) {
    CHECK(becomes(full("r.example/a:1") + "," + brief(name)) == "E_VIEWS_DISAGREE");
  }
  CHECK(becomes(by_digest("r.example/a@" + digest) + "," + full("r.example/a:1")) == "E_VIEWS_DISAGREE");
  CHECK(becomes(by_digest("r.example/a@" + digest) + "," + brief("1")) == "E_VIEWS_DISAGREE");
}

TEST_CASE("an image may be called by its own digest, and without a tag", "[store]") {
  const TestImage image = image_of(1, 0);
  const std::string digest = image.root.descriptor.digest.to_string();
  const std::string other = "sha256:" + std::string(64, '0');
  const auto becomes = [&](const std::string& annotations) {
    const auto read = read_tar(layout_of(image, annotations) + kTarEnd);
    return read.refusal.empty() ? (read.names.empty() ? "none" : read.names.front().to_string())
                                : read.refusal.substr(0, 13);
  };
  const std::string by_own = "r.example/a@" + digest;
  // As containerd exports what was pulled by digest.
  CHECK(becomes(full(by_own) + "," + brief("@" + digest)) == by_own);
  CHECK(becomes(full("r.example/a:1@" + digest) + "," + brief("1@" + digest)) == by_own);
  CHECK(becomes(full("r.example/a:1@" + digest) + "," + brief("1")) == by_own);
  CHECK(becomes(brief(by_own)) == by_own);
  CHECK(becomes(brief("@" + digest)) == "none");
  CHECK(becomes(brief("r.example/a")) == "r.example/a:latest");
  CHECK(becomes(full("r.example/a") + "," + brief("latest")) == "r.example/a:latest");
  // Any other digest would be the name of other bytes.
  CHECK(becomes(full("r.example/a@" + other)) == "E_REF_INVALID");
  CHECK(becomes(full("r.example/a:1@" + other)) == "E_REF_INVALID");
  CHECK(becomes(brief("r.example/a@" + other)) == "E_REF_INVALID");
  CHECK(becomes(full(by_own) + "," + brief("@" + other)) == "E_VIEWS_DISAG");
}

TEST_CASE("docker's list names an image by its digest only where index.json says which it is", "[store]") {
  const TestImage image = image_of(1, 0);
  const std::string digest = image.root.descriptor.digest.to_string();
  Listing listing;
  listing.add(image, "r.example/a:1");
  const auto becomes = [&](const std::string& annotations, const std::string& tags) {
    Listing other = listing;
    other.index = replaced(other.index, full("r.example/a:1"), annotations);
    other.docker = replaced(other.docker, R"(["r.example/a:1"])", tags);
    return read_tar(other.tar());
  };
  const std::string by_own = "r.example/a@" + digest;
  CHECK(becomes(full(by_own), R"([")" + by_own + R"("])").names == std::vector{Reference::parse(by_own)});
  CHECK(becomes("", R"([")" + by_own + R"("])").names == std::vector{Reference::parse(by_own)});
  CHECK(becomes("", R"(["r.example/a"])").names == std::vector{Reference::parse("r.example/a:latest")});
  const std::string other = "r.example/a@sha256:" + std::string(64, '0');
  CHECK(becomes(full(by_own), R"([")" + other + R"("])").refusal.starts_with("E_REF_INVALID:"));
}

TEST_CASE("a tag that stands alone in index.json means one image", "[store]") {
  const auto both = [](const std::string& one, const std::string& other) {
    Listing listing;
    listing.add(image_of(1, 0), "ONE");
    listing.add(image_of(2, 0), "OTHER");
    listing.index = replaced(replaced(listing.index, full("ONE"), one), full("OTHER"), other);
    return read_tar(listing.documents() + listing.blobs + kTarEnd).refusal.substr(0, 16);
  };
  // As docker saves images of two repositories with one tag.
  CHECK(both(full("a:1") + "," + brief("1"), full("b:1") + "," + brief("1")).empty());
  CHECK(both(brief("1"), brief("2")).empty());
  CHECK(both(brief("1"), brief("1")) == "E_VIEWS_DISAGREE");
  CHECK(both(full("a:1") + "," + brief("1"), brief("1")) == "E_VIEWS_DISAGREE");
}

TEST_CASE("the names of index.json and of manifest.json are of the same images, and each of them is judged",
          "[store]") {
  Listing listing;
  listing.add(image_of(1, 0), "r.example/a:1");
  const auto becomes = [&](const std::string& annotations, const std::string& tags) {
    Listing other = listing;
    other.index = replaced(other.index, full("r.example/a:1"), annotations);
    other.docker = replaced(other.docker, R"(["r.example/a:1"])", tags);
    return read_tar(other.tar()).refusal.substr(0, 16);
  };
  CHECK(becomes(full("r.example/a:1"), R"(["r.example/a:1"])").empty());
  CHECK(becomes("", R"(["r.example/a:1","b:1"])").empty());
  CHECK(becomes("", "null").empty());
  CHECK(becomes(brief("1"), R"(["b:2","r.example/a:1"])").empty());
  CHECK(becomes(brief("1"), "[]").empty());
  CHECK(becomes(brief("2"), R"(["r.example/a:1"])") == "E_VIEWS_DISAGREE");
  CHECK(becomes(full("r.example/a:1"), "[]").empty());

  Listing two = listing;
  two.docker = replaced(two.docker, R"(["r.example/a:1"])", R"(["b:1"])");
  CHECK(read_tar(two.tar()).names == std::vector{Reference::parse("r.example/a:1"), Reference::parse("b:1")});
}

TEST_CASE("an image is one whatever it says that it is about", "[store]") {
  const TestImage other = image_of(2, 0);
  const auto images = [&](const std::string& annotations, const std::string& layer_type) {
    std::string text = string_of(other.root.bytes);
    text.insert(text.find('{') + 1, R"("artifactType":"application/x",)");
    const std::string type = parse_manifest(other.root).layers.front().media_type;
    Document hidden = other.root;
    hidden.bytes = bytes_of(replaced(text, type, layer_type.empty() ? type : layer_type));
    hidden.descriptor.digest = Digest::of(hidden.bytes);
    hidden.descriptor.size = hidden.bytes.size();
    Listing listing;
    listing.add(image_of(1, 0), "r.example/a:1");
    listing.index += "," + entry_of(hidden, annotations);
    listing.blobs += blob_of(hidden.bytes);
    for (const auto& [digest, bytes] : other.blobs) listing.blobs += blob_of(bytes);
    return read_tar(listing.documents() + listing.blobs + kTarEnd);
  };
  const std::string about = R"("io.containerd.manifest.subject":"sha256:)" + std::string(64, '0') + '"';
  for (const std::string& annotations : {std::string(), about, brief("evil"), about + "," + brief("evil")}) {
    INFO(annotations);
    CHECK(images(annotations, "").images == 2);
  }
  // A signature has layers that nothing runs.
  CHECK(images("", "application/x").images == 1);
  CHECK(images(about, "application/x").images == 1);
  CHECK(images(brief("evil"), "application/x").refusal.starts_with("E_MEDIA_TYPE:"));
}

TEST_CASE("a platform that an archive leaves out is not in it by another name", "[store]") {
  Recipe arm;
  arm.layers = {gzip_layer(noise(500, 3))};
  arm.architecture = "arm64";
  const TestImage other = make_image(arm);
  const TestImage index = make_index({image_of(1, 0), other});
  Listing listing;
  listing.index = entry_of(index.root, full("r.example/a:1"));
  std::string tar = listing.documents() + blob_of(index.root.bytes) + blob_of(index.manifests[0].bytes);
  for (const auto& [digest, bytes] : index.blobs) tar += blob_of(bytes);
  CHECK(read_tar(tar + kTarEnd).refusal.empty());
  CHECK(read_tar(tar + blob_of(other.root.bytes) + kTarEnd).refusal.empty());
  CHECK(is_refused(tar + tar_file("extra", string_of(other.root.bytes)) + kTarEnd, "E_VIEWS_DISAGREE"));
}

TEST_CASE("no entry has the name of a document or of a blob in other letters", "[store]") {
  const TestImage image = image_of(1, 0);
  Listing listing;
  listing.add(image, "r.example/a:1");
  std::string hex = image.root.descriptor.digest.hex();
  std::transform(hex.begin(), hex.end(), hex.begin(), [](unsigned char letter) { return std::toupper(letter); });
  for (const std::string& name : {std::string("Manifest.json"), std::string("REPOSITORIES"), std::string("OCI-Layout"),
                                  std::string("repositorie\xc5\xbf"),
                                  "Blobs/sha256/" + image.root.descriptor.digest.hex(), "blobs/sha256/" + hex}) {
    INFO(name);
    CHECK(is_refused(tar_file(name, "{}") + listing.tar(), "E_ENTRY_NAME"));
  }
}

TEST_CASE("a bundle shows manifests that differ in themselves alone, each once", "[store]") {
  const TestImage one = image_of(1, 0);
  TestImage other = one;
  other.root.bytes = bytes_of(replaced(string_of(one.root.bytes), "{", R"({"annotations":{"a":"b"},)"));
  other.root.descriptor.digest = Digest::of(other.root.bytes);
  other.root.descriptor.size = other.root.bytes.size();
  other.blobs.clear();
  Listing listing;
  listing.add(one, "r.example/a:1");
  listing.add(other, "r.example/a:2");
  const auto bundle = [&](const std::string& docker) {
    return tar_file("oci-layout", kLayout) +
           tar_file("index.json", R"({"schemaVersion":2,"annotations":{"vnd.hallmark.bundle":"1",)"
                                  R"("vnd.hallmark.bundle.statement":")" +
                                      one.root.descriptor.digest.to_string() + R"("},"manifests":[)" + listing.index +
                                      "]}") +
           tar_file("manifest.json", "[" + docker + "]") + listing.blobs + kTarEnd;
  };
  CHECK(read_tar(bundle(listing.docker)).refusal.empty());
  const std::string item = listing.docker.substr(0, listing.docker.find("},") + 1);
  const std::string nameless = replaced(item, R"("r.example/a:1")", "");
  CHECK(is_refused(bundle(listing.docker + "," + nameless), "E_VIEWS_DISAGREE"));
  CHECK(is_refused(bundle(item + "," + item), "E_VIEWS_DISAGREE"));
}
