// SPDX-License-Identifier: Apache-2.0
#include "store/stream/libarchive.h"

#include <cerrno>

#include "trust/bytes.h"
#include "trust/shared_library.h"

namespace hallmark::store {
namespace {

/// More than a filter of ours ever asks for at once.
constexpr std::size_t kMostOfAFilter = std::size_t{16} << 20U;

void find_reading(const SharedLibrary& library, LibArchive& functions) {
  library.find("archive_read_new", functions.read_new);
  library.find("archive_read_support_filter_bzip2", functions.read_support_filter_bzip2);
  library.find("archive_read_support_filter_lz4", functions.read_support_filter_lz4);
  library.find("archive_read_support_format_raw", functions.read_support_format_raw);
  library.find("archive_read_support_format_empty", functions.read_support_format_empty);
  library.find("archive_read_open", functions.read_open);
  library.find("archive_read_next_header", functions.read_next_header);
  library.find("archive_read_data_block", functions.read_data_block);
  library.find("archive_read_free", functions.read_free);
  library.find("archive_filter_bytes", functions.filter_bytes);
  library.find("archive_filter_count", functions.filter_count);
  library.find("archive_errno", functions.error_number);
  library.find("archive_error_string", functions.error_string);
}

void find_writing(const SharedLibrary& library, LibArchive& functions) {
  library.find("archive_write_new", functions.write_new);
  library.find("archive_write_set_format_raw", functions.write_set_format_raw);
  library.find("archive_write_add_filter_gzip", functions.write_add_filter_gzip);
  library.find("archive_write_add_filter_zstd", functions.write_add_filter_zstd);
  library.find("archive_write_set_filter_option", functions.write_set_filter_option);
  library.find("archive_write_set_bytes_per_block", functions.write_set_bytes_per_block);
  library.find("archive_write_set_bytes_in_last_block", functions.write_set_bytes_in_last_block);
  library.find("archive_write_open", functions.write_open);
  library.find("archive_write_header", functions.write_header);
  library.find("archive_write_data", functions.write_data);
  library.find("archive_write_close", functions.write_close);
  library.find("archive_write_free", functions.write_free);
  library.find("archive_entry_new", functions.entry_new);
  library.find("archive_entry_set_filetype", functions.entry_set_filetype);
  library.find("archive_entry_free", functions.entry_free);
}

}  // namespace

LibArchive load_libarchive(const char* file) {
  const SharedLibrary library(
      file, "the archive library",
      "install libarchive or a newer one (Debian's package is libarchive13, from Debian 13 on libarchive13t64)");
  LibArchive functions;
  find_reading(library, functions);
  find_writing(library, functions);
  return functions;
}

void check_memory(archive* open) {
  if (libarchive().error_number(open) == ENOMEM) throw std::bad_alloc();
  ::operator delete(::operator new(kMostOfAFilter));  // throws where there is none; a compiler must not leave it out
}

const LibArchive& libarchive() {
  static const LibArchive kLibrary = load_libarchive(HALLMARK_LIBARCHIVE_SONAME);
  return kLibrary;
}

}  // namespace hallmark::store
