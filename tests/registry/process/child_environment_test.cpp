// SPDX-License-Identifier: Apache-2.0
#include "registry/process/child_environment.h"

#include <sys/stat.h>

#include <atomic>
#include <csignal>

#include "registry/process/fed_program.h"
#include "tests/registry/world.h"
#include "tests/support/catch.h"
#include "trust/error.h"

using namespace hallmark;
using registry::absolute_parts;
using registry::child_environment;
using registry::find_program;
using test::Folder;

namespace {

std::filesystem::path write_program(const Folder& folder, const std::string& name, const std::string& script = "") {
  auto file = folder.write(name, "#!/bin/sh\n" + script);
  ::chmod(file.c_str(), 0755);
  return file;
}

/// A value of a variable, and the folder that one stands in, while this is there.
class Changed {
 public:
  Changed(const std::string& path, const std::filesystem::path& folder) {
    ::setenv("PATH", path.c_str(), 1);
    std::filesystem::current_path(folder);
  }
  ~Changed() {
    ::setenv("PATH", path_.c_str(), 1);
    std::filesystem::current_path(folder_);
  }
  Changed(const Changed&) = delete;
  Changed& operator=(const Changed&) = delete;

 private:
  std::string path_ = ::getenv("PATH");
  std::filesystem::path folder_ = std::filesystem::current_path();
};

registry::ProgramAnswer answer_of(const std::string& program) {
  constexpr std::chrono::seconds kLimit{60};
  return registry::run_fed_program(
      {{program, program, Fault::local, ""}, {}, kLimit, kLimit, true}, [](ByteSink&) {}, nullptr);
}

std::string said_by(const std::string& program) { return answer_of(program).out; }

}  // namespace

TEST_CASE("parts of PATH count when they begin at the root", "[registry]") {
  CHECK(absolute_parts(":/usr/bin:.:bin:../bin:~/bin:/bin:") == std::vector<std::string>{"/usr/bin", "/bin"});
  CHECK(absolute_parts("").empty());
  CHECK(absolute_parts("::").empty());
}

TEST_CASE("a program of the current folder is not found, but said to be there", "[registry]") {
  const Folder strangers;
  const Folder ours;
  write_program(strangers, "tool");
  const std::string path =
      GENERATE(as<std::string>{}, "", ":", ".", "./", ":/nowhere", "/nowhere:.", "/nowhere::/", "..:.");
  const Changed changed(path, strangers.path());
  CHECK(find_program("tool", path).file.empty());
  CHECK_FALSE(find_program("tool", path).passed_over.empty());
  CHECK(find_program("other", path).passed_over.empty());
  write_program(ours, "tool");
  const auto found = find_program("tool", path + ":" + ours.path().string());
  CHECK(found.file == ours.path().string() + "/tool");
  CHECK(found.passed_over.empty());
}

TEST_CASE("a link of a process is no part from the root, wherever it stands", "[registry]") {
  const Folder strangers;
  const Folder ours;
  write_program(strangers, "tool");
  std::filesystem::create_directory_symlink("/proc/self/cwd", ours.path() / "way");
  std::filesystem::create_directory_symlink(strangers.path(), ours.path() / "plain");
  const std::string way = (ours.path() / "way").string();
  const std::string plain = (ours.path() / "plain").string();
  const Changed changed(way, strangers.path());
  CHECK(absolute_parts(way + ":" + plain + ":/nowhere") == std::vector<std::string>{plain, "/nowhere"});
  CHECK(find_program("tool", way).file.empty());
  CHECK(find_program("tool", way).passed_over == way + "/tool");
  CHECK(find_program("tool", way + ":" + plain).file == plain + "/tool");
}

TEST_CASE("folders, what nobody may run, and names with a slash are no programs", "[registry]") {
  const Folder first;
  const Folder second;
  const std::string path = first.path().string() + ":" + second.path().string();
  std::filesystem::create_directory(first.path() / "folder");
  first.write("plain", "#!/bin/sh\n");
  CHECK(find_program("folder", path).file.empty());
  CHECK(find_program("plain", path).file.empty());
  CHECK(find_program("", path).file.empty());
  CHECK(find_program(write_program(second, "plain").string(), path).file.empty());
  CHECK(find_program("plain", path).file == second.path().string() + "/plain");
}

TEST_CASE("what opens a signer's keys is not given to other programs, nor a PATH that leads elsewhere", "[registry]") {
  const std::vector<std::string> given = child_environment(
      {"HOME=/h", "DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=a", "DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=b",
       "DOCKER_CONTENT_TRUST_OFFLINE_PASSPHRASE=c", "NOTARY_TARGETS_PASSPHRASE=d",
       "NOTARY_DELEGATION_PASSPHRASE=", "NOTARY_AUTH=e", "HALLMARK_SOME_PASSPHRASE=f", "PATH=:/usr/bin:.:/bin:x",
       "PATH=.", "DOCKER_CONTENT_TRUST=1", "PASSPHRASE_OF_SOMEBODY=g", "NO_VALUE"});
  CHECK(given == std::vector<std::string>{"HOME=/h", "PATH=/usr/bin:/bin", "DOCKER_CONTENT_TRUST=1",
                                          "PASSPHRASE_OF_SOMEBODY=g", "NO_VALUE"});
}

TEST_CASE("a program is started from absolute parts of PATH alone", "[registry]") {
  const Folder strangers;
  const Folder ours;
  write_program(strangers, "tool", "echo strangers\n");
  write_program(ours, "tool", "echo ours\n");
  {
    const Changed changed(":.:" + ours.path().string(), strangers.path());
    CHECK(said_by("tool") == "ours\n");
  }
  const Changed changed(GENERATE(as<std::string>{}, "", ":/usr/bin", ".:/usr/bin", "/usr/bin:"), strangers.path());
  REQUIRE_FAULT(said_by("tool"), Fault::local);
  const std::string message = test::message_of([] { said_by("tool"); });
  CHECK(message.find("tool is there, but nothing is run from a folder that PATH does not name from the root") !=
        std::string::npos);
}

TEST_CASE("without PATH there is no program", "[registry]") {
  const Changed changed("/usr/bin:/bin", "/");
  REQUIRE(answer_of("true").status == 0);
  ::unsetenv("PATH");
  REQUIRE_FAULT(said_by("true"), Fault::local);
}

TEST_CASE("a program gets no passphrase, and signals as it expects them", "[registry]") {
  const Folder ours;
  write_program(ours, "tool", "env; grep -E '^Sig(Blk|Ign)' /proc/self/status\n");
  const Changed changed(".:" + ours.path().string() + ":/usr/bin:/bin", "/");
  ::setenv("DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE", "topsecret", 1);
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  const std::string said = said_by("tool");
  std::signal(SIGPIPE, before);
  ::unsetenv("DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE");
  CHECK(said.find("topsecret") == std::string::npos);
  CHECK(said.find("PATH=" + ours.path().string() + ":/usr/bin:/bin\n") != std::string::npos);
  CHECK(said.find("SigBlk:\t0000000000000000\n") != std::string::npos);
  const std::size_t ignored = said.find("SigIgn:\t");
  REQUIRE(ignored != std::string::npos);
  CHECK((std::stoull(said.substr(ignored + 8, 16), nullptr, 16) >> (SIGPIPE - 1) & 1U) == 0);
}
