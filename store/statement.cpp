// SPDX-License-Identifier: Apache-2.0
#include "store/statement.h"

#include "store/archive_refusal.h"
#include "trust/json.h"

namespace hallmark::store {
namespace {

/// One line of its inventory is about 120 bytes, and base64 makes more of it.
constexpr std::uint64_t kMostStatement = std::uint64_t{8} << 20U;

std::optional<Digest> digest_member(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value == nullptr ? std::nullopt : std::optional(Digest::parse(value->string()));
}

Statement parse(const Digest& digest, ByteView bytes) {
  const json::Value envelope = json::parse("the statement", bytes);
  const Bytes payload = parse_base64(envelope.object().at("payload").string());
  const json::Value value = json::parse("the statement", payload);
  const json::Object& predicate = value.object().at("predicate").object();
  Statement statement{digest, {}, {}};
  if (const json::Value* base = predicate.find("base")) {
    for (const json::Value& item : base->array()) statement.base.push_back(Digest::parse(item.string()));
  }
  for (const json::Value& item : predicate.at("blobs").array()) {
    const json::Object& blob = item.object();
    statement.blobs.emplace(
        Digest::parse(blob.at("digest").string()),
        StatedBlob{blob.at("size").size(), blob.at("present").boolean(), digest_member(blob, "base")});
  }
  return statement;
}

}  // namespace

std::optional<Statement> read_statement(const Archive& archive) {
  if (!archive.statement()) return std::nullopt;
  return refusing_as("E_STATEMENT", [&] {
    return parse(*archive.statement(), archive.blob(*archive.statement(), std::nullopt, kMostStatement));
  });
}

}  // namespace hallmark::store
