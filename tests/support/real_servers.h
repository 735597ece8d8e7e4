// SPDX-License-Identifier: Apache-2.0
//
// The servers that Debian ships, started on free ports of the loopback for one test and ended with it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hallmark::test {

/// Whether the program is in PATH. If not, a line that ctest takes as "skipped" is printed.
bool is_installed(const std::string& program);

/// A program that runs as long as this is there. Its output goes to the file.
class Program {
 public:
  Program(const std::vector<std::string>& command, const std::filesystem::path& log);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// Its exit status, when it has come to its end.
  int wait();
  /// Until it listens on the port; throws after ten seconds or when it has ended.
  void wait_for_port(int port);

 private:
  pid_t number_ = 0;
};

/// What is stored in a registry before it starts: written as its file system driver keeps it.
class RegistryFiles {
 public:
  explicit RegistryFiles(std::filesystem::path root) : root_(std::move(root)) {}

  /// Returns the digest.
  std::string add_blob(const std::string& repository, std::string_view bytes) const;
  std::string add_manifest(const std::string& repository, const std::string& tag, std::string_view bytes) const;

 private:
  std::string add(std::string_view bytes) const;
  void write(const std::filesystem::path& file, std::string_view bytes) const;

  std::filesystem::path root_;
};

}  // namespace hallmark::test
