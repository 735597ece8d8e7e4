// SPDX-License-Identifier: Apache-2.0
#include "trust/system/material.h"

#include <algorithm>

#include "trust/error.h"
#include "trust/system/scope.h"
#include "trust/system/values.h"

namespace hallmark::trust {
namespace {

/// Keys, roots and certificates are far smaller. A wrong path may lead to anything.
constexpr std::size_t kMostFileBytes = std::size_t{1} << 20U;

void check_hash(const std::string& wanted, ByteView bytes) {
  if (!is_hex64(wanted)) refuse("sha256 is 64 lower-case hex digits, found \"", printable(wanted, 80), "\"");
  if (const std::string found = Digest::of(bytes).hex(); found != wanted) {
    throw Error(Fault::usage, "expected sha256 " + wanted + ", found " + found,
                "compare the file with the one its publisher gave you before you change the policy");
  }
}

}  // namespace

bool is_hex64(std::string_view text) {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Bytes Material::file(const std::string& path) {
  // Absolute, since a policy must not mean another file in another folder.
  if (!is_clean_path(path)) refuse("\"", printable(path, 200), "\" is no clean absolute path");
  Bytes bytes = within("file \"" + printable(path, 200) + "\"", [&] { return read_file_(path); });
  if (bytes.empty()) refuse("file \"", printable(path, 200), "\" is empty");
  if (bytes.size() > kMostFileBytes) {
    refuse("file \"", printable(path, 200), "\" has ", bytes.size(), " bytes, at most ", kMostFileBytes, " are read");
  }
  // By the hash of what was read, so that the record tells which bytes counted.
  files_.push_back({path, Digest::of(bytes)});
  return bytes;
}

Bytes Material::object(const json::Value& value) {
  const json::Object& material = value.object();
  material.allow_only({"path", "data", "sha256"});
  const json::Value* path = material.find("path");
  const json::Value* data = material.find("data");
  if ((path == nullptr) == (data == nullptr)) refuse("exactly one of path and data must be given");
  Bytes bytes = path != nullptr ? file(path->string()) : parse_base64(data->string());
  if (bytes.empty()) refuse("data is empty");
  if (bytes.size() > kMostFileBytes) refuse("data has ", bytes.size(), " bytes, at most ", kMostFileBytes);
  if (const json::Value* wanted = material.find("sha256")) check_hash(wanted->string(), bytes);
  return bytes;
}

}  // namespace hallmark::trust
