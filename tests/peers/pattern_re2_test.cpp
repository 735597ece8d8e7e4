// SPDX-License-Identifier: Apache-2.0
//
// What a pattern of a policy says, RE2 says too: whoever writes one thinks of RE2, whose subset it is.
#include <re2/re2.h>

#include <random>
#include <string>

#include "policy/pattern.h"
#include "tests/support/catch.h"

using namespace hallmark;

namespace {

/// Patterns of a small alphabet, so that texts of the same alphabet often fit.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string pattern() { return "^" + sequence(0) + "$"; }

  std::string text() {
    static const std::vector<std::string> kPieces{"a", "b",      "ab",     "0",  "1",    "_",  "-",  ".",
                                                  "/", " ",      "\t",     "\n", "B",    "]",  "\\", "^",
                                                  "$", "\u00e9", "\u4e2d", "|",  "\x0b", "\f", "\r"};
    std::string text;
    for (unsigned count = below(7); count > 0; --count) text += one_of(kPieces);
    return text;
  }

 private:
  unsigned below(unsigned limit) { return std::uniform_int_distribution<unsigned>(0, limit - 1)(random_); }
  const std::string& one_of(const std::vector<std::string>& pieces) {
    return pieces[below(static_cast<unsigned>(pieces.size()))];
  }

  std::string sequence(unsigned depth) {
    std::string text;
    for (unsigned count = below(4) + (depth == 0 ? 1 : 0); count > 0; --count) text += atom(depth) + repeat();
    return text;
  }

  std::string atom(unsigned depth) {
    static const std::vector<std::string> kAtoms{
        "a",         "b",      "0",    "_",      "-",      "/",      ".",        "\\.",
        "\\d",       "\\w",    "\\s",  "\\D",    "\\W",    "\\S",    "\\/",      "\\-",
        "\\]",       "\u00e9", "[ab]", "[^a]",   "[a-b0]", "[\\d_]", "[\\w-]",   "[^\\s]",
        "[-a]",      "[a-]",   "[.]",  "[\\]a]", "[\\^]",  "[a^]",   "[\\-\\.]", "[\u00e0-\u00ff]",
        "[^\u00e9]", "[ -~]",  "\\\\", "\\^",    "\\$",    "\\|",    "[$|]"};
    if (depth > 2 || below(4) != 0) return one_of(kAtoms);
    std::string text = below(2) == 0 ? "(" : "(?:";
    text += sequence(depth + 1);
    for (unsigned count = below(3); count > 0; --count) text += "|" + sequence(depth + 1);
    return text + ")";
  }

  std::string repeat() {
    static const std::vector<std::string> kRepeats{"", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{1,}"};
    return one_of(kRepeats);
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("patterns match what RE2 matches", "[peer]") {
  RE2::Options options(RE2::Quiet);
  // As policy/pattern.h has it: a dot is any character.
  options.set_dot_nl(true);
  Generator generator(20);
  std::size_t read = 0;
  std::size_t matched = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string text = generator.pattern();
    std::optional<policy::Pattern> ours;
    try {
      ours = policy::Pattern::parse(text);
    } catch (const Error&) {
      continue;  // fewer expressions are known here, by intention
    }
    ++read;
    INFO(text);
    const RE2 theirs(text, options);
    INFO(theirs.error());
    REQUIRE(theirs.ok());
    for (int j = 0; j < 40; ++j) {
      const std::string value = generator.text();
      INFO(value);
      const bool is_match = RE2::FullMatch(value, theirs);
      matched += is_match ? 1 : 0;
      REQUIRE(ours->matches(value) == is_match);
    }
  }
  // Otherwise it would be a test of nothing.
  REQUIRE(read > 2000);
  REQUIRE(matched > 2000);
}
