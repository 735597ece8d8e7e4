// SPDX-License-Identifier: Apache-2.0
#include "registry/server/token_server_rule.h"

#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "trust/error.h"
#include "trust/reference.h"

using namespace hallmark;
using registry::Answer;
using registry::answer_to;
using registry::Demand;
using registry::NamedTokenServer;
using registry::parse_named_token_server;
using registry::Sent;
using registry::TokenServerMemory;
using registry::Url;
using test::World;

namespace {

constexpr bool kLogsIn = true;

Demand demand(const std::string& asker, const std::string& realm, bool logs_in = false) {
  const Url url = Url::parse(asker);
  return {url.authority() == "registry-1.docker.io" ? "docker.io" : url.authority(), url, Url::parse(realm), logs_in};
}

Answer first(const std::string& asker, const std::string& realm, bool logs_in = false) {
  return answer_to(demand(asker, realm, logs_in), {}, {});
}

const registry::Credentials kAlicePassword{registry::Credentials::Kind::password, "alice", "s3cret", "config.json"};

void admit(const World& world, const std::string& realm, bool logs_in = false) {
  admit_token_server(world.settings, demand("https://registry.example", realm, logs_in), kAlicePassword);
}

}  // namespace

TEST_CASE("a registry that is its own token server is nothing new, unless another one was before", "[registry]") {
  CHECK(first("https://registry.example:5000", "https://registry.example:5000/v2/token") == Answer::yes);
  const std::vector<Sent> sent{{"registry.example", "registry.example", "https://auth.example"}};
  CHECK(answer_to(demand("https://registry.example", "https://registry.example/t"), {}, sent) == Answer::ask);
}

TEST_CASE("a first token server on the same host, or above it, is told", "[registry]") {
  CHECK(first("https://registry.example:5000", "https://registry.example/t") == Answer::yes_and_tell);
  CHECK(first("http://localhost:5000", "http://127.0.0.1:5001/t") == Answer::yes_and_tell);
  CHECK(first("https://registry.gitlab.example", "https://gitlab.example:8443/jwt/auth") == Answer::yes_and_tell);
  CHECK(first("https://registry-1.docker.io", "https://auth.docker.io/token") == Answer::yes);
}

TEST_CASE("a first token server of strangers is asked about, unless somebody logs in", "[registry]") {
  const auto [asker, realm] = GENERATE(table<std::string, std::string>({
      {"https://registry.example", "https://auth.example/t"},
      {"https://a.shared.example", "https://b.shared.example/t"},
      {"https://registry.example", "https://example/t"},
      {"https://notgitlab.example", "https://gitlab.example/t"},
      {"https://gitlab.example", "https://registry.gitlab.example/t"},
      {"https://8.8.8.8", "https://8.8.8.9/t"},
      {"https://registry.example", "https://auth.docker.io/token"},
      {"https://registry-1.docker.io", "https://auth.docker.io:8443/token"},
      {"http://registry-1.docker.io", "http://auth.docker.io/token"},
  }));
  CAPTURE(asker, realm);
  CHECK(first(asker, realm) == Answer::ask);
  CHECK(first(asker, realm, kLogsIn) == Answer::yes_and_tell);
}

TEST_CASE("another one than before is asked about, however near it is, and in a login too", "[registry]") {
  const std::string realm =
      GENERATE(as<std::string>{}, "https://registry.gitlab.example:5001/t", "https://gitlab.example/t",
               "https://gitlab.example:8444/jwt/auth", "https://thief.example/t");
  const std::vector<Sent> sent{{"registry.gitlab.example", "registry.gitlab.example", "https://gitlab.example:8443"}};
  CHECK(answer_to(demand("https://registry.gitlab.example", realm), {}, sent) == Answer::ask);
  CHECK(answer_to(demand("https://registry.gitlab.example", realm, kLogsIn), {}, sent) == Answer::ask);
  const std::string same = "https://gitlab.example:8443/another/path";
  CHECK(answer_to(demand("https://registry.gitlab.example", same), {}, sent) == Answer::yes);
}

TEST_CASE("a trust server may ask for what the registry's token server got before, not for another's", "[registry]") {
  Demand of_trust{"registry.example", Url::parse("https://notary.example"), Url::parse("https://auth.example/t"),
                  false};
  CHECK(answer_to(of_trust, {}, {{"registry.example", "registry.example", "https://auth.example"}}) == Answer::yes);
  CHECK(answer_to(of_trust, {}, {{"other.example", "other.example", "https://auth.example"}}) == Answer::ask);
}

TEST_CASE("a trust server elsewhere is near nobody's password but that of its own host", "[registry]") {
  const auto of_trust = [](const std::string& server, const std::string& realm) {
    return Demand{"registry.example:5000", Url::parse(server), Url::parse(realm), false};
  };
  const std::vector<Sent> sent =
      GENERATE(std::vector<Sent>{},
               std::vector<Sent>{{"registry.example:5000", "registry.example:5000", "https://auth.example"}});
  const std::string notary = "https://notary.example";
  for (const std::string& realm : {notary, notary + ":8443/t", std::string("https://example/t")}) {
    CHECK(answer_to(of_trust(notary, realm), {}, sent) == Answer::ask);
    CHECK(answer_to(of_trust(notary, realm), {{"registry.example:5000", "https://notary.example"}}, sent) ==
          (realm == notary ? Answer::yes : Answer::no));
  }
  const std::string beside = "https://registry.example:4443";
  CHECK(answer_to(of_trust(beside, beside), {}, sent) == Answer::yes_and_tell);
  CHECK(answer_to(of_trust(beside, notary), {}, sent) == Answer::ask);
  CHECK(answer_to(of_trust(notary, beside), {}, sent) == Answer::yes_and_tell);
}

TEST_CASE("who is named is asked for nothing, and has no others beside him", "[registry]") {
  const std::vector<NamedTokenServer> named{{"registry.example", "https://auth.example"},
                                            {"other", "https://x.example"}};
  const std::vector<Sent> sent{{"registry.example", "registry.example", "https://before.example"}};
  CHECK(answer_to(demand("https://registry.example", "https://auth.example/t"), named, sent) == Answer::yes);
  CHECK(answer_to(demand("https://registry.example", "https://registry.example/t"), named, sent) == Answer::no);
  CHECK(answer_to(demand("https://registry.example", "https://before.example/t"), named, sent) == Answer::no);
  CHECK(answer_to(demand("https://registry.example", "https://x.example/t", kLogsIn), named, {}) == Answer::no);
  CHECK(answer_to(demand("https://registry-1.docker.io", "https://evil.example"),
                  {{"docker.io", "https://auth.docker.io"}}, {}) == Answer::no);
}

TEST_CASE("how a token server is named", "[registry]") {
  CHECK(parse_named_token_server("registry.example=https://auth.example/jwt/auth?x=y") ==
        NamedTokenServer{"registry.example", "https://auth.example"});
  CHECK(parse_named_token_server("docker.io=https://Auth.Example:8443") ==
        NamedTokenServer{"docker.io", "https://auth.example:8443"});
  CHECK(parse_named_token_server("index.docker.io=https://auth.example").domain == "docker.io");
  CHECK(parse_named_token_server("Registry.Example:5000=https://auth.example").domain ==
        Reference::parse("Registry.Example:5000/x").domain());
  for (const char* text :
       {"", "registry.example", "https://auth.example", "=https://auth.example", "a/b=https://c.example",
        "registry.example=", "registry.example=auth.example", "registry.example=ftp://auth.example",
        "registry.example=https://user@auth.example", "a b=https://c.example"}) {
    CAPTURE(text);
    REQUIRE_FAULT(parse_named_token_server(text), Fault::usage);
  }
}

TEST_CASE("a new token server is told before a terminal, and refused without one", "[registry]") {
  World world;
  REQUIRE_FAULT(admit(world, "https://auth.example/t"), Fault::unauthorized);
  CHECK(world.notices().empty());
  world.settings.has_reader = true;
  admit(world, "https://auth.example/t");
  REQUIRE(world.notices().size() == 1);
  CHECK(world.notices()[0] ==
        "warning: registry.example names https://auth.example as its token server: it gets the password of alice; it "
        "never got it before");
  world.settings.has_reader = false;
  admit(world, "https://auth.example/t");
  CHECK(world.notices().size() == 1);
  const std::string message = test::message_of([&] { admit(world, "https://thief.example/t", kLogsIn); });
  CHECK(message ==
        "registry.example names https://thief.example as its token server: refused, it does not get the password of "
        "alice: that went to https://auth.example before, and there is no terminal to tell it on");
  world.settings.token_servers = {{"registry.example", "https://thief.example"}};
  admit(world, "https://thief.example/t");
  REQUIRE_FAULT(admit(world, "https://auth.example/t"), Fault::unauthorized);
  world.settings.token_servers.clear();
  admit(world, "https://thief.example/t");
  admit(world, "https://auth.example/t");
  CHECK(world.notices().size() == 1);
}

TEST_CASE("what is remembered is this user's, and a memory that cannot be read is no first time", "[registry]") {
  World world;
  admit(world, "https://registry.example/t");
  const TokenServerMemory memory(world.settings.docker_config);
  CHECK(memory.load() == std::vector<Sent>{{"registry.example", "registry.example", "https://registry.example"}});
  CHECK((std::filesystem::status(memory.file().parent_path()).permissions() & std::filesystem::perms::mask) ==
        std::filesystem::perms::owner_all);
  REQUIRE_FAULT(admit(world, "https://registry.example:5001/t"), Fault::unauthorized);
  const std::string damaged = GENERATE(as<std::string>{}, "", "{}", "[]", R"({"hallmark-token-servers":2,"sent":[]})",
                                       R"({"hallmark-token-servers":1,"sent":[],"more":1})",
                                       R"({"hallmark-token-servers":1,"sent":[{"asker":"a"}]})");
  world.folder.write("docker/hallmark/token-servers.json", damaged);
  REQUIRE_FAULT(admit(world, "https://registry.example/t"), Fault::corrupt);
  std::filesystem::remove(memory.file());
  std::filesystem::create_symlink("elsewhere", memory.file());
  REQUIRE_FAULT(admit(world, "https://registry.example/t"), Fault::corrupt);
}

TEST_CASE("a memory that others could take away is no first time", "[registry]") {
  World world;
  admit(world, "https://registry.example/t");
  const std::filesystem::path file = TokenServerMemory(world.settings.docker_config).file();
  std::filesystem::remove(file);
  CHECK(TokenServerMemory(world.settings.docker_config).load().empty());
  std::filesystem::permissions(file.parent_path(), std::filesystem::perms::all);
  REQUIRE_FAULT(admit(world, "https://registry.example/t"), Fault::usage);
}

TEST_CASE("a registry with many token servers does not fill the memory, nor push others out of it", "[registry]") {
  World world;
  world.settings.has_reader = true;
  admit_token_server(world.settings, demand("https://other.example", "https://other.example/t"), kAlicePassword);
  for (int number = 0; number < 20; ++number) admit(world, "https://t" + std::to_string(number) + ".example/t");
  const auto all = TokenServerMemory(world.settings.docker_config).load();
  CHECK(all.size() == 17);
  CHECK(all.front().domain == "other.example");
  CHECK(all.back().origin == "https://t19.example");
}

TEST_CASE("what cannot be remembered is told where it matters", "[registry]") {
  World world;
  world.folder.write("docker/hallmark", "no folder");
  admit(world, "https://registry.example/t");
  CHECK(world.notices().empty());
  admit(world, "https://registry.example:5001/t");
  REQUIRE(world.notices().size() == 2);
  CHECK(world.notices()[1].find("https://registry.example:5001, cannot be remembered") != std::string::npos);
}
