// SPDX-License-Identifier: Apache-2.0
//
// Somebody's text file that is changed in place: the new text appears whole or not at all, under the same name, with
// the same owner, mode and list of who may do what, and never over what somebody else wrote meanwhile.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace hallmark::store {

/// One reading and at most one replacement: what is written over is what text() showed.
class EditedFile {
 public:
  /// Links are followed. Fault::local when there is no such file, Fault::usage when it has more than `most_bytes`.
  EditedFile(const std::filesystem::path& path, std::uint64_t most_bytes);

  /// As it was when this was made.
  [[nodiscard]] const std::string& text() const { return text_; }
  /// Fault::local, and nothing is changed, when the file is not the one that was read, or cannot be written.
  void replace(std::string_view text) const;

 private:
  void require_unchanged() const;

  std::string shown_;
  std::filesystem::path asked_;
  std::filesystem::path path_;  // where the links lead
  struct stat status_ {};
  std::string text_;
};

/// The text under that name, for this user only (0600) whatever was there; old or new, never between. A link in the
/// place of the name goes. Fault::local.
void replace_private_file(const std::filesystem::path& path, std::string_view text);

}  // namespace hallmark::store
