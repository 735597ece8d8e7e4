// SPDX-License-Identifier: Apache-2.0
#include "cmd/several.h"

#include <algorithm>
#include <ostream>

namespace hallmark::cmd {

namespace {

/// Texts from outside are made printable where they come in; whatever slipped through controls no terminal here.
std::string without_controls(std::string_view text) {
  std::string clean;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool is_second_control = byte >= 0x80 && byte < 0xa0 && clean.ends_with('\xc2');  // U+0080 to U+009F
    if (is_second_control) clean.pop_back();
    const bool is_control = byte < 0x20 || byte == 0x7f || is_second_control;
    clean += is_control ? (is_second_control ? "\\xc2" : "") + printable(std::string_view(&letter, 1), 4)
                        : std::string(1, letter);
  }
  return clean;
}

}  // namespace

void print_error(std::ostream& err, const Error& error) {
  err << "hallmark: error: " << without_controls(error.what()) << "\n";
  if (!error.hint().empty()) err << "hint: " << without_controls(error.hint()) << "\n";
  err << std::flush;
}

int Several::status() const {
  if (faults_.empty()) return 0;
  const auto is = [](Fault wanted) { return [wanted](Fault fault) { return fault == wanted; }; };
  for (const Fault grave : {Fault::refused, Fault::corrupt}) {
    if (std::any_of(faults_.begin(), faults_.end(), is(grave))) return static_cast<int>(grave);
  }
  const bool alike = std::all_of(faults_.begin(), faults_.end(), is(faults_.front()));
  return static_cast<int>(alike ? faults_.front() : Fault::partial);
}

}  // namespace hallmark::cmd
