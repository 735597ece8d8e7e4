// SPDX-License-Identifier: Apache-2.0
//
// Lines for people on standard error, from any thread; a progress display can take them over while it is drawn.
#pragma once

#include <functional>
#include <mutex>
#include <ostream>
#include <string>

namespace hallmark::cmd {

/// Thread-safe: workers that fetch layers warn at any time, and a line must never end up within another one.
class Console {
 public:
  using Printer = std::function<void(const std::string&)>;

  explicit Console(std::ostream& err) : err_(err) {}

  /// Writes the line and its end at once; nothing is escaped here.
  void print(const std::string& line) {
    const std::lock_guard lock(mutex_);
    if (printer_) {
      printer_(line);
    } else {
      err_ << line << std::endl;
    }
  }

  /// Gives the lines back when it goes.
  class Redirection {
   public:
    explicit Redirection(Console& console) : console_(console) {}
    ~Redirection() { console_.set_printer(nullptr); }
    Redirection(const Redirection&) = delete;
    Redirection& operator=(const Redirection&) = delete;

   private:
    Console& console_;
  };

  /// From now on each line goes to the printer, under the lock of this object: it must not print here itself. Not to be
  /// nested: the first one that goes gives all lines back.
  [[nodiscard]] Redirection redirect(Printer printer) {
    set_printer(std::move(printer));
    return Redirection(*this);
  }

 private:
  void set_printer(Printer printer) {
    const std::lock_guard lock(mutex_);
    printer_ = std::move(printer);
  }

  std::ostream& err_;
  std::mutex mutex_;
  Printer printer_;
};

}  // namespace hallmark::cmd
