// SPDX-License-Identifier: Apache-2.0
#include "registry/config/endpoints.h"

#include <string>
#include <vector>

#include "registry/config/http_headers.h"
#include "registry/config/registries_conf.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "trust/error.h"

using namespace hallmark;
using hallmark::test::World;

namespace {

/// Where the name is, or the mirrors of it in one line.
struct Asked {
  explicit Asked(const std::string& conf) {
    world.settings.registries_conf.chosen = world.folder.write("r.conf", conf);
  }

  std::string primary(const std::string& name) const {
    return registry::endpoints_for(world.settings, Reference::parse(name)).primary.name.repository();
  }
  std::string mirrors(const std::string& name) const {
    std::string text;
    for (const registry::Endpoint& mirror : registry::endpoints_for(world.settings, Reference::parse(name)).mirrors) {
      text += mirror.name.repository() + (mirror.insecure ? "! " : " ");
    }
    return text;
  }
  World world;
};

}  // namespace

TEST_CASE("without a rule a name is where it says") {
  const Asked asked("unqualified-search-registries = [\"quay.io\"]\n");
  CHECK(asked.primary("debian") == "docker.io/library/debian");
  CHECK(asked.mirrors("debian").empty());
}

TEST_CASE("the longest prefix that ends where a part of the name ends counts") {
  const Asked asked(
      "[[registry]]\nprefix = \"a.example\"\nlocation = \"one.example\"\n"
      "[[registry]]\nprefix = \"a.example/team\"\nlocation = \"two.example/x\"\n"
      "[[registry]]\nprefix = \"a.example/team/app\"\nlocation = \"three.example\"\n");
  CHECK(asked.primary("a.example/tea") == "one.example/tea");
  CHECK(asked.primary("a.example/team2/x") == "one.example/team2/x");
  CHECK(asked.primary("a.example/team/x") == "two.example/x/x");
  CHECK(asked.primary("a.example/team/app/x") == "three.example/x");
  CHECK(asked.primary("A.Example/team/x") == "two.example/x/x");
  CHECK(asked.primary("a.example:443/team/x") == "two.example/x/x");
  CHECK(asked.primary("a.example:5000/team/x") == "a.example:5000/team/x");
  CHECK(asked.primary("b.a.example/team/x") == "b.a.example/team/x");
}

TEST_CASE("a pattern stands for every host below it, and gives way to a name") {
  const Asked asked(
      "[[registry]]\nprefix = \"*.a.example\"\nlocation = \"one.example/m\"\n"
      "[[registry]]\nprefix = \"x.a.example\"\nlocation = \"two.example\"\n"
      "[[registry]]\nprefix = \"*.b.a.example\"\nlocation = \"three.example\"\n"
      "[[registry]]\nprefix = \"*.c.example\"\nblocked = true\n");
  CHECK(asked.primary("y.a.example:5000/p/q") == "one.example/m/p/q");
  CHECK(asked.primary("x.a.example/p") == "two.example/p");
  CHECK(asked.primary("y.b.a.example/p") == "three.example/p");
  CHECK(asked.primary("a.example/p") == "a.example/p");
  CHECK(asked.primary("ya.example/p") == "ya.example/p");
  REQUIRE_FAULT(asked.primary("z.c.example/p"), Fault::refused);
}

TEST_CASE("Docker Hub has one name in rules too") {
  const Asked asked("[[registry]]\nprefix = \"index.docker.io/library\"\nlocation = \"a.example/hub\"\n");
  CHECK(asked.primary("debian") == "a.example/hub/debian");
  CHECK(asked.primary("registry-1.docker.io/library/debian") == "a.example/hub/debian");
  CHECK(asked.primary("team/debian") == "docker.io/team/debian");
}

TEST_CASE("mirrors come in their order, those for tags alone not at all") {
  const Asked asked(
      "[[registry]]\nlocation = \"a.example\"\nmirror-by-digest-only = true\n"
      "[[registry.mirror]]\nlocation = \"m1.example/x\"\n"
      "[[registry.mirror]]\nlocation = \"m2.example\"\npull-from-mirror = \"tag-only\"\n"
      "[[registry.mirror]]\nlocation = \"m3.example\"\ninsecure = true\npull-from-mirror = \"digest-only\"\n");
  CHECK(asked.mirrors("a.example/p") == "m1.example/x/p m3.example/p! ");
  CHECK(asked.primary("a.example/p") == "a.example/p");
}

TEST_CASE("rules that are not understood are refused") {
  for (const std::string text : {
           "[[registry]]\n",
           "[[registry]]\nlocation = \"\"\n",
           "[[registry]]\nlocation = \"name\"\n",
           "[[registry]]\nlocation = \"a.example/p:tag\"\n",
           "[[registry]]\nlocation = \"a.example/UPPER\"\n",
           "[[registry]]\nlocation = \"http://a.example\"\n",
           "[[registry]]\nlocation = \"user@a.example\"\n",
           "[[registry]]\nprefix = \"*.a.example/p\"\n",
           "[[registry]]\nprefix = \"*.example\"\n",
           "[[registry]]\nprefix = \"a.*.example\"\nlocation = \"b.example\"\n",
           "[[registry]]\nlocation = \"a.example\"\n[[registry]]\nlocation = \"A.example\"\n",
           "[[registry]]\nlocation = \"a.example\"\nunknown = true\n",
           "[[registry]]\nlocation = \"a.example\"\n[[registry.mirror]]\n",
           "[[registry]]\nlocation = \"a.example\"\n[[registry.mirror]]\nlocation = \"b.example\"\n"
           "pull-from-mirror = \"never\"\n",
           "[[registry.mirror]]\nlocation = \"b.example\"\n",
           "[registries.block]\nregistries = [\"a.example\"]\n",
           "[other]\n",
           "other = true\n",
       }) {
    INFO(text);
    const Asked asked(text);
    REQUIRE_FAULT(asked.primary("c.example/p"), Fault::usage);
  }
}

TEST_CASE("the first main file counts, and drop-ins after it, each prefix by the last that speaks of it") {
  World world;
  registry::RegistriesConf& conf = world.settings.registries_conf;
  conf.files = {world.folder.path() / "absent.conf",
                world.folder.write("own.conf", "[[registry]]\nprefix = \"a.example\"\nlocation = \"one.example\"\n"),
                world.folder.write("system.conf", "not read")};
  conf.folders = {world.folder.path() / "absent.d", world.folder.path() / "d"};
  const auto where = [&] {
    return registry::endpoints_for(world.settings, Reference::parse("a.example/p")).primary.name.repository();
  };
  CHECK(where() == "one.example/p");
  world.folder.write("d/20.conf", "[[registry]]\nprefix = \"a.example\"\nlocation = \"three.example\"\n");
  world.folder.write("d/10.conf", "[[registry]]\nprefix = \"a.example\"\nlocation = \"two.example\"\n");
  world.folder.write("d/30.txt", "not read");
  CHECK(where() == "three.example/p");
  // What cannot be looked at may block what is asked for.
  std::filesystem::create_symlink("loop.conf", world.folder.path() / "loop.conf");
  conf.files.insert(conf.files.begin(), world.folder.path() / "loop.conf");
  REQUIRE_FAULT(where(), Fault::usage);
  conf.files.erase(conf.files.begin());
  std::filesystem::create_symlink("loop.d", world.folder.path() / "loop.d");
  conf.folders.push_back(world.folder.path() / "loop.d");
  REQUIRE_FAULT(where(), Fault::usage);
}

TEST_CASE("docker's mirrors are hosts, and for Docker Hub where no rule speaks of it") {
  World world;
  world.settings.daemon_configs = {
      world.folder.write("daemon.json", R"({"registry-mirrors": ["https://M.example", "http://n.example:80/"]})")};
  const auto endpoints = registry::endpoints_for(world.settings, Reference::parse("debian"));
  REQUIRE(endpoints.mirrors.size() == 2);
  CHECK(endpoints.mirrors[0].name.repository() == "m.example/library/debian");
  CHECK_FALSE(endpoints.mirrors[0].insecure);
  CHECK(endpoints.mirrors[1].name.repository() == "n.example/library/debian");
  CHECK(endpoints.mirrors[1].insecure);
  CHECK(registry::endpoints_for(world.settings, Reference::parse("a.example/p")).mirrors.empty());
  world.settings.registries_conf.chosen = world.folder.write("r.conf", "[[registry]]\nlocation = \"docker.io\"\n");
  CHECK(registry::endpoints_for(world.settings, Reference::parse("debian")).mirrors.empty());
}

TEST_CASE("a mirror that cannot be used is told without its password") {
  World world;
  world.settings.daemon_configs = {
      world.folder.write("daemon.json", R"({"registry-mirrors": ["https://bob:s3cret@m.example"]})")};
  const std::string told =
      test::message_of([&] { registry::endpoints_for(world.settings, Reference::parse("debian")); });
  CHECK(told.find("m.example") != std::string::npos);
  CHECK(told.find("s3cret") == std::string::npos);
}

TEST_CASE("an insecure stop is marked as addresses have it") {
  const World world;
  const registry::Endpoint endpoint{Reference::parse("a.example:443/p"), true};
  const Reference& name = endpoint.name;
  CHECK(registry::settings_for(world.settings, name, endpoint).insecure_hosts == std::vector<std::string>{"a.example"});
  CHECK(registry::settings_for(world.settings, name, {name, false}).insecure_hosts.empty());
}

TEST_CASE("a stop at another host is not the one that HttpHeaders are for") {
  const World world;
  const Reference name = Reference::parse("a.example/p");
  CHECK(registry::settings_for(world.settings, name, {name, false}).is_the_named_host);
  CHECK_FALSE(registry::settings_for(world.settings, name, {Reference::parse("m.example/p"), false}).is_the_named_host);
}

TEST_CASE("HttpHeaders are lines for every request, but for those that the protocol needs") {
  World world;
  const auto headers = [&](const std::string& members) {
    world.set_config(R"({"HttpHeaders": {)" + members + "}}");
    return registry::configured_headers(world.settings.docker_config);
  };
  CHECK(registry::configured_headers(world.folder.path() / "absent").empty());
  CHECK(headers(R"("X-A": " 1 ", "User-Agent": "x")") == std::vector<std::string>{"X-A: 1"});
  for (const std::string wrong :
       {R"("Authorization": "x")", R"("host": "x")", R"("Content-Length": "1")", R"("Accept-Encoding": "gzip")",
        R"("If-None-Match": "x")", R"("X A": "1")", R"("X-A": "1\r\nX-B: 2")", R"("X-A": "")", R"("X-A": 1)"}) {
    INFO(wrong);
    REQUIRE_FAULT(headers(wrong), Fault::usage);
  }
}
