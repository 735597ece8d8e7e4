// SPDX-License-Identifier: Apache-2.0
#include "cmd/images/removal_report.h"

#include "trust/json.h"
#include "trust/reference.h"

namespace hallmark::cmd {

void Removed::add(const store::Store::Removal& removal) {
  untagged.insert(removal.untagged.begin(), removal.untagged.end());
  deleted.insert(deleted.end(), removal.deleted.begin(), removal.deleted.end());
  freed += removal.freed;
}

void Removed::add(Removed&& other) {
  untagged.merge(other.untagged);
  deleted.insert(deleted.end(), other.deleted.begin(), other.deleted.end());
  freed += other.freed;
}

std::string Removed::to_json() const {
  json::Writer writer(0);
  writer.begin_object().key("Untagged").begin_array();
  // In full: docker's short form is for people.
  for (const std::string& name : untagged) writer.string(Reference::parse(name).to_string());
  writer.end_array().key("Deleted").begin_array();
  for (const Digest& digest : deleted) writer.string(digest.to_string());
  return writer.end_array().key("Freed").size(freed).end_object().text();
}

}  // namespace hallmark::cmd
