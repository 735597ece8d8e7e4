// SPDX-License-Identifier: Apache-2.0
//
// --format: the subset of Go's text/template that docker's users write, with its true behaviour. What it does not know
// is refused, with the place.
#pragma once

#include <string>
#include <string_view>

#include "cmd/output/template_parser.h"
#include "cmd/output/template_value.h"

namespace hallmark::cmd {

/// A template that was read. It keeps nothing of an execution: no row sees the variables of the row before it.
class Template {
 public:
  /// Fault::usage for what is no template.
  explicit Template(std::string source);

  /// Control characters in values, new lines and tabs aside, are escaped; those of the template are not. Fault::usage,
  /// with the place, when it does not fit the value, or prints or computes too much.
  [[nodiscard]] std::string execute(const TemplateValue& data) const;
  /// For the header of a table: json, title, lower, upper and truncate leave their argument as it is.
  /// `data` has the headers by the names of the fields: the template of the rows itself makes the header.
  [[nodiscard]] std::string execute_for_header(const TemplateValue& data) const;

 private:
  // Errors of an execution tell line and byte, which are counted in it.
  std::string source_;
  TemplateNodes nodes_;
};

}  // namespace hallmark::cmd
