// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/allowance.h"

#include "tests/trust/tuf/verdict.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

/// A repository with so many delegated roles of five million bytes each.
class Heavy : public TufRepository {
 public:
  explicit Heavy(int roles) : TufRepository(kGun, kNow) {
    for (int i = 0; i < roles; ++i) add("targets/r" + std::to_string(i));
    publish();
  }

  void add(const std::string& role) {
    documents[role] = {1, kNow + 100 * kDay, {}, {}};
    documents["targets"].delegations.push_back({role, {{SigningKey::ed25519()}}, {""}});
    before_signing[role] =
        replace(R"("_type":"Targets")", R"("_type":"Targets","z":")" + std::string(5'000'000, 'z') + '"');
  }
};

}  // namespace

TEST_CASE("trust data of one question have a limit together, though each file is below its own", "[trust][tuf]") {
  Heavy server(3);
  const tuf::TrustedMetadata memory = learned(ask(server));
  server.add("targets/one-more");
  server.publish_next();
  CHECK(word(ask(server)) == "too-much-trust-data");
  CHECK(refusal_of(ask(server)).fault == Fault::refused);

  // What is remembered and need not be fetched again counts as well.
  server.asked.clear();
  CHECK(word(ask(server, memory)) == "too-much-trust-data");
}

TEST_CASE("what is remembered counts as if it had been fetched", "[trust][tuf]") {
  Heavy server(4);
  tuf::TrustedMetadata memory;
  for (const auto& [file, bytes] : server.files) {
    if (file.starts_with("targets/") && file.find('.') == file.rfind('.')) {
      memory.files.emplace(file.substr(0, file.find('.')), bytes);
    }
  }
  REQUIRE(memory.files.size() == 4);
  CHECK(word(ask(server, memory)) == "too-much-trust-data");
  for (const std::string& file : server.asked) CHECK_FALSE(file.starts_with("targets/"));
}

TEST_CASE("a file is asked for with what is left of the limit of all", "[trust][tuf]") {
  struct Remembering final : tuf::MetadataSource {
    tuf::MetadataReply fetch(const tuf::MetadataFile& wanted) override {
      limits.push_back(wanted.limit);
      if (wanted.limit < 7'000'000)
        return {tuf::MetadataReply::Kind::rejected, {}, Fault::unavailable, "too large", {}, true};
      return {tuf::MetadataReply::Kind::found, Bytes(7'000'000), Fault::unavailable, {}};
    }
    std::vector<std::uint64_t> limits;
  };
  Remembering server;
  tuf::Allowance allowance(server, kGun);
  const tuf::MetadataFile wanted{"targets", "targets.json", 7'000'000};
  static_cast<void>(allowance.fetch(wanted));
  static_cast<void>(allowance.fetch(wanted));
  CHECK_THROWS(allowance.fetch(wanted));
  CHECK(server.limits == std::vector<std::uint64_t>{7'000'000, 7'000'000, tuf::kMostTrustBytes - 14'000'000});
}

TEST_CASE("a question that the server refuses is not taken for too much trust data", "[trust][tuf]") {
  struct Refusing final : tuf::MetadataSource {
    tuf::MetadataReply fetch(const tuf::MetadataFile& wanted) override {
      if (wanted.limit < 9'000'000) return rejected();
      return {tuf::MetadataReply::Kind::found, Bytes(9'000'000), Fault::unavailable, {}};
    }
  };
  Refusing server;
  tuf::Allowance allowance(server, kGun);
  const tuf::MetadataFile wanted{"targets", "targets.json", 9'000'000};
  static_cast<void>(allowance.fetch(wanted));
  CHECK(allowance.fetch(wanted).kind == tuf::MetadataReply::Kind::rejected);
}

TEST_CASE("only so many roots are walked, and the newest within them is found", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::TrustedMetadata memory = learned(ask(server));
  // The newest one is signed by the one before: that one need not be walked to twice.
  for (std::size_t i = 0; i <= tuf::kMostRoots; ++i) {
    server.rotate_root();
    server.publish();
  }
  CHECK(word(ask(server, memory)) == "accepted");
  server.rotate_root();
  server.publish();
  server.asked.clear();
  CHECK(word(ask(server, memory)) == "too-many-roots");
  CHECK(server.asked.size() == 1 + tuf::kMostRoots);
}
