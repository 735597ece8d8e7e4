// SPDX-License-Identifier: Apache-2.0
//
// The functions of templates: Go's own and docker's, with their behaviour. What one cannot do with its arguments is
// Fault::usage without the place; who calls it knows that.
#pragma once

#include <string_view>
#include <vector>

#include "cmd/output/template_value.h"

namespace hallmark::cmd {

/// The most bytes that a template may print, or one value of it have.
constexpr std::size_t kMostTemplateOutput = std::size_t{16} << 20U;

/// Whether the parser may let it through.
bool is_template_function(std::string_view name);

/// `and` and `or` as well, of arguments that were all evaluated.
/// Fault::usage for another count of arguments and for arguments of other kinds than the function takes.
TemplateValue call_template_function(std::string_view name, const std::vector<TemplateValue>& arguments);

/// The element or member; Fault::usage as `index` has it.
TemplateValue template_index(const std::vector<TemplateValue>& arguments);

}  // namespace hallmark::cmd
