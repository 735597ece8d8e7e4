// SPDX-License-Identifier: Apache-2.0
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/policy/trusted.h"
#include "tests/support/catch.h"
#include "trust/json.h"
#include "trust/tuf/notary.h"

using namespace hallmark;
using namespace hallmark::test;
using policy::Decision;
using policy::Gate;

namespace {

namespace fs = std::filesystem;

fs::path fixtures() { return fs::path(HALLMARK_VECTORS) / "dct"; }

std::optional<Bytes> read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

class Folder final : public tuf::MetadataSource {
 public:
  explicit Folder(fs::path folder) : folder_(std::move(folder)) {}
  tuf::MetadataReply fetch(const tuf::MetadataFile& wanted) override {
    std::optional<Bytes> bytes = read(folder_ / wanted.file);
    if (!bytes) bytes = read(folder_ / (wanted.role + ".json"));
    if (!bytes) return missing();
    return {tuf::MetadataReply::Kind::found, std::move(*bytes), Fault::unavailable, {}};
  }

 private:
  fs::path folder_;
};

}  // namespace

TEST_CASE("what real tools signed passes, and what they did not is refused, with its code", "[policy][tuf]") {
  const Bytes text = *read(fixtures() / "expectations.json");
  const json::Value document = json::parse("expectations", text);
  std::size_t judged = 0;
  for (const json::Value& value : document.object().at("rows").array()) {
    const json::Object& row = value.object();
    const std::string tag = row.at("tag").string();
    if (!row.at("client_cache").is_null() || row.at("case").string() == "15-tampered" || !Reference::is_tag(tag))
      continue;
    INFO(json::to_text(value));
    ++judged;
    Folder server(fixtures() / row.at("case").string() / row.at("server_dir").string());
    const Time now = parse_time(row.at("now").string());
    const Gate gate(std::nullopt, true);
    const policy::Plan plan = gate.plan(Reference::parse(row.at("gun").string() + ":" + tag));
    policy::Answers answers;
    const trust::Question& question = *plan.questions().at(0);
    answers.emplace(question.key(), answer_with(question.collection()->name,
                                                tuf::update(tuf::notary(), asked_in(question), {}, server, now)));
    const std::string verdict = row.at("verdict").string();
    const auto target = gate.resolve(plan, answers);
    REQUIRE(target.has_value() == (verdict == "accept"));
    if (target) {
      const Subject about{plan.name(), target->digest, row.at("length").size(), {target->digest}};
      const Decision decision = gate.decide(plan, about, answers, now);
      CHECK(decision.approval.has_value());
      CHECK(decision.findings.at(0).word == "tuf: " + row.at("role").string());
    } else {
      const Decision decision = gate.refuse(plan, answers, now);
      std::string code = "TUF_";
      for (const char c : verdict.substr(7, verdict.find(':', 7) - 7)) {
        code += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      }
      CHECK(code_of(decision) == code);
    }
  }
  REQUIRE(judged > 30);
}
