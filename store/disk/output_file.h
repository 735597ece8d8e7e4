// SPDX-License-Identifier: Apache-2.0
//
// A large file that appears whole or not at all.
#pragma once

#include <filesystem>
#include <optional>

#include "store/disk/file.h"
#include "trust/bytes.h"

namespace hallmark::store {

/// Written beside its place under another name, which goes when this goes.
class OutputFile final : public ByteSink {
 public:
  /// Fault::local when the folder is not there, or something else than a file has the name. A link is followed.
  explicit OutputFile(const std::filesystem::path& path);
  ~OutputFile() override;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Bytes in their order. Nothing is promised of them before seal().
  void write(ByteView piece) override;
  /// All bytes were written, and are on the disk. Nothing is open any more.
  void seal();
  /// After seal(): the name is theirs. What had the name before is gone.
  void publish();
  /// For whoever has nothing to do between the two.
  void finish() {
    seal();
    publish();
  }
  /// Where it is going to lie: what links lead to, not the name that was given.
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  void flush();
  void put(ByteView bytes);

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::optional<File> file_;
  bool is_published_ = false;
  std::uint64_t written_ = 0;
  std::uint64_t started_ = 0;  // so many the disk was asked to begin with
  Bytes block_;
};

}  // namespace hallmark::store
