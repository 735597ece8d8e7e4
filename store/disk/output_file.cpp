// SPDX-License-Identifier: Apache-2.0
#include "store/disk/output_file.h"

#include <random>

#include "trust/error.h"

namespace hallmark::store {
namespace {

namespace fs = std::filesystem;

/// Small pieces are gathered until they are so many bytes.
constexpr std::size_t kBlock = std::size_t{64} << 10U;
/// After so many bytes the disk is asked to begin: less is left to wait for in seal().
constexpr std::uint64_t kSyncBytes = std::uint64_t{8} << 20U;

fs::path checked(const fs::path& path) {
  const std::string shown = printable(path.string(), 300);
  std::error_code error;  // whatever cannot be looked at cannot be written either, and that is told then
  // A rename over a link would put a file in its place and leave what it leads to as it was.
  const fs::path place = fs::is_symlink(path, error) ? fs::weakly_canonical(path, error) : path;
  const fs::path folder = place.has_parent_path() ? place.parent_path() : ".";
  if (!place.has_filename() || fs::is_directory(place, error)) {
    throw Error(Fault::local, shown + ": expected the name of a file, found a folder",
                "say how the file is to be called");
  }
  if (!fs::is_directory(folder, error)) {
    throw Error(Fault::local, "the folder " + printable(folder.string(), 300) + " does not exist", "make it first");
  }
  // A rename over a device or a pipe would replace it instead of writing to it.
  if (fs::exists(place, error) && !fs::is_regular_file(place, error)) {
    throw Error(Fault::local, shown + ": expected a file, found a device or a pipe", "use standard output for these");
  }
  return folder / place.filename();
}

fs::path temporary_beside(const fs::path& path) {
  // Two runs that write one name must not share a temporary file; File::create() refuses one that is there.
  std::random_device device;
  return path.parent_path() /
         ("." + path.filename().string().substr(0, 200) + "." + std::to_string(device()) + ".part");
}

}  // namespace

OutputFile::OutputFile(const fs::path& path)
    : path_(checked(path)), temporary_(temporary_beside(path_)), file_(File::create(temporary_)) {
  block_.reserve(kBlock);
}

OutputFile::~OutputFile() {
  file_.reset();
  if (!is_published_) discard_tree(temporary_);
}

void OutputFile::write(ByteView piece) {
  if (block_.size() + piece.size() <= kBlock) {
    block_.insert(block_.end(), piece.begin(), piece.end());
    return;
  }
  flush();
  put(piece);
}

void OutputFile::flush() {
  put(block_);
  block_.clear();
}

void OutputFile::put(ByteView bytes) {
  file_->write_at(written_, bytes);
  written_ += bytes.size();
  if (written_ - started_ < kSyncBytes) return;
  file_->start_sync(started_, written_ - started_);
  started_ = written_;
}

void OutputFile::seal() {
  flush();
  file_->sync_data();
  file_.reset();
}

void OutputFile::publish() {
  rename_over(temporary_, path_);
  is_published_ = true;
  sync_directory(path_.parent_path());
}

}  // namespace hallmark::store
