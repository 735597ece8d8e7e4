// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/registry_admission.h"

#include "tests/cmd/admission/world.h"

using namespace hallmark;
using namespace hallmark::test;
using std::chrono::hours;
using std::chrono::seconds;

TEST_CASE("what the policy accepts comes in, with the record that says so before", "[admission]") {
  World world;
  world.registry.add("1", simple_image(1));
  world.pull(kGun + ":1");
  CHECK(world.stored() == std::vector{kGun + ":1"});
  REQUIRE(world.records().size() == 1);
  CHECK(says(world.records()[0], "allow", true));
}

TEST_CASE("what the policy rejects whatever it is, is not asked for", "[admission]") {
  World world;
  world.policy(R"([{"type": "reject"}])");
  world.registry.add("1", simple_image(1));
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::refused);
  CHECK(world.registry.documents_given == 0);
  CHECK(world.is_empty());
  REQUIRE(world.records().size() == 1);
  CHECK(says(world.records()[0], "deny", false));
}

TEST_CASE("a signed image comes in, and what was learned of its signatures is kept", "[admission]") {
  World world;
  const TestImage image = simple_image(1);
  world.require_signature();
  world.sign("1", image);
  world.registry.add("1", image);
  world.pull(kGun + ":1");
  CHECK(world.stored() == std::vector{kGun + ":1"});
  CHECK(world.remembered("release").versions.at("timestamp") == 2);
}

TEST_CASE("a tag that nobody signed is refused, and no document of it is asked for", "[admission]") {
  World world;
  world.require_signature();
  world.registry.add("2", simple_image(1));
  REQUIRE_FAULT(world.pull(kGun + ":2"), Fault::refused);
  CHECK(world.registry.documents_given == 0);
  CHECK(world.is_empty());
}

TEST_CASE("a repository without trust data is refused", "[admission]") {
  World world;
  world.require_signature();
  world.registry.add("1", simple_image(1));
  world.trust.answers["root"] = missing();
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::refused);
  CHECK(world.is_empty());
}

TEST_CASE("a trust server that cannot be asked is trouble, and no absence", "[admission]") {
  World world;
  world.require_signature();
  world.registry.add("1", simple_image(1));
  world.trust.answers["timestamp"] = unreachable();
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::unauthorized);
  CHECK(world.is_empty());
  CHECK(says(world.records().at(0), "error", false));
}

TEST_CASE("a registry that gives another image under a signed tag is refused", "[admission]") {
  World world;
  const TestImage image = simple_image(1);
  world.require_signature();
  world.sign("1", image);
  SECTION("by the digest that was signed") {
    world.registry.add("1", image);
    world.registry.manifests.insert_or_assign(image.root.descriptor.digest, simple_image(2).root);
  }
  SECTION("bytes that are not what they are called") {
    world.registry.add("1", image);
    store::Document lie = image.root;
    lie.bytes.push_back(' ');
    world.registry.manifests.insert_or_assign(image.root.descriptor.digest, lie);
  }
  CHECK(fault_of([&] { world.pull(kGun + ":1"); }).has_value());
  CHECK(world.is_empty());
  CHECK(holds(world.records().at(0), R"("committed":false)"));
}

TEST_CASE("layers that are not what the manifest says end it, recorded, and leave nothing", "[admission]") {
  World world;
  const TestImage image = simple_image(1);
  world.require_signature();
  world.sign("1", image);
  world.registry.add("1", image);
  const Digest layer = store::parse_manifest(image.root).layers.at(0).digest;
  SECTION("another byte") { world.registry.blobs.at(layer).back() ^= 1U; }
  SECTION("a byte too few") { world.registry.blobs.at(layer).pop_back(); }
  SECTION("another layer") { world.registry.blobs.at(layer) = gzip_layer(noise(700, 77)).blob; }
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::corrupt);
  CHECK(world.is_empty());
  REQUIRE(world.records().size() == 1);
  CHECK(says(world.records()[0], "error", false));
}

TEST_CASE("a config that is not what the manifest says ends it", "[admission]") {
  World world;
  const TestImage image = simple_image(1);
  world.registry.add("1", image);
  world.registry.blobs.at(store::parse_manifest(image.root).config.digest).push_back(' ');
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::corrupt);
  CHECK(world.is_empty());
}

TEST_CASE("an interruption while layers come leaves nothing, and is no judgement to record", "[admission]") {
  World world;
  world.registry.add("1", simple_image(1));
  world.registry.before_blob = [&](const store::Descriptor&) { world.interrupted = true; };
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::interrupted);
  CHECK(world.is_empty());
  CHECK(world.records().empty());
}

TEST_CASE("an interruption after the last byte comes before the commit", "[admission]") {
  World world;
  const TestImage image = simple_image(1);
  world.registry.add("1", image);
  const auto run = world.admission();
  cmd::JudgedImage judged = world.judge(*run, kGun + ":1");
  run->admit(judged.judgement);
  world.interrupted = true;
  REQUIRE_FAULT(world.bring_in(*run, judged), Fault::interrupted);
  CHECK(world.is_empty());
}

TEST_CASE("an index that is signed covers the platform that is wanted", "[admission]") {
  World world;
  Recipe arm;
  arm.layers = {gzip_layer(noise(500, 2))};
  arm.architecture = "arm64";
  const TestImage index = make_index({simple_image(1), make_image(arm)});
  world.require_signature();
  world.sign("1", index);
  world.registry.add("1", index);
  world.pull(kGun + ":1");
  CHECK(world.stored() == std::vector{kGun + ":1"});
  // Nobody signed the manifest by itself.
  const std::string child = kGun + "@" + index.chosen.at(0).digest.to_string();
  REQUIRE_FAULT(world.pull(child), Fault::refused);
  CHECK(world.stored() == std::vector{kGun + ":1"});
}

TEST_CASE("of an index that nobody vouches for the listed manifest comes in by itself", "[admission]") {
  World world;
  Recipe arm;
  arm.layers = {gzip_layer(noise(500, 2))};
  arm.architecture = "arm64";
  const TestImage index = make_index({simple_image(1), make_image(arm)});
  const Digest child = index.chosen.at(0).digest;
  world.policy(R"([{"type": "digest", "allow": [")" + child.to_string() + R"("]}])");
  world.registry.add("1", index);
  const auto run = world.admission();
  cmd::JudgedImage judged = world.judge(*run, kGun + ":1");
  REQUIRE(judged.judgement.decision.approval);
  CHECK(judged.judgement.context.is_of_index);
  CHECK(judged.judgement.context.digest == child);
  CHECK(holds(cmd::part_notice(judged.judgement), child.to_string()));
  world.bring_in(*run, judged);
  CHECK(store::Store(world.store_path()).find(Reference::parse(kGun + ":1"))->root.digest == child);
}

TEST_CASE("a platform that the image is not for is refused where nothing else is fetched", "[admission]") {
  World world;
  world.registry.add("1", simple_image(1));
  const auto run = world.admission();
  const cmd::PlatformChoice arm{false, true, store::Platform::parse("linux/arm64")};
  const cmd::JudgedImage judged =
      cmd::judge_from_afar(*run, Reference::parse(kGun + ":1"), arm, world.registry, "verify");
  CHECK_FALSE(judged.judgement.decision.approval);
  CHECK(judged.judgement.decision.fault == Fault::missing);
}

TEST_CASE("configs are read only of images that somebody vouches for", "[admission]") {
  World world;
  const TestImage image = simple_image(1);
  const std::string gates = R"(, {"type": "gates", "platforms": ["linux/amd64"]})";
  world.require_signature(gates);
  world.registry.add("1", image);
  SECTION("nobody signed these bytes") {
    world.sign("1", simple_image(2));
    world.registry.manifests.insert_or_assign(simple_image(2).root.descriptor.digest, image.root);
    CHECK(fault_of([&] { world.pull(kGun + ":1"); }).has_value());
    CHECK(world.registry.blobs_given.empty());
  }
  SECTION("signed, and for the platform") {
    world.sign("1", image);
    world.pull(kGun + ":1");
    CHECK(world.stored() == std::vector{kGun + ":1"});
  }
}

TEST_CASE("gates that the config does not pass refuse before a layer is fetched", "[admission]") {
  World world;
  const TestImage image = simple_image(1);
  world.require_signature(R"(, {"type": "gates", "platforms": ["linux/s390x"]})");
  world.sign("1", image);
  world.registry.add("1", image);
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::refused);
  CHECK(world.is_empty());
  for (const store::Descriptor& layer : store::parse_manifest(image.root).layers) {
    CHECK(std::count(world.registry.blobs_given.begin(), world.registry.blobs_given.end(), layer.digest) == 0);
  }
}

TEST_CASE("a tag beside a digest is kept where trust data say that they belong together", "[admission]") {
  World world;
  const TestImage image = simple_image(1);
  const std::string digest = image.root.descriptor.digest.to_string();
  world.registry.add("1", image);
  SECTION("they do") {
    world.require_signature();
    world.sign("1", image);
    world.pull(kGun + ":1@" + digest);
    CHECK(world.stored() == std::vector{kGun + ":1"});
  }
  SECTION("nobody says so") {
    world.pull(kGun + ":1@" + digest);
    CHECK(world.stored() == std::vector{kGun + "@" + digest});
  }
}

TEST_CASE("what else was signed of the bytes is checked as well", "[admission]") {
  World world;
  const TestImage image = simple_image(1);
  world.require_signature();
  const auto hash = [](const Digest& digest) { return base64_of(parse_hex(digest.hex())); };
  world.trust.documents.at("targets").targets["1"] = {
      string_of(image.root.bytes), R"({"sha256":")" + hash(image.root.descriptor.digest) + R"(","sha512":")" +
                                       hash(Digest::of(view_of("other"), Algorithm::sha512)) + "\"}"};
  world.trust.publish_next();
  world.registry.add("1", image);
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::corrupt);
  CHECK(world.is_empty());
}
