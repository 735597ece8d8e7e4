// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/metadata.h"

#include "tests/trust/tuf/verdict.h"
#include "trust/tuf/notary.h"

using namespace hallmark;
using namespace hallmark::test;

namespace {

json::Value parse(std::string_view text) { return json::parse("text", view_of(text)); }

std::string edited(std::string text, const std::string& from, const std::string& to) {
  replace(from, to)(text);
  return text;
}

const std::string kFrame = R"("expires":"2030-01-01T00:00:00Z","version":3)";
const std::string kHash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const std::string kId(64, 'a');
const std::string kListedId = "\"keyids\":[\"" + kId + "\"]";
const std::string kOtherId = "\"keyids\":[\"" + std::string(64, 'b') + "\"]";
const std::string kKeys = "\"keys\":{\"" + kId + R"(":{"keytype":"new","keyval":{"public":"AAAA"}}})";
const std::string kMeta = R"({"hashes":{"sha256":")" + kHash + R"("},"length":5})";

/// Each edit of a good text must make it unreadable.
using Edits = std::vector<std::pair<std::string, std::string>>;

template <class Read>
void require_refusals(const std::string& good, const Edits& edits, Read read) {
  REQUIRE_NOTHROW(read(good));
  for (const auto& edit : edits) {
    INFO(edit.first << " -> " << edit.second);
    REQUIRE_FAULT(read(edited(good, edit.first, edit.second)), Fault::corrupt);
  }
}

const Edits kBadFrames{{R"("version":3)", R"("version":0)"},   {R"("version":3)", R"("version":-1)"},
                       {R"("version":3)", R"("version":3.0)"}, {R"("version":3)", R"("version":"3")"},
                       {R"("version":3)", R"("Version":3)"},   {R"("version":3)", R"("version":99999999999999999999)"},
                       {"2030-01-01T00:00:00Z", "2030-01-01"}, {R"("expires":"2030-01-01T00:00:00Z",)", ""},
                       {R"("_type":")", R"("_type":"x)"},      {R"("_type":)", R"("Type":)"}};

}  // namespace

TEST_CASE("an envelope has an object that was signed and a list of signatures", "[trust][tuf]") {
  const auto read = [](const std::string& text) {
    return tuf::Envelope::read(tuf::notary(), "targets", view_of(text));
  };
  const std::string good =
      R"({"signatures":[{"keyid":"k","method":"M","sig":"AAAA"}], "signed":{"b":1, "a":"\u003c"}})";
  const tuf::Envelope envelope = read(good);
  REQUIRE(text_of(envelope.signed_bytes()) == R"({"a":"<","b":1})");
  REQUIRE(envelope.signatures().size() == 1);
  REQUIRE(envelope.signatures()[0].method == "m");
  require_refusals(good,
                   {{R"("signed")", R"("Signed")"},
                    {R"("signatures")", R"("SIGNATURES")"},
                    {R"({"b":1, "a":"\u003c"})", "[]"},
                    {R"({"b":1, "a":"\u003c"})", "\"text\""},
                    {R"("b":1)", R"("b":1.5)"},
                    {R"("b":1)", R"("a":1)"},
                    {R"([{"keyid":"k","method":"M","sig":"AAAA"}])", "{}"},
                    {R"({"keyid":"k","method":"M","sig":"AAAA"})", "1"},
                    {R"("sig":"AAAA")", R"("sig":"AAA")"}},
                   read);
  REQUIRE_FAULT(read(good + "x"), Fault::corrupt);
  REQUIRE_FAULT(read("<html>"), Fault::corrupt);
}

TEST_CASE("no file has more signatures than anybody needs", "[trust][tuf]") {
  const auto with = [](std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i) {
      list += std::string(i == 0 ? "" : ",") + R"({"keyid":"k","method":"ecdsa","sig":""})";
    }
    return R"({"signed":{},"signatures":[)" + list + "]}";
  };
  REQUIRE_NOTHROW(tuf::Envelope::read(tuf::notary(), "root", view_of(with(256))));
  REQUIRE_FAULT(tuf::Envelope::read(tuf::notary(), "root", view_of(with(257))), Fault::corrupt);
}

TEST_CASE("a root names its four roles with keys that it lists", "[trust][tuf]") {
  const std::string role = "{" + kListedId + R"(,"threshold":1})";
  const std::string good = R"({"_type":"Root",)" + kFrame + R"(,"consistent_snapshot":false,)" + kKeys +
                           R"(,"roles":{"root":)" + role + R"(,"snapshot":)" + role + R"(,"targets":)" + role +
                           R"(,"timestamp":)" + role + R"(,"other":{}}})";
  const auto read = [](const std::string& text) { return tuf::read_root(tuf::notary(), parse(text).object()); };
  const tuf::Root root = read(good);
  REQUIRE(root.roles.size() == 4);
  REQUIRE(root.common.version == 3);
  require_refusals(good, kBadFrames, read);
  require_refusals(good,
                   {{R"("root":)", R"("Root":)"},
                    {R"("snapshot":)", R"("snap":)"},
                    {R"("targets":)", R"("target":)"},
                    {R"("timestamp":)", R"("time":)"},
                    {R"("roles":)", R"("role":)"},
                    {R"("keys":)", R"("key":)"},
                    {kListedId, kOtherId},
                    {kListedId, R"("keyids":")" + kId + "\""},
                    {R"("keyids":)", R"("ids":)"},
                    {R"("threshold":1)", R"("threshold":0)"},
                    {R"("threshold":1)", R"("threshold":-1)"},
                    {R"("threshold":1)", R"("threshold":1.0)"},
                    {R"(,"threshold":1)", ""},
                    {R"("keytype":"new",)", ""}},
                   read);
}

TEST_CASE("keys are listed under hashes in lower-case hex", "[trust][tuf]") {
  const auto read = [](const std::string& id) {
    const std::string text = R"({"_type":"Targets",)" + kFrame + R"(,"delegations":{"keys":{")" + id +
                             R"(":{"keytype":"new","keyval":{"public":"AAAA"}}},"roles":[]},"targets":{}})";
    return tuf::read_targets(tuf::notary(), "targets", parse(text).object());
  };
  REQUIRE_NOTHROW(read(kId));
  for (const std::string& id : {std::string("k"), std::string(), kId + "a", kId.substr(1), kId.substr(1) + "A"}) {
    REQUIRE_FAULT(read(id), Fault::corrupt);
  }
}

TEST_CASE("a snapshot lists root and targets with their sizes and hashes", "[trust][tuf]") {
  const std::string good = R"({"_type":"Snapshot",)" + kFrame + R"(,"meta":{"root":)" + kMeta + R"(,"targets":)" +
                           kMeta + R"(,"targets/releases":)" + kMeta + "}}";
  const auto read = [](const std::string& text) {
    return tuf::read_listing(tuf::notary(), tuf::Kind::snapshot, parse(text).object());
  };
  REQUIRE(read(good).meta.at("targets/releases").length == 5);
  REQUIRE_NOTHROW(read(edited(good, R"("length":5)", R"("length":104857600)")));
  require_refusals(good, kBadFrames, read);
  require_refusals(good,
                   {{R"("root":)", R"("roots":)"},
                    {R"("targets":)", R"("targets.json":)"},
                    {R"("length":5)", R"("length":-5)"},
                    {R"("length":5)", R"("length":5.0)"},
                    {R"("length":5)", R"("length":104857601)"},
                    {R"(,"length":5)", ""},
                    {R"("sha256")", R"("sha512")"},
                    {R"("sha256")", R"("SHA256")"},
                    {R"("sha256":)", R"("sha512":"AAAA","sha256":)"},
                    {kHash, "AAAA"},
                    {R"("meta":)", R"("Meta":)"}},
                   read);
}

TEST_CASE("a timestamp lists the snapshot", "[trust][tuf]") {
  const std::string good = R"({"_type":"Timestamp",)" + kFrame + R"(,"meta":{"snapshot":)" + kMeta + "}}";
  const auto read = [](const std::string& text) {
    return tuf::read_listing(tuf::notary(), tuf::Kind::timestamp, parse(text).object());
  };
  REQUIRE(read(good).meta.at("snapshot").digests.size() == 1);
  require_refusals(good, kBadFrames, read);
  require_refusals(good, {{R"("snapshot":)", R"("snapshots":)"}, {"Timestamp", "Snapshot"}}, read);
}

TEST_CASE("a targets document is read with its targets and delegations", "[trust][tuf]") {
  const std::string good = R"({"_type":"Targets",)" + kFrame + R"(,"delegations":{)" + kKeys + R"(,"roles":[{)" +
                           kListedId + R"(,"name":"targets/a","paths":["",""],"threshold":1},)" +
                           R"({"keyids":null,"name":"targets/b","threshold":1}]},)" +
                           R"("targets":{"2":{"custom":{"any":[1]},"hashes":{"md5":"?","sha256":")" + kHash +
                           R"("},"length":7},"1":{"hashes":{},"length":0}}})";
  const auto read = [](const std::string& text) {
    return tuf::read_targets(tuf::notary(), "targets", parse(text).object());
  };
  const tuf::Targets targets = read(good);
  REQUIRE(targets.targets.size() == 2);
  REQUIRE(targets.targets.find("2")->length == 7);
  REQUIRE(targets.targets.find("2")->digests.size() == 1);
  REQUIRE(targets.targets.find("1")->digests.empty());
  REQUIRE_FALSE(targets.targets.find("3"));
  REQUIRE(targets.delegations.size() == 2);
  REQUIRE(targets.delegations[1].role.key_ids.empty());
  REQUIRE(targets.delegations[1].paths.empty());
  require_refusals(good, kBadFrames, read);
  require_refusals(good,
                   {{"targets/a", "targets/A"},
                    {"targets/a", "targets/a/b"},
                    {"targets/a", "releases"},
                    {"targets/a", "targets/b"},
                    {kListedId, kOtherId},
                    {kListedId + ",", ""},
                    {R"("threshold":1)", R"("threshold":0)"},
                    {R"("paths":["",""])", R"("paths":"")"},
                    {R"("roles":)", R"("role":)"},
                    {R"("length":7)", R"("length":"7")"},
                    {R"("length":7)", R"("length":-7)"},
                    {R"(,"length":7)", ""},
                    {kHash, "AAAA"},
                    {R"("hashes":{})", R"("hashes":[])"},
                    {R"("targets":{)", R"("Targets":{)"},
                    {R"("2":{)", R"("2":[],"3":{)"}},
                   read);
}

TEST_CASE("a targets document without delegations has none", "[trust][tuf]") {
  const std::string text = R"({"_type":"Targets",)" + kFrame + R"(,"targets":null})";
  REQUIRE(tuf::read_targets(tuf::notary(), "targets", parse(text).object()).delegations.empty());
}

TEST_CASE("bytes fit when the length and every hash do", "[trust][tuf]") {
  const Bytes bytes = bytes_of("hello");
  const Digest sha256 = Digest::of(bytes);
  const Digest sha512 = Digest::of(bytes, Algorithm::sha512);
  REQUIRE(tuf::compare({5, {sha256, sha512}}, bytes).fits);
  REQUIRE_FALSE(tuf::compare({4, {sha256}}, bytes).fits);
  REQUIRE_FALSE(tuf::compare({6, {sha256}}, bytes).fits);
  REQUIRE_FALSE(tuf::compare({5, {Digest::of({})}}, bytes).fits);
  REQUIRE_FALSE(tuf::compare({5, {sha256, Digest::of({}, Algorithm::sha512)}}, bytes).fits);
}

TEST_CASE("a table of targets gives back what was put in", "[trust][tuf]") {
  tuf::TargetTable table;
  REQUIRE_FALSE(table.find(""));
  const Digest sha256 = Digest::of(bytes_of("a"));
  const Digest sha512 = Digest::of(bytes_of("a"), Algorithm::sha512);
  table.append("", 1, {});
  table.append("a", 2, {sha256, sha512});
  table.append("ab", 3, {sha512});
  REQUIRE(table.size() == 3);
  REQUIRE(table.find("")->length == 1);
  REQUIRE(table.find("a")->digests == std::vector<Digest>{sha256, sha512});
  REQUIRE(table.find("ab")->digests == std::vector<Digest>{sha512});
  REQUIRE(table.find("ab")->name == "ab");
  for (const char* name : {"A", "aa", "abc", "b"}) REQUIRE_FALSE(table.find(name));
}
