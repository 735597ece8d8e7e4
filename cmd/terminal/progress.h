// SPDX-License-Identifier: Apache-2.0
//
// What a person sees while layers come in or go out: bars on a terminal, plain lines elsewhere, nothing when quiet.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "cmd/terminal/bars.h"
#include "cmd/terminal/environment.h"
#include "store/image/image.h"
#include "store/image/transfer_observer.h"

namespace hallmark::cmd {

/// Of the terminal that people look at; 24 by 80 where there is none.
ScreenSize screen_size();

/// Thread-safe. Writes to the stream only between construction and destruction; a bar display restores the cursor.
class Progress final : public store::TransferObserver {
 public:
  enum class Style { bars, plain, quiet };

  /// Bars where people look at a terminal that can show them.
  static Style style_for(const Environment& environment, bool is_quiet);

  /// Layers by digest, in the order of the manifest. Identical layers share one line. A thread of its own calls tick().
  Progress(Style style, std::ostream& out, const std::vector<store::Descriptor>& layers,
           const TransferWords& words = kPullWords);

  /// What bars are drawn by: the size of the screen, asked anew for each picture, and the time.
  struct Terminal {
    std::function<ScreenSize()> size;
    std::function<std::chrono::steady_clock::time_point()> now;
  };
  /// Nothing calls tick() but the caller.
  Progress(Style style, std::ostream& out, const std::vector<store::Descriptor>& layers, Terminal terminal,
           const TransferWords& words = kPullWords);
  ~Progress() override;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// A layer that is on its way. What was not among the layers gets a line of its own at the end.
  void started(const store::Descriptor& layer) override;
  /// So many compressed bytes so far; fewer than before when it was begun anew.
  void passed(const store::Descriptor& layer, std::uint64_t bytes) override;
  /// Only now is the layer told as complete: digest, size and DiffID were right.
  void verified(const store::Descriptor& layer, bool was_already_here) override;
  /// What became of one that was sent, in other words than those of `words`.
  void ended(const store::Descriptor& layer, const std::string& ending);
  /// A line for people (a retry, a warning) that must not break the bars; quiet is about progress, and shows it.
  void notice(const std::string& line);
  /// Time has passed: draws when the screen has another size or shows what is not so any more.
  void tick();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace hallmark::cmd
