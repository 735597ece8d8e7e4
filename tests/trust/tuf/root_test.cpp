// SPDX-License-Identifier: Apache-2.0
#include "tests/trust/tuf/verdict.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

std::string word_with_root(KeyRing ring) {
  TufRepository server(kGun, kNow);
  server.rings["root"] = std::move(ring);
  server.publish();
  return word(ask(server));
}

}  // namespace

TEST_CASE("a first use is allowed here, flagged and said", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::Outcome outcome = ask(server);
  REQUIRE(repository_of(outcome).first_use());
  REQUIRE(repository_of(outcome).root_key_ids() == std::vector<std::string>{id_of(server)});
  REQUIRE(repository_of(outcome).root_threshold() == 1);
  REQUIRE(has_warning(outcome, id_of(server)));
  REQUIRE(has_warning(outcome, "rootKeyIds"));
  const tuf::Outcome again = ask(server, outcome.learned);
  REQUIRE_FALSE(repository_of(again).first_use());
  REQUIRE(again.warnings.empty());
}

TEST_CASE("the root file is asked for on every run", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::TrustedMetadata memory = learned(ask(server));
  server.asked.clear();
  REQUIRE(word(ask(server, memory)) == "accepted");
  REQUIRE(server.asked == std::vector<std::string>{"root.json", "timestamp.json"});
}

TEST_CASE("a root must be signed by its own keys", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  server.signed_by["root"] = {root_key()};
  server.publish();
  REQUIRE(word(ask(server)) == "bad-signature:root");
  server.signed_by["root"] = {};
  server.publish();
  REQUIRE(word(ask(server)) == "bad-signature:root");
}

TEST_CASE("a changed root is refused", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  server.after_signing["root"] = replace(R"("threshold":1)", R"("threshold":2)");
  server.publish();
  REQUIRE(word(ask(server)) == "bad-signature:root");
}

TEST_CASE("a root key must name the repository", "[trust][tuf]") {
  REQUIRE(word_with_root({{root_key("registry.example/*")}}) == "accepted");
  REQUIRE(word_with_root({{root_key("registry.example/lib/other")}}) == "root-cert-mismatch");
  REQUIRE(word_with_root({{SigningKey::ecdsa()}}) == "root-cert-mismatch");
  REQUIRE(word_with_root({{}}) == "root-cert-mismatch");
}

TEST_CASE("a root key's dates are those of now", "[trust][tuf]") {
  const auto from = [](Time not_before, Time not_after) {
    return word_with_root({{SigningKey::ecdsa().certified({kGun, not_before, not_after})}});
  };
  REQUIRE(from(kNow - kDay, kNow) == "accepted");
  REQUIRE(from(kNow - kDay, kNow - std::chrono::seconds(1)) == "root-cert-expired");
  REQUIRE(from(kNow + kDay, kNow + 2 * kDay) == "accepted");
  REQUIRE(from(kNow + kDay + std::chrono::seconds(1), kNow + 2 * kDay) == "root-cert-expired");
}

TEST_CASE("only certificates that are valid now count toward the root's threshold", "[trust][tuf]") {
  const SigningKey old = SigningKey::ecdsa().certified({kGun, kNow - 2 * kDay, kNow - kDay});
  const SigningKey good = root_key();
  REQUIRE(word_with_root({{old, good}, 1}) == "accepted");
  REQUIRE(word_with_root({{old, good}, 2}) == "root-cert-expired");
  TufRepository server(kGun, kNow);
  server.rings["root"] = {{old, good}, 2};
  server.publish();
  const tuf::Outcome outcome = ask(server);
  REQUIRE(refusal_of(outcome).detail.find(old.id() + " is valid from 2026-11-22T00:00:00Z to 2026-11-23T00:00:00Z") !=
          std::string::npos);
  REQUIRE(refusal_of(outcome).detail.find(good.id()) == std::string::npos);
  REQUIRE(word_with_root({{root_key(), root_key("registry.example/other")}, 2}) == "bad-signature:root");
}

TEST_CASE("an expired root is refused", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  server.root_expires = kNow;
  server.publish();
  REQUIRE(word(ask(server)) == "accepted");
  server.root_expires = kNow - std::chrono::seconds(1);
  server.publish();
  REQUIRE(word(ask(server)) == "expired:root");
}

TEST_CASE("a rotated root that the trusted keys signed is followed", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::TrustedMetadata memory = learned(ask(server));
  server.rotate_root();
  server.publish_next();
  const tuf::Outcome outcome = ask(server, memory);
  REQUIRE(repository_of(outcome).roles().at("root").version == 2);
  REQUIRE(outcome.learned.files.at("root") == server.files.at("root.json"));
  REQUIRE(outcome.learned.versions.at("root") == 2);
}

TEST_CASE("a root that the trusted keys did not sign is refused as a possible attack", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::TrustedMetadata memory = learned(ask(server));
  TufRepository other(kGun, kNow);
  for (const std::int64_t version : {1, 2, 3}) {
    other.root_version = version;
    other.publish();
    other.asked.clear();
    const tuf::Outcome outcome = ask(other, memory);
    REQUIRE(other.asked.size() == (version == 3 ? 2 : 1));
    REQUIRE(word(outcome) == "root-not-signed-by-trusted-root");
    REQUIRE(refusal_of(outcome).detail.find("attack") != std::string::npos);
    REQUIRE_FALSE(refusal_of(outcome).hint.empty());
  }
}

TEST_CASE("a root of nobody known is no rollback, however low its version", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  server.root_version = 5;
  server.publish();
  TufRepository other(kGun, kNow);
  REQUIRE(word(ask(other, learned(ask(server)))) == "root-not-signed-by-trusted-root");
}

TEST_CASE("roots between are walked one by one", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::TrustedMetadata memory = learned(ask(server));
  for (int i = 0; i < 3; ++i) {
    server.rotate_root();
    server.publish_next();
  }
  SECTION("when all are there") {
    server.asked.clear();
    REQUIRE(word(ask(server, memory)) == "accepted");
    REQUIRE(server.asked[0] == "root.json");
    REQUIRE(server.asked[1] == "2.root.json");
    REQUIRE(server.asked[2] == "3.root.json");
    REQUIRE(server.asked[3] == "timestamp.json");
  }
  SECTION("not over a gap") {
    server.files.erase("3.root.json");
    REQUIRE(word(ask(server, memory)) == "root-not-signed-by-trusted-root");
  }
  SECTION("not over one that cannot be reached") {
    server.answers["3.root.json"] = unreachable();
    REQUIRE(word(ask(server, memory)) == "unreachable");
  }
  SECTION("not over one that says another version") {
    server.files["2.root.json"] = server.files["3.root.json"];
    REQUIRE(word(ask(server, memory)) == "root-not-signed-by-trusted-root");
  }
  SECTION("not over one that stands still") {
    server.files["2.root.json"] = server.files["1.root.json"];
    REQUIRE(word(ask(server, memory)) == "root-not-signed-by-trusted-root");
  }
  SECTION("not over one that is no root") {
    server.files["2.root.json"] = bytes_of("<html>");
    REQUIRE(word(ask(server, memory)) == "malformed:root");
  }
}

TEST_CASE("a root between needs its own signature as well as the old one", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const SigningKey first = server.rings["root"].keys.front();
  const tuf::TrustedMetadata memory = learned(ask(server));
  server.rotate_root();
  const SigningKey second = server.rings["root"].keys.front();
  const bool by_old = GENERATE(true, false);
  server.signed_by["root"] = {by_old ? first : second};
  server.publish_next();
  server.signed_by.clear();
  server.rotate_root();
  server.publish_next();
  REQUIRE(word(ask(server, memory)) == "root-not-signed-by-trusted-root");
}

TEST_CASE("old roots may have expired, in metadata and certificate", "[trust][tuf]") {
  const Time then = kNow - 4000 * kDay;
  TufRepository server(kGun, then);
  server.rings["root"] = {{SigningKey::ecdsa().certified({kGun, then - kDay, then + kDay})}};
  server.root_expires = then + kDay;
  server.publish();
  const tuf::TrustedMetadata memory = server.docker_cache();
  server.rotate_root();
  server.rings["root"] = {{SigningKey::ecdsa().certified({kGun, then - kDay, then + kDay})}};
  server.publish_next();
  server.rotate_root();
  server.rings["root"] = {{root_key()}};
  server.root_expires = kNow + kDay;
  server.documents["targets"].expires = kNow + kDay;
  server.snapshot.expires = server.timestamp.expires = kNow + kDay;
  server.publish_next();
  REQUIRE(word(ask(server, memory)) == "accepted");
}

TEST_CASE("old keys must meet the old threshold", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const SigningKey a = root_key();
  const SigningKey b = root_key();
  const SigningKey c = root_key();
  server.rings["root"] = {{a, b, c}, 2};
  server.publish();
  const tuf::TrustedMetadata memory = learned(ask(server));
  REQUIRE(repository_of(ask(server)).root_threshold() == 2);
  server.rotate_root();
  const SigningKey next = server.rings["root"].keys.front();
  const auto signed_by = [&](std::vector<SigningKey> keys) {
    server.signed_by["root"] = std::move(keys);
    server.publish();
    return word(ask(server, memory));
  };
  REQUIRE(signed_by({next, a, b, c}) == "accepted");
  REQUIRE(signed_by({next, c, a}) == "accepted");
  REQUIRE(signed_by({next, a}) == "root-not-signed-by-trusted-root");
  REQUIRE(signed_by({next, a, a}) == "root-not-signed-by-trusted-root");
  REQUIRE(signed_by({a, b, c}) == "bad-signature:root");
}

TEST_CASE("a root with keys for two is signed by two", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const SigningKey a = root_key();
  server.rings["root"] = {{a, root_key(), root_key()}, 2};
  server.signed_by["root"] = {a};
  server.publish();
  REQUIRE(word(ask(server)) == "bad-signature:root");
}

TEST_CASE("a root never goes back", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const std::map<std::string, Bytes> before = server.files;
  SECTION("when the key stayed") { ++server.root_version; }
  SECTION("when the key was rotated") { server.rotate_root(); }
  server.publish();
  const tuf::TrustedMetadata memory = learned(ask(server));
  server.files = before;
  REQUIRE(word(ask(server, memory)) == "rollback:root");
  tuf::TrustedMetadata only_versions;
  only_versions.versions["root"] = 2;
  REQUIRE(word(ask(server, only_versions)) == "rollback:root");
}

TEST_CASE("without a root there is no trust data", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::TrustedMetadata memory = learned(ask(server));
  const auto answer = [&](tuf::MetadataReply given) {
    server.answers["root.json"] = std::move(given);
    return ask(server);
  };
  REQUIRE(word(answer(missing())) == "no-trust-data");
  REQUIRE(word(answer(rejected())) == "rejected:root");
  const tuf::Outcome outcome = answer(unreachable());
  REQUIRE(word(outcome) == "unreachable");
  REQUIRE(refusal_of(outcome).fault == Fault::unauthorized);
  REQUIRE(word(ask_tolerant(server, {})) == "unreachable");
}

TEST_CASE("a root that cannot be had is replaced by the remembered one only where that is allowed", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::TrustedMetadata memory = learned(ask(server));
  server.answers["root.json"] = missing();
  REQUIRE(word(ask(server, memory)) == "no-trust-data");
  REQUIRE(word(ask_tolerant(server, memory)) == "accepted");
  REQUIRE(has_warning(ask_tolerant(server, memory), "remembered root"));
  server.answers["root.json"] = unreachable();
  REQUIRE(word(ask(server, memory)) == "unreachable");
  REQUIRE(word(ask_tolerant(server, memory)) == "accepted");
  server.answers["root.json"] = rejected();
  REQUIRE(word(ask_tolerant(server, memory)) == "rejected:root");
}

TEST_CASE("a remembered root that stands in must still be valid", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  server.root_expires = kNow - kDay;
  server.publish();
  const tuf::TrustedMetadata memory = server.docker_cache();
  server.answers["root.json"] = unreachable();
  REQUIRE(word(ask_tolerant(server, memory)) == "expired:root");
}

TEST_CASE("a remembered root that cannot be read stops everything", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  tuf::TrustedMetadata memory = learned(ask(server));
  memory.files["root"].resize(100);
  const tuf::Outcome outcome = ask(server, memory);
  REQUIRE(word(outcome) == "malformed:root");
  REQUIRE(refusal_of(outcome).detail.find("remembered") != std::string::npos);
}

TEST_CASE("a root has at most one mebibyte", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  server.after_signing["root"] = [](std::string& text) { text.append((std::size_t{1} << 20U) - text.size(), ' '); };
  server.publish();
  REQUIRE(word(ask(server)) == "accepted");
  server.after_signing["root"] = [](std::string& text) { text.append((std::size_t{1} << 20U) - text.size() + 1, ' '); };
  server.publish();
  REQUIRE(word(ask(server)) == "rejected:root");
}
