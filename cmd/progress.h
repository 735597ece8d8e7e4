// SPDX-License-Identifier: Apache-2.0
//
// What a person sees while layers come in: bars on a terminal, plain lines elsewhere, nothing when quiet.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "store/image.h"

namespace hallmark::cmd {

/// Thread-safe. Writes to the stream only between construction and destruction; a bar display restores the cursor.
class Progress {
 public:
  enum class Style { bars, plain, quiet };

  /// Layers by digest, in the order of the manifest. Identical layers share one line.
  Progress(Style style, std::ostream& out, const std::vector<store::Descriptor>& layers);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void started(const store::Descriptor& layer);
  /// Compressed bytes that passed so far, of layer.size.
  void passed(const store::Descriptor& layer, std::uint64_t bytes);
  void verified(const store::Descriptor& layer, bool was_already_here);
  /// A line for people (a retry, a warning) that must not break the bars.
  void notice(const std::string& line);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace hallmark::cmd
