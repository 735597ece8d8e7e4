// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/catch.h"
#include "trust/json.h"
#include "trust/tuf/notary.h"
#include "trust/tuf/update.h"

using namespace hallmark;

namespace {

namespace fs = std::filesystem;

fs::path vectors() { return fs::path(HALLMARK_VECTORS) / "dct"; }

std::optional<Bytes> read_if_there(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

/// A folder of `<role>.json` and `<n>.<role>.json`, asked like a trust server.
class FolderServer final : public tuf::MetadataSource {
 public:
  explicit FolderServer(fs::path folder)
      : folder_(std::move(folder)), ignores_hash_(folder_.filename().string().ends_with("-mismatch")) {}

  tuf::MetadataReply fetch(const tuf::MetadataFile& wanted) override {
    std::optional<Bytes> bytes = read_if_there(folder_ / wanted.file);
    if (!bytes && wanted.file != wanted.role + ".json") {
      bytes = read_if_there(folder_ / (wanted.role + ".json"));
      if (bytes && !ignores_hash_ && wanted.file != wanted.role + "." + Digest::of(*bytes).hex() + ".json") {
        bytes.reset();
      }
    }
    if (!bytes) return {tuf::MetadataReply::Kind::missing, {}, Fault::missing, "404"};
    return {tuf::MetadataReply::Kind::found, std::move(*bytes), Fault::unavailable, {}};
  }

 private:
  fs::path folder_;
  bool ignores_hash_;
};

tuf::TrustedMetadata docker_cache(const fs::path& folder) {
  tuf::TrustedMetadata memory;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    fs::path role = fs::relative(entry.path(), folder);
    memory.files[role.replace_extension().generic_string()] = *read_if_there(entry.path());
  }
  return memory;
}

struct Verdict {
  std::string word;
  std::optional<tuf::Target> target;
};

Verdict judge(const tuf::Outcome& outcome, const std::string& tag) {
  if (const auto* refusal = std::get_if<tuf::Refusal>(&outcome.result)) return {"reject:" + tuf::code_of(*refusal), {}};
  const tuf::Lookup lookup = std::get<tuf::Repository>(outcome.result).find(tag, {"targets/releases", "targets"});
  if (!lookup.elsewhere.empty()) return {"reject:not-released", {}};
  if (!lookup.target) return {"reject:no-target", {}};
  if (!lookup.target->digest) return {"reject:no-sha256", {}};
  return {"accept", lookup.target};
}

tuf::Outcome run(const json::Object& row) {
  const fs::path folder = vectors() / row.at("case").string();
  FolderServer server(folder / row.at("server_dir").string());
  const json::Value& cache = row.at("client_cache");
  const tuf::TrustedMetadata memory = cache.is_null() ? tuf::TrustedMetadata{} : docker_cache(folder / cache.string());
  return update(tuf::notary(), {row.at("gun").string(), {}, true}, memory, server, parse_time(row.at("now").string()));
}

}  // namespace

TEST_CASE("every row of the real trust data gets its answer", "[trust][tuf]") {
  const Bytes text = *read_if_there(vectors() / "expectations.json");
  const json::Value document = json::parse("expectations", text);
  const json::Array& rows = document.object().at("rows").array();
  REQUIRE(rows.size() >= 77);
  for (const json::Value& value : rows) {
    const json::Object& row = value.object();
    INFO(json::to_text(value));
    const tuf::Outcome outcome = run(row);
    if (const auto* refusal = std::get_if<tuf::Refusal>(&outcome.result)) UNSCOPED_INFO(refusal->detail);
    const Verdict verdict = judge(outcome, row.at("tag").string());
    CHECK(verdict.word == row.at("verdict").string());
    if (verdict.target) {
      CHECK(verdict.target->digest->to_string() == row.at("digest").string());
      CHECK(verdict.target->length == row.at("length").size());
      CHECK(verdict.target->role == row.at("role").string());
    }
  }
}
