// SPDX-License-Identifier: Apache-2.0
//
// A store of kind "tuf": where trust data come from, by which roots they are held, and which roles count.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trust/system/system.h"
#include "trust/tuf/question.h"

namespace hallmark::tuf {

/// What may be the first root of some repositories.
struct Pin {
  std::string gun;  ///< exact, or "prefix/*"
  Anchor anchor;
};

/// As the policy has it, read and checked; nothing of it changes afterwards.
class Store final : public trust::Store {
 public:
  std::string name;
  std::vector<Pin> pins;               ///< no two for one gun
  std::optional<std::string> server;   ///< https URL or file:///PATH
  std::optional<std::string> ca_file;  ///< absolute path
  std::vector<std::string> roles;      ///< never empty: docker's order when the file says nothing
  /// Files that were read for it, with their hashes.
  std::vector<trust::MaterialFile> material;

  /// The pin for the name: exact, or the longest prefix. nullptr when none fits.
  [[nodiscard]] const Pin* pin_for(const std::string& gun) const;

  [[nodiscard]] std::string_view kind() const override { return "tuf"; }
  [[nodiscard]] const std::vector<trust::MaterialFile>& files() const override { return material; }
  [[nodiscard]] std::string summary() const override;
  [[nodiscard]] std::vector<std::string> details() const override;
  void write(json::Writer& writer) const override;
  [[nodiscard]] std::vector<std::string> remarks(const std::string& pointer) const override;
};

/// Everything that it names is read. Fault::usage for what it may not be.
std::shared_ptr<const trust::Store> read_store(const json::Object& object, const std::string& pointer,
                                               const std::string& name, const trust::ReadFile& read_file);

/// The name of a collection of trust data; never a reference with tag or digest.
std::string gun_in(const json::Value& value);
/// Trust roles: "targets", "targets/releases".
std::vector<std::string> roles_in(const json::Value& value);

}  // namespace hallmark::tuf
