// SPDX-License-Identifier: Apache-2.0
#include "store/archive/part_reader.h"

#include <algorithm>
#include <map>
#include <utility>

#include "trust/error.h"

namespace hallmark::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlock = std::size_t{1} << 20U;
constexpr const char* kCopyAgain = "copy this part again; the others can stay";

/// Parts may be links to the media that they came on.
std::optional<File> open_part(const fs::path& path) {
  std::error_code error;
  const fs::path place = fs::canonical(path, error);
  if (error) return std::nullopt;
  return File::open_regular(place);
}

[[noreturn]] void fail_digest(const SplitPart& part, const Digest& found) {
  throw Error(
      Fault::corrupt, ErrorCode{"E_PART_DIGEST"},
      printable(part.name, 200) + " is damaged: expected " + part.digest.to_string() + ", found " + found.to_string(),
      kCopyAgain);
}

/// All that are missing at once: whoever fetches them goes to the other machine once.
void require_parts(const fs::path& folder, const SplitHeader& header) {
  std::string missing;
  for (const SplitPart& part : header.parts) {
    const auto file = open_part(folder / part.name);
    if (!file) {
      missing += (missing.empty() ? "" : ", ") + printable(part.name, 200);
    } else if (file->size() != part.size) {
      throw Error(Fault::corrupt, ErrorCode{"E_PART_SIZE"},
                  printable(part.name, 200) + ": expected " + std::to_string(part.size) + " bytes, found " +
                      std::to_string(file->size()),
                  kCopyAgain);
    }
  }
  if (missing.empty()) return;
  throw Error(Fault::missing, ErrorCode{"E_PART_MISSING"}, "not beside it: " + missing,
              "copy them into the same folder, or link them");
}

PartFinding find_out(const fs::path& folder, const SplitPart& part, const std::atomic<bool>& interrupted) {
  const std::string name = printable(part.name, 200);
  auto file = open_part(folder / part.name);
  if (!file) return {name, PartState::missing, "not there"};
  if (file->size() != part.size) {
    return {name, PartState::damaged,
            "expected " + std::to_string(part.size) + " bytes, found " + std::to_string(file->size())};
  }
  Hasher hasher(Algorithm::sha256);
  Bytes block(kBlock);
  for (std::size_t count = file->read(block); count > 0; count = file->read(block)) {
    if (interrupted) fail(Fault::interrupted, "interrupted");
    hasher.write(ByteView(block).first(count));
  }
  const Digest found = std::move(hasher).finish();
  if (found == part.digest) return {name, PartState::whole, {}};
  return {name, PartState::damaged, "expected " + part.digest.to_string() + ", found " + found.to_string()};
}

}  // namespace

PartReader::PartReader(const fs::path& header, const std::atomic<bool>& interrupted)
    : folder_(header.parent_path()), header_(SplitHeader::read(header)), interrupted_(interrupted) {
  require_parts(folder_, header_);
}

std::size_t PartReader::read(std::span<std::uint8_t> buffer) {
  while (number_ < header_.parts.size()) {
    if (interrupted_) fail(Fault::interrupted, "interrupted");
    const SplitPart& part = header_.parts[number_];
    if (!file_) {
      file_ = open_part(folder_ / part.name);
      if (!file_) throw Error(Fault::missing, ErrorCode{"E_PART_MISSING"}, printable(part.name, 200) + " has gone");
      hasher_ = Hasher(Algorithm::sha256);
    }
    // One byte more than there should be would show as another digest.
    const std::size_t count = file_->read(buffer);
    hasher_.write(ByteView(buffer).first(count));
    if (count > 0) return count;
    // At the end of each part: damage is told before the next one is read.
    file_.reset();
    ++number_;
    const Digest found = std::move(hasher_).finish();
    if (found != part.digest) fail_digest(part, found);
  }
  return 0;
}

void PartReader::finish_part() {
  Bytes block(kBlock);
  while (file_) static_cast<void>(read(block));
}

void check_parts(const std::vector<std::string>& files, const std::atomic<bool>& interrupted,
                 const std::function<void(const PartFinding&)>& on_finding) {
  std::vector<fs::path> parts;
  std::optional<fs::path> named_header;
  for (const std::string& file : files) {
    const auto number = part_number(file);
    if (!number) {
      throw Error(Fault::usage, printable(file, 300) + " is not called like a part of a bundle",
                  "parts are called NAME.001, NAME.002 ..., their header NAME.000");
    }
    if (*number != 0) {
      parts.emplace_back(file);
    } else if (named_header) {
      fail(Fault::usage, "two headers: ", printable(named_header->string(), 300), " and ", printable(file, 300));
    } else {
      named_header = file;
    }
  }
  if (parts.empty()) {
    const SplitHeader header = SplitHeader::read(named_header.value());
    for (const SplitPart& part : header.parts) on_finding(find_out(named_header->parent_path(), part, interrupted));
    return;
  }
  std::map<fs::path, SplitHeader> headers;
  for (const fs::path& file : parts) {
    // Parts of several bundles may be named, each with the header beside it.
    const fs::path place = named_header.value_or(header_path(file));
    auto header = headers.find(place);
    if (header == headers.end()) header = headers.emplace(place, SplitHeader::read(place)).first;
    const auto& listed = header->second.parts;
    const auto part = std::find_if(listed.begin(), listed.end(),
                                   [&](const SplitPart& other) { return other.name == file.filename(); });
    if (part == listed.end()) {
      fail(Fault::missing, printable(file.string(), 300), " is not listed in ", printable(place.string(), 300));
    }
    on_finding(find_out(file.parent_path(), *part, interrupted));
  }
}

}  // namespace hallmark::store
