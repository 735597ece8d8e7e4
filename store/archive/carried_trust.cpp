// SPDX-License-Identifier: Apache-2.0
#include "store/archive/carried_trust.h"

#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::store {
namespace {

constexpr std::string_view kKind = "vnd.hallmark.evidence.kind";
constexpr std::string_view kGun = "vnd.hallmark.tuf.gun";
constexpr std::string_view kFileName = "tuf.io/filename";
constexpr std::uint64_t kMostDocument = std::uint64_t{4} << 20U;
/// Of all trust data in one archive: they are kept in memory.
constexpr std::uint64_t kMostTrustData = std::uint64_t{24} << 20U;
constexpr std::size_t kMostFiles = 4000;

std::string annotation(const json::Object& object, std::string_view name) {
  const json::Value* annotations = object.find("annotations");
  if (annotations == nullptr || annotations->is_null()) return {};
  const json::Value* value = annotations->object().find(name);
  return value == nullptr ? std::string() : value->string();
}

/// Adds up what is read, and stops in time.
class Reading {
 public:
  explicit Reading(const Archive& archive) : archive_(archive) {}

  Bytes blob(const json::Object& descriptor) {
    const Digest digest = Digest::parse(descriptor.at("digest").string());
    const std::uint64_t size = descriptor.at("size").size();
    // Hashed by Archive::blob(), and counted, since it stays in memory until the judgement.
    Bytes bytes = archive_.blob(digest, size, kMostDocument);
    bytes_ += bytes.size();
    if (bytes_ > kMostTrustData || ++files_ > kMostFiles)
      fail(Fault::corrupt, "more trust data than an archive may have");
    return bytes;
  }

 private:
  const Archive& archive_;
  std::uint64_t bytes_ = 0;
  std::size_t files_ = 0;
};

void read_repository(const json::Object& entry, Reading& reading, CarriedTrust& evidence) {
  const json::Value value = json::parse("evidence", reading.blob(entry));
  // From the manifest and not from its entry: what stands there is under its digest.
  const std::string gun = annotation(value.object(), kGun);
  if (gun.empty()) fail(Fault::corrupt, "trust data without the name of their repository");
  const auto [place, is_new] = evidence.try_emplace(gun);
  // Two sets of one repository would be two answers to one question.
  if (!is_new) fail(Fault::corrupt, "trust data of ", printable(gun, 200), " twice");
  for (const json::Value& layer : value.object().at("layers").array()) {
    const std::string file = annotation(layer.object(), kFileName);
    // Which of two files counts would be up to the reader.
    if (!place->second.emplace(file, reading.blob(layer.object())).second) {
      fail(Fault::corrupt, "the file ", printable(file, 200), " of ", printable(gun, 200), " twice");
    }
  }
}

}  // namespace

CarriedTrust carried_trust(const Archive& archive) {
  CarriedTrust evidence;
  if (!archive.evidence()) return evidence;
  within("the evidence in the archive", [&] {
    Reading reading(archive);
    const json::Value value = json::parse("evidence", archive.blob(*archive.evidence(), std::nullopt, kMostDocument));
    for (const json::Value& entry : value.object().at("manifests").array()) {
      // Other kinds are not read here: store/archive/carried_evidence.h.
      if (annotation(entry.object(), kKind) == "tuf") read_repository(entry.object(), reading, evidence);
    }
  });
  return evidence;
}

}  // namespace hallmark::store
