// SPDX-License-Identifier: Apache-2.0
#include "store/stream/libarchive.h"

#include <cerrno>

#include "trust/bytes.h"

namespace hallmark::store {
namespace {

/// More than a filter of ours ever asks for at once.
constexpr std::size_t kMostOfAFilter = std::size_t{16} << 20U;

}  // namespace

void check_memory(archive* open) {
  if (archive_errno(open) == ENOMEM) throw std::bad_alloc();
  ::operator delete(::operator new(kMostOfAFilter));  // throws where there is none; a compiler must not leave it out
}

}  // namespace hallmark::store
