// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/link_header.h"

#include <algorithm>
#include <string_view>

#include "registry/http/headers.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

/// Of one page. Each is kept, so that no page is asked for twice.
constexpr std::size_t kMostTarget = std::size_t{8} << 10U;

constexpr std::string_view kSpace = " \t";

/// Reads one header from its begin to its end.
class LinkReader {
 public:
  explicit LinkReader(std::string_view header) : header_(header), rest_(header) {}

  /// The first target with rel "next"; those behind it are read all the same.
  std::optional<std::string> next() {
    std::optional<std::string> found;
    while (!at_end_after(" \t,")) {
      const std::string_view target = take_target();
      if (take_parameters() && !found) found = std::string(target);
    }
    return found;
  }

 private:
  bool at_end_after(std::string_view passed) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(passed), rest_.size()));
    return rest_.empty();
  }

  bool take(char expected) {
    if (at_end_after(kSpace) || rest_.front() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view take_until(std::string_view ends) {
    const std::string_view taken = rest_.substr(0, rest_.find_first_of(ends));
    rest_.remove_prefix(taken.size());
    return trimmed(taken);
  }

  std::string_view take_target() {
    if (!take('<')) refuse();
    const std::string_view target = take_until(">");
    if (!take('>')) refuse();
    return target;
  }

  /// Whether they say rel "next". Of several rel the first counts.
  bool take_parameters() {
    std::optional<bool> is_next;
    while (take(';')) {
      const std::string name = lower_case(take_until("=;,"));
      const std::string value = take('=') ? take_value() : "";
      if (name == "rel" && !is_next) is_next = names_next(value);
    }
    // Text that is not understood may be the link to the next page.
    if (!rest_.empty() && rest_.front() != ',') refuse();
    return is_next.value_or(false);
  }

  std::string take_value() { return take('"') ? take_quoted() : std::string(take_until(";,")); }

  std::string take_quoted() {
    std::string value;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\') rest_.remove_prefix(1);
      if (rest_.empty()) break;
      value += rest_.front();
      rest_.remove_prefix(1);
    }
    if (!take('"')) refuse();
    return value;
  }

  /// Relation types are words, and the same in capitals.
  static bool names_next(const std::string& value) {
    std::string padded = " " + lower_case(value) + " ";
    std::replace(padded.begin(), padded.end(), '\t', ' ');
    return padded.find(" next ") != std::string::npos;
  }

  [[noreturn]] void refuse() const {
    throw Error(Fault::unavailable,
                "where the list goes on cannot be read: expected <ADDRESS>; rel=\"next\", found " +
                    printable(std::string(header_), 300),
                "the registry, or a proxy before it, sends a broken Link header");
  }

  std::string_view header_;
  std::string_view rest_;
};

}  // namespace

std::optional<std::string> next_link(const std::vector<std::string>& headers) {
  std::optional<std::string> found;
  for (const std::string& header : headers) {
    // All are read: a broken header is trouble also behind the one that counts.
    std::optional<std::string> next = LinkReader(header).next();
    if (!found) found = std::move(next);
  }
  return found;
}

std::string next_target(const Session& session, const Url& from, const std::string& link) {
  const Url next = from.resolve(link);
  // Scheme and port may be wrong where a registry sits behind a proxy. Only the path is taken, and the server of the
  // session asked for it.
  if (next.host() != from.host()) {
    fail(Fault::unavailable, session.base().authority(), ": the next page of the list is said to be on ",
         next.authority(), ": refused");
  }
  if (next.target().size() > kMostTarget) {
    fail(Fault::unavailable, session.base().authority(), ": the address of the next page of the list has more than ",
         kMostTarget, " bytes");
  }
  return next.target();
}

bool says_errors(const json::Object& document) {
  const json::Value* errors = document.find("errors");
  return errors != nullptr && errors->is_array() && !errors->array().empty();
}

}  // namespace hallmark::registry
