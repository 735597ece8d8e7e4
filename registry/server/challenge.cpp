// SPDX-License-Identifier: Apache-2.0
#include "registry/server/challenge.h"

#include <algorithm>

#include "registry/http/headers.h"

namespace hallmark::registry {
namespace {

/// Servers send one or two. What a header has beyond this is not read.
constexpr std::size_t kMostChallenges = 16;
constexpr std::size_t kMostScopes = 8;

/// token characters, RFC 9110 section 5.6.2.
bool is_token(char c) {
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] char next() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char wanted) {
    if (next() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// White space and, in lists, empty elements.
  void skip(std::string_view what) { rest_.remove_prefix(std::min(rest_.find_first_not_of(what), rest_.size())); }
  std::string token() {
    std::string text;
    while (!rest_.empty() && is_token(rest_.front())) text += take_any();
    return text;
  }
  /// Some servers leave the quotes out where they are needed: up to the comma, then.
  std::string bare_value() {
    std::string text;
    while (!rest_.empty() && rest_.front() != ',' && rest_.front() != ' ' && rest_.front() != '\t') text += take_any();
    return text;
  }
  std::optional<std::string> quoted_value() {
    std::string text;
    while (!rest_.empty()) {
      char c = take_any();
      if (c == '"') return text;
      if (c == '\\') {
        if (rest_.empty()) return std::nullopt;
        c = take_any();
      }
      text += c;
    }
    return std::nullopt;
  }
  [[nodiscard]] Reader copy() const { return *this; }

 private:
  char take_any() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  std::string_view rest_;
};

/// Whether "name =" follows, and not the scheme of the next challenge.
bool parameter_follows(Reader reader) {
  if (reader.token().empty()) return false;
  reader.skip(" \t");
  return reader.next() == '=';
}

bool take_parameter(Reader& reader, Challenge& challenge) {
  const std::string name = lower_case(reader.token());
  reader.skip(" \t");
  reader.take('=');
  reader.skip(" \t");
  if (!reader.take('"')) {
    challenge.parameters.try_emplace(name, reader.bare_value());
    return true;
  }
  auto value = reader.quoted_value();
  if (value) challenge.parameters.try_emplace(name, std::move(*value));
  return value.has_value();
}

}  // namespace

std::string Challenge::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

std::vector<Challenge> parse_challenges(std::string_view header) {
  std::vector<Challenge> challenges;
  Reader reader(header);
  while (challenges.size() < kMostChallenges) {
    reader.skip(" \t,");
    Challenge challenge;
    challenge.scheme = lower_case(reader.token());
    if (challenge.scheme.empty()) return challenges;
    reader.skip(" \t");
    bool readable = true;
    // A comma stands between parameters and between challenges (RFC 9110 section 11.6.1): what follows it tells which.
    while (readable && parameter_follows(reader.copy())) {
      readable = take_parameter(reader, challenge);
      reader.skip(" \t,");
    }
    // Behind a quote that is never closed nobody knows where the next challenge begins.
    if (!readable) return challenges;
    challenges.push_back(std::move(challenge));
  }
  return challenges;
}

std::optional<Challenge> choose_challenge(const std::vector<std::string>& headers) {
  std::optional<Challenge> basic;
  for (const std::string& header : headers) {
    for (Challenge& challenge : parse_challenges(header)) {
      // Before Basic wherever both are offered: the registry is shown a token then, and not the password. Without a
      // realm there is nobody to ask for one.
      if (challenge.scheme == "bearer" && !challenge.parameter("realm").empty()) return std::move(challenge);
      if (challenge.scheme == "basic" && !basic) basic = std::move(challenge);
    }
  }
  return basic;
}

std::vector<std::string> scopes_of(std::string_view text) {
  std::vector<std::string> scopes;
  while (!text.empty() && scopes.size() < kMostScopes) {
    const auto end = std::min(text.find(' '), text.size());
    const std::string scope(text.substr(0, end));
    if (!scope.empty() && std::find(scopes.begin(), scopes.end(), scope) == scopes.end()) scopes.push_back(scope);
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return scopes;
}

}  // namespace hallmark::registry
