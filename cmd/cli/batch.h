// SPDX-License-Identifier: Apache-2.0
//
// Several arguments: all are tried, each failure is told, and one exit status speaks for all.
#pragma once

#include <iosfwd>
#include <vector>

#include "trust/error.h"

namespace hallmark::cmd {

/// "hallmark: error: ..." and, if there is one, "hint: ..." on a line of its own.
void print_error(std::ostream& err, const Error& error);

/// As docker does with several images: what can be done is done, and the rest is told.
class Batch {
 public:
  explicit Batch(std::ostream& err) : err_(err) {}

  /// An interruption is no failure of one argument: it goes on upwards.
  template <class Work>
  void attempt(Work&& work) {
    try {
      std::forward<Work>(work)();
      ++done_;
    } catch (const Error& error) {
      if (error.fault() == Fault::interrupted) throw;
      print_error(err_, error);
      faults_.push_back(error.fault());
    }
  }

  /// Whether at least one attempt came to its end.
  [[nodiscard]] bool any_done() const { return done_ > 0; }
  /// 0; a refusal before an integrity failure before the rest; the one fault that all failures share; else "partly".
  [[nodiscard]] int status() const;

 private:
  std::ostream& err_;
  std::size_t done_ = 0;
  std::vector<Fault> faults_;
};

}  // namespace hallmark::cmd
