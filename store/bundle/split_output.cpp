// SPDX-License-Identifier: Apache-2.0
#include "store/bundle/split_output.h"

#include <algorithm>
#include <utility>

#include "trust/error.h"

namespace hallmark::store {
namespace {

namespace fs = std::filesystem;

void require_free(const fs::path& name) {
  const fs::path folder = name.has_parent_path() ? name.parent_path() : ".";
  std::error_code error;  // a folder that cannot be read is told about when the first part is made
  for (fs::directory_iterator item(folder, error), end; !error && item != end; item.increment(error)) {
    const auto number = part_number(item->path());
    if (!number || item->path().filename() != part_path(name, *number).filename()) continue;
    throw Error(Fault::local, printable(item->path().string(), 300) + " is there already",
                "remove the old parts first, or choose another name");
  }
}

}  // namespace

SplitOutput::SplitOutput(fs::path name, std::uint64_t part_size) : name_(std::move(name)), part_size_(part_size) {
  if (!name_.has_filename()) fail(Fault::local, printable(name_.string(), 300), ": expected the name of a file");
  require_free(name_);
  begin_part();
}

void SplitOutput::begin_part() {
  if (files_.size() == SplitHeader::kMostParts) {
    throw Error(Fault::usage, "it would be more than " + std::to_string(SplitHeader::kMostParts) + " parts",
                "choose a larger --split");
  }
  files_.push_back(std::make_unique<OutputFile>(part_path(name_, files_.size() + 1)));
  part_ = Hasher(Algorithm::sha256);
}

void SplitOutput::end_part() {
  // Sealed at once: little is left to wait for at the end, and only one file is open.
  files_.back()->seal();
  const std::uint64_t size = part_.size();
  parts_.push_back({files_.back()->path().filename().string(), size, std::move(part_).finish()});
}

void SplitOutput::write(ByteView piece) {
  all_.write(piece);
  while (!piece.empty()) {
    // Only when more comes: no part is empty.
    if (part_.size() == part_size_) {
      end_part();
      begin_part();
    }
    const ByteView next = piece.first(std::min<std::uint64_t>(piece.size(), part_size_ - part_.size()));
    part_.write(next);
    files_.back()->write(next);
    piece = piece.subspan(next.size());
  }
}

void SplitOutput::finish(const Digest& statement) {
  end_part();
  const std::uint64_t size = all_.size();
  const SplitHeader header{std::move(all_).finish(), size, part_size_, parts_, statement};
  OutputFile file(part_path(name_, 0));
  const std::string text = header.text();
  file.write(view_of(text));
  file.seal();
  publish(file);
}

void SplitOutput::publish(OutputFile& header) {
  std::size_t published = 0;
  try {
    // The header last: without it nobody takes the parts for a bundle.
    for (; published < files_.size(); ++published) files_[published]->publish();
    header.publish();
  } catch (const Error&) {
    // None of these names was there before: require_free() has looked.
    for (std::size_t i = 0; i < published; ++i) discard_tree(files_[i]->path());
    throw;
  }
}

}  // namespace hallmark::store
