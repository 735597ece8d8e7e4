// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/dockerfile_lines.h"

#include <algorithm>

#include "cmd/pinning/dockerfile_flags.h"
#include "cmd/pinning/dockerfile_words.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

/// The byte order mark of UTF-8, which builders take away before they look for directives.
constexpr std::string_view kMark = "\xef\xbb\xbf";
/// As builders have it.
constexpr std::size_t kMostLineBytes = 65535;

std::string in_case(std::string_view text, char first, char other) {
  std::string result(text);
  for (char& c : result) {
    if (c >= first && c < first + 26) c = static_cast<char>(c - first + other);
  }
  return result;
}

std::string_view trimmed_left(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kDockerfileSpaces);
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

std::string_view trimmed_right(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kDockerfileSpaces) + 1);  // npos + 1 is 0
}

struct Line {
  std::string_view text;  // without its end
  std::size_t place;
  std::size_t number;
};

[[noreturn]] void refuse(const Line& line, const std::string& why) {
  fail(Fault::usage, "line ", line.number, ": ", why);
}

/// Builders cut white space beyond ASCII as well, so that a comment, an empty line or an instruction may follow it.
void refuse_wide_start(const Line& line) {
  const std::string_view text = trimmed_left(line.text);
  for (const std::string_view space :
       {"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x81\x9f", "\xe3\x80\x80", "\x85", "\xa0"}) {
    if (text.starts_with(space)) refuse(line, "white space beyond ASCII begins a line");
  }
  if (!text.starts_with("\xe2\x80") || text.size() < 3) return;
  const auto last = static_cast<unsigned char>(text[2]);
  if (last <= 0x8a || last == 0xa8 || last == 0xa9 || last == 0xaf) {
    refuse(line, "white space beyond ASCII begins a line");
  }
}

class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    // Places go on counting from the file's first byte, where an editor of it begins.
    if (text_.starts_with(kMark)) at_ = kMark.size();
  }

  std::optional<Line> next() {
    if (at_ >= text_.size()) return std::nullopt;
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    Line line{text_.substr(at_, end - at_), at_, ++number_};
    at_ = end + 1;
    // Lines of Windows: otherwise an escape before it would not stand at the end.
    while (line.text.ends_with('\r')) line.text.remove_suffix(1);
    // No builder reads a longer one, so that nobody can build what stands in it.
    if (line.text.size() > kMostLineBytes) {
      refuse(line, "expected at most " + std::to_string(kMostLineBytes) + " bytes, found " +
                       std::to_string(line.text.size()));
    }
    return line;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t number_ = 0;
};

struct Heredoc {
  std::string name;
  bool are_tabs_cut;
};

/// The word as a heredoc, if it is one: "<<END", "3<<-END", "<<'END'".
std::optional<Heredoc> heredoc_of(const std::string& word) {
  std::size_t at = std::min(word.find_first_not_of("0123456789"), word.size());
  if (word.compare(at, 2, "<<") != 0) return std::nullopt;
  at += 2;
  const bool are_tabs_cut = at < word.size() && word[at] == '-';
  if (are_tabs_cut) ++at;
  const std::string rest = word.substr(at);
  // "<<<" is a shell's own, and no heredoc of the Dockerfile.
  if (rest.empty() || rest.find('<') != std::string::npos) return std::nullopt;
  // Its name is no place for variables.
  if (rest.find('$') != std::string::npos) fail(Fault::usage, "a variable in the name of a heredoc");
  std::string name = expand_word(rest, {});
  if (name.empty()) fail(Fault::usage, "a heredoc without a name");
  return Heredoc{std::move(name), are_tabs_cut};
}

/// A line may have several; their texts follow one after the other.
std::vector<Heredoc> heredocs_of(const std::string& text) {
  std::vector<Heredoc> heredocs;
  for (const std::string& one : split_words(text)) {
    if (one.find("<<") == std::string::npos) continue;
    if (auto heredoc = heredoc_of(one)) {
      heredocs.push_back(*std::move(heredoc));
    } else {
      static_cast<void>(expand_word(one, {}));  // a quote without an end may hide a heredoc
    }
  }
  return heredocs;
}

bool is_json_form(const std::string& text) {
  const auto list = list_before(trimmed_left(text));
  if (!list) return false;
  try {
    const json::Value value = json::parse("", view_of(*list));
    const json::Array& words = value.array();
    return std::all_of(words.begin(), words.end(), [](const json::Value& word) { return word.is_string(); });
  } catch (const Error&) {
    return false;  // builders then take it for a line of the shell as well
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text) : lines_(text) {}

  DockerfileText run() {
    while (const std::optional<Line> line = lines_.next()) {
      const std::string_view text = trimmed_left(line->text);
      if (text.starts_with('#')) {
        if (may_direct_) take_directive(*line);
      } else {
        // Directives stand before everything else, empty lines included (Dockerfile reference, "Parser directives").
        may_direct_ = false;
        if (!text.empty()) take_instruction(*line);
      }
    }
    return std::move(result_);
  }

 private:
  void take_directive(const Line& line) {
    const bool is_shebang = line.number == 1 && line.text.starts_with("#!");
    const std::string_view body = trimmed_left(trimmed_left(line.text).substr(1));
    const std::size_t equals = body.find('=');
    const std::string key = in_case(trimmed_right(body.substr(0, std::min(equals, body.size()))), 'A', 'a');
    const bool has_form =
        equals != std::string_view::npos && !key.empty() &&
        std::all_of(key.begin(), key.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
    const std::string_view value = has_form ? trimmed_right(trimmed_left(body.substr(equals + 1))) : std::string_view();
    if (equals != std::string_view::npos) refuse_odd_directive(line, body.substr(0, equals));
    // The first comment that is no directive ends them: what follows is a comment, whatever it says.
    if (!is_shebang && value.empty()) {
      may_direct_ = false;
      return;
    }
    if (key == "syntax") take_syntax(line, value);
    if (key == "escape") take_escape(line, value);
    // After these some builders see no more directives, and others do.
    if (line.text.front() != '#' || (key != "syntax" && key != "escape" && key != "check")) is_escape_clear_ = false;
  }

  /// Builders differ on which white space may stand in a directive.
  static void refuse_odd_directive(const Line& line, std::string_view key) {
    const auto is_plain = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const auto is_odd = [](char c) { return is_beyond_ascii(c) || (c < ' ' && c != '\t') || c == '\x7f'; };
    const auto is_edge = [&](char c) { return c == ' ' || c == '\t' || is_odd(c); };
    while (!key.empty() && is_edge(key.front())) key.remove_prefix(1);
    while (!key.empty() && is_edge(key.back())) key.remove_suffix(1);
    if (key.empty() || !std::all_of(key.begin(), key.end(), is_plain)) return;
    const std::string_view value = line.text.substr(line.text.find('=') + 1);
    const std::size_t first = value.find_first_not_of(" \t");
    const bool is_odd_value =
        std::any_of(value.begin(), value.end(), [&](char c) { return is_odd(c) && !is_beyond_ascii(c); }) ||
        (first != std::string_view::npos && is_beyond_ascii(value[first]));
    const std::string_view before = line.text.substr(0, line.text.find('='));
    if (is_odd_value || std::any_of(before.begin(), before.end(), is_odd)) {
      refuse(line, "a directive with white space that is neither blank nor tab");
    }
  }

  void take_syntax(const Line& line, std::string_view value) {
    // Nobody could say which of two counts.
    if (result_.syntax) refuse(line, "a second syntax directive");
    result_.syntax.emplace();
    std::size_t place = line.place + static_cast<std::size_t>(value.data() - line.text.data());
    // Up to the first blank: the rest is for the frontend.
    for (const char c : value.substr(0, value.find_first_of(kDockerfileSpaces))) result_.syntax->add(c, place++);
  }

  void take_escape(const Line& line, std::string_view value) {
    if (value != "\\" && value != "`") refuse(line, "escape: expected \\ or `, found " + printable(value, 40));
    if (is_escape_seen_) refuse(line, "a second escape directive");
    is_escape_seen_ = true;
    const bool is_clear = is_escape_clear_ && line.text.starts_with('#');
    // With another escape character other lines go on: an instruction for one builder is part of a line for the next.
    if (value == "`" && !is_clear)
      refuse(line, "not every builder sees an escape directive here; make it the first line");
    result_.escape = value.front();
  }

  /// Adds the line; whether it goes on on the next one.
  bool add_line(const Line& line, bool is_first, PlacedText& all) const {
    refuse_wide_start(line);
    std::string_view text = is_first ? trimmed_left(line.text) : line.text;
    const std::size_t skipped = line.text.size() - text.size();
    const std::string_view body = text.substr(0, text.find_last_not_of(" \t") + 1);
    const bool goes_on = body.ends_with(result_.escape);
    if (goes_on) {
      text = body.substr(0, body.size() - 1);
      if (text.ends_with(result_.escape)) refuse(line, "builders differ on two escape characters at the end of a line");
    }
    for (std::size_t i = 0; i < text.size(); ++i) all.add(text[i], line.place + skipped + i);
    return goes_on;
  }

  void take_instruction(const Line& first) {
    PlacedText all;
    bool goes_on = add_line(first, true, all);
    while (goes_on) {
      const std::optional<Line> line = lines_.next();
      if (!line) break;
      const std::string_view text = trimmed_left(line->text);
      // A comment or an empty line within an instruction is left out, and does not end it.
      if (!text.empty() && !text.starts_with('#')) goes_on = add_line(*line, false, all);
    }
    const std::size_t end = std::min(all.text.find_first_of(kDockerfileSpaces), all.text.size());
    Instruction instruction{in_case(all.text.substr(0, end), 'a', 'A'), all.part(end, all.text.size() - end),
                            first.number};
    skip_heredocs(instruction, first);
    result_.instructions.push_back(std::move(instruction));
  }

  void skip_heredocs(const Instruction& instruction, const Line& first) {
    std::string word = instruction.word;
    PlacedText rest = instruction.rest;
    if (word == "ONBUILD") {
      const std::string_view inner = trimmed_left(rest.text);
      const std::size_t end = std::min(inner.find_first_of(kDockerfileSpaces), inner.size());
      word = in_case(inner.substr(0, end), 'a', 'A');
      const std::size_t used = rest.text.size() - inner.size() + end;
      rest = rest.part(used, rest.text.size() - used);
    }
    // No other instruction has heredocs: "<<" in them is text, and the next line an instruction.
    if (word != "RUN" && word != "COPY" && word != "ADD") return;
    if (rest.text.find("<<") == std::string::npos) return;
    // Looked for in flags as well, as builders do; whether it is the JSON form is told by what follows the flags.
    const std::string whole = rest.text;
    const std::vector<Heredoc> heredocs = within("line " + std::to_string(first.number), [&] {
      take_flags(rest, result_.escape);
      return is_json_form(rest.text) ? std::vector<Heredoc>() : heredocs_of(whole);
    });
    for (const Heredoc& heredoc : heredocs) skip(heredoc, first);
  }

  void skip(const Heredoc& heredoc, const Line& first) {
    while (const std::optional<Line> line = lines_.next()) {
      const std::string_view text =
          heredoc.are_tabs_cut ? line->text.substr(std::min(line->text.find_first_not_of('\t'), line->text.size()))
                               : line->text;
      // The whole line: a blank before or behind the name makes it text (Dockerfile reference, "Here-Documents").
      if (text == heredoc.name) return;
    }
    // Its text would be the rest of the file, with every image that stands there.
    refuse(first, "the heredoc " + printable(heredoc.name, 80) + " has no end");
  }

  Lines lines_;
  DockerfileText result_;
  bool may_direct_ = true;
  bool is_escape_seen_ = false;
  bool is_escape_clear_ = true;
};

}  // namespace

std::vector<PlacedText> plain_words(const PlacedText& text) {
  std::vector<PlacedText> words;
  for (std::size_t at = 0; at < text.text.size();) {
    const std::size_t end = std::min(text.text.find_first_of(kDockerfileSpaces, at), text.text.size());
    if (end > at) words.push_back(text.part(at, end - at));
    at = end + 1;
  }
  return words;
}

std::size_t line_of(std::string_view text, std::size_t place) {
  const std::string_view before = text.substr(0, place);
  return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

DockerfileText read_dockerfile(std::string_view text) {
  if (text.size() > kMostDockerfileBytes) {
    fail(Fault::usage, "expected at most ", kMostDockerfileBytes, " bytes, found ", text.size());
  }
  // Some readers end a text there.
  const std::size_t zero = text.find('\0');
  if (zero != std::string_view::npos) fail(Fault::usage, "line ", line_of(text, zero), ": a NUL byte");
  return Reader(text).run();
}

}  // namespace hallmark::cmd
