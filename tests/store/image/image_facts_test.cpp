// SPDX-License-Identifier: Apache-2.0
#include "store/image/image_facts.h"

#include "tests/support/catch.h"
#include "tests/support/images.h"
#include "trust/error.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

/// A config of linux/arm64 with these members in its "config", and these beside it.
Bytes config_running(const std::string& run, const std::string& beside = "") {
  return bytes_of(R"({"os":"linux","architecture":"arm64","rootfs":{"type":"layers","diff_ids":[]},"config":)" + run +
                  beside + "}");
}

ConfigFacts facts(const std::string& run, const std::string& beside = "") {
  return facts_of_config(config_running(run, beside), std::nullopt);
}

}  // namespace

TEST_CASE("what a policy may ask is read from the config", "[store]") {
  const ConfigFacts found = facts(
      R"({"User":"7:8","Labels":{"a":"b"},"Env":["A=1"],"Volumes":{"/data":{}},"ExposedPorts":{"80/tcp":{}},
          "Entrypoint":["/x"],"Cmd":null})",
      R"(,"created":"2026-01-02T03:04:05Z")");
  CHECK(found.platform == "linux/arm64");
  CHECK(found.user == "7:8");
  CHECK(found.labels == std::map<std::string, std::string>{{"a", "b"}});
  CHECK(found.environment == std::vector<std::string>{"A=1"});
  CHECK(found.volumes == std::vector<std::string>{"/data"});
  CHECK(found.ports == std::vector<std::string>{"80/tcp"});
  CHECK(found.has_entrypoint);
  CHECK(found.created == parse_time("2026-01-02T03:04:05Z"));
}

TEST_CASE("what a config leaves out is empty", "[store]") {
  for (const char* run : {"null", "{}", R"({"User":null,"Labels":null,"Env":null,"Volumes":null,"Entrypoint":[]})"}) {
    INFO(run);
    const ConfigFacts found = facts(run);
    CHECK(found.user.empty());
    CHECK(found.labels.empty());
    CHECK(found.environment.empty());
    CHECK(found.volumes.empty());
    CHECK_FALSE(found.has_entrypoint);
    CHECK_FALSE(found.created);
  }
}

TEST_CASE("what a config says is read in one spelling only", "[store]") {
  const std::string run =
      GENERATE(as<std::string>{}, R"({"User":"7","user":"0"})", R"({"USER":"0"})", R"({"labels":{}})", R"({"env":[]})",
               R"({"volumes":{}})", R"({"exposedPorts":{}})", R"({"entrypoint":[]})",
               "{\"U\xc5\xbf"
               "er\":\"0\"}");
  INFO(run);
  REQUIRE_FAULT(facts(run), Fault::corrupt);
  REQUIRE_FAULT(facts("{}", R"(,"Config":{"User":"0"})"), Fault::corrupt);
}

TEST_CASE("a config whose members have another type is no config", "[store]") {
  const std::string run =
      GENERATE(as<std::string>{}, R"({"User":0})", R"({"Labels":[]})", R"({"Labels":{"a":1}})", R"({"Env":{}})",
               R"({"Env":[1]})", R"({"Volumes":["/data"]})", R"({"Entrypoint":"/bin/x"})", "[]", "\"x\"");
  INFO(run);
  REQUIRE_FAULT(facts(run), Fault::corrupt);
}

TEST_CASE("the variant is that of the index where the config has none", "[store]") {
  const Bytes plain = bytes_of(R"({"os":"linux","architecture":"arm","rootfs":{"type":"layers","diff_ids":[]}})");
  CHECK(facts_of_config(plain, Platform{"linux", "arm", "v6"}).platform == "linux/arm/v6");
  CHECK(facts_of_config(plain, std::nullopt).platform == "linux/arm/v7");
}

TEST_CASE("a manifest says types, sizes and annotations", "[store]") {
  Recipe recipe;
  recipe.layers = {gzip_layer(noise(5000, 1)), gzip_layer(noise(10, 2))};
  const TestImage image = make_image(recipe);
  const ImageFacts found = facts_of_manifest(image.root);
  CHECK(found.manifest == image.root.descriptor.digest);
  CHECK(found.media_type == recipe.manifest_type);
  CHECK(found.config_type == recipe.config_type);
  REQUIRE(found.layers.size() == 2);
  CHECK(found.layers.front().size == recipe.layers.front().blob.size());
  CHECK_FALSE(found.config);
}
