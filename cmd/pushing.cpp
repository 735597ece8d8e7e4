// SPDX-License-Identifier: Apache-2.0
#include "cmd/pushing.h"

#include <ostream>

#include "cmd/outgoing.h"
#include "trust/error.h"

namespace hallmark::cmd {

store::Entry entry_to_push(const store::Store& store, const Reference& name) {
  if (auto entry = store.find(name)) return *std::move(entry);
  throw Error(Fault::missing, "An image does not exist locally with the tag: " + name.familiar(),
              "hallmark images lists what there is");
}

void push_one(Push& push, const store::Entry& entry, registry::Repository& target) {
  const Outgoing image = outgoing(push.store, entry);
  const std::string& tag = entry.name.tag().value();
  if (push.publisher != nullptr) {
    push.publisher->prepare(signs(*push.publisher, tag, image.root().descriptor), true);
  }
  send(push.store, entry, image, target, [&](const store::Descriptor& blob, const std::string& word) {
    if (!push.quiet) push.surroundings.lines.print(blob.digest.abbreviated() + ": " + word);
  });
  if (push.publisher != nullptr) {
    if (!push.quiet) push.surroundings.err << "Signing and pushing trust metadata" << std::endl;
    push.publisher->publish();
    require_signed(*push.publisher, entry.name, image.root().descriptor.digest);
  }
  target.put_manifest(image.root(), tag);
  if (push.quiet) {
    push.surroundings.out << entry.name.to_string() << std::endl;
    return;
  }
  const store::Descriptor& root = image.root().descriptor;
  push.surroundings.out << tag << ": digest: " << root.digest.to_string() << " size: " << root.size << std::endl;
}

}  // namespace hallmark::cmd
