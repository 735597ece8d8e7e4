// SPDX-License-Identifier: Apache-2.0
//
// libarchive, loaded by the first who needs it (docs/decisions/0009), and its handles as owned ones. For the files that
// use libarchive, and no others.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <exception>
#include <memory>
#include <new>
#include <string>

#include "trust/error.h"

namespace hallmark::store {

/// Its functions under their names without "archive_", with the types that its headers give them.
struct LibArchive {
  decltype(&::archive_read_new) read_new = nullptr;
  decltype(&::archive_read_support_filter_bzip2) read_support_filter_bzip2 = nullptr;
  decltype(&::archive_read_support_filter_lz4) read_support_filter_lz4 = nullptr;
  decltype(&::archive_read_support_format_raw) read_support_format_raw = nullptr;
  decltype(&::archive_read_support_format_empty) read_support_format_empty = nullptr;
  decltype(&::archive_read_open) read_open = nullptr;
  decltype(&::archive_read_next_header) read_next_header = nullptr;
  decltype(&::archive_read_data_block) read_data_block = nullptr;
  decltype(&::archive_read_free) read_free = nullptr;
  decltype(&::archive_filter_bytes) filter_bytes = nullptr;
  decltype(&::archive_filter_count) filter_count = nullptr;
  decltype(&::archive_errno) error_number = nullptr;
  decltype(&::archive_error_string) error_string = nullptr;
  decltype(&::archive_write_new) write_new = nullptr;
  decltype(&::archive_write_set_format_raw) write_set_format_raw = nullptr;
  decltype(&::archive_write_add_filter_gzip) write_add_filter_gzip = nullptr;
  decltype(&::archive_write_add_filter_zstd) write_add_filter_zstd = nullptr;
  decltype(&::archive_write_set_filter_option) write_set_filter_option = nullptr;
  decltype(&::archive_write_set_bytes_per_block) write_set_bytes_per_block = nullptr;
  decltype(&::archive_write_set_bytes_in_last_block) write_set_bytes_in_last_block = nullptr;
  decltype(&::archive_write_open) write_open = nullptr;
  decltype(&::archive_write_header) write_header = nullptr;
  decltype(&::archive_write_data) write_data = nullptr;
  decltype(&::archive_write_close) write_close = nullptr;
  decltype(&::archive_write_free) write_free = nullptr;
  decltype(&::archive_entry_new) entry_new = nullptr;
  decltype(&::archive_entry_set_filetype) entry_set_filetype = nullptr;
  decltype(&::archive_entry_free) entry_free = nullptr;
};

/// Loaded once, by whichever thread comes first. Fault::local when this machine has none that will do.
const LibArchive& libarchive();

/// What libarchive() loads: Fault::local when there is no library of that name, or one that lacks a function.
LibArchive load_libarchive(const char* file);

struct ReadEnd {
  void operator()(archive* open) const { libarchive().read_free(open); }
};
struct WriteEnd {
  void operator()(archive* open) const { libarchive().write_free(open); }
};
struct EntryEnd {
  void operator()(archive_entry* entry) const { libarchive().entry_free(entry); }
};
using ReadArchive = std::unique_ptr<archive, ReadEnd>;
using WriteArchive = std::unique_ptr<archive, WriteEnd>;

template <class Handle>
Handle made(Handle handle) {
  if (!handle) throw std::bad_alloc();
  return handle;
}

/// After a failure. Memory that this machine has not is no fault of the archive; not every filter says that it was
/// that.
void check_memory(archive* open);

inline std::string reason_of(archive* open) {
  const char* text = libarchive().error_string(open);
  return text == nullptr ? "it gives no reason" : printable(text, 200);
}

/// What our functions throw when libarchive calls them: kept until libarchive has returned.
class Trouble {
 public:
  template <class Work>
  la_ssize_t guard(Work&& work) noexcept {
    try {
      return std::forward<Work>(work)();
    } catch (...) {
      thrown_ = std::current_exception();
      return -1;
    }
  }
  void rethrow() const {
    if (thrown_ != nullptr) std::rethrow_exception(thrown_);
  }

 private:
  std::exception_ptr thrown_;
};

}  // namespace hallmark::store
