// SPDX-License-Identifier: Apache-2.0
//
// Values in text as Go's fmt package writes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cmd/output/template_value.h"

namespace hallmark::cmd {

/// What %v makes of it: "<nil>" of nothing.
std::string printed_by_go(const TemplateValue& value);

/// printf: arguments[0] is the format. %s %d %v %q %t and %%, with a width, '-' and '0', and of texts a precision; what
/// does not fit is told in the result as Go tells it. Fault::usage for other verbs and for more than `most` bytes.
std::string formatted_by_go(std::string_view format, const std::vector<TemplateValue>& arguments, std::size_t most);

}  // namespace hallmark::cmd
