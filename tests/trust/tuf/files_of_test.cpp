// SPDX-License-Identifier: Apache-2.0
//
// What an outcome rests on: the files are all that another machine needs to come to the same one, and the keys are
// those of everybody who could have signed it.
#include "tests/trust/tuf/verdict.h"
#include "trust/tuf/policy/question.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

/// A source that has these files and no others, as a bundle has them.
class CarriedFiles final : public tuf::MetadataSource {
 public:
  explicit CarriedFiles(std::map<std::string, Bytes> files) : files_(std::move(files)) {}

  tuf::MetadataReply fetch(const tuf::MetadataFile& wanted) override {
    const auto exact = files_.find(wanted.file);
    const auto file = exact == files_.end() ? files_.find(wanted.role + ".json") : exact;
    if (file == files_.end()) return missing();
    return {tuf::MetadataReply::Kind::found, file->second, Fault::unavailable, {}};
  }

 private:
  std::map<std::string, Bytes> files_;
};

TufRepository with_delegation() {
  TufRepository server(kGun, kNow);
  server.documents["targets/releases"] = {7, kNow + 100 * kDay, {{"2", {"content of 2", {}}}}, {}};
  server.documents["targets"].delegations.push_back({"targets/releases", {{SigningKey::ecdsa()}}, {""}});
  return server;
}

}  // namespace

TEST_CASE("the files of an outcome give whoever starts from nothing the same repository", "[trust][tuf]") {
  TufRepository server = with_delegation();
  bool is_listed = true;
  SECTION("all count") {}
  SECTION("a delegation is passed over for its signatures") {
    server.signed_by["targets/releases"] = {SigningKey::ecdsa()};
    is_listed = false;
  }
  SECTION("a delegation is passed over for its age") {
    server.documents["targets/releases"].expires = kNow - kDay;
    is_listed = false;
  }
  server.publish();

  tuf::TrustedMetadata before;
  SECTION("nothing was remembered") {}
  SECTION("everything was remembered") { before = learned(ask(server)); }

  const tuf::Outcome outcome = ask(server, before);
  CarriedFiles carried(tuf::files_of(tuf::notary(), outcome));
  const tuf::Outcome again = tuf::update(tuf::notary(), {kGun, {}, false}, {}, carried, kNow);
  REQUIRE(word(again) == "accepted");
  REQUIRE(repository_of(again).list({"targets/releases"}).empty() != is_listed);
  REQUIRE(again.learned.files == outcome.learned.files);
  REQUIRE(again.passed_over == outcome.passed_over);
  REQUIRE(again.passed_over.empty() == is_listed);
}

TEST_CASE("the files of an outcome have the roots that were passed on the way", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::TrustedMetadata before = learned(ask(server));
  const tuf::Anchor pinned{{}, server.files.at("1.root.json"), {}};
  server.rotate_root();
  server.publish_next();

  const tuf::Outcome outcome = ask(server, before);
  CarriedFiles carried(tuf::files_of(tuf::notary(), outcome));
  const tuf::Outcome again = tuf::update(tuf::notary(), {kGun, pinned, false}, {}, carried, kNow);
  REQUIRE(repository_of(again).roles().at("root").version == 2);
}

TEST_CASE("a refused outcome rests on nothing", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  server.answers["timestamp"] = unreachable();
  REQUIRE(tuf::files_of(tuf::notary(), ask(server)).empty());
}

TEST_CASE("a signature rests on the keys of the roles above it too", "[trust][tuf]") {
  TufRepository server = with_delegation();
  server.documents["targets/releases/inner"] = {1, kNow + 100 * kDay, {{"3", {"content of 3", {}}}}, {}};
  server.documents["targets/releases"].delegations.push_back({"targets/releases/inner", {{SigningKey::ecdsa()}}, {""}});
  server.publish();
  const tuf::Outcome outcome = ask(server);
  const auto& delegations = repository_of(outcome).delegations();
  const std::set<std::string> signers = tuf::signers_of(outcome, "targets/releases/inner");
  for (const char* const role : {"targets/releases", "targets/releases/inner"}) {
    CHECK(signers.contains("key:" + delegations.at(role).key_ids.front()));
  }
}
