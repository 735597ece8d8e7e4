// SPDX-License-Identifier: Apache-2.0
#include "store/archive/archive_names.h"

#include <map>
#include <set>

#include "store/archive/archive_reading.h"
#include "store/archive/archive_words.h"
#include "store/layout/index_file.h"

namespace hallmark::store {
namespace {

constexpr const char* kFullName = "io.containerd.image.name";
constexpr const char* kDigestName = "vnd.hallmark.bundle.name";

const std::string* annotation(const Descriptor& entry, std::string_view key) {
  const auto found = entry.annotations.find(std::string(key));
  return found == entry.annotations.end() ? nullptr : &found->second;
}

[[noreturn]] void refuse_two_names(const std::string& one, const std::string& other) {
  refuse_archive("E_VIEWS_DISAGREE", "one entry of index.json is called ", printable(one, 300), " and ",
                 printable(other, 300));
}

Reference name_by_digest(const std::string& text, const Digest& digest) {
  Reference name = refusing_as("E_REF_INVALID", [&] { return Reference::parse(text); });
  // Any other digest would be the name of other bytes.
  if (name.tag() || name.digest() != digest) {
    refuse_archive("E_REF_INVALID", "an image is called ", name.familiar(), " and is ", digest.to_string());
  }
  return name;
}

/// A whole name; what it stands for when it says no tag is as everywhere.
Reference name_of(const std::string& text, const Digest& digest) {
  Reference name = parse_name(text);
  require_own_digest(name, digest);
  return name;
}

/// Beside a whole name the short one is its tag, its digest or both, as containerd cuts it, or says the same.
void check_short_name(const std::string& short_name, const std::string& full, const Digest& digest) {
  const Reference name = Reference::parse(full);
  const std::string tag = name.tag().value_or("");
  if (!tag.empty() && short_name == tag) return;
  if (name.digest() && short_name == tag + "@" + digest.to_string()) return;
  if (Reference::is_tag(short_name) || short_name.starts_with('@') ||
      name_of(short_name, digest) != name_of(full, digest)) {
    refuse_two_names(name.familiar(), short_name);
  }
}

}  // namespace

Listed listed_as(const Descriptor& entry) {
  const std::string* full = annotation(entry, kFullName);
  const std::string* by_digest = annotation(entry, kDigestName);
  const std::string* short_name = annotation(entry, kRefName);
  // Some readers would load it under that name, others would pass it over.
  if ((full != nullptr || by_digest != nullptr) && annotation(entry, kAbout) != nullptr) {
    refuse_archive("E_VIEWS_DISAGREE", "an entry of index.json has a name, and says that it is about another image");
  }
  if (by_digest != nullptr) {
    const std::string* other = full != nullptr ? full : short_name;
    if (other != nullptr) refuse_two_names(*by_digest, *other);
    return {entry, name_by_digest(*by_digest, entry.digest), std::nullopt};
  }
  if (full != nullptr) {
    const Reference name = name_of(*full, entry.digest);
    if (short_name != nullptr) check_short_name(*short_name, *full, entry.digest);
    return {entry, name, std::nullopt};
  }
  if (short_name == nullptr) return {entry, std::nullopt, std::nullopt};
  // A tag is half a name: manifest.json may have the rest.
  if (Reference::is_tag(*short_name)) return {entry, std::nullopt, *short_name};
  // A digest alone is none: it says again what the entry is.
  if (*short_name == "@" + entry.digest.to_string()) return {entry, std::nullopt, std::nullopt};
  return {entry, name_of(*short_name, entry.digest), std::nullopt};
}

void check_tags(const std::vector<Listed>& entries) {
  std::map<std::string, std::set<Digest>> meant;
  for (const Listed& entry : entries) {
    if (const std::string* text = annotation(entry.descriptor, kRefName)) meant[*text].insert(entry.descriptor.digest);
  }
  // Images of two repositories may have one tag where their whole names tell them apart: docker writes them so.
  for (const Listed& entry : entries) {
    if (!entry.tag || meant.at(*entry.tag).size() == 1) continue;
    refuse_archive("E_VIEWS_DISAGREE", *entry.tag, " stands for two images in index.json");
  }
}

}  // namespace hallmark::store
