// SPDX-License-Identifier: Apache-2.0
#include "registry/config/docker_config.h"

#include <fstream>
#include <iterator>
#include <system_error>

#include "store/disk/edited_file.h"
#include "store/disk/file.h"
#include "store/disk/owner.h"
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
  const std::string text = with_tabs(json::Writer(kIndent).value(json::Value(config)).text()) + "\n";
  try {
    store::replace_private_file(target, text);
  } catch (const Error& error) {
    throw Error(error.fault(), target.string() + " cannot be written: " + error.what(),
                "credentials are kept there; check who may write to its folder");
  }
}

}  // namespace hallmark::registry
