// SPDX-License-Identifier: Apache-2.0
#include "cmd/images/still_there.h"

namespace hallmark::cmd {

bool is_still_there(const store::Store& store, const store::Entry& entry) {
  const auto now = store.find(entry.name);
  return now && now->root.digest == entry.root.digest;
}

void require_still_there(const store::Store& store, const store::Entry& entry) {
  const auto now = store.find(entry.name);
  if (now && now->root.digest == entry.root.digest) return;
  throw Error(Fault::missing,
              entry.name.familiar() + (now ? " was given to another image meanwhile" : " was removed meanwhile") +
                  ": expected " + entry.root.digest.to_string() + ", found " +
                  (now ? now->root.digest.to_string() : "nothing"),
              "another run did it; if it is still wanted, pull or load it again, and repeat this command");
}

}  // namespace hallmark::cmd
