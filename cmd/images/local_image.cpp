// SPDX-License-Identifier: Apache-2.0
#include "cmd/images/local_image.h"

#include <algorithm>
#include <ostream>
#include <utility>

#include "store/image_ids.h"
#include "trust/error.h"
#include "trust/reference.h"

namespace hallmark::cmd {
namespace {

/// What a name has lost is damage, not an absence: the name is here, so that its bytes should be.
template <class Work>
auto reading(const store::Entry& entry, const Work& work) {
  return within(entry.name.familiar(), [&] {
    try {
      return work();
    } catch (const Error& error) {
      if (error.fault() != Fault::missing) throw;
      throw Error(Fault::corrupt, error.what(), "hallmark check tells what is damaged");
    }
  });
}

LocalImage read_platform(const store::Store& store, const store::Entry& entry, const store::Descriptor& manifest) {
  const store::Manifest parts = store::parse_manifest(store.read(manifest));
  LocalImage image{entry, parts.config.digest, store.read(parts.config).bytes, parts.layers, std::nullopt};
  // The size that the store noted is that of the first platform; an image without layers has none to add up.
  const bool is_first = entry.manifests.empty() || manifest.digest == entry.manifests.front();
  if (is_first && (entry.uncompressed_size > 0 || parts.layers.empty())) image.size = entry.uncompressed_size;
  return image;
}

/// As docker takes ids: any beginning, with or without the name of the algorithm.
bool is_called(const Digest& digest, const std::string& id) {
  return digest.hex().starts_with(id) || digest.to_string().starts_with(id);
}

}  // namespace

LocalImage read_image(const store::Store& store, const store::Entry& entry) {
  return reading(entry, [&] { return read_platform(store, entry, manifests_of(store, entry).front()); });
}

LocalImage read_image_called(const store::Store& store, const store::Entry& entry, const std::string& id) {
  return reading(entry, [&] {
    const std::vector<store::Descriptor> manifests = manifests_of(store, entry);
    const auto called = std::find_if(manifests.begin(), manifests.end(), [&](const store::Descriptor& manifest) {
      return is_called(manifest.digest, id) || is_called(id_of(store, manifest), id);
    });
    // A name, and no id, was typed: then the first platform stands for it, as in lists.
    return read_platform(store, entry, called == manifests.end() ? manifests.front() : *called);
  });
}

void tell_unclear(const store::Store::Removal& removal, std::ostream& err) {
  // Names went and no space came back: without this line it would look like a fault.
  if (removal.unclear.empty()) return;
  err << "no blob was deleted, for it cannot be said what other images need\n";
  for (const std::string& why : removal.unclear) err << "  " << why << "\n";
}

std::optional<Reference> as_name(const std::string& text) {
  try {
    return Reference::parse(text);
  } catch (const Error&) {
    return std::nullopt;
  }
}

void fail_missing(const std::string& text) {
  std::string name = printable(text, 300);
  try {
    name = Reference::parse(text).familiar();
  } catch (const Error&) {
    // Not every id can be a name; then it is shown as it was typed.
    throw Error(Fault::missing, "no such image: " + name, "hallmark images lists what is here");
  }
  throw Error(Fault::missing, "no such image: " + name,
              "hallmark images lists what is here; hallmark pull brings one in");
}

}  // namespace hallmark::cmd
