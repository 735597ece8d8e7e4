// SPDX-License-Identifier: Apache-2.0
#include "registry/config/credential_store.h"

#include <sys/stat.h>

#include <csignal>
#include <cstdlib>

#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "trust/json.h"

using namespace hallmark;
using registry::Credentials;
using registry::credentials_for;
using registry::erase_credentials;
using registry::store_credentials;
using test::World;

namespace {

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Home {
  World world;
  std::filesystem::path docker = world.settings.docker_config;
  [[nodiscard]] std::string config() const { return read(docker / "config.json"); }
  std::string store(const std::string& domain, const Credentials& credentials) const {
    return store_credentials(docker, domain, credentials, nullptr);
  }
  [[nodiscard]] Credentials find(const std::string& domain) const { return credentials_for(docker, domain, nullptr); }
  [[nodiscard]] unsigned mode() const {
    struct stat status {};
    REQUIRE(::stat((docker / "config.json").c_str(), &status) == 0);
    return status.st_mode & 0777U;
  }
};

const Credentials kPassword{Credentials::Kind::password, "alice", "s3cret", {}};
const Credentials kToken{Credentials::Kind::identity_token, "alice", "RT-1", {}};

/// A helper that keeps one thing in a file beside it; its folder is first in PATH.
class KeepingHelper {
 public:
  explicit KeepingHelper(const World& world) : folder_(world.folder.path() / "bin"), path_(std::getenv("PATH")) {
    std::signal(SIGPIPE, SIG_IGN);  // as main does
    const auto file =
        world.folder.write("bin/docker-credential-box",
                           "#!/bin/sh\nbox=" + (folder_ / "box").string() +
                               "\ncase $1 in\nstore) cat >\"$box\" ;;\nerase) cat >\"$box.erased\"; rm \"$box\" "
                               ";;\nget) [ -f \"$box\" ] && cat \"$box\" || { echo credentials not found in "
                               "native keychain; exit 1; } ;;\nesac\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    ::setenv("PATH", (folder_.string() + ":" + path_).c_str(), 1);
  }
  ~KeepingHelper() { ::setenv("PATH", path_.c_str(), 1); }
  KeepingHelper(const KeepingHelper&) = delete;
  KeepingHelper& operator=(const KeepingHelper&) = delete;
  [[nodiscard]] std::string box() const { return read(folder_ / "box"); }
  [[nodiscard]] std::string erased() const { return read(folder_ / "box.erased"); }

 private:
  std::filesystem::path folder_;
  std::string path_;
};

}  // namespace

TEST_CASE("credentials are kept as docker keeps them, and found again", "[registry][login]") {
  const Home home;
  CHECK(home.store("localhost:5000", kPassword) == (home.docker / "config.json").string());
  CHECK(home.mode() == 0600);
  CHECK(home.find("localhost:5000").secret == "s3cret");
  home.store("docker.io", kToken);
  CHECK(home.find("docker.io").kind == Credentials::Kind::identity_token);
  CHECK(home.config() ==
        "{\n\t\"auths\": {\n\t\t\"https://index.docker.io/v1/\": {\n\t\t\t\"auth\": \"" + base64_of(view_of("alice:")) +
            "\",\n\t\t\t\"identitytoken\": \"RT-1\"\n\t\t},\n\t\t\"localhost:5000\": {\n\t\t\t\"auth\": \"" +
            base64_of(view_of("alice:s3cret")) + "\"\n\t\t}\n\t}\n}\n");
  CHECK(erase_credentials(home.docker, "docker.io", nullptr));
  CHECK(home.find("docker.io").kind == Credentials::Kind::none);
  CHECK(home.find("localhost:5000").secret == "s3cret");
  CHECK_FALSE(erase_credentials(home.docker, "docker.io", nullptr));
}

TEST_CASE("everything else in the file stays what it says, and older spellings of the name go", "[registry][login]") {
  const Home home;
  home.world.set_config(
      R"({"HttpHeaders":{"X":"  two blanks"},"big":123456789012345678901234567890,"auths":{"https://h:1/v1/":{},"o":{}}})");
  std::filesystem::permissions(home.docker / "config.json", std::filesystem::perms(0644));
  home.store("h:1", kPassword);
  CHECK(home.mode() == 0600);
  const json::Value value = json::parse("config", view_of(home.config()));
  const json::Object& config = value.object();
  CHECK(config.at("HttpHeaders").object().at("X").string() == "  two blanks");
  CHECK(home.config().find("123456789012345678901234567890") != std::string::npos);
  CHECK(config.at("auths").object().members().size() == 2);
  CHECK(config.at("auths").object().find("https://h:1/v1/") == nullptr);
  std::size_t files = 0;
  for (const auto& item : std::filesystem::directory_iterator(home.docker)) files += item.exists() ? 1U : 0U;
  CHECK(files == 1);
}

TEST_CASE("a file that cannot be understood is left as it is, and a link is followed", "[registry][login]") {
  const Home home;
  home.world.set_config("{\"auths\":");
  REQUIRE_FAULT(home.store("h", kPassword), Fault::usage);
  REQUIRE_FAULT(erase_credentials(home.docker, "h", nullptr), Fault::usage);
  CHECK(home.config() == "{\"auths\":");
  const auto real = home.world.folder.write("elsewhere/real.json", "{}");
  std::filesystem::remove(home.docker / "config.json");
  std::filesystem::create_symlink(real, home.docker / "config.json");
  home.store("h", kPassword);
  CHECK(std::filesystem::is_symlink(home.docker / "config.json"));
  CHECK(read(real).find("auth") != std::string::npos);
}

TEST_CASE("a helper keeps and forgets what it is configured for", "[registry][login]") {
  const Home home;
  const KeepingHelper helper(home.world);
  home.world.set_config(R"({"credsStore":"box"})");
  CHECK(home.store("h:1", kPassword) == "credential helper docker-credential-box");
  CHECK(helper.box() == R"({"ServerURL":"h:1","Username":"alice","Secret":"s3cret"})");
  CHECK(home.config().find("s3cret") == std::string::npos);
  CHECK(home.config().find("\"h:1\": {}") != std::string::npos);
  CHECK(home.find("h:1").secret == "s3cret");
  CHECK(erase_credentials(home.docker, "h:1", nullptr));
  CHECK(helper.erased() == "h:1");
  CHECK(home.config().find("h:1") == std::string::npos);
  CHECK_FALSE(erase_credentials(home.docker, "h:1", nullptr));
  home.store("docker.io", kToken);
  CHECK(helper.box() == R"({"ServerURL":"https://index.docker.io/v1/","Username":"<token>","Secret":"RT-1"})");
  home.world.set_config(R"({"credsStore":"nosuch-helper"})");
  REQUIRE_FAULT(home.store("h:1", kPassword), Fault::usage);
}
