// SPDX-License-Identifier: Apache-2.0
//
// What may change between a judgement and what rests on it.
#include "cmd/admission/admission.h"

#include "tests/cmd/admission/world.h"

using namespace hallmark;
using namespace hallmark::test;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

/// A pull that is admitted, and of which the layers are on their way.
struct Pulling {
  World& world;
  std::unique_ptr<cmd::Admission> run;
  cmd::JudgedImage judged;

  explicit Pulling(World& where) : world(where), run(where.admission()), judged(where.judge(*run, kGun + ":1")) {
    run->admit(judged.judgement);
  }
  void finish() { world.bring_in(*run, judged); }
};

/// A world with a signed image.
struct Signed : World {
  TestImage image = simple_image(1);
  Signed() {
    require_signature();
    sign("1", image);
    registry.add("1", image);
  }
};

const std::string kSerial = R"(, "metadata": {"name": "prod", "serial": )";

}  // namespace

TEST_CASE("a policy that rejects meanwhile is obeyed", "[admission]") {
  Signed world;
  Pulling pulling(world);
  world.policy(R"([{"type": "reject"}])");
  REQUIRE_FAULT(pulling.finish(), Fault::refused);
  CHECK(world.is_empty());
  REQUIRE(world.records().size() == 1);
  CHECK(says(world.records()[0], "deny", false));
}

TEST_CASE("a policy that is gone meanwhile gives way to no weaker one", "[admission]") {
  Signed world;
  Pulling pulling(world);
  world.remove_policy();
  CHECK(fault_of([&] { pulling.finish(); }).has_value());
  CHECK(world.is_empty());
}

TEST_CASE("a policy that asks trust data only meanwhile has them asked before the commit", "[admission]") {
  World world;
  const TestImage image = simple_image(1);
  world.registry.add("1", image);
  Pulling pulling(world);
  world.require_signature();
  SECTION("they name the image") {
    world.sign("1", image);
    pulling.finish();
    CHECK(world.stored() == std::vector{kGun + ":1"});
  }
  SECTION("they name another") {
    REQUIRE_FAULT(pulling.finish(), Fault::refused);
    CHECK(world.is_empty());
  }
}

TEST_CASE("a tag that is signed to be another image meanwhile is refused", "[admission]") {
  Signed world;
  Pulling pulling(world);
  world.sign("1", simple_image(2));
  world.now += seconds(30);
  REQUIRE_FAULT(pulling.finish(), Fault::refused);
  CHECK(world.is_empty());
  CHECK(says(world.records().at(0), "deny", false));
}

TEST_CASE("what another run has learned meanwhile counts", "[admission]") {
  Signed world;
  Pulling pulling(world);
  const TestImage newer = simple_image(2);
  world.sign("1", newer);
  world.registry.add("1", newer);
  world.pull(kGun + ":1");
  // This one asked its server before that, a moment ago.
  REQUIRE_FAULT(pulling.finish(), Fault::refused);
  const auto entry = store::Store(world.store_path()).find(Reference::parse(kGun + ":1"));
  CHECK(entry->root.digest == newer.root.descriptor.digest);
}

TEST_CASE("trust data that end while layers come are refused", "[admission]") {
  Signed world;
  Pulling pulling(world);
  world.now += hours(24) * 15;
  REQUIRE_FAULT(pulling.finish(), Fault::refused);
  CHECK(world.is_empty());
}

TEST_CASE("a trust server that cannot be asked again is no yes", "[admission]") {
  Signed world;
  Pulling pulling(world);
  world.trust.answers["root"] = rejected();
  world.trust.answers["timestamp"] = rejected();
  world.now += seconds(30);
  CHECK(fault_of([&] { pulling.finish(); }).has_value());
  CHECK(world.is_empty());
}

TEST_CASE("older trust data than those that were seen are refused", "[admission]") {
  Signed world;
  const TufRepository before = world.trust;
  world.sign("1", world.image);
  world.pull(kGun + ":1");
  world.trust = before;
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::refused);
  CHECK(holds(world.records().back(), "TUF_ROLLBACK"));
}

TEST_CASE("a clock that was set back is refused once a later time was certain", "[admission]") {
  World world;
  world.registry.add("1", simple_image(1));
  world.pull(kGun + ":1");
  world.now -= hours(48);
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::refused);
  CHECK(holds(world.records().back(), "CLOCK"));
}

TEST_CASE("that a trust server is slow makes no answer old", "[admission]") {
  Signed world;
  world.before_answer = [&] { world.now += seconds(6); };
  world.pull(kGun + ":1");
  CHECK(world.stored() == std::vector{kGun + ":1"});
}

TEST_CASE("what takes so long each time that the judgement has become old is no yes", "[admission]") {
  Signed world;
  const auto run = world.admission();
  cmd::JudgedImage judged = world.judge(*run, kGun + ":1");
  const Subject told = judged.judgement.decision.approval.value().subject();
  const cmd::Standing standing{judged.judgement,
                               [&](const policy::Plan& plan) {
                                 world.now += seconds(6);
                                 return cmd::subject_of(plan, judged.asked, *judged.image);
                               },
                               told};
  REQUIRE_FAULT(run->require_still_admitted(std::span(&standing, 1)), Fault::unavailable);
}

TEST_CASE("documents that come slowly are judged by the policy of after they came", "[admission]") {
  Signed world;
  world.registry.before_document = [&] {
    world.now += seconds(30);
    world.policy(R"([{"type": "reject"}])");
  };
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::refused);
  CHECK(world.registry.blobs_given.empty());
  CHECK(world.is_empty());
}

TEST_CASE("an older policy is refused once a newer one was obeyed", "[admission]") {
  World world;
  world.registry.add("1", simple_image(1));
  const std::string accept = R"([{"type": "insecureAcceptAnything"}])";
  world.policy(accept, kSerial + "3}");
  world.pull(kGun + ":1");
  world.policy(accept, kSerial + "2}");
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::refused);
  CHECK(holds(world.records().back(), "POLICY_ROLLBACK"));
  world.accepts_policy_rollback = true;
  world.pull(kGun + ":1");
}

TEST_CASE("a newer policy that another run obeyed meanwhile leaves no way for this one's", "[admission]") {
  World world;
  world.registry.add("1", simple_image(1));
  world.registry.add("2", simple_image(2));
  const std::string accept = R"([{"type": "insecureAcceptAnything"}])";
  world.policy(accept, kSerial + "2}");
  Pulling pulling(world);
  world.policy(accept, kSerial + "3}");
  world.pull(kGun + ":2");
  world.policy(accept, kSerial + "2}");
  REQUIRE_FAULT(pulling.finish(), Fault::refused);
  CHECK(world.stored() == std::vector{kGun + ":2"});
}

TEST_CASE("a record that the policy requires and that cannot be written ends it", "[admission]") {
  World world;
  world.registry.add("1", simple_image(1));
  const std::string file = (world.folder.path() / "no-folder" / "audit").string();
  const auto policy = [&](const std::string& required) {
    world.write_policy(R"({"hallmark": 1, "default": [{"type": "reject"}], "transports": {"docker": {"reg.example": [)"
                       R"({"type": "insecureAcceptAnything"}]}}, "audit": {"file": ")" +
                       file + R"(", "required": )" + required + "}}");
  };
  policy("true");
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::local);
  CHECK(world.is_empty());
  policy("false");
  world.pull(kGun + ":1");
  CHECK(world.stored() == std::vector{kGun + ":1"});
  CHECK(holds(world.notices.back(), "the decision was not recorded"));
}

TEST_CASE("the glass is broken for what the policy lets be waived, with a reason that fits", "[admission]") {
  World world;
  world.registry.add("1", simple_image(1));
  world.policy(
      R"([{"type": "gates", "platforms": ["linux/s390x"]}])",
      R"(, "breakGlass": {"allow": true, "reasonPattern": "^INC-[0-9]+$", "waivable": ["platform"], "audit": ")" +
          (world.folder.path() / "glass.jsonl").string() + "\"}");
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::refused);
  world.break_glass = "because";
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::refused);
  CHECK(holds(world.notices.at(0), "--break-glass waives nothing"));
  world.break_glass = "INC-7";
  world.pull(kGun + ":1");
  CHECK(world.stored() == std::vector{kGun + ":1"});
  CHECK(says(world.records().back(), "allow-break-glass", true));
}

TEST_CASE("what rests on a decision later is judged again", "[admission]") {
  Signed world;
  const auto run = world.admission();
  cmd::JudgedImage judged = world.judge(*run, kGun + ":1");
  const Subject told = judged.judgement.decision.approval.value().subject();
  const cmd::Standing standing{
      judged.judgement,
      cmd::subject_from(judged,
                        [&](const store::Descriptor& config) { return world.registry.blobs.at(config.digest); }),
      told};
  const auto require = [&] { run->require_still_admitted(std::span(&standing, 1)); };
  require();
  SECTION("signed to be another") {
    world.sign("1", simple_image(2));
    world.now += seconds(30);
    REQUIRE_FAULT(require(), Fault::refused);
  }
  SECTION("rejected") {
    world.policy(R"([{"type": "reject"}])");
    REQUIRE_FAULT(require(), Fault::refused);
  }
  SECTION("admitted with a lower limit") {
    world.policy(R"([{"type": "gates", "size": {"maxUncompressed": "1MiB"}}])");
    REQUIRE_FAULT(require(), Fault::refused);
  }
  CHECK(says(world.records().back(), holds(world.records().back(), "\"deny\"") ? "deny" : "error", false));
}

TEST_CASE("layers that inflate to more than was admitted are refused", "[admission]") {
  World world;
  Recipe large;
  large.layers = {gzip_layer(Bytes(3 << 20))};
  world.registry.add("1", make_image(large));
  world.policy(R"([{"type": "gates", "size": {"maxUncompressed": "1MiB"}}])");
  CHECK(fault_of([&] { world.pull(kGun + ":1"); }).has_value());
  CHECK(world.is_empty());
}

TEST_CASE("two that bring the same name in one after the other leave it whole", "[admission]") {
  World world;
  world.registry.add("1", simple_image(1));
  Pulling first(world);
  Pulling second(world);
  second.finish();
  first.finish();
  CHECK(world.stored() == std::vector{kGun + ":1"});
  CHECK(world.records().size() == 2);
}

TEST_CASE("whatever fails after the record that says that the commit follows, a second one takes it back",
          "[admission]") {
  World world;
  world.registry.add("1", simple_image(1));
  // Neither is an Error: memory, and a disk that fails.
  SECTION("no memory") {
    world.before_clock = [&] {
      if (!world.records().empty()) throw std::bad_alloc();
    };
    CHECK_THROWS_AS(world.pull(kGun + ":1"), std::bad_alloc);
  }
  SECTION("a file system that fails") {
    world.before_clock = [&] {
      if (!world.records().empty()) throw std::filesystem::filesystem_error("stat", std::error_code());
    };
    CHECK_THROWS_AS(world.pull(kGun + ":1"), std::filesystem::filesystem_error);
  }
  REQUIRE(world.records().size() == 2);
  CHECK(says(world.records().at(0), "allow", true));
  CHECK(says(world.records().at(1), "error", false));
  CHECK(world.stored().empty());
}

TEST_CASE("a failure that nobody foresaw is recorded while layers come in", "[admission]") {
  World world;
  world.registry.add("1", simple_image(1));
  world.registry.before_blob = [](const store::Descriptor&) { throw std::bad_alloc(); };
  CHECK_THROWS_AS(world.pull(kGun + ":1"), std::bad_alloc);
  REQUIRE(world.records().size() == 1);
  CHECK(says(world.records().at(0), "error", false));
}
