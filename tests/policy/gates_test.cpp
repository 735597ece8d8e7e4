// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/report.h"
#include "tests/policy/policies.h"
#include "tests/support/catch.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

constexpr const char* kManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kConfig = "application/vnd.oci.image.config.v1+json";
constexpr const char* kLayer = "application/vnd.oci.image.layer.v1.tar+gzip";

/// An image that all sensible gates let pass.
ImageFacts good_facts(const std::string& content) {
  ImageFacts facts{digest_of(content), kManifest, kConfig, {{kLayer, 1000}, {kLayer, 24}}, {}, {}};
  ConfigFacts config;
  config.platform = "linux/amd64";
  config.created = noon() - std::chrono::days(10);
  config.user = "1000:1000";
  config.labels = {{"source", "https://github.com/acme/x"}};
  config.environment = {"PATH=/bin", "MODE=x"};
  config.ports = {"8080/tcp"};
  config.has_entrypoint = true;
  facts.config = config;
  return facts;
}

Subject good(const std::string& name = "reg.example/a:1") {
  Subject image = subject(name, "x");
  image.facts = {good_facts("x")};
  return image;
}

std::string gates(const std::string& members) { return for_registry(R"([{"type": "gates", )" + members + "}]"); }

policy::Decision judged_by_gates(const std::string& members, const Subject& image) {
  return decide(gate_of(gates(members)), image);
}

/// The code of the first gate that is closed; "open" when none is.
std::string answer(const std::string& members, const Subject& image) {
  const policy::Decision decision = judged_by_gates(members, image);
  if (decision.approval) return "open";
  for (const policy::Finding& gate : decision.findings.at(0).children) {
    if (gate.result == policy::Result::fail) {
      CHECK_FALSE(gate.hint.empty());
      return gate.code;
    }
  }
  return "undecided";
}

std::string answer(const std::string& members) { return answer(members, good()); }

template <class Change>
std::string answer_for(const std::string& members, Change change) {
  Subject image = good();
  change(image.facts.at(0));
  return answer(members, image);
}

template <class Change>
std::string config_answer(const std::string& members, Change change) {
  return answer_for(R"("config": {)" + members + "}", [&](ImageFacts& facts) { change(*facts.config); });
}

std::string user_answer(const std::string& members, const std::string& user) {
  return config_answer(members, [&](ConfigFacts& config) { config.user = user; });
}

}  // namespace

TEST_CASE("the reference gate looks at what was asked for", "[policy]") {
  const std::string pinned = R"("reference": {"requireDigest": true})";
  CHECK(answer(pinned) == "REFERENCE_NOT_PINNED");
  CHECK(answer(pinned, good("reg.example/a@" + digest_of("x").to_string())) == "open");
  Subject resolved = good("reg.example/a:1");
  resolved.asked = Reference::parse("reg.example/a:1@" + digest_of("x").to_string());
  CHECK(answer(pinned, resolved) == "open");

  const std::string forbidden = R"("reference": {"forbidTags": ["latest", "edge"]})";
  CHECK(answer(forbidden) == "open");
  CHECK(answer(forbidden, good("reg.example/a:edge")) == "REFERENCE_TAG");
  CHECK(answer(forbidden, good("reg.example/a")) == "REFERENCE_TAG");
  CHECK(answer(forbidden, good("reg.example/a@" + digest_of("x").to_string())) == "open");

  const std::string pattern = R"("reference": {"tagPattern": "^v[0-9]+$"})";
  CHECK(answer(pattern, good("reg.example/a:v12")) == "open");
  CHECK(answer(pattern, good("reg.example/a:12")) == "REFERENCE_TAG");
  CHECK(answer(pattern, good("reg.example/a@" + digest_of("x").to_string())) == "REFERENCE_TAG");
}

TEST_CASE("a name that a gate refuses is refused before there is a digest", "[policy]") {
  const policy::Gate gate = gate_of(gates(R"("reference": {"forbidTags": ["1"]}, "platforms": ["linux/amd64"])"));
  const policy::Plan plan = gate.plan(Reference::parse("reg.example/a:1"));
  CHECK(gate.cannot_pass(plan, {}, noon()));
  CHECK_FALSE(gate.cannot_pass(gate.plan(Reference::parse("reg.example/a:2")), {}, noon()));
  CHECK(plan.asks_image());
}

TEST_CASE("the platform gate wants every instance on its list", "[policy]") {
  const std::string list = R"("platforms": ["linux/amd64", "linux/arm/v7", "linux/arm64/v8"])";
  const auto with = [&](const std::string& platform) {
    return answer_for(list, [&](ImageFacts& facts) { facts.config->platform = platform; });
  };
  CHECK(with("linux/amd64") == "open");
  CHECK(with("linux/amd64/v3") == "open");
  CHECK(with("linux/arm/v7") == "open");
  CHECK(with("linux/arm64") == "open");
  CHECK(with("linux/arm/v6") == "PLATFORM");
  CHECK(with("linux/amd640") == "PLATFORM");
  CHECK(with("windows/amd64") == "PLATFORM");

  Subject two = good();
  two.instances.push_back(digest_of("y"));
  two.facts.push_back(good_facts("y"));
  two.is_whole = true;
  CHECK(answer(list, two) == "open");
  two.facts.back().config->platform = "linux/s390x";
  CHECK(answer(list, two) == "PLATFORM");
}

TEST_CASE("the media type gate wants each type on its list", "[policy]") {
  const std::string all = R"("mediaTypes": {"manifest": [")" + std::string(kManifest) + R"("], "config": [")" +
                          kConfig + R"("], "layer": [")" + kLayer + "\"]}";
  CHECK(answer(all) == "open");
  CHECK(answer_for(all, [](ImageFacts& facts) { facts.media_type += "x"; }) == "MEDIA_TYPE");
  CHECK(answer_for(all, [](ImageFacts& facts) { facts.config_type += "x"; }) == "MEDIA_TYPE");
  CHECK(answer_for(all, [](ImageFacts& facts) { facts.layers.back().media_type += "x"; }) == "MEDIA_TYPE");
  CHECK(answer(R"("mediaTypes": {"config": ["other"]})") == "MEDIA_TYPE");
}

TEST_CASE("the size gate counts layers and their bytes", "[policy]") {
  CHECK(answer(R"("size": {"maxCompressed": "1KiB"})") == "open");
  CHECK(answer(R"("size": {"maxCompressed": "1023B"})") == "SIZE_COMPRESSED");
  CHECK(answer(R"("size": {"maxLayer": "1000B"})") == "open");
  CHECK(answer(R"("size": {"maxLayer": "999B"})") == "SIZE_LAYER");
  CHECK(answer(R"("size": {"maxLayers": 2})") == "open");
  CHECK(answer(R"("size": {"maxLayers": 1})") == "SIZE_LAYERS");
}

TEST_CASE("an approval says how far layers may inflate, and the least of all lists counts", "[policy]") {
  CHECK_FALSE(judged_by_gates(R"("size": {"maxLayers": 2})", good()).approval.value().subject().most_uncompressed);
  const policy::Gate gate = gate_of(for_registry(
      R"([{"type": "gates", "size": {"maxUncompressed": "2MiB"}}, {"type": "gates", "size": {"maxUncompressed": "1MiB"}}])"));
  REQUIRE(decide(gate, good()).approval.value().subject().most_uncompressed == std::uint64_t{1} << 20U);
}

TEST_CASE("the age gate wants a date, and one that has passed", "[policy]") {
  const std::string gate = R"("age": {"maxCreated": "P10D"})";
  const auto created = [](std::optional<Time> time) {
    return [time](ImageFacts& facts) { facts.config->created = time; };
  };
  CHECK(answer(gate) == "open");
  CHECK(answer_for(gate, created(noon() - std::chrono::days(10) - std::chrono::seconds(1))) == "AGE");
  CHECK(answer_for(gate, created(noon() + std::chrono::seconds(1))) == "AGE_FUTURE");
  CHECK(answer_for(gate, created(std::nullopt)) == "AGE_UNKNOWN");
  CHECK(answer_for(gate, created(parse_time("0001-01-01T00:00:00Z"))) == "AGE_UNKNOWN");
  const std::string lenient = R"("age": {"maxCreated": "P10D", "allowMissing": true})";
  CHECK(answer_for(lenient, created(std::nullopt)) == "open");
  CHECK(answer_for(lenient, created(noon() + std::chrono::seconds(1))) == "AGE_FUTURE");
}

TEST_CASE("root has many spellings, and none of them is a user", "[policy]") {
  const std::string gate = R"("nonRoot": true)";
  for (const char* user : {"", "0", "root", "0:0", "root:1", ":1000", "00", "+0", "-0", "+00:5", "-1", "4294967296",
                           "2147483648", "99999999999999999999"}) {
    INFO(user);
    CHECK(user_answer(gate, user) == "USER_ROOT");
  }
  CHECK(user_answer(gate, "1000") == "open");
  CHECK(user_answer(gate, "1:0") == "open");
  CHECK(user_answer(R"("nonRoot": false, "requireEntrypoint": true)", "root") == "open");
}

TEST_CASE("a user's name counts only when the policy lists it", "[policy]") {
  CHECK(user_answer(R"("nonRoot": true)", "app") == "USER_NAME");
  CHECK(user_answer(R"("nonRoot": true, "users": ["app"])", "app:app") == "open");
  CHECK(user_answer(R"("nonRoot": true, "users": ["app"])", "other") == "USER_NOT_LISTED");
  CHECK(user_answer(R"("nonRoot": true, "users": ["root", "0"])", "root") == "USER_ROOT");
  CHECK(user_answer(R"("users": ["root"])", "root") == "open");
  CHECK(user_answer(R"("users": ["1000"])", "1001") == "USER_NOT_LISTED");
  CHECK(user_answer(R"("users": ["1000:1000"])", "1000:1000") == "open");
}

TEST_CASE("labels are those of the config, or annotations of the manifest where it has none", "[policy]") {
  const std::string gate = R"("config": {"labels": {"source": {"regex": "^https://github\\.com/acme/.*$"}}})";
  CHECK(answer(gate) == "open");
  const auto unlabelled = [](ImageFacts& facts) { facts.config->labels.clear(); };
  CHECK(answer_for(gate, unlabelled) == "CONFIG_LABEL");
  CHECK(answer_for(gate, [](ImageFacts& facts) { facts.config->labels["source"] = "https://evil.example"; }) ==
        "CONFIG_LABEL");
  CHECK(answer_for(gate, [&](ImageFacts& facts) {
          unlabelled(facts);
          facts.annotations["source"] = "https://github.com/acme/y";
        }) == "open");
  CHECK(answer_for(gate, [&](ImageFacts& facts) {
          facts.config->labels["source"] = "https://evil.example";
          facts.annotations["source"] = "https://github.com/acme/y";
        }) == "CONFIG_LABEL");
  CHECK(answer(R"("config": {"labels": {"source": {"in": ["a", "https://github.com/acme/x"]}}})") == "open");
  CHECK(answer(R"("config": {"labels": {"source": {"equals": "a"}}})") == "CONFIG_LABEL");
}

TEST_CASE("forbidden variables are found by name or by name and value, and no value is told", "[policy]") {
  const std::string gate = R"("forbidEnv": ["^AWS_SECRET.*$", "^MODE=debug$"])";
  const auto with = [&](const std::string& variable) {
    return config_answer(gate, [&](ConfigFacts& config) { config.environment.push_back(variable); });
  };
  CHECK(with("OTHER=1") == "open");
  CHECK(with("MODE=release") == "open");
  CHECK(with("MODE=debug") == "CONFIG_ENV");
  CHECK(with("AWS_SECRET_KEY=abc") == "CONFIG_ENV");
  CHECK(with("AWS_SECRET_KEY=a\nb") == "CONFIG_ENV");
  CHECK(with("AWS_SECRET") == "CONFIG_ENV");

  Subject image = good();
  image.facts.at(0).config->environment = {"AWS_SECRET_KEY=hunter2"};
  const policy::Decision decision = judged_by_gates(R"("config": {)" + gate + "}", image);
  CHECK_FALSE(holds(policy::summary(decision), "hunter2"));
  CHECK(holds(policy::summary(decision), "AWS_SECRET_KEY"));
}

TEST_CASE("volumes, ports and the entrypoint are what the config says", "[policy]") {
  const auto add_volume = [](ConfigFacts& config) { config.volumes = {"/data"}; };
  CHECK(config_answer(R"("forbidVolumes": true)", [](ConfigFacts&) {}) == "open");
  CHECK(config_answer(R"("forbidVolumes": true)", add_volume) == "CONFIG_VOLUMES");
  CHECK(config_answer(R"("forbidVolumes": false, "maxPort": 65535)", add_volume) == "open");
  CHECK(config_answer(R"("requireEntrypoint": true)", [](ConfigFacts&) {}) == "open");
  CHECK(config_answer(R"("requireEntrypoint": true)", [](ConfigFacts& config) { config.has_entrypoint = false; }) ==
        "CONFIG_ENTRYPOINT");
  const auto with_port = [](const std::string& port) {
    return config_answer(R"("maxPort": 8080)", [&](ConfigFacts& config) { config.ports.push_back(port); });
  };
  CHECK(with_port("80/udp") == "open");
  CHECK(with_port("8081/tcp") == "CONFIG_PORT");
  CHECK(with_port("8000-9000/tcp") == "CONFIG_PORT");
  CHECK(with_port("ssh/tcp") == "CONFIG_PORT");
  CHECK(with_port("") == "CONFIG_PORT");
}

TEST_CASE("gates wait for the config, and never pass without it", "[policy]") {
  Subject image = good();
  image.facts.at(0).config.reset();
  const policy::Decision waiting = judged_by_gates(R"("config": {"nonRoot": true}, "size": {"maxLayers": 9})", image);
  CHECK_FALSE(waiting.approval);
  CHECK(waiting.needs_config);
  const policy::Decision closed = judged_by_gates(R"("config": {"nonRoot": true}, "size": {"maxLayers": 1})", image);
  CHECK_FALSE(closed.approval);
  CHECK_FALSE(closed.needs_config);
  CHECK(judged_by_gates(R"("size": {"maxLayers": 9})", image).approval);
}

TEST_CASE("an image that nobody looked at passes no gate", "[policy]") {
  for (const std::string gate : {R"("size": {"maxLayers": 9})", R"("config": {"forbidVolumes": true})",
                                 R"("platforms": ["linux/amd64"])", R"("age": {"maxCreated": "P10D"})"}) {
    INFO(gate);
    Subject none = good();
    none.facts.clear();
    const policy::Decision decision = judged_by_gates(gate, none);
    CHECK_FALSE(decision.approval);
    CHECK_FALSE(decision.needs_config);
    CHECK(decision.fault == Fault::local);
    Subject other = good();
    other.facts.at(0).manifest = digest_of("another");
    CHECK_FALSE(judged_by_gates(gate, other).approval);
    Subject fewer = good();
    fewer.instances.push_back(digest_of("y"));
    CHECK_FALSE(judged_by_gates(gate, fewer).approval);
  }
}

TEST_CASE("gates are no signature", "[policy]") {
  const policy::Decision decision = judged_by_gates(R"("size": {"maxLayers": 2})", good());
  REQUIRE(decision.approval);
  CHECK_FALSE(decision.publisher_verified);
}

TEST_CASE("gates that ask nothing, or something that is not there, do not load", "[policy]") {
  const std::string members = GENERATE(
      as<std::string>{}, R"("id": "a")", R"("platforms": [])", R"("platforms": ["linux"])",
      R"("platforms": ["Linux/amd64"])", R"("platforms": "linux/amd64")", R"("platforms": ["linux/amd64/"])",
      R"("reference": {})", R"("reference": {"requireDigest": 1})", R"("reference": {"forbidTags": []})",
      R"("reference": {"forbidTags": ["a b"]})", R"("reference": {"tagPattern": "v.*"})", R"("reference": {"x": 1})",
      R"("mediaTypes": {})", R"("mediaTypes": {"layer": []})", R"("mediaTypes": {"layers": ["x"]})", R"("size": {})",
      R"("size": {"maxLayers": 0})", R"("size": {"maxLayers": "2"})", R"("size": {"maxLayer": 5})",
      R"("size": {"maxCompressed": "2GB"})", R"("age": {})", R"("age": {"allowMissing": true})",
      R"("age": {"maxCreated": "180 days"})", R"("age": {"maxCreated": "P1D", "allowMissing": 1})", R"("config": {})",
      R"("config": {"nonRoot": "true"})", R"("config": {"users": []})", R"("config": {"labels": {}})",
      R"("config": {"labels": {"a": {}}})", R"("config": {"labels": {"a": {"equals": "x", "in": ["y"]}}})",
      R"("config": {"labels": {"a": {"in": []}}})", R"("config": {"labels": {"a": "x"}})",
      R"("config": {"forbidEnv": ["AWS"]})", R"("config": {"forbidEnv": []})", R"("config": {"maxPort": -1})",
      R"("config": {"maxPort": 65536})", R"("config": {"volumes": true})", R"("size": {"maxLayers": 1}, "x": 1)");
  INFO(members);
  REQUIRE_FAULT(parsed(gates(members)), Fault::usage);
}

TEST_CASE("gates that are not there yet are named", "[policy]") {
  for (const char* gate : {"base", "content", "vulnerabilities"}) {
    REQUIRE_THAT(message_of([&] { parsed(gates("\"" + std::string(gate) + "\": {}")); }),
                 Catch::Matchers::EndsWith(std::string("gate \"") + gate + "\" is not supported yet"));
  }
}

TEST_CASE("a limit that is known only later cannot be counted in a threshold", "[policy]") {
  REQUIRE_FAULT(parsed(for_registry(R"([{"type": "threshold", "k": 1, "of": [{"type": "reject"},
      {"type": "gates", "size": {"maxUncompressed": "1GiB"}}]}])")),
                Fault::usage);
}
