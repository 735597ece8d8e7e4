// SPDX-License-Identifier: Apache-2.0
//
// Another run may remove an image while this one reads it: then that is what happened, and nothing is damaged.
#pragma once

#include <span>
#include <utility>

#include "store/store.h"
#include "trust/error.h"

namespace hallmark::cmd {

/// Whether the entry that was found before is in the store, under its name and with its digest.
bool is_still_there(const store::Store& store, const store::Entry& entry);
/// Fault::missing when the entry that was found before is no longer in the store, under its name and with its digest.
void require_still_there(const store::Store& store, const store::Entry& entry);

/// Runs what reads the entries' documents and blobs; when it finds something missing or damaged, it is asked first
/// whether the images are still there.
template <class Work>
decltype(auto) while_there(const store::Store& store, std::span<const store::Entry> entries, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Error& error) {
    // Other faults are of the network, of the command line or of a person, and no removal explains them.
    const bool is_about_the_store =
        error.fault() == Fault::missing || error.fault() == Fault::corrupt || error.fault() == Fault::local;
    if (is_about_the_store) {
      for (const store::Entry& entry : entries) require_still_there(store, entry);
    }
    throw;
  }
}

template <class Work>
decltype(auto) while_there(const store::Store& store, const store::Entry& entry, Work&& work) {
  return while_there(store, std::span(&entry, 1), std::forward<Work>(work));
}

/// The same for a list: an image that was removed meanwhile, or pulled anew, is not the one that was listed, and its
/// work is left out without a word.
template <class Work>
void unless_removed(const store::Store& store, const store::Entry& entry, Work&& work) {
  try {
    std::forward<Work>(work)();
  } catch (const Error& error) {
    // Asked after the failure, not before the work: it may have been removed at any moment in between.
    const bool is_about_the_store =
        error.fault() == Fault::missing || error.fault() == Fault::corrupt || error.fault() == Fault::local;
    if (!is_about_the_store || is_still_there(store, entry)) throw;
  }
}

}  // namespace hallmark::cmd
