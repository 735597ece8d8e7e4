// SPDX-License-Identifier: Apache-2.0
//
// What is between { } or [ ] in a YAML file, over lines. It is passed over, but a key `image` in there is refused.
#pragma once

#include <string>

#include "cmd/pinning/yaml_line.h"

namespace hallmark::cmd::yaml {

class Flow {
 public:
  /// Takes the line from `at` on, where the first bracket is; returns where it goes on when the flow ended, else kNone.
  /// Fault::usage, with the line, for a key `image` or one that may be.
  std::size_t take(const Line& line, std::size_t at);

 private:
  std::size_t take_end();
  std::size_t take_quoted(const Line& line, std::size_t at);
  void take_plain(const Line& line, char c);
  void begin_token();
  void check_tags(const Line& line) const;
  void check_key(const Line& line) const;

  std::size_t depth_ = 0;
  char quote_ = 0;     // that is open
  std::string token_;  // since the last bracket, comma or colon
  bool has_escape_ = false;
  bool is_quoted_ = false;
};

}  // namespace hallmark::cmd::yaml
