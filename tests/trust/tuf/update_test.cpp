// SPDX-License-Identifier: Apache-2.0
#include "tests/trust/tuf/verdict.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

const std::vector<std::string> kTopRoles{"timestamp", "snapshot", "targets"};

Time& expiry_of(TufRepository& server, const std::string& role) {
  if (role == "timestamp") return server.timestamp.expires;
  return role == "snapshot" ? server.snapshot.expires : server.documents[role].expires;
}

std::int64_t& version_of(TufRepository& server, const std::string& role) {
  if (role == "timestamp") return server.timestamp.version;
  return role == "snapshot" ? server.snapshot.version : server.documents[role].version;
}

}  // namespace

TEST_CASE("what was verified is what is remembered", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  server.documents["targets"].version = 7;
  server.publish();
  const tuf::Outcome outcome = ask(server);
  const tuf::Repository& repository = repository_of(outcome);
  REQUIRE(repository.gun() == kGun);
  REQUIRE(repository.roles().size() == 4);
  REQUIRE(repository.roles().at("targets").version == 7);
  REQUIRE(repository.roles().at("targets").key_ids == std::vector<std::string>{server.rings["targets"].keys[0].id()});
  REQUIRE(repository.roles().at("timestamp").expires == kNow + 14 * kDay);
  REQUIRE(outcome.learned.versions ==
          std::map<std::string, std::int64_t>{{"root", 1}, {"snapshot", 1}, {"targets", 7}, {"timestamp", 1}});
  for (const std::string role : {"root", "snapshot", "targets", "timestamp"}) {
    REQUIRE(outcome.learned.files.at(role) == server.files.at(role + ".json"));
  }
}

TEST_CASE("the same files, memory and time give the same answer", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::Outcome first = ask(server);
  const tuf::Outcome second = ask(server);
  REQUIRE(first.learned.files == second.learned.files);
  REQUIRE(first.warnings == second.warnings);
}

TEST_CASE("a role that its keys did not sign is refused", "[trust][tuf]") {
  for (const std::string& role : kTopRoles) {
    TufRepository server(kGun, kNow);
    server.signed_by[role] = {SigningKey::ecdsa()};
    server.publish();
    REQUIRE(word(ask(server)) == "bad-signature:" + role);
    server.signed_by[role] = {};
    server.publish();
    REQUIRE(word(ask(server)) == "bad-signature:" + role);
    server.signed_by[role] = {SigningKey::ecdsa(), server.rings[role].keys.front()};
    server.publish();
    REQUIRE(word(ask(server)) == "accepted");
  }
}

TEST_CASE("every role has its own threshold", "[trust][tuf]") {
  for (const std::string& role : kTopRoles) {
    TufRepository server(kGun, kNow);
    const SigningKey a = SigningKey::ecdsa();
    const SigningKey b = SigningKey::ecdsa();
    server.rings[role] = {{a, b}, 2};
    server.publish();
    REQUIRE(word(ask(server)) == "accepted");
    server.signed_by[role] = {a, a};
    server.publish();
    REQUIRE(word(ask(server)) == "bad-signature:" + role);
  }
}

TEST_CASE("a key listed under an id that is not its own stops everything", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const SigningKey key = server.rings["timestamp"].keys.front();
  const std::string false_id(64, 'a');
  server.before_signing["root"] = [&](std::string& text) {
    replace("\"" + key.id() + "\"", "\"" + false_id + "\"")(text);
    replace("\"" + key.id() + "\"", "\"" + false_id + "\"")(text);
  };
  server.after_signing["timestamp"] = replace(key.id(), false_id);
  server.publish();
  REQUIRE(word(ask(server)) == "malformed:timestamp");
}

TEST_CASE("a document of another role is none of this", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  server.rings["snapshot"] = server.rings["targets"] = server.rings["timestamp"];
  server.publish();
  REQUIRE(word(ask(server)) == "accepted");
  server.files["timestamp.json"] = server.files["snapshot.json"];
  REQUIRE(word(ask(server)) == "malformed:timestamp");
  server.publish();
  server.before_signing["snapshot"] = replace("\"Snapshot\"", "\"Targets\"");
  server.publish();
  REQUIRE(word(ask(server)) == "malformed:snapshot");
  server.before_signing.clear();
  server.before_signing["targets"] = replace("\"Targets\"", "\"Root\"");
  server.publish();
  REQUIRE(word(ask(server)) == "malformed:targets");
}

TEST_CASE("a member that stands twice is refused wherever it stands", "[trust][tuf]") {
  for (const std::string role : {"root", "timestamp", "snapshot", "targets"}) {
    TufRepository server(kGun, kNow);
    server.after_signing[role] = replace("\"version\":1", "\"version\":1,\"version\":1");
    server.publish();
    REQUIRE(word(ask(server)) == "malformed:duplicate-member:version");
    server.after_signing[role] = replace("{\"signed\"", "{\"signed\":{},\"signed\"");
    server.publish();
    REQUIRE(word(ask(server)) == "malformed:duplicate-member:signed");
  }
}

TEST_CASE("what cannot be read is refused by its role", "[trust][tuf]") {
  for (const std::string role : {"root", "timestamp", "snapshot", "targets"}) {
    for (const auto& [from, to] :
         std::vector<std::pair<std::string, std::string>>{{"{\"signed\"", "<html>"},
                                                          {"{\"signed\"", "\xef\xbb\xbf{\"signed\""},
                                                          {"\"signed\"", "\"Signed\""},
                                                          {"\"sig\"", "\"Sig\""},
                                                          {"\"version\":1", "\"version\":1.0"},
                                                          {"}]}", "}]}{}"}}) {
      INFO(role << " " << to);
      TufRepository server(kGun, kNow);
      server.after_signing[role] = replace(from, to);
      server.publish();
      REQUIRE(word(ask(server)) == "malformed:" + role);
    }
  }
}

TEST_CASE("an expired role is refused, and the last moment is not expired", "[trust][tuf]") {
  for (const std::string& role : kTopRoles) {
    TufRepository server(kGun, kNow);
    expiry_of(server, role) = kNow;
    server.publish();
    REQUIRE(word(ask(server)) == "accepted");
    expiry_of(server, role) = kNow - std::chrono::seconds(1);
    server.publish();
    const tuf::Outcome outcome = ask(server);
    REQUIRE(word(outcome) == "expired:" + role);
    REQUIRE(refusal_of(outcome).detail.find("2026-11-23T23:59:59Z") != std::string::npos);
    REQUIRE(refusal_of(outcome).fault == Fault::refused);
  }
}

TEST_CASE("a fraction of a second counts in an expiry", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  server.before_signing["timestamp"] = replace(to_text(server.timestamp.expires), "2026-11-23T23:59:59.999999Z");
  server.publish();
  REQUIRE(word(ask(server)) == "expired:timestamp");
  server.before_signing["timestamp"] = replace(to_text(server.timestamp.expires), "2026-11-23T20:30:00.5-03:30");
  server.publish();
  REQUIRE(word(ask(server)) == "accepted");
}

TEST_CASE("no role goes back to a lower version", "[trust][tuf]") {
  for (const std::string& role : kTopRoles) {
    TufRepository server(kGun, kNow);
    version_of(server, role) = 5;
    server.publish();
    const tuf::TrustedMetadata memory = learned(ask(server));
    REQUIRE(word(ask(server, memory)) == "accepted");
    version_of(server, role) = 4;
    server.publish();
    const tuf::Outcome outcome = ask(server, memory);
    REQUIRE(word(outcome) == "rollback:" + role);
    REQUIRE(refusal_of(outcome).detail.find("version 4") != std::string::npos);
    REQUIRE(refusal_of(outcome).detail.find("version 5") != std::string::npos);
    REQUIRE(word(ask(server, server.docker_cache())) == "accepted");
  }
}

TEST_CASE("a rollback is seen with the files of a docker cache alone, and with the versions alone", "[trust][tuf]") {
  for (const std::string& role : kTopRoles) {
    TufRepository server(kGun, kNow);
    version_of(server, role) = 5;
    server.publish();
    const tuf::TrustedMetadata cache = server.docker_cache();
    const tuf::TrustedMetadata versions{{}, learned(ask(server)).versions, {}};
    version_of(server, role) = 4;
    server.publish();
    REQUIRE(word(ask(server, cache)) == "rollback:" + role);
    REQUIRE(word(ask(server, versions)) == "rollback:" + role);
  }
}

TEST_CASE("a version may be seen again with another content", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::TrustedMetadata memory = learned(ask(server));
  server.documents["targets"].targets["2"] = {"content of 2", {}};
  server.publish();
  REQUIRE(word(ask(server, memory)) == "accepted");
}

TEST_CASE("what is remembered only goes forward", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  tuf::TrustedMetadata memory = learned(ask(server));
  memory.versions["targets/gone"] = 12;
  server.publish_next();
  const tuf::TrustedMetadata next = learned(ask(server, memory));
  REQUIRE(next.versions.at("timestamp") == 2);
  REQUIRE(next.versions.at("root") == 1);
  REQUIRE(next.versions.at("targets/gone") == 12);
}

TEST_CASE("a remembered file that cannot be read is left aside with a warning", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  tuf::TrustedMetadata memory = server.docker_cache();
  memory.files["targets"] = bytes_of("{");
  const tuf::Outcome outcome = ask(server, memory);
  REQUIRE(word(outcome) == "accepted");
  REQUIRE(has_warning(outcome, "targets cannot be read"));
}

TEST_CASE("files that did not change are not fetched again", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  server.rings["targets"] = {{SigningKey::ed25519()}};  // signs the same bytes alike
  server.publish();
  const tuf::TrustedMetadata memory = learned(ask(server));
  server.snapshot.version = server.timestamp.version = 2;
  server.publish();
  server.asked.clear();
  const tuf::Outcome outcome = ask(server, memory);
  REQUIRE(word(outcome) == "accepted");
  REQUIRE(server.asked.size() == 3);
  REQUIRE(server.asked[2].starts_with("snapshot."));
  REQUIRE(outcome.learned.files.at("targets") == server.files.at("targets.json"));
}

TEST_CASE("a remembered file is verified again under the keys of now", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::TrustedMetadata memory = learned(ask(server));
  const std::vector<SigningKey> old = server.rings["targets"].keys;
  server.rings["targets"] = {{SigningKey::ecdsa()}};
  server.signed_by["targets"] = old;
  ++server.root_version;
  const Bytes before = server.files["targets.json"];
  server.after_signing["targets"] = [&](std::string& text) { text = string_of(before); };
  server.publish();
  REQUIRE(word(ask(server, memory)) == "bad-signature:targets");
}

TEST_CASE("files of other hashes are refused", "[trust][tuf]") {
  for (const std::string role : {"snapshot", "targets"}) {
    TufRepository server(kGun, kNow);
    Bytes file = server.files.at(role + ".json");
    file[file.size() - 5] ^= 1U;
    server.answers[role] = {tuf::MetadataReply::Kind::found, file, Fault::unavailable, {}};
    const tuf::Outcome outcome = ask(server);
    REQUIRE(word(outcome) == "hash-mismatch:" + role);
    REQUIRE(refusal_of(outcome).detail.find(Digest::of(file).hex()) != std::string::npos);
    file.pop_back();
    server.answers[role].bytes = file;
    REQUIRE(word(ask(server)) == "hash-mismatch:" + role);
  }
}

TEST_CASE("every hash that is listed and known must fit", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const Bytes wrong(64, 1);
  server.before_signing["snapshot"] =
      replace(R"("targets":{"hashes":{)", R"("targets":{"hashes":{"sha512":")" + base64_of(wrong) + R"(",)");
  server.publish();
  REQUIRE(word(ask(server)) == "hash-mismatch:targets");
  server.before_signing["snapshot"] =
      replace(R"("targets":{"hashes":{)", R"("targets":{"hashes":{"blake":"unheard of",)");
  server.publish();
  REQUIRE(word(ask(server)) == "accepted");
}

TEST_CASE("files of different times do not mix", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const std::map<std::string, Bytes> before = server.files;
  ++server.root_version;
  server.publish();
  server.files["root.json"] = before.at("root.json");
  REQUIRE(word(ask(server)) == "hash-mismatch:root");
  server.publish();
  server.files["timestamp.json"] = before.at("timestamp.json");
  REQUIRE(word(ask(server)) == "hash-mismatch:root");
}

TEST_CASE("a file that is not there is said to be missing", "[trust][tuf]") {
  for (const std::string& role : kTopRoles) {
    TufRepository server(kGun, kNow);
    server.answers[role] = missing();
    const tuf::Outcome outcome = ask(server);
    REQUIRE(word(outcome) == "missing:" + role);
    REQUIRE(refusal_of(outcome).fault == Fault::refused);
    server.answers[role] = rejected();
    REQUIRE(word(ask(server)) == "rejected:" + role);
  }
}

TEST_CASE("a file that could not be asked for is not said to be missing", "[trust][tuf]") {
  for (const std::string& role : kTopRoles) {
    TufRepository server(kGun, kNow);
    server.answers[role] = unreachable();
    const tuf::Outcome outcome = ask(server);
    REQUIRE(word(outcome) == "unreachable");
    REQUIRE(refusal_of(outcome).fault == Fault::unauthorized);
    REQUIRE(refusal_of(outcome).detail.find("the server says 401") != std::string::npos);
  }
}

TEST_CASE("more bytes than allowed are not looked at", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const std::size_t mebibyte = std::size_t{1} << 20U;
  server.after_signing["timestamp"] = [&](std::string& text) { text.append(mebibyte - text.size(), ' '); };
  server.publish();
  REQUIRE(word(ask(server)) == "accepted");
  server.after_signing["timestamp"] = [&](std::string& text) { text.append(mebibyte - text.size() + 1, ' '); };
  server.publish();
  REQUIRE(word(ask(server)) == "rejected:timestamp");
  server.after_signing.clear();
  server.publish();
  server.answers["targets"] = {tuf::MetadataReply::Kind::found, server.files["targets.json"], Fault::unavailable, {}};
  server.answers["targets"].bytes.push_back(' ');
  REQUIRE(word(ask(server)) == "rejected:targets");
}

TEST_CASE("a timestamp that cannot be had is replaced only where that is allowed, with a warning", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::TrustedMetadata memory = learned(ask(server));
  server.answers["timestamp"] = GENERATE(missing(), unreachable());
  REQUIRE(word(ask(server, memory)) != "accepted");
  REQUIRE(word(ask_tolerant(server, {})) != "accepted");
  const tuf::Outcome outcome = ask_tolerant(server, memory);
  REQUIRE(word(outcome) == "accepted");
  REQUIRE(has_warning(outcome, "remembered timestamp"));
  REQUIRE(outcome.learned.files == memory.files);
}

TEST_CASE("a timestamp that is bad is not replaced by a remembered one", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::TrustedMetadata memory = learned(ask(server));
  server.answers["timestamp"] = rejected();
  REQUIRE(word(ask_tolerant(server, memory)) == "rejected:timestamp");
  server.answers["timestamp"] = {tuf::MetadataReply::Kind::found, bytes_of("<html>"), Fault::unavailable, {}};
  REQUIRE(word(ask_tolerant(server, memory)) == "malformed:timestamp");
  server.answers["timestamp"].bytes = Bytes((std::size_t{1} << 20U) + 1);
  REQUIRE(word(ask_tolerant(server, memory)) == "rejected:timestamp");
  server.answers.clear();
  server.signed_by["timestamp"] = {SigningKey::ed25519()};
  server.publish();
  REQUIRE(word(ask_tolerant(server, memory)) == "bad-signature:timestamp");
}

TEST_CASE("a remembered timestamp that stands in is verified like any other", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  tuf::TrustedMetadata memory = learned(ask(server));
  const auto with_answer = [&](tuf::MetadataReply answer) {
    server.answers["timestamp.json"] = std::move(answer);
    return ask_tolerant(server, memory);
  };
  SECTION("its expiry") {
    server.timestamp.expires = kNow - kDay;
    server.publish();
    memory = server.docker_cache();
    const tuf::Outcome outcome = with_answer(missing());
    REQUIRE(word(outcome) == "missing:timestamp");
    REQUIRE(refusal_of(outcome).detail.find("expired") != std::string::npos);
  }
  SECTION("its signature, under the root of now") {
    server.rings["timestamp"] = {{SigningKey::ed25519()}};
    ++server.root_version;
    server.publish();
    REQUIRE(word(with_answer(unreachable())) == "unreachable");
  }
  SECTION("its version") {
    memory.versions["timestamp"] = 2;
    REQUIRE(word(with_answer(unreachable())) == "unreachable");
  }
}

TEST_CASE("with everything remembered, a server that is down is no obstacle where that is allowed", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const bool as_docker = GENERATE(false, true);
  const tuf::TrustedMetadata memory = as_docker ? server.docker_cache() : learned(ask(server));
  server.files.clear();
  server.answers["root"] = server.answers["timestamp"] = unreachable();
  const tuf::Outcome outcome = ask_tolerant(server, memory);
  REQUIRE(word(outcome) == "accepted");
  REQUIRE(outcome.warnings.size() == 2);
  REQUIRE(word(ask(server, memory)) == "unreachable");
}
