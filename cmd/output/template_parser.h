// SPDX-License-Identifier: Apache-2.0
//
// A template as a tree: what Go's text/template reads, without definitions of templates and without loops that are
// left.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cmd/output/template_value.h"

namespace hallmark::cmd {

struct TemplatePipeline;

/// One word of a command and the fields behind it: `.A.B`, `$x.A`, `(index . 0).A`, `"text"`, `len`.
struct TemplateOperand {
  enum class Kind { dot, field, variable, literal, nothing, function, pipeline };
  Kind kind;
  std::size_t position;
  std::string name;     ///< of a variable or a function
  std::string written;  ///< for messages
  TemplateValue literal;
  std::vector<std::string> fields;
  std::unique_ptr<const TemplatePipeline> inner;
};

/// What stands between two `|`: a function with its arguments, or a value.
using TemplateCommand = std::vector<TemplateOperand>;

struct TemplatePipeline {
  std::size_t position;
  std::vector<std::string> variables;  ///< that it sets
  bool declares = false;               ///< := makes them, = changes them
  std::vector<TemplateCommand> commands;
};

struct TemplateNode;
using TemplateNodes = std::vector<TemplateNode>;

struct TemplateBranch {
  enum class Kind { conditional, range, with };
  Kind kind;
  TemplatePipeline pipeline;
  TemplateNodes body;
  TemplateNodes otherwise;
};

struct TemplateNode {
  std::variant<std::string, TemplatePipeline, TemplateBranch> kind;  ///< text, action, block
};

/// Fault::usage with the place for what is no template, for functions and variables that are not known, and for more
/// than 64 KiB or blocks and parentheses deeper than 100.
TemplateNodes parse_template(std::string_view source);

}  // namespace hallmark::cmd
