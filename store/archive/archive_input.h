// SPDX-License-Identifier: Apache-2.0
//
// An archive that is read from front to back: a file, standard input, or a bundle in parts that its header names.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/archive/archive.h"
#include "store/disk/input.h"
#include "trust/error.h"

namespace hallmark::store {

class PartReader;

class ArchiveInput {
 public:
  /// As Input has it. "NAME.000" stands for all the parts of a bundle: Fault::missing names those that are not beside
  /// it, Fault::corrupt one of another size.
  ArchiveInput(const std::string& name, const std::string& example, const std::atomic<bool>& interrupted);
  ~ArchiveInput();
  ArchiveInput(const ArchiveInput&) = delete;
  ArchiveInput& operator=(const ArchiveInput&) = delete;

  [[nodiscard]] const std::string& shown() const { return shown_; }
  /// Of all there is to read, when that is known before.
  [[nodiscard]] std::optional<std::uint64_t> size() const;
  /// So many bytes were read.
  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  /// Some bytes, none at the end. Fault::corrupt at the end of a part that is not what the header says.
  std::size_t read(std::span<std::uint8_t> buffer);

  /// Whether a program writes it meanwhile, which fails when nobody reads to the end.
  [[nodiscard]] bool is_stream() const;

  /// Runs the work that reads; errors that leave it tell what was read. When bytes made no sense, and it is a part that
  /// is damaged, that is the error.
  template <class Work>
  decltype(auto) reading(Work&& work) {
    return within(shown_, [&] {
      try {
        return std::forward<Work>(work)();
      } catch (const Error& error) {
        if (error.fault() == Fault::corrupt) check_part();
        throw;
      }
    });
  }

 private:
  void check_part();

  std::string shown_;
  std::uint64_t taken_ = 0;
  std::unique_ptr<Input> file_;
  std::unique_ptr<PartReader> parts_;
};

/// Reads until it is known what the archive has: not its layers where they come last.
void read_documents(Archive& archive, ArchiveInput& input);

}  // namespace hallmark::store
