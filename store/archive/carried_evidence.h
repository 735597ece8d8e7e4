// SPDX-License-Identifier: Apache-2.0
//
// Evidence that an archive carries besides trust data: signatures of other kinds, SBOMs. It is kept for whoever can
// judge it, and decides nothing here.
#pragma once

#include <set>
#include <vector>

#include "store/archive/archive.h"
#include "store/layout/evidence.h"
#include "store/store.h"

namespace hallmark::store {

/// The most files of all evidence of one bundle: each of them becomes one in the store, however small.
constexpr std::size_t kMostEvidenceFiles = 4000;

/// What evidence may be about: the image and its manifests.
std::set<Digest> subjects_of(const ArchiveImage& image);

/// All that the archive lists, none of it read.
std::vector<EvidenceEntry> listed_evidence(const Archive& archive);
/// Those that are about images of the archive. Every byte of them was there and hashed when it returns; Fault::corrupt
/// otherwise, and when it is more than may be carried.
std::vector<EvidenceEntry> carried_evidence(const Archive& archive);

/// What is about one image, directly or not, with all its bytes. Fault::corrupt as above.
std::vector<Evidence> carried_about(const Archive& archive, const Digest& subject);

/// Into the store, from the archive that carries it.
void keep(const std::vector<EvidenceEntry>& evidence, const Archive& archive, Store& store, const StoreLock& lock);

}  // namespace hallmark::store
