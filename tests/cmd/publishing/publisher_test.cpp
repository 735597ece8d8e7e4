// SPDX-License-Identifier: Apache-2.0
#include "cmd/publishing/publisher.h"

#include <unistd.h>

#include <sstream>

#include "tests/support/catch.h"

using namespace hallmark;
namespace fs = std::filesystem;

namespace {

Time now_of_publisher;

/// A folder of trust data, and a publisher with passphrases.
struct PublishingWorld {
  PublishingWorld()
      : environment{{}, Time(), false, false, false, out, err, console, interrupted, [] { return now_of_publisher; }} {
    std::string name = (fs::temp_directory_path() / "hallmark-publisher.XXXXXX").string();
    folder = mkdtemp(name.data());
    for (const char* role : {"ROOT", "REPOSITORY"}) {
      const std::string variable = std::string("DOCKER_CONTENT_TRUST_") + role + "_PASSPHRASE";
      environment.passphrases.emplace(variable, crypto::Secret(view_of("secret-1")));
    }
    settings.docker_config = folder / "docker";
    settings.trust_server = "file://" + (folder / "trust").string();
  }
  ~PublishingWorld() { fs::remove_all(folder); }
  PublishingWorld(const PublishingWorld&) = delete;
  PublishingWorld& operator=(const PublishingWorld&) = delete;

  [[nodiscard]] cmd::Publisher publisher() const {
    return {environment,
            settings,
            Reference::parse("registry.example/app"),
            {cmd::TrustedMetadataStore::beside(folder / "store", settings.docker_config), {}}};
  }

  fs::path folder;
  std::ostringstream out;
  std::ostringstream err;
  cmd::Console console{err};
  std::atomic<bool> interrupted = false;
  cmd::Environment environment;
  registry::Settings settings;
};

}  // namespace

TEST_CASE("what is signed is good from the moment of the signature, however long an image was on its way before it",
          "[cmd]") {
  const PublishingWorld world;
  now_of_publisher = parse_time("2026-11-24T00:00:00Z");
  cmd::Publisher publisher = world.publisher();
  publisher.prepare_first({});
  now_of_publisher += std::chrono::hours(7);
  REQUIRE(publisher.publish());
  REQUIRE(publisher.has_begun());
  REQUIRE(publisher.repository()->roles().at("timestamp").expires == now_of_publisher + std::chrono::hours(14 * 24));
}
