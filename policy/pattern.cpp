// SPDX-License-Identifier: Apache-2.0
#include "policy/pattern.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "trust/error.h"
#include "trust/shown.h"

namespace hallmark::policy {
namespace {

/// Each character of a value may meet each step, so this limits what a pattern can cost.
constexpr std::size_t kMostSteps = 2000;
/// Counts inside counts multiply, and an empty group makes no step that would be counted.
constexpr std::size_t kMostVisits = 100'000;
/// The reader calls itself for each group that it enters.
constexpr std::size_t kDeepest = 30;
/// As RE2 has it, so that a pattern which loads here is none that RE2 refuses for its count.
constexpr std::size_t kMostRepeats = 1000;
constexpr std::size_t kNoEnd = std::numeric_limits<std::size_t>::max();
/// Bytes that are no UTF-8 become characters that nobody can write in a pattern.
constexpr char32_t kStrayBytes = 0x110000;

/// The character at the place, which moves behind it.
char32_t next_character(std::string_view text, std::size_t& at) {
  const Character next = first_character(text.substr(at));
  at += next.length;
  return next.is_utf8 ? next.code : kStrayBytes + next.code;
}

struct Node {
  enum class Kind { set, sequence, choice, repeat };
  Kind kind = Kind::set;
  Pattern::Ranges ranges;
  bool is_negated = false;
  std::vector<Node> parts;
  std::size_t least = 0;
  std::size_t most = 0;  // kNoEnd
};

/// ASCII without letters and digits: these mean classes, borders or groups behind a backslash, here or elsewhere.
bool is_punctuation(char c) {
  return c > ' ' && c < '\x7f' && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Node parse() {
    // Many engines search, so a pattern without anchors would pass there for a part of the value. Here they must stand.
    if (text_.size() < 2 || text_.front() != '^') refuse("it must begin with ^ and end with $");
    at_ = 1;
    Node node = sequence(0);
    // ^a|b$ is (^a)|(b$) elsewhere, and would be ^(a|b)$ to whoever forgot that.
    if (peek() == '|') refuse("put the alternatives in parentheses: ^(a|b)$");
    // A parenthesis that closes nothing ends the sequence, and is refused here as well.
    if (at_ + 1 != text_.size() || peek() != '$') refuse("it must end with $, and have none before");
    return node;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    fail(Fault::usage, "\"", printable(text_, 200), "\" is no usable expression: ", why);
  }

  /// NUL at the end. Where a NUL of the text would make a difference, at_ is looked at too.
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool skip(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  Node choice(std::size_t depth) {
    if (depth > kDeepest) refuse("its groups are nested too deeply");
    Node node{Node::Kind::choice, {}, false, {sequence(depth)}, 0, 0};
    while (skip('|')) node.parts.push_back(sequence(depth));
    return node;
  }

  Node sequence(std::size_t depth) {
    Node node{Node::Kind::sequence, {}, false, {}, 0, 0};
    // A $ ends it wherever it stands, and parse() takes none but the last.
    while (at_ < text_.size() && peek() != '|' && peek() != ')' && peek() != '$') {
      node.parts.push_back(repeated(atom(depth)));
    }
    return node;
  }

  Node atom(std::size_t depth) {
    if (skip('(')) {
      // Flags and looks ahead change what the rest means. (?:...) is a group like any other, as nothing is captured.
      if (skip('?') && !skip(':')) refuse("of the groups with ?, only (?:...) is known");
      Node node = choice(depth + 1);
      if (!skip(')')) refuse("a parenthesis is not closed");
      return node;
    }
    Node node{Node::Kind::set, {}, false, {}, 0, 0};
    if (skip('[')) {
      read_class(node);
    } else if (skip('\\')) {
      read_escape(node);
    } else if (skip('.')) {
      // Line ends as well: a value with one in it must not slip past a pattern that forbids it.
      node.is_negated = true;
    } else if (std::string_view("*+?{}]^").find(peek()) != std::string_view::npos) {
      // Engines differ about these where they mean nothing: to some of them they are characters.
      refuse(std::string("a ") + peek() + " stands where it means nothing; write \\" + peek());
    } else {
      const char32_t character = next_character(text_, at_);
      node.ranges.emplace_back(character, character);
    }
    return node;
  }

  void read_class(Node& node) {
    node.is_negated = skip('^');
    while (peek() != ']') {
      if (at_ >= text_.size()) refuse("a [ is not closed");
      // Elsewhere [[:alpha:]] is a class by its name; here it would be one of a few letters.
      if (peek() == '[') refuse("write \\[ in a class");
      if (skip('\\')) {
        read_escape(node);
      } else {
        const char32_t character = next_character(text_, at_);
        node.ranges.emplace_back(character, character);
        is_set_ = false;
      }
      // Before the end of a class - is a character.
      const bool is_range = peek() == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']';
      if (is_range) read_end_of_range(node);
    }
    ++at_;
    // Some engines take [] for nothing, others the ] for its first character.
    if (node.ranges.empty()) refuse("a class is empty");
  }

  void read_end_of_range(Node& node) {
    ++at_;
    auto& range = node.ranges.back();
    if (peek() == '[') refuse("write \\[ in a class");
    // Behind a backslash only one character can end a range, and \d is several.
    if (skip('\\') && !is_punctuation(peek())) refuse("a range ends with one character");
    if (at_ >= text_.size()) refuse("a [ is not closed");
    range.second = next_character(text_, at_);
    // Upside down it would be empty, and the class would mean less than it says.
    if (range.first > range.second || is_set_) refuse("a range goes from a lower character to a higher one");
  }

  void read_escape(Node& node) {
    // A text that ends in a backslash has no letter: the NUL is none of those below, and is refused.
    const char letter = peek();
    ++at_;
    is_set_ = letter == 'd' || letter == 'w' || letter == 's';
    // Classes are of ASCII, as with RE2: digits and letters of other scripts are not in them.
    if (letter == 'd') {
      node.ranges.emplace_back(U'0', U'9');
    } else if (letter == 'w') {
      node.ranges.insert(node.ranges.end(), {{U'0', U'9'}, {U'A', U'Z'}, {U'_', U'_'}, {U'a', U'z'}});
    } else if (letter == 's') {
      // Without the vertical tab, as RE2 has it.
      node.ranges.insert(node.ranges.end(), {{U'\t', U'\n'}, {U'\f', U'\r'}, {U' ', U' '}});
    } else if (at_ <= text_.size() && is_punctuation(letter)) {
      node.ranges.emplace_back(static_cast<char32_t>(letter), static_cast<char32_t>(letter));
    } else {
      refuse("after \\ come d, w, s or punctuation");
    }
  }

  Node repeated(Node node) {
    is_set_ = false;
    std::size_t least = 0;
    std::size_t most = kNoEnd;
    if (skip('+')) {
      least = 1;
    } else if (skip('?')) {
      most = 1;
    } else if (skip('{')) {
      least = number();
      most = !skip(',') ? least : peek() == '}' ? kNoEnd : number();
      if (!skip('}') || most < least) refuse("a count is written {n}, {n,} or {n,m}");
    } else if (!skip('*')) {
      return node;
    }
    skip('?');  // how much is taken first makes no difference to whole values
    // To RE2 a repetition of a repetition is an error; to other engines a*+ gives nothing back.
    if (std::string_view("*+?{").find(peek()) != std::string_view::npos && at_ < text_.size()) {
      refuse("a repetition is repeated");
    }
    return Node{Node::Kind::repeat, {}, false, {std::move(node)}, least, most};
  }

  std::size_t number() {
    std::size_t value = 0;
    const std::size_t begin = at_;
    // It stops above the limit, so that no row of digits overflows.
    while (peek() >= '0' && peek() <= '9' && value <= kMostRepeats) {
      value = value * 10 + static_cast<std::size_t>(peek() - '0');
      ++at_;
    }
    if (at_ == begin || value > kMostRepeats) refuse("a count is a number up to " + std::to_string(kMostRepeats));
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool is_set_ = false;  // whether the last escape meant several characters
};

/// From the end to the beginning: each step knows the one after it.
class Compiler {
 public:
  std::vector<Pattern::Step> steps;

  std::size_t add(Pattern::Step step) {
    // Asked at each step: counts unroll into copies, so a short text can want millions.
    if (steps.size() >= kMostSteps) fail(Fault::usage, "an expression is larger than ", kMostSteps, " steps");
    steps.push_back(std::move(step));
    return steps.size() - 1;
  }
  std::size_t fork(std::size_t one, std::size_t other) {
    return add({Pattern::Step::Kind::fork, {}, false, one, other});
  }

  std::size_t compile(const Node& node, std::size_t next) {
    // Empty groups make no steps, however often they are repeated.
    // Hence visits are counted beside the steps.
    if (++visits_ > kMostVisits) fail(Fault::usage, "an expression repeats too much");
    switch (node.kind) {
      case Node::Kind::set: return add({Pattern::Step::Kind::take, node.ranges, node.is_negated, next, 0});
      case Node::Kind::repeat: return compile_repeat(node, next);
      case Node::Kind::sequence: {
        std::size_t entry = next;
        for (auto part = node.parts.rbegin(); part != node.parts.rend(); ++part) entry = compile(*part, entry);
        return entry;
      }
      case Node::Kind::choice: {
        std::size_t entry = compile(node.parts.front(), next);
        for (std::size_t i = 1; i < node.parts.size(); ++i) entry = fork(entry, compile(node.parts[i], next));
        return entry;
      }
    }
    return next;
  }

 private:
  std::size_t compile_repeat(const Node& node, std::size_t next) {
    const Node& part = node.parts.front();
    std::size_t entry = next;
    if (node.most == kNoEnd) {
      // Made before its body, which has to lead back to it.
      entry = fork(0, next);
      const std::size_t body = compile(part, entry);
      steps[entry].next = body;
    } else {
      // Each of these may be left out, and with it all that follow.
      for (std::size_t i = node.least; i < node.most; ++i) entry = fork(compile(part, entry), next);
    }
    for (std::size_t i = 0; i < node.least; ++i) entry = compile(part, entry);
    return entry;
  }

  std::size_t visits_ = 0;
};

bool takes(const Pattern::Step& step, char32_t character) {
  // An empty list that is negated takes everything: that is the dot.
  const bool is_listed = std::any_of(step.ranges.begin(), step.ranges.end(), [character](const auto& range) {
    return range.first <= character && character <= range.second;
  });
  return is_listed != step.is_negated;
}

/// The steps that an automaton is at, each once.
/// A set, with no way back to an earlier choice: that keeps the time to length of value times length of expression.
class Places {
 public:
  explicit Places(const std::vector<Pattern::Step>& steps) : steps_(steps), is_here_(steps.size(), false) {}

  /// With all that can be reached from there without taking a character.
  void add(std::size_t step) {
    waiting_.push_back(step);
    while (!waiting_.empty()) {
      const std::size_t one = waiting_.back();
      waiting_.pop_back();
      // A loop of forks, as in (a*)*, ends here.
      if (is_here_[one]) continue;
      is_here_[one] = true;
      list_.push_back(one);
      if (steps_[one].kind != Pattern::Step::Kind::fork) continue;
      waiting_.push_back(steps_[one].next);
      waiting_.push_back(steps_[one].other);
    }
  }
  /// What was added; nothing is left.
  std::vector<std::size_t> take() {
    // Only what was marked: otherwise each character would cost the length of the expression.
    for (const std::size_t one : list_) is_here_[one] = false;
    return std::exchange(list_, {});
  }

 private:
  const std::vector<Pattern::Step>& steps_;
  std::vector<bool> is_here_;
  std::vector<std::size_t> list_;
  std::vector<std::size_t> waiting_;
};

}  // namespace

Pattern Pattern::parse(const std::string& text) {
  Compiler compiler;
  // First, so that whatever is compiled has something to lead to.
  const std::size_t end = compiler.add({Step::Kind::end, {}, false, 0, 0});
  Pattern pattern;
  pattern.first_ = compiler.compile(Parser(text).parse(), end);
  pattern.steps_ = std::move(compiler.steps);
  pattern.text_ = text;
  return pattern;
}

bool Pattern::matches(std::string_view value) const {
  Places places(steps_);
  places.add(first_);
  std::vector<std::size_t> here = places.take();
  // With no place left nothing of the rest can match.
  for (std::size_t at = 0; at < value.size() && !here.empty();) {
    const char32_t character = next_character(value, at);
    for (const std::size_t one : here) {
      const Step& step = steps_[one];
      if (step.kind == Step::Kind::take && takes(step, character)) places.add(step.next);
    }
    here = places.take();
  }
  // Asked behind the last character, since the whole value has to fit.
  return std::any_of(here.begin(), here.end(), [this](std::size_t one) { return steps_[one].kind == Step::Kind::end; });
}

}  // namespace hallmark::policy
