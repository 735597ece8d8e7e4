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
  /// `field` begins at the dot, `nothing` is nil, `literal` a text, a number, true or false, and `pipeline` stands in
  /// parentheses.
  enum class Kind { dot, field, variable, literal, nothing, function, pipeline };
  Kind kind;
  std::size_t position;
  std::string name;     ///< of a variable or a function
  std::string written;  ///< for messages
  TemplateValue literal;
  /// Each is looked up in the value of the one before it.
  std::vector<std::string> fields;
  /// Of a `pipeline` alone; nullptr otherwise.
  std::unique_ptr<const TemplatePipeline> inner;
};

/// What stands between two `|`: a function with its arguments, or a value.
using TemplateCommand = std::vector<TemplateOperand>;

/// Commands between `|`: each gets the value of the one before as its last argument.
struct TemplatePipeline {
  std::size_t position;
  std::vector<std::string> variables;  ///< that it sets
  bool declares = false;               ///< := makes them, = changes them
  std::vector<TemplateCommand> commands;
};

struct TemplateNode;
using TemplateNodes = std::vector<TemplateNode>;

/// {{if}}, {{range}} or {{with}}: `body` when the value counts as true, or for each item of it, and else `otherwise`.
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
