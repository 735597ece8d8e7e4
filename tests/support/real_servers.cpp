// SPDX-License-Identifier: Apache-2.0
#include "tests/support/real_servers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "trust/digest.h"

namespace hallmark::test {
namespace {

namespace fs = std::filesystem;

bool listens(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  sockaddr generic{};
  std::memcpy(&generic, &address, sizeof generic);
  const bool answered = ::connect(socket, &generic, sizeof generic) == 0;
  ::close(socket);
  return answered;
}

}  // namespace

bool is_installed(const std::string& program) {
  std::string path = ::getenv("PATH");
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find(':', at), path.size());
    if (::access((path.substr(at, end - at) + "/" + program).c_str(), X_OK) == 0) return true;
    at = end + 1;
  }
  std::cout << "SKIP: " << program << " is not installed\n";
  return false;
}

Program::Program(const std::vector<std::string>& command, const fs::path& log) {
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  const int error = ::posix_spawnp(&number_, words[0].c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error(words[0] + " does not start");
}

Program::~Program() {
  if (number_ <= 0) return;
  ::kill(number_, SIGTERM);
  wait();
}

int Program::wait() {
  int status = 0;
  ::waitpid(number_, &status, 0);
  number_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

void Program::wait_for_port(int port) {
  for (int tries = 0; tries < 500; ++tries) {
    if (listens(port)) return;
    int status = 0;
    if (::waitpid(number_, &status, WNOHANG) == number_) {
      number_ = 0;
      throw std::runtime_error("the server ended at once");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  throw std::runtime_error("the server does not listen");
}

void RegistryFiles::write(const fs::path& file, std::string_view bytes) const {
  fs::create_directories((root_ / "docker/registry/v2" / file).parent_path());
  std::ofstream(root_ / "docker/registry/v2" / file, std::ios::binary) << bytes;
}

std::string RegistryFiles::add(std::string_view bytes) const {
  const Digest digest = Digest::of(view_of(bytes));
  write(fs::path("blobs/sha256") / digest.hex().substr(0, 2) / digest.hex() / "data", bytes);
  return digest.to_string();
}

std::string RegistryFiles::add_blob(const std::string& repository, std::string_view bytes) const {
  const std::string digest = add(bytes);
  write(fs::path("repositories") / repository / "_layers/sha256" / digest.substr(7) / "link", digest);
  return digest;
}

std::string RegistryFiles::add_manifest(const std::string& repository, const std::string& tag,
                                        std::string_view bytes) const {
  const std::string digest = add(bytes);
  const fs::path manifests = fs::path("repositories") / repository / "_manifests";
  write(manifests / "revisions/sha256" / digest.substr(7) / "link", digest);
  write(manifests / "tags" / tag / "current/link", digest);
  write(manifests / "tags" / tag / "index/sha256" / digest.substr(7) / "link", digest);
  return digest;
}

}  // namespace hallmark::test
