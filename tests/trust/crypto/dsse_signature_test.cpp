// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/dsse_signature.h"

#include "tests/support/catch.h"
#include "trust/bundle_statement.h"

using namespace hallmark;
using crypto::SecretKey;

namespace {

dsse::Envelope hello() { return {"http://example.com/HelloWorld", bytes_of("hello world"), {}}; }

dsse::Envelope statement(const std::string& payload) { return {std::string(dsse::kInTotoType), bytes_of(payload), {}}; }

const std::string kDigest = "sha256:" + std::string(64, 'a');

std::string payload(const std::string& predicate, const std::string& type = "urn:hallmark:bundle:v1") {
  return R"({"_type":"https://in-toto.io/Statement/v1","predicateType":")" + type + R"(","subject":[],"predicate":)" +
         predicate + "}";
}

}  // namespace

TEST_CASE("what is signed says the type and both lengths, as the protocol's own example does", "[crypto]") {
  const Bytes bytes = dsse::pre_authentication("http://example.com/HelloWorld", view_of("hello world"));
  REQUIRE(string_of(bytes) == "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST_CASE("an envelope is written and read back, and its signer found by the key alone", "[crypto]") {
  const SecretKey key = SecretKey::generate_ecdsa();
  dsse::Envelope envelope = hello();
  REQUIRE_FALSE(crypto::is_signed_by(envelope, key.public_key()));
  crypto::sign(envelope, key, "some name");
  const dsse::Envelope back = dsse::parse(view_of(dsse::to_text(envelope)));
  REQUIRE(back.signatures.at(0).key_id == "some name");
  REQUIRE(crypto::is_signed_by(back, key.public_key()));
  REQUIRE_FALSE(crypto::is_signed_by(back, SecretKey::generate_ecdsa().public_key()));
}

TEST_CASE("a changed payload, type or signature is not what was signed", "[crypto]") {
  const SecretKey key = SecretKey::generate_ecdsa();
  dsse::Envelope envelope = hello();
  crypto::sign(envelope, key, "");
  dsse::Envelope changed = envelope;
  changed.payload.back() ^= 1U;
  REQUIRE_FALSE(crypto::is_signed_by(changed, key.public_key()));
  changed = envelope;
  changed.payload_type += "x";
  REQUIRE_FALSE(crypto::is_signed_by(changed, key.public_key()));
  changed = envelope;
  changed.signatures.at(0).bytes.push_back(0);
  REQUIRE_FALSE(crypto::is_signed_by(changed, key.public_key()));
}

TEST_CASE("an envelope with other members, or too many signatures, is refused", "[crypto]") {
  for (const char* text : {"{}", R"({"payload":"","payloadType":"t","signatures":[],"more":1})",
                           R"({"payload":"!","payloadType":"t","signatures":[]})",
                           R"({"payload":"","payloadType":"t","signatures":[{"keyid":"k"}]})",
                           R"({"payload":"","payload":"","payloadType":"t","signatures":[]})"}) {
    INFO(text);
    REQUIRE_FAULT(dsse::parse(view_of(text)), Fault::corrupt);
  }
  dsse::Envelope many = hello();
  many.signatures.resize(17);
  REQUIRE_FAULT(dsse::parse(view_of(dsse::to_text(many))), Fault::corrupt);
}

TEST_CASE("a statement of another kind is none of a bundle", "[crypto]") {
  const std::string predicate =
      R"({"created":"2026-11-24T12:00:00Z","evidence":")" + kDigest + R"(","images":[],"blobs":[]})";
  REQUIRE(parse_statement(statement(payload(predicate))).created == parse_time("2026-11-24T12:00:00Z"));
  REQUIRE_FAULT(parse_statement(statement(payload(predicate, "urn:other"))), Fault::corrupt);
  REQUIRE_FAULT(parse_statement({"text/plain", bytes_of(payload(predicate)), {}}), Fault::corrupt);
  REQUIRE_FAULT(packing_time(statement(payload(R"({"created":"yesterday"})"))), Fault::corrupt);
  REQUIRE_FALSE(packing_time(statement(payload("{}"))).has_value());
}
