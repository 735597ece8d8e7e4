// SPDX-License-Identifier: Apache-2.0
#include "store/image/image.h"

#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

constexpr const char* kOciManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kOciIndex = "application/vnd.oci.image.index.v1+json";
constexpr const char* kDockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
constexpr const char* kSha = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

Document document(const std::string& type, const std::string& text) {
  Bytes bytes = bytes_of(text);
  Descriptor descriptor{type, Digest::of(bytes), bytes.size(), std::nullopt, {}};
  return {std::move(descriptor), std::move(bytes)};
}

std::string descriptor(const std::string& type, const std::string& extra = "", const std::string& size = "5") {
  return R"({"mediaType":")" + type + R"(","digest":")" + kSha + R"(","size":)" + size + extra + "}";
}

const std::string kConfig = descriptor("application/vnd.oci.image.config.v1+json");
const std::string kLayer = descriptor("application/vnd.oci.image.layer.v1.tar+gzip");

std::string manifest(const std::string& layers, const std::string& config = kConfig, const std::string& extra = "") {
  return R"({"schemaVersion":2,"config":)" + config + R"(,"layers":)" + layers + extra + "}";
}

Manifest parsed(const std::string& text) { return parse_manifest(document(kOciManifest, text)); }

std::string index_of(const std::vector<std::string>& platforms) {
  std::string list;
  for (const std::string& platform : platforms) {
    list += (list.empty() ? "" : ",") + descriptor(kOciManifest, platform.empty() ? "" : ",\"platform\":" + platform);
  }
  return R"({"schemaVersion":2,"manifests":[)" + list + "]}";
}

std::string platform_text(const std::string& os, const std::string& architecture, const std::string& variant = "") {
  return R"({"os":")" + os + R"(","architecture":")" + architecture + R"(","variant":")" + variant + "\"}";
}

std::string config(const std::string& extra, const std::string& rootfs = R"({"type":"layers","diff_ids":[]})") {
  return R"({"os":"linux","architecture":"amd64","rootfs":)" + rootfs + extra + "}";
}

/// For indexes that say all platforms.
std::optional<Platform> no_look(const Descriptor& /*manifest*/) { return std::nullopt; }

}  // namespace

TEST_CASE("an OCI manifest and a docker manifest are read", "[store]") {
  const Manifest oci = parsed(manifest("[" + kLayer + "]"));
  CHECK(oci.layers.size() == 1);
  CHECK(oci.layers[0].size == 5);
  CHECK(oci.layers[0].digest.to_string() == kSha);
  const std::string docker = R"({"schemaVersion":2,"mediaType":")" + std::string(kDockerManifest) + R"(","config":)" +
                             descriptor("application/vnd.docker.container.image.v1+json") + R"(,"layers":[)" +
                             descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip") + "]}";
  CHECK(parse_manifest(document(kDockerManifest, docker)).layers.size() == 1);
}

TEST_CASE("an image without layers is an image", "[store]") {
  CHECK(parsed(manifest("[]")).layers.empty());
  CHECK(parsed(manifest("null")).layers.empty());
  REQUIRE_FAULT(parsed(R"({"schemaVersion":2,"config":)" + kConfig + "}"), Fault::corrupt);
}

TEST_CASE("layers that cannot be verified here are refused by their names", "[store]") {
  const auto type =
      GENERATE(as<std::string>{}, "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
               "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
               "application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "application/vnd.oci.image.layer.v1.tar+xz",
               "text/plain", "", "Application/vnd.oci.image.layer.v1.tar+gzip");
  const std::string text = manifest("[" + descriptor(type) + "]");
  REQUIRE_FAULT(parsed(text), Fault::corrupt);
  CHECK(message_of([&] { parsed(text); }).find(type) != std::string::npos);
}

TEST_CASE("a config of another type is no image", "[store]") {
  const auto type = GENERATE(as<std::string>{}, "application/vnd.oci.empty.v1+json",
                             "application/vnd.docker.plugin.v1+json", "application/vnd.unknown.config.v1+json");
  REQUIRE_FAULT(parsed(manifest("[]", descriptor(type))), Fault::corrupt);
}

TEST_CASE("docker's manifests may call a config as registries once did, OCI's may not", "[store]") {
  const auto type = GENERATE(as<std::string>{}, "application/octet-stream", "application/json", "text/html", "");
  const std::string called =
      manifest("[" + descriptor("application/vnd.docker.image.rootfs.diff.tar.zstd") + "]", descriptor(type));
  CHECK(parse_manifest(document(kDockerManifest, called)).layers.size() == 1);
  REQUIRE_FAULT(parsed(called), Fault::corrupt);
  const std::string uncalled = manifest("[]", R"({"digest":")" + std::string(kSha) + R"(","size":5})");
  CHECK(parse_manifest(document(kDockerManifest, uncalled)).config.size == 5);
  REQUIRE_FAULT(parsed(uncalled), Fault::corrupt);
  REQUIRE_FAULT(parse_manifest(document(kDockerManifest, manifest("[]", descriptor("text/plain")))), Fault::corrupt);
}

TEST_CASE("layers are compressed as their types say, docker's as OCI's", "[store]") {
  CHECK(compression_of("application/vnd.docker.image.rootfs.diff.tar.zstd") == Compression::zstd);
  CHECK(compression_of("application/vnd.oci.image.layer.v1.tar+zstd") == Compression::zstd);
  CHECK(compression_of("application/vnd.docker.image.rootfs.diff.tar.gzip") == Compression::gzip);
  CHECK(compression_of("application/vnd.docker.image.rootfs.diff.tar") == Compression::none);
}

TEST_CASE("sizes that cannot be are refused", "[store]") {
  const auto size =
      GENERATE(as<std::string>{}, "-1", "1.5", "1e3", "\"5\"", "null", "1099511627777", "18446744073709551616");
  REQUIRE_FAULT(parsed(manifest("[" + descriptor("application/vnd.oci.image.layer.v1.tar", "", size) + "]")),
                Fault::corrupt);
  REQUIRE_FAULT(parsed(manifest("[]", descriptor("application/vnd.oci.image.config.v1+json", "", size))),
                Fault::corrupt);
}

TEST_CASE("a config larger than eight mebibytes is refused", "[store]") {
  const std::string type = "application/vnd.oci.image.config.v1+json";
  CHECK_NOTHROW(parsed(manifest("[]", descriptor(type, "", std::to_string(8 << 20)))));
  REQUIRE_FAULT(parsed(manifest("[]", descriptor(type, "", std::to_string((8 << 20) + 1)))), Fault::corrupt);
}

TEST_CASE("too many layers and too many manifests are refused", "[store]") {
  const auto many = [](std::size_t count) {
    std::string list = "[" + kLayer;
    for (std::size_t i = 1; i < count; ++i) list += "," + kLayer;
    return list + "]";
  };
  CHECK(parsed(manifest(many(500))).layers.size() == 500);
  REQUIRE_FAULT(parsed(manifest(many(501))), Fault::corrupt);
  const std::vector<std::string> platforms(1000, platform_text("linux", "amd64"));
  CHECK(parse_index(document(kOciIndex, index_of(platforms))).manifests.size() == 1000);
  const std::vector<std::string> too_many(1001, platform_text("linux", "amd64"));
  REQUIRE_FAULT(parse_index(document(kOciIndex, index_of(too_many))), Fault::corrupt);
}

TEST_CASE("embedded data must be what its descriptor says", "[store]") {
  const std::string good = R"({"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":")" +
                           Digest::of(view_of("hello")).to_string() + R"(","size":5,"data":"aGVsbG8="})";
  CHECK(parsed(manifest("[" + good + "]")).layers.size() == 1);
  const auto data = GENERATE(as<std::string>{}, "aGVsbG9v", "aGVsbGE=", "", "?");
  REQUIRE_FAULT(
      parsed(manifest("[" + descriptor("application/vnd.oci.image.layer.v1.tar", R"(,"data":")" + data + "\"") + "]")),
      Fault::corrupt);
}

TEST_CASE("the type of a document is what the sender and the document say together", "[store]") {
  const Bytes silent = bytes_of(manifest("[]"));
  const Bytes telling =
      bytes_of(manifest("[]", kConfig, R"(,"mediaType":"application/vnd.oci.image.manifest.v1+json")"));
  CHECK(document_type(kOciManifest, silent) == kOciManifest);
  CHECK(document_type(std::string(kOciManifest) + "; charset=utf-8", silent) == kOciManifest);
  CHECK(document_type("APPLICATION/vnd.oci.image.manifest.v1+json", silent) == kOciManifest);
  CHECK(document_type("", telling) == kOciManifest);
  CHECK(document_type("application/json", telling) == kOciManifest);
  CHECK(document_type("text/plain", telling) == kOciManifest);
  REQUIRE_FAULT(document_type("application/json", silent), Fault::corrupt);
  REQUIRE_FAULT(document_type(kDockerManifest, telling), Fault::corrupt);
  REQUIRE_FAULT(document_type(kOciIndex, silent), Fault::corrupt);
  REQUIRE_FAULT(document_type("text/html", telling), Fault::corrupt);
  REQUIRE_FAULT(document_type("application/vnd.oci.empty.v1+json", telling), Fault::corrupt);
}

TEST_CASE("schema 1 is refused whatever it is called", "[store]") {
  const Bytes bytes = bytes_of(R"({"schemaVersion":1,"name":"a","tag":"b","fsLayers":[],"history":[]})");
  for (const char* type : {"application/json", "application/vnd.docker.distribution.manifest.v1+prettyjws",
                           "application/vnd.docker.distribution.manifest.v1+json", kDockerManifest}) {
    REQUIRE_FAULT(document_type(type, bytes), Fault::corrupt);
    CHECK(message_of([&] { document_type(type, bytes); }).find("schema 1") != std::string::npos);
  }
}

TEST_CASE("a document that is two things is refused", "[store]") {
  const std::string both = manifest("[]", kConfig, R"(,"manifests":[])");
  for (const char* type : {kOciManifest, kOciIndex, kDockerManifest}) {
    REQUIRE_FAULT(document_type(type, bytes_of(both)), Fault::corrupt);
  }
  const std::string almost = R"({"schemaVersion":2,"manifests":[],"layers":null})";
  REQUIRE_FAULT(document_type(kOciIndex, bytes_of(almost)), Fault::corrupt);
}

TEST_CASE("members in another case are refused, because some readers take them", "[store]") {
  // U+017F and U+212A fold to s and k.
  REQUIRE_FAULT(parsed(manifest("[]", kConfig, ",\"layer\xc5\xbf\":[]")), Fault::corrupt);
  REQUIRE_FAULT(parsed(manifest("[" + descriptor(kOciManifest, ",\"dige\xc5\xbft\":\"x\"") + "]")), Fault::corrupt);
  REQUIRE_FAULT(parsed(manifest("[]", kConfig, R"(,"Layers":[])")), Fault::corrupt);
  REQUIRE_FAULT(parsed(manifest("[]", kConfig, R"(,"MANIFESTS":[])")), Fault::corrupt);
  REQUIRE_FAULT(parsed(manifest("[" + descriptor("application/vnd.oci.image.layer.v1.tar", R"(,"Size":6)") + "]")),
                Fault::corrupt);
  REQUIRE_FAULT(parse_config(bytes_of(config(R"(,"RootFS":{})"))), Fault::corrupt);
}

TEST_CASE("hostile JSON is refused", "[store]") {
  std::string deep = manifest("[]", kConfig, R"(,"x":)" + std::string(100, '[') + std::string(100, ']'));
  REQUIRE_FAULT(parsed(deep), Fault::corrupt);
  REQUIRE_FAULT(parsed(manifest("[]", kConfig, R"(,"schemaVersion":2)")), Fault::corrupt);
  REQUIRE_FAULT(parsed("[]"), Fault::corrupt);
  REQUIRE_FAULT(parsed("{"), Fault::corrupt);
  REQUIRE_FAULT(parsed(manifest("{}")), Fault::corrupt);
  REQUIRE_FAULT(parsed(manifest("[1]")), Fault::corrupt);
  REQUIRE_FAULT(parsed(R"({"schemaVersion":3,"config":)" + kConfig + R"(,"layers":[]})"), Fault::corrupt);
  std::string huge = manifest("[]", kConfig, R"(,"x":")" + std::string(4 << 20, 'x') + "\"");
  REQUIRE_FAULT(parsed(huge), Fault::corrupt);
}

TEST_CASE("a digest that is none is refused", "[store]") {
  const std::string bad =
      R"({"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:../../x","size":1})";
  REQUIRE_FAULT(parsed(manifest("[" + bad + "]")), Fault::corrupt);
}

TEST_CASE("a config is read", "[store]") {
  const Config read = parse_config(bytes_of(config(R"(,"created":"2026-01-02T03:04:05.5Z","variant":"v2")",
                                                   R"({"type":"layers","diff_ids":[")" + std::string(kSha) + "\"]}")));
  CHECK(read.diff_ids.size() == 1);
  CHECK(read.platform.to_string() == "linux/amd64/v2");
  CHECK(read.created.has_value());
  CHECK_FALSE(parse_config(bytes_of(config(R"(,"created":null)", R"({"type":"layers","diff_ids":null})"))).created);
}

TEST_CASE("a config that does not say what it must is refused", "[store]") {
  REQUIRE_FAULT(parse_config(bytes_of(config("", R"({"type":"other","diff_ids":[]})"))), Fault::corrupt);
  REQUIRE_FAULT(parse_config(bytes_of(config("", R"({"diff_ids":[]})"))), Fault::corrupt);
  REQUIRE_FAULT(parse_config(bytes_of(config("", R"({"type":"layers","diff_ids":["x"]})"))), Fault::corrupt);
  REQUIRE_FAULT(parse_config(bytes_of(config(R"(,"created":"yesterday")"))), Fault::corrupt);
  REQUIRE_FAULT(parse_config(bytes_of("{}")), Fault::corrupt);
}

TEST_CASE("a config need not say its platform", "[store]") {
  const auto platform = [](const std::string& members) {
    return parse_config(bytes_of("{" + members + R"("rootfs":{"type":"layers","diff_ids":[]}})")).platform;
  };
  CHECK(platform("").is_empty());
  CHECK(platform(R"("os":"","architecture":"",)").is_empty());
  CHECK(platform(R"("os":null,"architecture":null,)").is_empty());
  CHECK(platform(R"("os":"linux",)").os == "linux");
  CHECK(platform(R"("architecture":"arm64",)").to_string() == "unknown/arm64");
  REQUIRE_FAULT(platform(R"("os":1,)"), Fault::corrupt);
}

TEST_CASE("platforms contradict each other in what both say", "[store]") {
  const Platform arm{"linux", "aarch64", "v8"};
  CHECK_FALSE(arm.contradicts({"", "", ""}));
  CHECK_FALSE(arm.contradicts({"linux", "", ""}));
  CHECK_FALSE(arm.contradicts({"linux", "arm64", "v9"}));
  CHECK(arm.contradicts({"linux", "amd64", ""}));
  CHECK(arm.contradicts({"windows", "", ""}));
  CHECK(Platform{"", "amd64", ""}.contradicts({"linux", "arm64", ""}));
}

TEST_CASE("platforms are read as containerd reads them", "[store]") {
  const auto text = [](const char* platform) { return Platform::parse(platform).to_string(); };
  CHECK(text("linux/amd64") == "linux/amd64");
  CHECK(text("linux/x86_64") == "linux/amd64");
  CHECK(text("linux/aarch64") == "linux/arm64");
  CHECK(text("linux/arm64/v8") == "linux/arm64");
  CHECK(text("linux/arm/v7") == "linux/arm/v7");
  CHECK(text("linux/arm") == "linux/arm/v7");
  CHECK(text("linux/armhf") == "linux/arm/v7");
  CHECK(text("linux/armel") == "linux/arm/v6");
  CHECK(text("LINUX/AMD64") == "linux/amd64");
  CHECK(text("windows/amd64") == "windows/amd64");
  CHECK(text("s390x") == Platform::here().os + "/s390x");
  CHECK(text("linux") == Platform::here().to_string());
  for (const char* bad :
       {"", "/", "foo", "linux/", "/amd64", "linux/amd64/v1/x", "linux/amd64 ", "linux/nope", "a b"}) {
    REQUIRE_FAULT(Platform::parse(bad), Fault::usage);
  }
}

TEST_CASE("the platform is chosen from an index", "[store]") {
  const Index index = parse_index(
      document(kOciIndex, index_of({platform_text("unknown", "unknown"), platform_text("windows", "amd64"),
                                    platform_text("linux", "amd64", "v3"), platform_text("linux", "amd64"),
                                    platform_text("linux", "arm", "v5"), platform_text("linux", "arm", "v6"),
                                    platform_text("linux", "arm64", "v8")})));
  const auto chosen = [&](const char* wanted) {
    return index.choose(Platform::parse(wanted), no_look).platform->to_string();
  };
  CHECK(chosen("linux/amd64") == "linux/amd64");
  CHECK(chosen("linux/amd64/v2") == "linux/amd64");
  CHECK(chosen("linux/amd64/v3") == "linux/amd64/v3");
  CHECK(chosen("linux/amd64/v4") == "linux/amd64/v3");
  CHECK(chosen("linux/arm/v7") == "linux/arm/v6");
  CHECK(chosen("linux/arm/v5") == "linux/arm/v5");
  CHECK(chosen("linux/arm64") == "linux/arm64/v8");
  CHECK(chosen("linux/arm64/v9") == "linux/arm64/v8");
  CHECK(chosen("windows/amd64") == "windows/amd64");
  CHECK(index.images().size() == 6);
}

TEST_CASE("without a matching platform the error lists what there is", "[store]") {
  const Index index = parse_index(
      document(kOciIndex, index_of({platform_text("linux", "amd64", "v3"), platform_text("linux", "arm", "v7"), ""})));
  const auto choose = [&](const char* wanted) {
    return message_of([&] { static_cast<void>(index.choose(Platform::parse(wanted), no_look)); });
  };
  REQUIRE_FAULT(index.choose(Platform::parse("linux/amd64"), no_look), Fault::missing);
  REQUIRE_FAULT(index.choose(Platform::parse("linux/arm/v6"), no_look), Fault::missing);
  CHECK(choose("linux/s390x").find("linux/amd64/v3, linux/arm/v7") != std::string::npos);
}

TEST_CASE("where the index says no platform the configs do", "[store]") {
  const Index index = parse_index(document(kOciIndex, index_of({"", platform_text("", ""), platform_text("linux", ""),
                                                                "", platform_text("linux", "s390x")})));
  const auto chosen = [&](const std::vector<std::optional<Platform>>& configs) {
    std::size_t looked = 0;
    const Descriptor& found =
        index.choose(Platform::parse("linux/arm/v7"), [&](const Descriptor&) { return configs.at(looked++); });
    return &found - index.manifests.data();
  };
  const std::optional<Platform> none;
  const std::optional<Platform> silent = Platform{"", "", ""};
  const std::optional<Platform> other = Platform{"linux", "amd64", ""};
  // The nearest; artifacts and other machines' images are passed over.
  CHECK(chosen({none, other, Platform{"linux", "arm", "v6"}, Platform{"linux", "arm", "v7"}}) == 3);
  CHECK(chosen({none, other, Platform{"linux", "arm", "v6"}, other}) == 2);
  // What says nothing anywhere comes after that, and contradicts nothing.
  CHECK(chosen({none, silent, Platform{"linux", "arm", "v6"}, other}) == 2);
  CHECK(chosen({other, silent, silent, other}) == 1);
  REQUIRE_FAULT(chosen({other, none, none, Platform{"windows", "", ""}}), Fault::missing);
  // An entry that says its platform comes first, and then nobody looks.
  CHECK(index.choose(Platform::parse("linux/s390x"), no_look).platform->to_string() == "linux/s390x");
}

TEST_CASE("an index of indexes is told as one", "[store]") {
  std::string text = index_of({platform_text("linux", "amd64")});
  text.replace(text.find(kOciManifest), std::string_view(kOciManifest).size(), kOciIndex);
  const Index index = parse_index(document(kOciIndex, text));
  const std::string message =
      message_of([&] { static_cast<void>(index.choose(Platform::parse("linux/amd64"), no_look)); });
  CHECK(message.find(index.manifests.front().digest.to_string()) != std::string::npos);
  REQUIRE_FAULT(index.choose(Platform::parse("linux/amd64"), no_look), Fault::missing);
}

TEST_CASE("what is unknown in one part of its platform alone is an image", "[store]") {
  const auto count = [](const char* os, const char* architecture) {
    const Index index =
        parse_index(document(kOciIndex, index_of({platform_text("linux", "amd64"), platform_text(os, architecture)})));
    return index.images().size();
  };
  CHECK(count("unknown", "unknown") == 1);
  CHECK(count("linux", "unknown") == 2);
  CHECK(count("unknown", "arm64") == 2);
}

TEST_CASE("an index without any image is refused", "[store]") {
  REQUIRE_FAULT(parse_index(document(kOciIndex, index_of({}))).refuse_without_image(), Fault::missing);
  const Index attestations = parse_index(document(kOciIndex, index_of({platform_text("unknown", "unknown")})));
  CHECK(attestations.images().empty());
  REQUIRE_FAULT(attestations.choose(Platform::parse("linux/amd64"), no_look), Fault::missing);
}

TEST_CASE("an index is no manifest and a manifest is no index", "[store]") {
  REQUIRE_FAULT(parse_manifest(document(kOciIndex, index_of({}))), Fault::corrupt);
  REQUIRE_FAULT(parse_index(document(kOciManifest, manifest("[]"))), Fault::corrupt);
}
