// SPDX-License-Identifier: Apache-2.0
//
// A trust system that the program does not know: nothing but its folder and the table of systems was written for it.
#include "tests/example_system/digest_list.h"

#include "policy/file/schema.h"
#include "tests/cmd/admission/world.h"
#include "trust/crypto/dsse_signature.h"
#include "trust/crypto/key_file.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

/// An OCI manifest that is about the image and has the bytes as its one layer.
store::Document attachment(const Digest& subject, const Bytes& blob) {
  json::Writer out(0);
  out.begin_object().key("schemaVersion").integer(2);
  out.member("mediaType", "application/vnd.oci.image.manifest.v1+json").member("artifactType", example::kListType);
  out.key("config").begin_object().member("mediaType", "application/vnd.oci.empty.v1+json");
  out.member("digest", Digest::of(view_of("{}")).to_string()).key("size").integer(2).end_object();
  out.key("layers").begin_array().begin_object().member("mediaType", example::kListType);
  out.member("digest", Digest::of(blob).to_string()).key("size").size(blob.size()).end_object().end_array();
  out.key("subject").begin_object().member("mediaType", "application/vnd.oci.image.manifest.v1+json");
  out.member("digest", subject.to_string()).key("size").integer(1).end_object();
  const std::string text = out.end_object().text();
  return {{"application/vnd.oci.image.manifest.v1+json", Digest::of(view_of(text)), text.size(), std::nullopt, {}},
          bytes_of(text)};
}

struct ListWorld : World {
  crypto::SecretKey key = crypto::SecretKey::generate_ecdsa();
  TestImage image = simple_image(1);

  ListWorld() {
    registry.add("1", image);
    require_list();
  }
  void require_list() {
    const std::string pem = crypto::write_public_key_file(key.public_key(), "alice");
    policy(R"([{"type": "list", "store": "release"}])",
           R"(, "stores": {"release": {"kind": "list", "key": {"data": ")" + base64_of(view_of(pem)) + "\"}}}");
  }
  void attach(const crypto::SecretKey& by, const std::vector<Digest>& digests) {
    std::string list;
    for (const Digest& digest : digests) list += (list.empty() ? "\"" : ",\"") + digest.to_string() + "\"";
    dsse::Envelope envelope{example::kListType, bytes_of("[" + list + "]"), {}};
    crypto::sign(envelope, by, "");
    attach(envelope);
  }
  void attach(const dsse::Envelope& envelope) {
    const Bytes blob = bytes_of(dsse::to_text(envelope));
    registry.blobs.insert_or_assign(Digest::of(blob), blob);
    registry.blobs.insert_or_assign(Digest::of(view_of("{}")), bytes_of("{}"));
    registry.attach(image.root.descriptor.digest, attachment(image.root.descriptor.digest, blob));
  }
  /// Two of two: a list by the key, and trust data.
  void require_both(const crypto::PublicKey& list_key) {
    sign("1", image);
    const std::string pem = crypto::write_public_key_file(list_key, "alice");
    const std::string pin = trust.rings.at("root").keys.at(0).id();
    policy(R"([{"type": "threshold", "k": 2, "of": [{"type": "list", "store": "list"}, )"
           R"({"type": "tuf", "store": "tuf"}]}])",
           R"(, "stores": {"list": {"kind": "list", "key": {"data": ")" + base64_of(view_of(pem)) +
               R"("}}, "tuf": {"kind": "tuf", "server": "https://trust.example", "pins": [{"gun": ")" + kGun +
               R"(", "rootKeyIds": [")" + pin + R"("]}]}})");
  }
};

}  // namespace

TEST_CASE("a list that the key of the store signed admits what is on it", "[example]") {
  ListWorld world;
  world.attach(world.key, {simple_image(7).root.descriptor.digest, world.image.root.descriptor.digest});
  world.pull(kGun + ":1");
  CHECK(world.stored() == std::vector{kGun + ":1"});
  CHECK(holds(world.records().at(0), R"("kind":"list")"));
  CHECK(holds(world.records().at(0), R"("publisherVerified":true)"));
}

TEST_CASE("what is on no list, or on one of somebody else, is refused", "[example]") {
  ListWorld world;
  SECTION("no list") {}
  SECTION("not on it") { world.attach(world.key, {simple_image(7).root.descriptor.digest}); }
  SECTION("of another key") { world.attach(crypto::SecretKey::generate_ecdsa(), {world.image.root.descriptor.digest}); }
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::refused);
  CHECK(world.is_empty());
  CHECK(holds(world.records().at(0), "LIST_DIGEST"));
  CHECK(holds(world.records().at(0), "\"decision\":\"deny\""));
}

TEST_CASE("a registry that cannot tell what is attached is trouble, and no absence", "[example]") {
  ListWorld world;
  world.attach(world.key, {world.image.root.descriptor.digest});
  world.registry.before_referrers = [] { fail(Fault::unavailable, "no answer"); };
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::unavailable);
  CHECK(world.is_empty());
}

TEST_CASE("two systems count together in a threshold", "[example]") {
  ListWorld world;
  world.require_both(world.key.public_key());
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::refused);
  world.attach(world.key, {world.image.root.descriptor.digest});
  world.pull(kGun + ":1");
  CHECK(world.stored() == std::vector{kGun + ":1"});
}

TEST_CASE("one key in two systems is one signer of a threshold", "[example]") {
  ListWorld world;
  const SigningKey& targets = world.trust.rings.at("targets").keys.at(0);
  world.require_both(crypto::PublicKey::from_spki(parse_base64(targets.public_text())));
  dsse::Envelope envelope{
      example::kListType, bytes_of("[\"" + world.image.root.descriptor.digest.to_string() + "\"]"), {}};
  const Bytes message = dsse::pre_authentication(envelope.payload_type, envelope.payload);
  envelope.signatures.push_back({"", targets.sign_der(message)});
  world.attach(envelope);
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::refused);
  CHECK(holds(world.records().at(0), "THRESHOLD"));
  // Both have passed, by one person's word.
  CHECK_FALSE(holds(world.records().at(0), "LIST_"));
  CHECK_FALSE(holds(world.records().at(0), "TUF_"));
}

TEST_CASE("a refusal says what was expected and what was found", "[example]") {
  ListWorld world;
  world.attach(world.key, {simple_image(7).root.descriptor.digest});
  REQUIRE_FAULT(world.pull(kGun + ":1"), Fault::refused);
  CHECK(holds(world.records().at(0), "expected " + world.image.root.descriptor.digest.to_string()));
  CHECK(holds(world.records().at(0), "key " + world.key.public_key().id()));
  CHECK(holds(world.records().at(0), "found 1 other digests"));
}

TEST_CASE("what was attached to a pulled image is kept beside it, and judges its next name", "[example]") {
  ListWorld world;
  const Digest& digest = world.image.root.descriptor.digest;
  world.attach(world.key, {digest});
  world.pull(kGun + ":1");
  const store::Store store(world.store_path());
  REQUIRE(store.evidence_about({digest}).size() == 1);
  // As tag does it: nobody is asked.
  world.registry.before_referrers = [] { throw std::logic_error("a registry was asked"); };
  const auto run = world.admission();
  policy::Judgement judgement = run->begin(Reference::parse(kGun + ":2"), "tag");
  cmd::KeptEvidence kept(digest, [&](const Digest& subject) { return store.evidence_about({subject}); });
  CHECK(kept.place() == trust::EvidenceSource::Place::server);
  const Subject subject{judgement.plan.name(), digest, world.image.root.descriptor.size, {digest}, true};
  run->gatherer().about(judgement.plan, subject, kept, run->now());
  run->decide(judgement, subject);
  CHECK(judgement.decision.approval.has_value());
}

TEST_CASE("what was attached to an image that is here already is kept beside it", "[example]") {
  ListWorld world;
  const Digest& digest = world.image.root.descriptor.digest;
  world.policy(R"([{"type": "insecureAcceptAnything"}])");
  world.pull(kGun + ":1");
  const store::Store store(world.store_path());
  REQUIRE(store.evidence_about({digest}).empty());
  world.attach(world.key, {digest});
  world.require_list();
  const auto run = world.admission();
  cmd::JudgedImage judged = world.judge(*run, kGun + ":1");
  const auto read = [&](const store::Descriptor& config) { return store.read(config).bytes; };
  static_cast<void>(run->require_still_admitted_in_turn(judged.judgement, cmd::subject_from(judged, read)));
  CHECK(store.evidence_about({digest}).size() == 1);
}

TEST_CASE("what one repository has attached says nothing in another", "[example]") {
  ListWorld world;
  world.attach(world.key, {world.image.root.descriptor.digest});
  MemoryRegistry other;
  other.add("1", world.image);
  const auto run = world.admission();
  CHECK(world.judge(*run, kGun + ":1").judgement.decision.approval.has_value());
  const Reference name = Reference::parse("reg.example/other:1");
  const auto judged = cmd::judge(*run, name, world.platforms, other, "pull");
  CHECK_FALSE(judged.judgement.decision.approval.has_value());
}

TEST_CASE("two names of one digest have an answer each", "[example]") {
  ListWorld world;
  world.attach(world.key, {world.image.root.descriptor.digest});
  world.registry.add("2", world.image);
  const auto run = world.admission();
  CHECK(world.judge(*run, kGun + ":1").judgement.decision.approval.has_value());
  CHECK(world.judge(*run, kGun + ":2").judgement.decision.approval.has_value());
  CHECK(run->gatherer().answers().size() == 2);
}

TEST_CASE("the schema has what a system adds", "[example]") {
  CHECK(holds(std::string(policy::schema()), R"("kind": {"const": "list"})"));
}
