// SPDX-License-Identifier: Apache-2.0
#include "trust/dsse.h"

#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::dsse {
namespace {

constexpr std::size_t kMostSignatures = 16;

}  // namespace

Envelope parse(ByteView json) {
  const json::Value value = json::parse("envelope", json);
  const json::Object& object = value.object();
  // A member beside the payload is signed by nobody.
  object.allow_only({"payload", "payloadType", "signatures"});
  Envelope envelope{object.at("payloadType").string(), parse_base64(object.at("payload").string()), {}};
  for (const json::Value& item : object.at("signatures").array()) {
    const json::Object& signature = item.object();
    signature.allow_only({"keyid", "sig"});
    // Optional in the protocol, and only a hint: every key that is trusted is tried on every signature.
    const json::Value* key_id = signature.find("keyid");
    envelope.signatures.push_back(
        {key_id == nullptr ? std::string() : key_id->string(), parse_base64(signature.at("sig").string())});
    // Each of them costs a verification by each key of the policy.
    if (envelope.signatures.size() > kMostSignatures)
      fail(Fault::corrupt, "more than ", kMostSignatures, " signatures");
  }
  return envelope;
}

std::string to_text(const Envelope& envelope) {
  json::Writer writer(0);
  writer.begin_object().member("payload", base64_of(envelope.payload)).member("payloadType", envelope.payload_type);
  writer.key("signatures").begin_array();
  for (const Signature& signature : envelope.signatures) {
    writer.begin_object().member("keyid", signature.key_id).member("sig", base64_of(signature.bytes)).end_object();
  }
  return writer.end_array().end_object().text();
}

Bytes pre_authentication(std::string_view payload_type, ByteView payload) {
  // The lengths say where the type ends: no bytes can be moved from the payload into it and stay signed.
  Bytes bytes = bytes_of("DSSEv1 " + std::to_string(payload_type.size()) + " " + std::string(payload_type) + " " +
                         std::to_string(payload.size()) + " ");
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

}  // namespace hallmark::dsse
