// SPDX-License-Identifier: Apache-2.0
#include "store/archive/archive_input.h"

#include <filesystem>

#include "store/archive/carried_trust.h"
#include "store/archive/part_reader.h"
#include "store/archive/statement_check.h"

namespace hallmark::store {
namespace {

namespace fs = std::filesystem;

/// A header is text, an archive never begins like one.
bool is_header(const fs::path& file) {
  std::error_code error;
  if (part_number(file) != std::size_t{0} || !fs::is_regular_file(file, error)) return false;
  // Parts and their header may be links to the media that they came on.
  auto opened = File::open_regular(fs::weakly_canonical(file, error));
  std::uint8_t first = 0;
  return opened && opened->read({&first, 1}) == 1 && first == '{';
}

/// Whoever names a slice, or the name that was given to save, means the header.
void require_archive(const fs::path& file) {
  std::error_code error;
  const auto number = part_number(file);
  const bool is_slice = number && *number != 0 && is_header(header_path(file));
  const fs::path header = is_slice ? header_path(file) : part_path(file, 0);
  if (!is_slice && (fs::exists(file, error) || !is_header(header))) return;
  throw Error(Fault::usage, printable(file.string(), 300) + (is_slice ? " is one part of a bundle" : ": no such file"),
              "the first part stands for all of them: " + printable(header.string(), 300));
}

/// Thrown when the images are known.
/// No Error: what makes sense of errors on the way must let it pass.
struct Enough {};

}  // namespace

ArchiveInput::ArchiveInput(const std::string& name, const std::string& example, const std::atomic<bool>& interrupted) {
  if (is_header(name)) {
    shown_ = printable(name, 300);
    within(shown_, [&] { parts_ = std::make_unique<PartReader>(name, interrupted); });
    return;
  }
  if (name != "-") require_archive(name);
  file_ = std::make_unique<Input>(name, example, interrupted);
  shown_ = file_->shown();
}

ArchiveInput::~ArchiveInput() = default;

std::size_t ArchiveInput::read(std::span<std::uint8_t> buffer) {
  const std::size_t count = parts_ ? parts_->read(buffer) : file_->read(buffer);
  taken_ += count;
  return count;
}

std::optional<std::uint64_t> ArchiveInput::size() const { return parts_ ? parts_->size() : file_->size(); }

bool ArchiveInput::is_stream() const { return file_ && !file_->size(); }

void ArchiveInput::check_part() {
  if (parts_) parts_->finish_part();
}

void read_documents(Archive& archive, ArchiveInput& input) {
  try {
    archive.read([&](std::span<std::uint8_t> buffer) { return input.read(buffer); },
                 [&](const std::vector<ArchiveImage>&) {
                   // What is asked for next must have come by.
                   static_cast<void>(read_statement(archive));
                   static_cast<void>(carried_trust(archive));
                   // A program that writes into a pipe which nobody reads to the end is killed, and calls that a
                   // failure.
                   if (input.is_stream()) archive.pass_over_the_rest();
                   throw Enough();
                 },
                 [](std::uint64_t) {});
  } catch (const Enough&) {
    return;
  }
}

}  // namespace hallmark::store
