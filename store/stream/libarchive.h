// SPDX-License-Identifier: Apache-2.0
//
// libarchive's handles as owned ones. For the files that use libarchive, and no others.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <exception>
#include <memory>
#include <new>
#include <string>

#include "trust/error.h"

namespace hallmark::store {

struct ReadEnd {
  void operator()(archive* open) const { archive_read_free(open); }
};
struct WriteEnd {
  void operator()(archive* open) const { archive_write_free(open); }
};
struct EntryEnd {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using ReadArchive = std::unique_ptr<archive, ReadEnd>;
using WriteArchive = std::unique_ptr<archive, WriteEnd>;

/// libarchive answers nullptr when it gets no memory for a handle.
template <class Handle>
Handle made(Handle handle) {
  if (!handle) throw std::bad_alloc();
  return handle;
}

/// After a failure. Memory that this machine has not is no fault of the archive; not every filter says that it was
/// that.
void check_memory(archive* open);

/// For a message. libarchive's text may repeat bytes of the archive, so it is made printable and cut.
inline std::string reason_of(archive* open) {
  const char* text = archive_error_string(open);
  return text == nullptr ? "it gives no reason" : printable(text, 200);
}

/// What our functions throw when libarchive calls them: kept until libarchive has returned.
class CallbackGuard {
 public:
  /// For what libarchive calls: no exception may pass through C. -1 ends libarchive's work.
  template <class Work>
  la_ssize_t guard(Work&& work) noexcept {
    try {
      return std::forward<Work>(work)();
    } catch (...) {
      thrown_ = std::current_exception();
      return -1;
    }
  }
  /// After every call that may have called back.
  void rethrow() const {
    if (thrown_ != nullptr) std::rethrow_exception(thrown_);
  }

 private:
  std::exception_ptr thrown_;
};

}  // namespace hallmark::store
