// SPDX-License-Identifier: Apache-2.0
//
// Keys, roots and certificates that a store of the policy names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trust/bytes.h"
#include "trust/json.h"
#include "trust/system/system.h"

namespace hallmark::trust {

/// 64 digits of hex in lower case: an id of a key, or a SHA-256.
bool is_hex64(std::string_view text);

/// Reads the files that a store names and keeps account of them. Fault::usage for what cannot be used.
class Material {
 public:
  /// Both outlive this.
  Material(std::vector<MaterialFile>& files, const ReadFile& read_file) : files_(files), read_file_(read_file) {}

  /// By an absolute path.
  Bytes file(const std::string& path);
  /// {"path": ...} or {"data": base64}, each with or without "sha256".
  Bytes object(const json::Value& value);

 private:
  std::vector<MaterialFile>& files_;
  const ReadFile& read_file_;
};

}  // namespace hallmark::trust
