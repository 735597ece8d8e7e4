// SPDX-License-Identifier: Apache-2.0
#include "store/archive/archive.h"

#include <algorithm>
#include <map>

#include "store/staging/staging.h"
#include "store/store.h"
#include "tests/fuzz/folder.h"
#include "tests/fuzz/fuzz.h"
#include "trust/digest.h"

namespace hallmark::fuzz {
namespace {

/// As `hallmark load` without a gate: everything is read, every image is taken, nothing is committed.
void load(ByteView bytes) {
  const Folder folder;
  const store::Store store(folder.path() / "store");
  store::Staging staging(store.directory());
  ask([&] {
    store::Archive archive(staging);
    std::size_t at = 0;
    archive.read(
        [&](std::span<std::uint8_t> buffer) {
          const std::size_t size = std::min({buffer.size(), bytes.size() - at, std::size_t{4096}});
          std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, buffer.begin());
          at += size;
          return size;
        },
        [](const std::vector<store::ArchiveImage>&) {}, [](std::uint64_t) {});
    for (const store::ArchiveImage& image : archive.images()) {
      archive.take(image, [](std::uint64_t) {});
      static_cast<void>(staging.seal(image.root.descriptor, image.chosen));
    }
  });
  for (const auto& item : std::filesystem::directory_iterator(folder.path())) {
    if (item.path().filename() != "store") std::abort();  // something was made beside the store
  }
  if (std::filesystem::exists(store.directory() / "index.json")) std::abort();
}

std::string header(const std::string& name, std::size_t size) {
  std::string block(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) { block.replace(at, text.size(), text); };
  const auto octal = [](std::size_t value, std::size_t digits) {
    std::string text(digits, '0');
    for (std::size_t at = digits; at-- > 0; value /= 8) text[at] = static_cast<char>('0' + value % 8);
    return text;
  };
  put(0, name.substr(0, 99));
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, octal(size, 11));
  put(136, "00000000000");
  put(148, "        ");
  put(156, "0");
  put(257, "ustar");
  put(263, "00");
  std::size_t sum = 0;
  for (const char byte : block) sum += static_cast<unsigned char>(byte);
  put(148, octal(sum, 6));
  block[154] = '\0';
  return block;
}

void append_file(std::string& tar, const std::string& name, const std::string& content) {
  tar += header(name, content.size()) + content;
  tar.resize((tar.size() + 511) / 512 * 512, '\0');
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

}  // namespace

void archive(ByteView input) { load(input); }

/// index.json, manifest.json and blobs, the last first: where a document says "@3" it means the digest of the third
/// blob, and "#3" its size. So a change of one document does not end at the next hash.
void archive_documents(ByteView input) {
  std::vector<std::string> documents = split(input);
  constexpr std::size_t kMost = 10;
  documents.resize(std::min(documents.size(), kMost));
  for (std::size_t number = documents.size(); number-- > 2;) {
    const std::string digest = Digest::of(view_of(documents[number])).hex();
    const std::string size = std::to_string(documents[number].size());
    for (std::size_t other = 0; other < number; ++other) {
      replace_all(documents[other], "@" + std::to_string(number), digest);
      replace_all(documents[other], "#" + std::to_string(number), size);
    }
  }
  std::string tar;
  append_file(tar, "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  for (std::size_t number = 0; number < documents.size(); ++number) {
    if (number < 2 && documents[number].empty()) continue;
    const std::string blob = "blobs/sha256/" + Digest::of(view_of(documents[number])).hex();
    append_file(tar, number == 0 ? "index.json" : number == 1 ? "manifest.json" : blob, documents[number]);
  }
  tar.append(1024, '\0');
  load(view_of(tar));
}

void archive_entries(ByteView input) {
  ask([&] {
    std::size_t at = 0;
    store::TarEntries entries([&] {
      const std::size_t size = std::min<std::size_t>(input.size() - at, 512 + at % 700);
      at += size;
      return input.subspan(at - size, size);
    });
    while (const auto entry = entries.next()) {
      std::uint64_t size = 0;
      for (ByteView piece = entries.data(); !piece.empty(); piece = entries.data()) size += piece.size();
      const std::string framed = "/" + entry->name + "/";
      if (size != entry->size || framed.find("//") == 0 || framed.find("/../") != std::string::npos) std::abort();
      static_cast<void>(entries.followed(entry->name));
    }
  });
}

}  // namespace hallmark::fuzz
