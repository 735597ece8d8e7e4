// SPDX-License-Identifier: Apache-2.0
//
// The words of a template (Go's text/template): text between actions, and within {{ }} names, fields, literals, signs.
// White space that trim markers take away is gone, and comments are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hallmark::cmd {

/// One word of the template. `position` is that of its first byte, also where the text is what an escape means.
struct TemplateToken {
  enum class Kind {
    // `left` and `right` are {{ and }} with their trim markers, `declare` is :=, `assign` is =, and `open` and `close`
    // are parentheses.
    text,
    left,
    right,
    name,
    field,
    variable,
    string,
    number,
    declare,
    assign,
    comma,
    pipe,
    open,
    close,
    dot,
    end
  };
  Kind kind;
  std::string text;      ///< of a field without its dot, of a variable with its $, of a string what it means
  std::size_t position;  ///< byte of the template
  bool after_blank;      ///< a field that follows without a blank belongs to what is before it
};

/// "1:12": line and byte of the line, as Go counts them.
std::string template_place(std::string_view source, std::size_t position);
/// Fault::usage: "template: 1:12: ...".
/// Lexer, parser and execution fail by this alone: each error of a template has its place and the same hint.
[[noreturn]] void fail_template(std::string_view source, std::size_t position, const std::string& what);

/// The last token is `end`. Fault::usage for what is no token.
std::vector<TemplateToken> lex_template(std::string_view source);

}  // namespace hallmark::cmd
