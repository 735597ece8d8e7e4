// SPDX-License-Identifier: Apache-2.0
#include "registry/config/credentials.h"

#include <sys/stat.h>

#include <chrono>
#include <csignal>

#include "registry/config/credential_helper.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"

using namespace hallmark;
using registry::Credentials;
using test::Folder;

namespace {

Credentials found(std::string_view config, const std::string& domain) {
  const Folder folder;
  folder.write("config.json", config);
  return registry::credentials_for(folder.path(), domain, nullptr);
}

/// A credential helper in PATH, while this is there.
class Helper {
 public:
  Helper(const std::string& name, const std::string& script) {
    std::signal(SIGPIPE, SIG_IGN);  // as main does
    const auto file = folder_.write("docker-credential-" + name, "#!/bin/sh\n" + script);
    ::chmod(file.c_str(), 0755);
    ::setenv("PATH", (folder_.path().string() + ":" + old_).c_str(), 1);
  }
  ~Helper() { ::setenv("PATH", old_.c_str(), 1); }
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;
  [[nodiscard]] const Folder& folder() const { return folder_; }

 private:
  Folder folder_;
  std::string old_ = ::getenv("PATH");
};

// alice:s3cret
constexpr std::string_view kAlice = R"({"auths":{"localhost:5000":{"auth":"YWxpY2U6czNjcmV0"}}})";

}  // namespace

TEST_CASE("a password is found as docker login wrote it", "[registry]") {
  const Credentials credentials = found(kAlice, "localhost:5000");
  CHECK(credentials.kind == Credentials::Kind::password);
  CHECK(credentials.user == "alice");
  CHECK(credentials.secret == "s3cret");
  CHECK(credentials.place.ends_with("config.json"));
}

TEST_CASE("another registry's password is nobody's business", "[registry]") {
  const std::string domain = GENERATE(as<std::string>{}, "localhost", "localhost:5001", "ocalhost:5000",
                                      "LOCALHOST:5000", "localhost:50000", "docker.io");
  CHECK(found(kAlice, domain).kind == Credentials::Kind::none);
}

TEST_CASE("without a file, or without entries, there are no credentials, and it is said where was looked",
          "[registry]") {
  const Folder folder;
  const Credentials none = registry::credentials_for(folder.path(), "h", nullptr);
  CHECK(none.kind == Credentials::Kind::none);
  CHECK(none.place.find("config.json") != std::string::npos);
  CHECK(found("{}", "h").kind == Credentials::Kind::none);
  CHECK(found(R"({"auths":{"h":{}}})", "h").kind == Credentials::Kind::none);
  CHECK(found(R"({"auths":null,"credHelpers":null,"credsStore":null})", "h").kind == Credentials::Kind::none);
}

TEST_CASE("a key may have a scheme and a path", "[registry]") {
  const std::string key = GENERATE(as<std::string>{}, "http://h:1/v1/", "https://h:1", "h:1/v2/", "https://h:1/x/y");
  CHECK(found("{\"auths\":{\"" + key + "\":{\"auth\":\"YTpi\"}}}", "h:1").user == "a");
}

TEST_CASE("the exact key wins over one that means the same", "[registry]") {
  CHECK(found(R"({"auths":{"https://h":{"auth":"YTpi"},"h":{"auth":"Yzpk"}}})", "h").user == "c");
}

TEST_CASE("Docker Hub has several names", "[registry]") {
  const std::string key = GENERATE(as<std::string>{}, "https://index.docker.io/v1/", "docker.io", "index.docker.io",
                                   "registry-1.docker.io", "https://docker.io");
  CHECK(found("{\"auths\":{\"" + key + "\":{\"auth\":\"YTpi\"}}}", "docker.io").user == "a");
}

TEST_CASE("tokens are told from passwords", "[registry]") {
  const Credentials identity = found(R"({"auths":{"h":{"auth":"YWxpY2U6","identitytoken":"RT"}}})", "h");
  CHECK(identity.kind == Credentials::Kind::identity_token);
  CHECK(identity.user == "alice");
  CHECK(identity.secret == "RT");
  const Credentials access = found(R"({"auths":{"h":{"registrytoken":"AT","identitytoken":"RT"}}})", "h");
  CHECK(access.kind == Credentials::Kind::registry_token);
  CHECK(access.secret == "AT");
}

TEST_CASE("a password keeps its colons, and loses the zeros some writers append", "[registry]") {
  const Credentials credentials = found(R"({"auths":{"h":{"auth":"cjpiOmM6ZAAA"}}})", "h");
  CHECK(credentials.user == "r");
  CHECK(credentials.secret == "b:c:d");
  CHECK(found(R"({"auths":{"h":{"username":"u","password":"p"}}})", "h").secret == "p");
}

TEST_CASE("a configuration that cannot be understood is a fault of its own, not the lack of credentials",
          "[registry]") {
  const std::string config =
      GENERATE(as<std::string>{}, "[]", "{", R"({"auths":[]})", R"({"auths":{"h":1}})",
               R"({"auths":{"h":{"auth":"%%%"}}})", R"({"auths":{"h":{"auth":"YQ=="}}})",
               R"({"auths":{"h":{"auth":5}}})", R"({"credsStore":7})", R"({"auths":{"h":{},"h":{}}})");
  REQUIRE_FAULT(found(config, "h"), Fault::usage);
}

TEST_CASE("a helper is asked for the host, and its answer is used", "[registry]") {
  const Helper helper("fake",
                      "[ \"$1\" = get ] || exit 1\nprintf "
                      "'{\"ServerURL\":\"x\",\"Username\":\"alice\",\"Secret\":\"%s\"}' \"$(cat)\"\n");
  const Credentials credentials = found(R"({"credsStore":"fake","auths":{"h:5000":{}}})", "h:5000");
  CHECK(credentials.kind == Credentials::Kind::password);
  CHECK(credentials.secret == "h:5000");
  CHECK(credentials.place.find("docker-credential-fake") != std::string::npos);
  CHECK(found(R"({"credsStore":"fake"})", "docker.io").secret == "https://index.docker.io/v1/");
}

TEST_CASE("credHelpers beats credsStore, and both beat auths", "[registry]") {
  const Helper one("one", "echo '{\"Username\":\"one\",\"Secret\":\"x\"}'\n");
  const Helper two("two", "echo '{\"Username\":\"two\",\"Secret\":\"x\"}'\n");
  const std::string config =
      R"({"credHelpers":{"h":"one"},"credsStore":"two","auths":{"h":{"auth":"YTpi"},"g":{"auth":"YTpi"}}})";
  CHECK(found(config, "h").user == "one");
  CHECK(found(config, "g").user == "two");
}

TEST_CASE("a file with nothing in it says nothing", "[registry]") {
  const std::string text = GENERATE(as<std::string>{}, "", "\n", " \t\r\n", "null", "{}", R"({"auths":{"h":null}})",
                                    R"({"auths":{"h":{"auth":""}}})");
  CHECK(found(text, "h").kind == Credentials::Kind::none);
}

TEST_CASE("an empty name of a helper for a host means the file, whatever credsStore says", "[registry]") {
  const std::string name = GENERATE(as<std::string>{}, R"("")", "null");
  const Helper helper("broken", "echo no keyring; exit 2\n");
  const Credentials credentials = found(
      R"({"credsStore":"broken","credHelpers":{"h":)" + name + R"(},"auths":{"h":{"auth":"YWxpY2U6czNjcmV0"}}})", "h");
  CHECK(credentials.user == "alice");
  REQUIRE_FAULT(found(R"({"credsStore":"broken","credHelpers":{"g":""}})", "h"), Fault::local);
}

namespace {

std::string auth_of(const std::string& user) { return R"({"auth":")" + base64_of(view_of(user + ":s3cret")) + R"("})"; }

}  // namespace

TEST_CASE("DOCKER_AUTH_CONFIG and REGISTRY_AUTH_FILE count before config.json, auth.json behind it", "[registry]") {
  test::World world;
  registry::CredentialPlaces& places = world.settings.credential_places;
  const auto user = [&](const std::string& domain) {
    return registry::find_credentials(world.settings, domain, "a/b").user;
  };
  const auto file_with = [&](const std::string& name, const std::string& text) {
    return world.folder.write(name, R"({"auths":{)" + text + "}}");
  };
  CHECK(user("h").empty());
  places.auth_files = {world.folder.path() / "none.json", file_with("auth.json", R"("h":)" + auth_of("podman"))};
  CHECK(user("h") == "podman");
  world.set_config(R"({"auths":{"h":)" + auth_of("docker") + "}}");
  CHECK(user("h") == "docker");
  places.registry_auth_file = file_with("chosen.json", R"("h":)" + auth_of("chosen"));
  CHECK(user("h") == "chosen");
  places.docker_auth_config = R"({"auths":{"h":)" + auth_of("variable") + R"(,"g":)" + auth_of("other") + "}}";
  CHECK(user("h") == "variable");
  CHECK(user("g") == "other");
  CHECK(user("k").empty());
  // What cannot be read is told by its place, and nothing of it is repeated.
  places.docker_auth_config = R"({"auths":{"h":"s3cret"}})";
  REQUIRE_FAULT(user("h"), Fault::usage);
  const std::string message = test::message_of([&] { static_cast<void>(user("h")); });
  CHECK(message.starts_with("DOCKER_AUTH_CONFIG: "));
  CHECK(message.find("s3cret") == std::string::npos);
}

TEST_CASE("containers' files have credentials for a part of a registry", "[registry]") {
  test::World world;
  const auto file = world.folder.write(
      "auth.json", R"({"auths":{"h/a":)" + auth_of("team") + R"(,"h/a/b":)" + auth_of("project") + R"(,"h":)" +
                       auth_of("all") + R"(,"g/a":)" + auth_of("part") + R"(,"https://k/v1/":)" + auth_of("old") +
                       R"(,"docker.io/library":)" + auth_of("hub") + "}}");
  world.settings.credential_places.auth_files = {file};
  const auto user = [&](const std::string& domain, const std::string& path) {
    return registry::find_credentials(world.settings, domain, path).user;
  };
  CHECK(user("h", "a/b") == "project");
  CHECK(user("h", "a/c/d") == "team");
  CHECK(user("h", "ab") == "all");
  CHECK(user("h", "") == "all");
  CHECK(user("g", "a/b") == "part");
  CHECK(user("g", "b").empty());
  CHECK(user("k", "b") == "old");
  CHECK(user("docker.io", "library/debian") == "hub");
  CHECK(user("docker.io", "other/debian").empty());
}

TEST_CASE("a helper's token is an identity token", "[registry]") {
  const Helper helper("fake", "echo '{\"Username\":\"\\u003ctoken\\u003e\",\"Secret\":\"RT\"}'\n");
  const Credentials credentials = found(R"({"credsStore":"fake"})", "h");
  CHECK(credentials.kind == Credentials::Kind::identity_token);
  CHECK(credentials.secret == "RT");
  CHECK(credentials.user.empty());
}

TEST_CASE("a helper that has nothing is no failure", "[registry]") {
  const Helper helper("fake", "echo 'credentials not found in native keychain'\nexit 1\n");
  CHECK(found(R"({"credsStore":"fake"})", "h").kind == Credentials::Kind::none);
}

TEST_CASE("a helper that fails is a failure, and its first line is shown", "[registry]") {
  const Helper helper("fake", "printf 'the keyring\\033[2J is locked\\nmore\\n'\nexit 1\n");
  REQUIRE_FAULT(found(R"({"credsStore":"fake"})", "h"), Fault::local);
  const std::string message = test::message_of([] { found(R"({"credsStore":"fake"})", "h"); });
  CHECK(message.find("the keyring\\x1b[2J is locked") != std::string::npos);
  CHECK(message.find("more") == std::string::npos);
}

TEST_CASE("a helper that answers nonsense or is not there is a matter of configuration", "[registry]") {
  const Helper helper("fake", "echo 'hello'\n");
  REQUIRE_FAULT(found(R"({"credsStore":"fake"})", "h"), Fault::usage);
  REQUIRE_FAULT(found(R"({"credsStore":"not-there-at-all"})", "h"), Fault::usage);
}

TEST_CASE("a helper's name is a name, not a path", "[registry]") {
  const std::string name = GENERATE(as<std::string>{}, "/bin/sh", "../x", "a b", "a;b", "$(x)", "a\\nb");
  REQUIRE_FAULT(found("{\"credsStore\":\"" + name + "\"}", "h"), Fault::usage);
}

TEST_CASE("a helper that does not end is ended", "[registry]") {
  const Helper helper("slow", "sleep 30\n");
  const auto started = std::chrono::steady_clock::now();
  REQUIRE_FAULT(registry::ask_helper("slow", registry::HelperVerb::get, "h", std::chrono::milliseconds(200), nullptr),
                Fault::local);
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(5));
}

TEST_CASE("a helper that talks without end is ended", "[registry]") {
  const Helper helper("loud", "yes\n");
  REQUIRE_FAULT(registry::ask_helper("loud", registry::HelperVerb::get, "h", std::chrono::seconds(20), nullptr),
                Fault::local);
}

TEST_CASE("a helper that does not read what it is told is no trouble", "[registry]") {
  const Helper helper("deaf", "exec 0<&-\necho fine\nexit 3\n");
  const auto answer = registry::ask_helper("deaf", registry::HelperVerb::get, "h", std::chrono::seconds(20), nullptr);
  CHECK(answer.status == 3);
  CHECK(answer.out == "fine\n");
}

TEST_CASE("a helper that talks before it reads, and reads late, gets all of it", "[registry]") {
  const Helper helper("talker", "head -c 100000 /dev/zero | tr '\\0' x\nsleep 0.2\nwc -c\n");
  const std::string input(32'000, 'i');
  const auto answer =
      registry::ask_helper("talker", registry::HelperVerb::store, input, std::chrono::seconds(20), nullptr);
  CHECK(answer.status == 0);
  CHECK(answer.out.size() > 100'000);
  CHECK(answer.out.find("32000") != std::string::npos);
}

TEST_CASE("waiting for a helper is interrupted", "[registry]") {
  const Helper helper("slow", "sleep 30\n");
  const std::atomic<bool> interrupted = true;
  REQUIRE_FAULT(registry::ask_helper("slow", registry::HelperVerb::get, "h", std::chrono::seconds(20), &interrupted),
                Fault::interrupted);
}

TEST_CASE("a helper gets no file of ours", "[registry]") {
  const Helper helper("nosy", "ls /proc/self/fd\n");
  const Folder folder;
  const auto file = folder.write("secret", "x");
  std::ifstream open_file(file);
  const auto answer = registry::ask_helper("nosy", registry::HelperVerb::get, "h", std::chrono::seconds(20), nullptr);
  // 0, 1, 2 and the folder that ls itself reads.
  CHECK(answer.out == "0\n1\n2\n3\n");
}

TEST_CASE("what a helper says is repeated as a reason, never what may be a secret", "[registry]") {
  const auto said = [](const std::string& script) {
    const Helper helper("chatty", script);
    return test::message_of([] { found(R"({"credsStore":"chatty"})", "localhost:5000"); });
  };
  CHECK(said("echo the keyring is locked; exit 1").ends_with("failed with status 1: the keyring is locked"));
  for (const char* script :
       {R"(printf '{"Username":"a","Secret":"topsecret}')", R"(printf '{"Username":"a","Secret":"topsecret"}'; exit 1)",
        R"(printf 'locked\n{"Secret":"topsecret"}'; exit 1)", R"(printf topsecret)"}) {
    CAPTURE(script);
    const std::string message = said(script);
    CHECK(message.find("docker-credential-chatty") != std::string::npos);
    CHECK(message.find("topsecret") == std::string::npos);
  }
  using registry::complaint_of;
  CHECK(complaint_of({1, "cannot store topsecret\n"}, "topsecret").find("topsecret") == std::string::npos);
  CHECK(complaint_of({1, "cannot store\nit"}, "topsecret") == "cannot store");
}
