// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/yaml_flow.h"

#include <algorithm>

namespace hallmark::cmd::yaml {

std::size_t Flow::take(const Line& line, std::size_t at) {
  const std::string_view text = line.text;
  while (at < text.size()) {
    const char c = text[at];
    if (quote_ != 0) {
      at = take_quoted(line, at);
    } else if (c == '#' && (at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t')) {
      return take_end();
    } else if (c == '"' || c == '\'') {
      if (token_.find_first_not_of(" \t") != std::string::npos) refuse(line, "a quote within a word of a flow");
      quote_ = c;
      token_ = "";
      is_quoted_ = true;
      ++at;
    } else {
      take_plain(line, c);
      ++at;
      if (depth_ == 0) return at;
    }
  }
  return take_end();
}

std::size_t Flow::take_end() {
  token_ += ' ';
  return kNone;
}

std::size_t Flow::take_quoted(const Line& line, std::size_t at) {
  const std::size_t end = closing_quote(line.text, at, quote_);
  const std::string_view piece = line.text.substr(at, std::min(end, line.text.size()) - at);
  has_escape_ = has_escape_ || (quote_ == '"' && piece.find('\\') != kNone);
  token_ += piece;
  if (end == kNone) return line.text.size();
  quote_ = 0;
  return end + 1;
}

void Flow::take_plain(const Line& line, char c) {
  if (c == ':') {
    check_key(line);
    begin_token();
    return;
  }
  if (c == '{' || c == '[') ++depth_;
  if (c == '}' || c == ']') --depth_;
  const bool is_mark = c == '{' || c == '[' || c == '}' || c == ']' || c == ',';
  if (is_mark) {
    begin_token();
  } else {
    token_ += c;
  }
}

void Flow::begin_token() {
  token_.clear();
  has_escape_ = false;
  is_quoted_ = false;
}

void Flow::check_tags(const Line& line) const {
  const std::string_view token = token_;
  for (std::size_t at = first_of_text(token, 0); at < token.size();) {
    const std::size_t end = std::min(token.find_first_of(" \t", at), token.size());
    const std::string_view word = token.substr(at, end - at);
    if (word.starts_with('!') && word != kStringTag) refuse(line, "a key with a tag other than !!str in a flow");
    if (!word.starts_with('!') && !word.starts_with('&') && word != "?") return;
    at = first_of_text(token, end);
  }
}

void Flow::check_key(const Line& line) const {
  if (has_escape_) refuse(line, "a key with an escape in a flow");
  if (!is_quoted_) check_tags(line);
  const std::string_view token = trimmed_right(token_);
  const std::size_t blank = token.find_last_of(" \t:?");
  const std::string_view word = blank == kNone ? token : token.substr(blank + 1);
  if (word.starts_with('*')) refuse(line, "an alias as a key");
  if (word == "dockerfile_inline") refuse(line, "the images of a Dockerfile within this file are not looked at");
  if (word == "image") {
    refuse(line, "\"image\" in a flow ({...}) cannot be pinned in place", "write it as a line of its own: image: NAME");
  }
}

}  // namespace hallmark::cmd::yaml
