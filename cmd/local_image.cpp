// SPDX-License-Identifier: Apache-2.0
#include "cmd/local_image.h"

#include <algorithm>
#include <utility>

#include "trust/error.h"
#include "trust/reference.h"

namespace hallmark::cmd {
namespace {

store::Document read_manifest(const store::Store& store, const store::Entry& entry) {
  store::Document root = store.read(entry.root);
  if (!store::is_index(root.descriptor.media_type)) return root;
  for (const store::Descriptor& manifest : store::parse_index(root).manifests) {
    if (!entry.manifests.empty() && manifest.digest == entry.manifests.front()) return store.read(manifest);
  }
  fail(Fault::corrupt, "the index ", entry.root.digest.to_string(), " does not list a manifest that is here");
}

}  // namespace

LocalImage read_image(const store::Store& store, const store::Entry& entry) {
  return within(entry.name.familiar(), [&] {
    try {
      const store::Manifest manifest = store::parse_manifest(read_manifest(store, entry));
      return LocalImage{entry, manifest.config.digest, store.read(manifest.config).bytes};
    } catch (const Error& error) {
      if (error.fault() != Fault::missing) throw;
      // The name is here, so that its bytes should be: that is damage, not an absence.
      throw Error(Fault::corrupt, error.what(), "hallmark check tells what is damaged");
    }
  });
}

std::vector<store::Entry> entries_of(const store::Store& store, const Digest& id) {
  std::vector<store::Entry> entries = store.list();
  const auto is_other = [&](const store::Entry& entry) {
    try {
      return read_image(store, entry).id != id;
    } catch (const Error& error) {
      if (error.fault() == Fault::interrupted) throw;
      return true;
    }
  };
  entries.erase(std::remove_if(entries.begin(), entries.end(), is_other), entries.end());
  return entries;
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
