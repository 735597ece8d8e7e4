// SPDX-License-Identifier: Apache-2.0
//
// Texts made fit for other languages as Go's text/template does it (HTMLEscaper, JSEscaper, URLQueryEscaper).
#pragma once

#include <string>
#include <string_view>

namespace hallmark::cmd {

/// For the text and the quoted attributes of a page: quotes, &, < and >, and a NUL becomes U+FFFD.
std::string escaped_as_html(std::string_view text);
/// For the inside of a JavaScript string. Characters beyond ASCII stay as they are.
std::string escaped_as_js(std::string_view text);
/// As one value of a URL's query.
std::string escaped_as_query(std::string_view text);

}  // namespace hallmark::cmd
