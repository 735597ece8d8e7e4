// SPDX-License-Identifier: Apache-2.0
#include "trust/bundle_statement.h"

#include "trust/json.h"

namespace hallmark {
namespace {

constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
constexpr std::string_view kPredicateType = "urn:hallmark:bundle:v1";

json::Value payload_of(const dsse::Envelope& envelope) {
  // The type is signed with the payload: a text that was signed as something else is no statement.
  if (envelope.payload_type != dsse::kInTotoType) {
    fail(Fault::corrupt, "the statement is of type ", printable(envelope.payload_type, 120), ", expected ",
         dsse::kInTotoType);
  }
  json::Value value = json::parse("statement", envelope.payload);
  for (const auto& [member, expected] :
       {std::pair("_type", kStatementType), std::pair("predicateType", kPredicateType)}) {
    const std::string& found = value.object().at(member).string();
    if (found != expected) fail(Fault::corrupt, member, ": expected ", expected, ", found ", printable(found, 120));
  }
  return value;
}

std::optional<Time> created_in(const json::Object& predicate) {
  const json::Value* created = predicate.find("created");
  return created == nullptr ? std::nullopt : std::optional(parse_time(created->string()));
}

BundleStatement::Platform platform_in(const json::Object& object) {
  BundleStatement::Platform platform{
      Digest::parse(object.at("manifest").string()), {}, {}, object.at("present").boolean()};
  // Of what stays behind the manifest's digest is all that is said.
  if (!platform.is_present) return platform;
  platform.config = Digest::parse(object.at("config").string());
  for (const json::Value& diff_id : object.at("diffIDs").array()) {
    platform.diff_ids.push_back(Digest::parse(diff_id.string()));
  }
  return platform;
}

BundleStatement::Image image_in(const json::Object& object) {
  const json::Object& top = object.at("top").object();
  BundleStatement::Image image{
      object.at("name").string(), Digest::parse(top.at("digest").string()), top.at("size").size(), {}};
  for (const json::Value& platform : object.at("platforms").array()) {
    image.platforms.push_back(platform_in(platform.object()));
  }
  return image;
}

std::vector<Digest> bases_in(const json::Object& predicate) {
  std::vector<Digest> bases;
  if (const json::Value* base = predicate.find("base")) {
    for (const json::Value& item : base->array()) bases.push_back(Digest::parse(item.string()));
  }
  return bases;
}

BundleStatement::Blob blob_in(const json::Object& object) {
  const json::Value* base = object.find("base");
  return {object.at("size").size(), object.at("present").boolean(),
          base == nullptr ? std::nullopt : std::optional(Digest::parse(base->string()))};
}

/// {"sha256": "<hex>"}
Digest subject_digest(const json::Object& digests) {
  // Of two digests one reader would check the one and the next reader the other.
  if (digests.members().size() != 1)
    fail(Fault::corrupt, "a subject has ", digests.members().size(), " digests, not 1");
  const auto& [algorithm, hex] = digests.members().front();
  return Digest::parse(algorithm + ":" + hex.string());
}

}  // namespace

BundleStatement parse_statement(const dsse::Envelope& envelope) {
  const json::Value value = payload_of(envelope);
  const json::Object& predicate = value.object().at("predicate").object();
  BundleStatement statement{
      created_in(predicate), {}, {}, {}, bases_in(predicate), Digest::parse(predicate.at("evidence").string())};
  for (const json::Value& item : value.object().at("subject").array()) {
    const std::string& name = item.object().at("name").string();
    // A reader that keeps the last of two would see another bundle.
    if (!statement.subjects.emplace(name, subject_digest(item.object().at("digest").object())).second) {
      fail(Fault::corrupt, "the subject ", printable(name, 300), " stands twice in the statement");
    }
  }
  for (const json::Value& item : predicate.at("images").array()) statement.images.push_back(image_in(item.object()));
  for (const json::Value& item : predicate.at("blobs").array()) {
    const Digest digest = Digest::parse(item.object().at("digest").string());
    if (!statement.blobs.emplace(digest, blob_in(item.object())).second) {
      fail(Fault::corrupt, digest.to_string(), " stands twice in the statement");
    }
  }
  return statement;
}

std::optional<Time> packing_time(const dsse::Envelope& envelope) {
  return created_in(payload_of(envelope).object().at("predicate").object());
}

}  // namespace hallmark
