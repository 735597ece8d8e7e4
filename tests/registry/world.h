// SPDX-License-Identifier: Apache-2.0
//
// What a test of this room needs around it: a private folder, settings that wait for nothing, and what was said.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "registry/settings.h"
#include "trust/bytes.h"

namespace hallmark::test {

/// A folder that is gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "hallmark-registry.XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Folders on the way are made.
  std::filesystem::path write(const std::string& name, std::string_view text) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }

 private:
  std::filesystem::path path_;
};

class World {
 public:
  World() {
    settings.docker_config = folder.path() / "docker";
    settings.certificate_roots = {folder.path() / "certs.d"};
    settings.user_agent = "hallmark/test";
    settings.notice = [this](const std::string& line) { add(notices_, line); };
    settings.trace = [this](const std::string& line) { add(traces_, line); };
    settings.timing.connect = std::chrono::milliseconds(2000);
    settings.timing.trust_connect = std::chrono::milliseconds(2000);
    settings.timing.first_byte = std::chrono::seconds(1);
    settings.timing.stall = std::chrono::seconds(1);
    settings.timing.first_wait = std::chrono::milliseconds(5);
    settings.timing.longest_wait = std::chrono::seconds(2);
  }

  void set_config(std::string_view json) const { folder.write("docker/config.json", json); }
  void trust(const std::string& authority, std::string_view pem) const {
    folder.write("certs.d/" + authority + "/ca.crt", pem);
  }
  std::vector<std::string> notices() {
    const std::lock_guard lock(mutex_);
    return notices_;
  }
  /// All lines in one text.
  std::string said() {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const std::string& line : notices_) text += line + "\n";
    for (const std::string& line : traces_) text += line + "\n";
    return text;
  }

  Folder folder;
  registry::Settings settings;

 private:
  void add(std::vector<std::string>& lines, const std::string& line) {
    const std::lock_guard lock(mutex_);
    lines.push_back(line);
  }

  std::mutex mutex_;
  std::vector<std::string> notices_;
  std::vector<std::string> traces_;
};

/// A sink that keeps what it gets.
class Kept final : public ByteSink {
 public:
  void write(ByteView piece) override { text += text_of(piece); }
  std::string text;
};

}  // namespace hallmark::test
