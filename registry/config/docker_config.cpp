// SPDX-License-Identifier: Apache-2.0
#include "registry/config/docker_config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <system_error>

#include "store/disk/file.h"
#include "store/disk/file_descriptor.h"
#include "store/disk/owner.h"
#include "store/disk/unfinished_name.h"
#include "trust/bytes.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

namespace fs = std::filesystem;

/// The key of Docker Hub in docker's files, from the time of the first protocol.
constexpr std::string_view kHubKey = "https://index.docker.io/v1/";
constexpr std::uintmax_t kMostConfigBytes = std::uintmax_t{4} << 20U;
constexpr std::size_t kIndent = 2;

/// Tabs at the beginning of lines, as docker writes them. Texts in JSON have no line breaks.
std::string with_tabs(const std::string& text) {
  std::string out;
  bool at_beginning = true;
  for (std::size_t index = 0; index < text.size(); ++index) {
    if (at_beginning && text.compare(index, kIndent, std::string(kIndent, ' ')) == 0) {
      out += '\t';
      index += kIndent - 1;
      continue;
    }
    at_beginning = text[index] == '\n';
    out += text[index];
  }
  return out;
}

[[noreturn]] void fail_system(const fs::path& file) {
  throw Error(Fault::local, file.string() + " cannot be written: " + std::generic_category().message(errno),
              "credentials are kept there; check who may write to its folder");
}

void write_private(const fs::path& file, const std::string& text) {
  // Nobody else can have put a file, or a link, under this name to read along.
  const store::FileDescriptor descriptor(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (!descriptor.is_open()) fail_system(file);
  ByteView left = view_of(text);
  bool sound = true;
  while (sound && !left.empty()) {
    const ssize_t count = ::write(descriptor.number(), left.data(), left.size());
    if (count < 0 && errno == EINTR) continue;
    sound = count >= 0;
    if (sound) left = left.subspan(static_cast<std::size_t>(count));
  }
  // Before the rename: after a crash the name must not lead to an empty file.
  sound = sound && ::fsync(descriptor.number()) == 0;
  if (sound) return;
  const int error = errno;
  ::unlink(file.c_str());
  errno = error;
  fail_system(file);
}

/// What the name leads to; itself when it is no link.
fs::path behind_links(const fs::path& file) {
  std::error_code error;
  if (!fs::is_symlink(file, error)) return file;
  fs::path target = fs::weakly_canonical(file, error);
  return error ? file : target;
}

}  // namespace

void require_own_config(const fs::path& file) { store::require_own_file("docker's configuration", file); }

std::vector<std::string> keys_for(const std::string& domain) {
  if (domain != "docker.io") return {domain};
  return {std::string(kHubKey), "index.docker.io", "docker.io", "registry-1.docker.io"};
}

std::optional<std::string> read_docker_config(const fs::path& file) {
  std::error_code error;
  const auto status = fs::status(file, error);
  // This alone is an absence. A file that may not be read may name a helper.
  if (status.type() == fs::file_type::not_found) return std::nullopt;
  const auto size = fs::file_size(file, error);
  if (error) fail(Fault::local, file.string(), " cannot be read: ", error.message());
  if (size > kMostConfigBytes) fail(Fault::usage, file.string(), " has ", size, " bytes: too many");
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) fail(Fault::local, file.string(), " cannot be read");
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return std::nullopt;
  return text;
}

const json::Object* object_member(const json::Object& object, std::string_view name) {
  const json::Value* const value = object.find(name);
  return value == nullptr || value->is_null() ? nullptr : &value->object();
}

std::string text_member(const json::Object& object, std::string_view name) {
  const json::Value* const value = object.find(name);
  return value == nullptr || value->is_null() ? std::string() : value->string();
}

std::string helper_for(const json::Object& config, const std::vector<std::string>& keys) {
  if (const json::Object* const helpers = object_member(config, "credHelpers")) {
    for (const std::string& key : keys) {
      if (helpers->find(key) != nullptr) return text_member(*helpers, key);
    }
  }
  return text_member(config, "credsStore");
}

json::Object with_member(const json::Object& object, const std::string& name, std::optional<json::Value> value) {
  std::vector<json::Object::Member> members;
  for (const json::Object::Member& member : object.members()) {
    if (member.first != name) members.push_back(member);
  }
  if (value) members.emplace_back(name, std::move(*value));
  return json::Object(std::move(members));
}

void write_docker_config(const fs::path& file, const json::Object& config) {
  const fs::path target = behind_links(file);
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  store::make_private_directories(folder);
  // Beside the file, so that the rename is one step.
  const fs::path unfinished = folder / ("." + store::unfinished_name());
  write_private(unfinished, with_tabs(json::Writer(kIndent).value(json::Value(config)).text()) + "\n");
  if (std::rename(unfinished.c_str(), target.c_str()) == 0) return;
  const int error = errno;
  ::unlink(unfinished.c_str());
  errno = error;
  fail_system(target);
}

}  // namespace hallmark::registry
