// SPDX-License-Identifier: Apache-2.0
#include "policy/signers.h"

#include "trust/json.h"
#include "trust/tuf/notary.h"

namespace hallmark::policy {
namespace {

/// Canonical ids of the keys that the verified root document lists for the role.
std::set<std::string> listed_in_root(ByteView root, std::string_view role) {
  const json::Value document = json::parse("root", root);
  const json::Object& content = document.object().at("signed").object();
  const json::Object& keys = content.at("keys").object();
  std::set<std::string> signers;
  for (const json::Value& id : content.at("roles").object().at(role).object().at("keyids").array()) {
    signers.insert("key:" + tuf::notary().parse_key(keys.at(id.string()).object()).canonical_id);
  }
  return signers;
}

}  // namespace

std::set<std::string> signers_of(const tuf::Outcome& outcome, const std::string& role) {
  const auto* repository = std::get_if<tuf::Repository>(&outcome.result);
  const auto root = outcome.learned.files.find("root");
  if (repository == nullptr || root == outcome.learned.files.end()) return {};
  std::set<std::string> signers = listed_in_root(root->second, "root");
  signers.merge(listed_in_root(root->second, "targets"));
  if (const auto listed = repository->delegations().find(role); listed != repository->delegations().end()) {
    for (const std::string& id : listed->second.key_ids) signers.insert("key:" + id);
  }
  return signers;
}

}  // namespace hallmark::policy
