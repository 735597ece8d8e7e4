// SPDX-License-Identifier: Apache-2.0
//
// A trust system: what it adds to the policy file, how it is read, and its words. A constant; it has no state and is
// registered nowhere but in policy/systems.cpp.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trust/bytes.h"
#include "trust/digest.h"
#include "trust/json.h"
#include "trust/system/requirement.h"

namespace hallmark::trust {

/// Reads a file that the policy names. Throws when it cannot.
using ReadFile = std::function<Bytes(const std::string& path)>;

/// A file that was read when the policy was.
struct MaterialFile {
  std::string path;
  Digest digest;
};

/// A named store of a policy: whose keys and roots count.
class Store {
 public:
  virtual ~Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  [[nodiscard]] virtual std::string_view kind() const = 0;
  [[nodiscard]] virtual const std::vector<MaterialFile>& files() const = 0;
  /// For `policy check`: what follows its name and kind, and lines of their own: " at https://..." and "pin  ...".
  [[nodiscard]] virtual std::string summary() const = 0;
  [[nodiscard]] virtual std::vector<std::string> details() const = 0;
  /// Its members in the JSON of `policy check`.
  virtual void write(json::Writer& writer) const = 0;
  /// What whoever wrote the policy should know; each begins with a pointer below `pointer`.
  [[nodiscard]] virtual std::vector<std::string> remarks(const std::string& pointer) const = 0;

 protected:
  Store() = default;
};

using Stores = std::map<std::string, std::shared_ptr<const Store>>;

/// A kind of store. The reader gets the store's object and where it stands; Fault::usage for what it may not be.
struct StoreKind {
  std::string_view kind;
  std::shared_ptr<const Store> (*read)(const json::Object& object, const std::string& pointer, const std::string& name,
                                       const ReadFile& read_file);
};

/// A type of requirement of the native dialect. What every requirement has ("type", "id") is known to the reader too.
struct RequirementKind {
  std::string_view type;
  std::shared_ptr<const Requirement> (*read)(const json::Object& object, const Stores& stores);
};

/// A stable word, and what a person can do about it.
struct Code {
  std::string_view word;
  std::string_view hint;
  std::string_view archive_hint = {};  ///< of an image that came in an archive, where that is another
};

/// Parts of the policy's JSON schema: alternatives for a store and for a requirement, and definitions.
struct Schema {
  std::string_view stores;
  std::string_view requirements;
  std::string_view definitions;
};

/// All that a trust system brings (docs/decisions/0016-one-seam-for-trust-systems.md).
struct System {
  std::string_view name;
  std::span<const StoreKind> stores;
  std::span<const RequirementKind> requirements;
  std::span<const Code> codes;
  Schema schema;
};

}  // namespace hallmark::trust
