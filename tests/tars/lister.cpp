// SPDX-License-Identifier: Apache-2.0
//
// What hallmark's reader of archives and libarchive's make of many tars, for tests/tars/readers.py. On standard input
// each has its size before it, as a line; the answer to each is
//
//     hallmark                        or libarchive, which is asked when hallmark accepts the tar
//     TYPE NAME TARGET SHA256         of each entry; names and targets in hex, "-" for none
//     !MESSAGE                        where the reader stopped, if it did
//     .
#include <archive.h>
#include <archive_entry.h>

#include <iostream>
#include <memory>
#include <string>

#include "store/archive/tar_entries.h"
#include "trust/digest.h"
#include "trust/error.h"

using namespace hallmark;

namespace {

void print(char type, const std::string& name, const std::string& target, const std::string& body) {
  const auto hex = [](const std::string& text) { return text.empty() ? std::string("-") : hex_of(view_of(text)); };
  std::cout << type << ' ' << hex(name) << ' ' << hex(target) << ' ' << Digest::of(view_of(body)).hex() << '\n';
}

/// Whether it accepts the tar.
bool list_by_hallmark(const std::string& tar) {
  using Type = store::TarEntry::Type;
  // In pieces that end anywhere, as they come from a pipe.
  constexpr std::size_t kPiece = 700;
  std::size_t at = 0;
  store::TarEntries entries([&] {
    const auto piece = view_of(tar).subspan(at, std::min(kPiece, tar.size() - at));
    at += piece.size();
    return piece;
  });
  std::cout << "hallmark\n";
  try {
    while (const auto entry = entries.next()) {
      std::string body;
      for (ByteView piece = entries.data(); !piece.empty(); piece = entries.data()) body += text_of(piece);
      // From the root, while others tell it as it is written.
      const std::string target = entry->type == Type::link ? "/" + entry->target : "";
      print(entry->type == Type::file ? 'f' : entry->type == Type::folder ? 'd' : 'l', entry->name, target, body);
    }
    return true;
  } catch (const Error& error) {
    std::cout << '!' << printable(error.what(), 300) << '\n';
    return false;
  }
}

struct Close {
  void operator()(archive* open) const { archive_read_free(open); }
};

std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

std::string body_of(archive* open) {
  std::string body;
  std::string piece(4096, '\0');
  for (la_ssize_t size = 1; size > 0; body.append(piece, 0, static_cast<std::size_t>(size))) {
    size = archive_read_data(open, piece.data(), piece.size());
    if (size < 0) throw Error(Fault::corrupt, text_or_empty(archive_error_string(open)), "");
  }
  return body;
}

void list_by_libarchive(const std::string& tar) {
  const std::unique_ptr<archive, Close> open(archive_read_new());
  archive_read_support_format_tar(open.get());
  std::cout << "libarchive\n";
  try {
    int status = archive_read_open_memory(open.get(), tar.data(), tar.size());
    archive_entry* entry = nullptr;
    while (status >= ARCHIVE_WARN && (status = archive_read_next_header(open.get(), &entry)) != ARCHIVE_EOF) {
      if (status < ARCHIVE_WARN) break;
      const auto type = archive_entry_filetype(entry);
      print(type == AE_IFREG   ? 'f'
            : type == AE_IFDIR ? 'd'
            : type == AE_IFLNK ? 'l'
                               : '?',
            text_or_empty(archive_entry_pathname(entry)),
            text_or_empty(type == AE_IFLNK ? archive_entry_symlink(entry) : archive_entry_hardlink(entry)),
            body_of(open.get()));
    }
    if (status < ARCHIVE_WARN)
      std::cout << '!' << printable(text_or_empty(archive_error_string(open.get())), 300) << '\n';
  } catch (const Error& error) {
    std::cout << '!' << printable(error.what(), 300) << '\n';
  }
}

}  // namespace

int main() {
  for (std::string size; std::getline(std::cin, size);) {
    std::string tar(std::stoul(size), '\0');
    if (!std::cin.read(tar.data(), static_cast<std::streamsize>(tar.size()))) return 1;
    if (list_by_hallmark(tar)) list_by_libarchive(tar);
    std::cout << "." << std::endl;
  }
}
