// SPDX-License-Identifier: Apache-2.0
//
// DSSE envelopes: a payload, what it is, and signatures over both. Reading one proves nothing; who signed it is asked
// of trust/crypto/dsse_signature.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trust/bytes.h"

namespace hallmark::dsse {

/// The type of a payload that is an in-toto statement.
constexpr std::string_view kInTotoType = "application/vnd.in-toto+json";

struct Signature {
  std::string key_id;  ///< says where to look, and is nobody's word
  Bytes bytes;
};

/// As it was read. Nothing of it is proven.
struct Envelope {
  std::string payload_type;
  Bytes payload;
  std::vector<Signature> signatures;
};

/// Fault::corrupt for other members, and for more signatures than a bundle can need.
Envelope parse(ByteView json);
/// Members sorted, no white space.
std::string to_text(const Envelope& envelope);

/// What is signed: "DSSEv1", then the type and the payload, each after its length.
Bytes pre_authentication(std::string_view payload_type, ByteView payload);

}  // namespace hallmark::dsse
