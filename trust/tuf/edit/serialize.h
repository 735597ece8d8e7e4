// SPDX-License-Identifier: Apache-2.0
//
// From values to the bytes that are signed and the bytes that are served.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "trust/bytes.h"
#include "trust/json.h"
#include "trust/time.h"
#include "trust/tuf/dialect.h"
#include "trust/tuf/edit/key_entry.h"
#include "trust/tuf/metadata.h"

namespace hallmark::tuf {

/// The members of an object, to be changed one by one. What is not understood stays as it is.
using Members = std::map<std::string, json::Value, std::less<>>;

/// Of an object, or of the null that writers in Go put for an empty one.
Members members_of(const json::Value& object);
Members members_of(const json::Object& object);
/// For documents that are built: the members come in the order in which they are signed.
json::Value value_of(const Members& members);
json::Value value_of(std::string_view text);
json::Value value_of(std::int64_t number);
json::Value value_of(const std::vector<std::string>& texts);

/// Sets what every document has.
void set_common(const Dialect& dialect, Kind kind, const SignedCommon& common, Members& content);

/// "hashes" and "length" of a file.
json::Value file_meta(const Dialect& dialect, ByteView file);
/// Each algorithm with its hash, as the dialect writes it.
json::Value hashes_of(const Dialect& dialect, const std::vector<Digest>& digests);

/// Control characters and broken UTF-8 do not survive the writers of others: Fault::usage.
void require_clean(std::string_view what, std::string_view text);

/// As many of these keys must sign as the threshold says.
struct RequiredSignatures {
  const Keys& keys;
  const Role& role;
};

/// The canonical ids of the keys that may sign, each once.
std::vector<std::string> canonical_ids(const RequiredSignatures& required);
/// How many of them are at hand.
std::size_t at_hand(const RequiredSignatures& required, const KeyRing& ring);

/// The document as it is served, signed by every key that is required and at hand. Fault::usage, and nothing is
/// signed, when these are too few for one of them. `what` names the document in the message.
Bytes sign_document(const Dialect& dialect, std::string_view what, const json::Value& content,
                    const std::vector<RequiredSignatures>& all_required, const KeyRing& ring);

}  // namespace hallmark::tuf
