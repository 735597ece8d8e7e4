// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/trust/tuf/verdict.h"
#include "trust/tuf/policy/line.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

tuf::Anchor pin(std::vector<std::string> ids) { return {std::move(ids), std::nullopt, std::nullopt}; }

tuf::Anchor document(const TufRepository& server, const std::string& file) {
  return {{}, server.files.at(file), std::nullopt};
}

/// Of a first use that saw this root.
tuf::TrustedMetadata memory_of(const TufRepository& server, const std::string& file) {
  tuf::TrustedMetadata memory;
  memory.files["root"] = server.files.at(file);
  return memory;
}

}  // namespace

TEST_CASE("pinned keys are demanded of the newest root", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const std::string first = id_of(server);
  REQUIRE_FALSE(repository_of(ask(server, {}, pin({first}))).first_use());
  REQUIRE(ask(server, {}, pin({first})).warnings.empty());
  const std::string other = root_key().id();
  const tuf::Outcome refused = ask(server, {}, pin({other}));
  REQUIRE(word(refused) == "root-not-pinned");
  REQUIRE(refusal_of(refused).detail.find(first) != std::string::npos);
  REQUIRE(refusal_of(refused).detail.find(other) != std::string::npos);
  REQUIRE(word(ask(server, {}, pin({other, first}))) == "accepted");

  const tuf::TrustedMetadata memory = learned(ask(server));
  server.rotate_root();
  server.publish_next();
  REQUIRE(word(ask(server, {}, pin({first}))) == "root-not-pinned");
  REQUIRE(word(ask(server, memory, pin({first}))) == "root-not-pinned");
  REQUIRE(word(ask(server, memory, pin({id_of(server)}))) == "accepted");
}

TEST_CASE("a refusal of a root that is not pinned says whether the pinned root vouches for it", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  server.publish();
  const std::string first = id_of(server);
  const tuf::TrustedMetadata memory = learned(ask(server));
  for (int rotations = 0; rotations < 2; ++rotations) {
    server.rotate_root();
    server.publish_next();
  }
  const std::string now = id_of(server);
  for (const tuf::TrustedMetadata& known : {memory, tuf::TrustedMetadata()}) {
    const tuf::Refusal rotated = refusal_of(ask(server, known, pin({first})));
    REQUIRE(tuf::code_of(rotated) == "root-not-pinned");
    REQUIRE(rotated.detail.find("the pinned root vouches for it: root version 1,") != std::string::npos);
    REQUIRE(rotated.hint.find("change the pin to \"rootKeyIds\": [\"" + now + "\"]") != std::string::npos);
  }
  const tuf::Refusal foreign = refusal_of(ask(server, {}, pin({root_key().id()})));
  REQUIRE(foreign.detail.ends_with("no pinned root vouches for it"));
  REQUIRE(foreign.hint.ends_with("this may be an attack"));
  // A former root that others signed, or that is not there, vouches for nothing.
  TufRepository other(kGun, kNow);
  other.publish();
  TufRepository mixed = server;
  mixed.files["1.root.json"] = other.files.at("1.root.json");
  REQUIRE(refusal_of(ask(mixed, {}, pin({id_of(other)}))).detail.ends_with("no pinned root vouches for it"));
  mixed.files["1.root.json"] = bytes_of("{");
  REQUIRE(refusal_of(ask(mixed, {}, pin({first}))).detail.find("no pinned root vouches for it") != std::string::npos);
  mixed.files.erase("1.root.json");
  REQUIRE(refusal_of(ask(mixed, {}, pin({first}))).detail.find("cannot be told without 1.root.json") !=
          std::string::npos);
}

TEST_CASE("a pin is a root key that signed, and as many of them as the threshold asks", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const SigningKey a = root_key();
  const SigningKey b = root_key();
  const SigningKey c = root_key();
  server.rings["root"] = {{a, b, c}, 2};
  server.signed_by["root"] = {a, b};
  server.publish();
  REQUIRE(word(ask(server, {}, pin({a.id(), b.id()}))) == "accepted");
  REQUIRE(word(ask(server, {}, pin({a.id()}))) == "root-not-pinned");
  REQUIRE(word(ask(server, {}, pin({a.id(), a.id()}))) == "root-not-pinned");
  REQUIRE(word(ask(server, {}, pin({a.id(), c.id()}))) == "root-not-pinned");
  REQUIRE(word(ask(server, {}, pin({a.id(), server.rings["targets"].keys[0].id()}))) == "root-not-pinned");
}

TEST_CASE("a certificate for several repositories counts under a pin only where the pin says so", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const SigningKey wide = root_key("registry.example/*");
  const SigningKey own = root_key();
  server.rings["root"] = {{wide}};
  server.publish();
  tuf::Anchor anchor = pin({wide.id()});
  const tuf::Outcome refused = ask(server, {}, anchor);
  REQUIRE(word(refused) == "root-cert-mismatch");
  REQUIRE(refusal_of(refused).detail.find("\"registry.example/*\"") != std::string::npos);
  REQUIRE(word(ask(server, {}, document(server, "root.json"))) == "root-cert-mismatch");
  anchor.wildcards = tuf::Wildcards::accepted;
  REQUIRE(word(ask(server, {}, anchor)) == "accepted");

  // The signature of a certificate of its own says whose root it is.
  server.rings["root"] = {{wide, own}};
  server.publish();
  REQUIRE(word(ask(server, {}, pin({wide.id()}))) == "accepted");
  REQUIRE(word(ask(server, {}, pin({own.id()}))) == "accepted");
}

TEST_CASE("without a pin a certificate for several repositories is told on every run", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  server.rings["root"] = {{root_key("registry.example/*")}};
  server.publish();
  const tuf::Outcome first = ask(server);
  REQUIRE(word(first) == "accepted");
  const tuf::Outcome again = ask(server, learned(first));
  REQUIRE(again.warnings.size() == 1);
  REQUIRE(again.warnings.at(0).find("\"registry.example/*\"") != std::string::npos);
}

TEST_CASE("pins are asked of a remembered root on every run", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::TrustedMetadata memory = learned(ask(server));
  REQUIRE(word(ask(server, memory, pin({root_key().id()}))) == "root-not-pinned");
  server.answers["root.json"] = unreachable();
  REQUIRE(word(ask_tolerant(server, memory, pin({root_key().id()}))) == "root-not-pinned");
}

TEST_CASE("a pin outranks what a first use remembered", "[trust][tuf]") {
  TufRepository impostor(kGun, kNow);
  impostor.documents["targets"].version = 9;
  impostor.publish();
  const tuf::TrustedMetadata memory = learned(ask(impostor));
  TufRepository server(kGun, kNow);
  REQUIRE(word(ask(server, memory)) == "root-not-signed-by-trusted-root");
  for (const tuf::Anchor& anchor : {pin({id_of(server)}), document(server, "root.json")}) {
    const tuf::Outcome outcome = ask(server, memory, anchor);
    REQUIRE(word(outcome) == "accepted");
    REQUIRE_FALSE(repository_of(outcome).first_use());
    REQUIRE(has_warning(outcome, "replaced"));
    REQUIRE(outcome.learned.versions.at("targets") == 1);
    REQUIRE(outcome.learned.files.at("root") == server.files.at("root.json"));
  }
  REQUIRE(word(ask(server, memory, pin({root_key().id()}))) == "root-not-signed-by-trusted-root");
}

TEST_CASE("where nothing proves whose a memory is, pinned keys outrank it and a pinned document does not",
          "[trust][tuf]") {
  TufRepository impostor(kGun, kNow);
  const tuf::TrustedMetadata memory = learned(ask(impostor));
  TufRepository server(kGun, kNow);
  for (int i = 0; i < 2; ++i) {
    server.rotate_root();
    server.publish_next();
  }
  REQUIRE(word(ask(server, memory, document(server, "root.json"))) == "root-not-signed-by-trusted-root");
  REQUIRE(word(ask(server, memory, pin({id_of(server)}))) == "accepted");
}

TEST_CASE("a pin does not make an old root new again", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const std::string first = id_of(server);
  const std::map<std::string, Bytes> before = server.files;
  const tuf::Anchor anchor = document(server, "root.json");
  server.rotate_root();
  server.publish_next();
  const std::string second = id_of(server);
  const tuf::TrustedMetadata memory = learned(ask(server));
  server.files = before;
  REQUIRE(word(ask(server, memory, pin({first}))) == "rollback:root");
  REQUIRE(word(ask(server, memory, pin({first, second}))) == "rollback:root");
  REQUIRE(word(ask(server, memory, anchor)) == "rollback:root");
}

TEST_CASE("a memory is not forgotten because a server hides the roots that prove whose it is", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const std::map<std::string, Bytes> before = server.files;
  const tuf::Anchor anchor = document(server, "root.json");
  tuf::TrustedMetadata memory = learned(ask(server, {}, anchor));
  const bool is_seen_in_steps = GENERATE(true, false);
  for (int i = 0; i < 2; ++i) {
    server.rotate_root();
    server.publish_next();
    if (is_seen_in_steps) memory = learned(ask(server, memory, anchor));
  }
  if (!is_seen_in_steps) memory = learned(ask(server, memory, anchor));
  REQUIRE(memory.versions.at("root") == 3);
  REQUIRE(memory.roots.size() == 2);
  const std::map<std::string, Bytes> after = server.files;
  server.files = before;
  REQUIRE(word(ask(server, memory, anchor)).starts_with("ro"));  // rollback, or a root that is not signed
  memory.roots.clear();                                          // as it was saved before older roots were kept
  REQUIRE(word(ask(server, memory, anchor)).starts_with("ro"));
  // Nor because it shows a wrong one in their place.
  server.files["2.root.json"] = before.at("root.json");
  REQUIRE(word(ask(server, memory, anchor)).starts_with("ro"));
  TufRepository stranger(kGun, kNow);
  stranger.rotate_root();
  stranger.publish_next();
  server.files["2.root.json"] = stranger.files.at("root.json");
  REQUIRE(word(ask(server, memory, anchor)).starts_with("ro"));
  server.files = after;
  REQUIRE(word(ask(server, memory, anchor)) == "accepted");
}

TEST_CASE("a remembered chain is walked without asking for it", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::Anchor anchor = document(server, "root.json");
  tuf::TrustedMetadata memory = learned(ask(server, {}, anchor));
  for (int i = 0; i < 3; ++i) {
    server.rotate_root();
    server.publish_next();
  }
  memory = learned(ask(server, memory, anchor));
  for (const std::string file : {"2.root.json", "3.root.json"}) server.files.erase(file);
  REQUIRE(word(ask(server, memory, anchor)) == "accepted");
  REQUIRE(learned(ask(server, memory, anchor)).roots == memory.roots);
  REQUIRE(word(ask(server, {}, anchor)) == "root-not-signed-by-trusted-root");
}

TEST_CASE("each root of the way is asked for once, and counts once", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::Anchor anchor = document(server, "root.json");
  for (int i = 0; i < 4; ++i) {
    server.rotate_root();
    server.publish_next();
  }
  const tuf::TrustedMetadata memory = memory_of(server, "3.root.json");
  server.asked.clear();
  REQUIRE(word(ask(server, memory, anchor)) == "accepted");
  REQUIRE(std::count(server.asked.begin(), server.asked.end(), "4.root.json") == 1);
}

TEST_CASE("the roots that are remembered have a limit together, and the newest stay", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const std::string padding(900'000, 'z');
  server.before_signing["root"] = replace(R"("_type":"Root")", R"("_type":"Root","z":")" + padding + '"');
  server.publish();
  tuf::TrustedMetadata memory = learned(ask(server));
  for (int i = 0; i < 4; ++i) {
    server.rotate_root();
    server.publish_next();
    memory = learned(ask(server, memory));
  }
  REQUIRE(memory.roots.size() == 2);
  REQUIRE(memory.roots.contains(3));
  REQUIRE(memory.roots.contains(4));
  REQUIRE(word(ask(server, memory)) == "accepted");
}

TEST_CASE("a chain may start from a pinned root document", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::Anchor anchor = document(server, "root.json");
  REQUIRE_FALSE(repository_of(ask(server, {}, anchor)).first_use());
  for (int i = 0; i < 3; ++i) {
    server.rotate_root();
    server.publish_next();
  }
  REQUIRE(word(ask(server, {}, anchor)) == "accepted");
  REQUIRE(word(ask(server, learned(ask(server)), anchor)) == "accepted");
  TufRepository other(kGun, kNow);
  REQUIRE(word(ask(other, {}, anchor)) == "root-not-signed-by-trusted-root");
  REQUIRE(word(ask(other, learned(ask(other)), anchor)) == "root-not-signed-by-trusted-root");
  server.files.erase("2.root.json");
  REQUIRE(word(ask(server, {}, anchor)) == "root-not-signed-by-trusted-root");
}

TEST_CASE("a pinned root document must be good itself, but its dates do not matter", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  server.root_expires = kNow - 100 * kDay;
  server.rings["root"] = {{SigningKey::ecdsa().certified({kGun, kNow - 10 * kDay, kNow - kDay})}};
  server.publish();
  const tuf::Anchor expired = document(server, "root.json");
  server.rotate_root();
  server.root_expires = kNow + kDay;
  server.publish();
  REQUIRE(word(ask(server, {}, expired)) == "accepted");
  REQUIRE_FAULT(ask(server, {}, {{}, bytes_of("{}"), {}}), Fault::usage);
  server.signed_by["root"] = {root_key()};
  server.publish();
  const tuf::Anchor unsigned_anchor = document(server, "root.json");
  server.signed_by.clear();
  server.publish();
  REQUIRE_FAULT(ask(server, {}, unsigned_anchor), Fault::usage);
}

TEST_CASE("a policy may demand a least version of the root", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const auto least = [&](std::int64_t version) {
    return word(ask(server, {}, {{id_of(server)}, std::nullopt, version}));
  };
  REQUIRE(least(1) == "accepted");
  REQUIRE(least(2) == "rollback:root");
}

TEST_CASE("a root key that signed under an id that is not its own stops everything", "[trust][tuf]") {
  TufRepository server(kGun, kNow);
  const tuf::TrustedMetadata memory = learned(ask(server));
  const std::string false_id(64, 'a');
  const std::string id = id_of(server);
  server.before_signing["root"] = [&](std::string& text) {
    replace("\"" + id + "\"", "\"" + false_id + "\"")(text);
    replace("\"" + id + "\"", "\"" + false_id + "\"")(text);
  };
  server.after_signing["root"] = replace("\"keyid\":\"" + id, "\"keyid\":\"" + false_id);
  server.publish();
  REQUIRE(word(ask(server)) == "malformed:root");
  REQUIRE(word(ask(server, memory)) == "malformed:root");
  const tuf::Anchor anchor = document(server, "root.json");
  server.before_signing.clear();
  server.after_signing.clear();
  server.publish();
  REQUIRE_FAULT(ask(server, {}, anchor), Fault::usage);
}

TEST_CASE("nothing of a memory that the pins replaced stays, whatever a server puts between the roots",
          "[trust][tuf]") {
  TufRepository evil(kGun, kNow);
  const tuf::TrustedMetadata first = learned(ask(evil));
  evil.rotate_root();
  evil.publish_next();
  TufRepository good(kGun, kNow);
  good.rotate_root();
  good.publish_next();
  good.rotate_root();
  good.publish_next();
  const tuf::Anchor anchor{{id_of(good)}, std::nullopt, std::nullopt};
  good.files["2.root.json"] = evil.files.at("root.json");
  const tuf::Outcome outcome = ask(good, first, anchor);
  REQUIRE(word(outcome) == "accepted");
  REQUIRE_FALSE(tuf::is_one_line(kGun, outcome.learned, first));
  for (const auto& [version, bytes] : outcome.learned.roots) REQUIRE(bytes != evil.files.at("root.json"));
}
