// SPDX-License-Identifier: Apache-2.0
//
// Pushing one image of the store, signed or not, as push and trust sign --local do it.
#pragma once

#include "cmd/publishing/signing.h"
#include "registry/repository.h"
#include "store/store.h"

namespace hallmark::cmd {

/// What all images of one push have in common.
struct Push {
  Environment& environment;
  const store::Store& store;
  bool quiet;
  Publisher* publisher;              ///< nullptr without content trust
  std::vector<std::string> roles{};  ///< in which it is signed; empty: where docker would
};

/// Fault::missing, in docker's words, when the store has no such image.
store::Entry entry_to_push(const store::Store& store, const Reference& name);

/// With content trust the keys and the trust server are tried before the first byte goes out, and the tag is given
/// last: nobody ever sees an unsigned one. Prints to standard error alone; what has the tag now is the result.
store::Descriptor push_one(Push& push, const store::Entry& entry, registry::Repository& target);

/// Docker's line about it.
std::string pushed_text(const std::string& tag, const store::Descriptor& root);

}  // namespace hallmark::cmd
