// SPDX-License-Identifier: Apache-2.0
#include "cmd/output/template_parser.h"

#include <algorithm>
#include <array>

#include "cmd/output/template_functions.h"
#include "cmd/output/template_lexer.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

using Token = TemplateToken::Kind;
using Operand = TemplateOperand;
using Pipeline = TemplatePipeline;
using Branch = TemplateBranch;

// A person types a template, or it is imagesFormat of docker's config.json: 64 KiB are more than either needs.
constexpr std::size_t kMostBytes = std::size_t{64} << 10U;
// Parser and execution call themselves for each level: without a limit a long template would end the stack.
constexpr std::size_t kMostDepth = 100;

// By name, for they would be unknown functions otherwise, and a person would look for a typing mistake.
constexpr std::array<std::string_view, 5> kRefusedWords{"define", "template", "block", "break", "continue"};

/// What ended a list of nodes.
enum class End { source, end, otherwise };

class Parser {
 public:
  explicit Parser(std::string_view source) : source_(source), tokens_(lex_template(source)) {}

  TemplateNodes run() {
    TemplateNodes nodes;
    if (parse_nodes(nodes) != End::source) fail_at(ended_at_, "unexpected {{end}} or {{else}}");
    return nodes;
  }

 private:
  [[noreturn]] void fail_at(std::size_t position, const std::string& what) const {
    fail_template(source_, position, what);
  }
  [[nodiscard]] const TemplateToken& peek() const { return tokens_[at_]; }
  // The last token is never passed: peek() always has one.
  const TemplateToken& next() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  [[nodiscard]] bool is(Token kind) const { return peek().kind == kind; }
  [[nodiscard]] bool is_word(std::string_view word) const { return is(Token::name) && peek().text == word; }
  void expect(Token kind, const std::string& where) {
    if (!is(kind)) fail_at(peek().position, "unexpected " + shown(peek()) + " in " + where);
    next();
  }
  static std::string shown(const TemplateToken& token) {
    if (token.kind == Token::end) return "end of the template";
    return "\"" + printable((token.kind == Token::field ? "." : "") + token.text, 60) + "\"";
  }

  /// One level deeper, as long as it lives.
  struct Level {
    Level(Parser& parser, std::size_t position) : parser_(parser) {
      if (++parser_.depth_ > kMostDepth) {
        parser_.fail_at(position, "nested deeper than " + std::to_string(kMostDepth));
      }
    }
    ~Level() { --parser_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    Parser& parser_;
  };

  /// Ends behind {{end}} and behind the word else of {{else}}.
  End parse_nodes(TemplateNodes& nodes) {
    while (!is(Token::end)) {
      const TemplateToken& token = next();
      if (token.kind == Token::text) {
        nodes.push_back({token.text});
        continue;
      }
      if (is_word("end") || is_word("else")) {
        ended_at_ = peek().position;
        const bool is_end = next().text == "end";
        if (is_end) expect(Token::right, "end");
        return is_end ? End::end : End::otherwise;
      }
      nodes.push_back(parse_action());
    }
    return End::source;
  }

  TemplateNode parse_action() {
    const TemplateToken& word = peek();
    if (word.kind == Token::name) {
      if (word.text == "if") return parse_block(Branch::Kind::conditional);
      if (word.text == "range") return parse_block(Branch::Kind::range);
      if (word.text == "with") return parse_block(Branch::Kind::with);
      if (std::find(kRefusedWords.begin(), kRefusedWords.end(), word.text) != kRefusedWords.end()) {
        fail_at(word.position, "\"" + word.text + "\" is not known here");
      }
    }
    Pipeline pipeline = parse_pipeline("command", 1);
    expect(Token::right, "command");
    return {std::move(pipeline)};
  }

  TemplateNode parse_block(Branch::Kind kind) {
    const Level level(*this, peek().position);
    const std::string word = peek().text;
    const std::size_t start = next().position;
    // The execution looks variables up without asking whether they are there: what is known here must be set there.
    const std::size_t known = variables_.size();
    // Only range has two values for each round.
    Branch branch{kind, parse_pipeline(word, kind == Branch::Kind::range ? 2 : 1), {}, {}};
    expect(Token::right, word);
    End end = parse_nodes(branch.body);
    if (end == End::otherwise && kind == Branch::Kind::conditional && is_word("if")) {
      // {{else if}} is a block within the else, and one {{end}} ends both. Each of them counts as a level.
      branch.otherwise.push_back(parse_block(Branch::Kind::conditional));
      end = End::end;
    } else if (end == End::otherwise) {
      expect(Token::right, "else");
      end = parse_nodes(branch.otherwise);
      if (end == End::otherwise) fail_at(start, "a second {{else}} in {{" + word + "}}");
    }
    if (end != End::end) fail_at(start, "{{" + word + "}} has no {{end}}");
    variables_.resize(known);
    return {std::move(branch)};
  }

  void parse_variables(Pipeline& pipeline, std::size_t most) {
    // $x is a value unless := or = stands behind the names: that is known only after a look ahead.
    std::size_t ahead = at_;
    std::vector<std::string> names;
    while (tokens_[ahead].kind == Token::variable) {
      names.push_back(tokens_[ahead++].text);
      if (tokens_[ahead].kind != Token::comma) break;
      ++ahead;
    }
    const Token sign = tokens_[ahead].kind;
    if (names.empty() || (sign != Token::declare && sign != Token::assign)) return;
    if (names.size() > most) fail_at(peek().position, "too many declarations");
    pipeline.variables = std::move(names);
    pipeline.declares = sign == Token::declare;
    // = on a mistyped name would otherwise make a variable that nobody reads.
    if (!pipeline.declares) {
      for (const std::string& name : pipeline.variables) require_variable(name, peek().position);
    }
    at_ = ahead + 1;
  }

  void require_variable(const std::string& name, std::size_t position) const {
    const bool is_known = name == "$" || std::find(variables_.begin(), variables_.end(), name) != variables_.end();
    if (!is_known) fail_at(position, "undefined variable \"" + printable(name, 60) + "\"");
  }

  Pipeline parse_pipeline(const std::string& where, std::size_t most_variables) {
    Pipeline pipeline{peek().position, {}, false, {}};
    parse_variables(pipeline, most_variables);
    do {
      if (!pipeline.commands.empty()) next();
      pipeline.commands.push_back(parse_command(where));
      const Operand& first = pipeline.commands.back().front();
      const bool is_value = first.kind == Operand::Kind::literal || first.kind == Operand::Kind::nothing ||
                            first.kind == Operand::Kind::dot;
      // A value takes no argument: what was computed before the | would be lost without a word.
      if (pipeline.commands.size() > 1 && is_value) {
        fail_at(first.position, "non executable command in pipeline stage " + std::to_string(pipeline.commands.size()));
      }
    } while (is(Token::pipe));
    // After its commands: in {{$x := $x}} the second one is that of outside.
    if (pipeline.declares) {
      variables_.insert(variables_.end(), pipeline.variables.begin(), pipeline.variables.end());
    }
    return pipeline;
  }

  TemplateCommand parse_command(const std::string& where) {
    TemplateCommand command;
    while (!is(Token::pipe) && !is(Token::right) && !is(Token::close)) {
      if (is(Token::end)) fail_at(peek().position, "unclosed action");
      // Without a blank between them two words are one mistyped word, not an argument.
      if (!command.empty() && !peek().after_blank) {
        fail_at(peek().position, "unexpected " + shown(peek()) + " in operand");
      }
      command.push_back(parse_operand(where));
    }
    if (command.empty()) fail_at(peek().position, "missing value for " + where);
    return command;
  }

  Operand parse_operand(const std::string& where) {
    const std::size_t start = peek().position;
    Operand operand = parse_term(where);
    // Go's rule. Fields of what a function gives stand behind parentheses: {{(index .A 0).B}}.
    const bool takes_fields = operand.kind != Operand::Kind::literal && operand.kind != Operand::Kind::nothing &&
                              operand.kind != Operand::Kind::function;
    while (is(Token::field) && !peek().after_blank) {
      if (!takes_fields) fail_at(peek().position, "unexpected . after term " + printable(operand.written, 60));
      operand.fields.push_back(next().text);
    }
    const std::size_t end = peek().position;
    // As it was typed, for errors; the trim marker behind it and the blanks are no part of it.
    std::string_view written = source_.substr(start, end - start);
    operand.written = written.substr(0, written.find_last_not_of(" \t\r\n-") + 1);
    return operand;
  }

  Operand parse_term(const std::string& where) {
    const TemplateToken& token = next();
    using Kind = Operand::Kind;
    Operand operand{Kind::literal, token.position, token.text, token.text, TemplateValue(), {}, nullptr};
    switch (token.kind) {
      case Token::dot: operand.kind = Kind::dot; break;
      case Token::field:
        operand.kind = Kind::field;
        operand.fields.push_back(token.text);
        break;
      case Token::variable:
        operand.kind = Kind::variable;
        require_variable(token.text, token.position);
        break;
      case Token::string: operand.literal = TemplateValue::text(token.text); break;
      case Token::number: operand.literal = TemplateValue::number(std::stoll(token.text)); break;
      case Token::name: read_name(token, operand); break;
      case Token::open: {
        const Level level(*this, token.position);
        operand.kind = Kind::pipeline;
        operand.inner = std::make_unique<const Pipeline>(parse_pipeline("parenthesized pipeline", 0));
        expect(Token::close, "parenthesized pipeline");
        break;
      }
      default: fail_at(token.position, "unexpected " + shown(token) + " in " + where);
    }
    return operand;
  }

  void read_name(const TemplateToken& token, Operand& operand) const {
    if (token.text == "true" || token.text == "false") {
      operand.literal = TemplateValue::truth(token.text == "true");
    } else if (token.text == "nil") {
      operand.kind = Operand::Kind::nothing;
    } else {
      operand.kind = Operand::Kind::function;
      // While it is read, not when it is run: also in a branch that this image does not take.
      if (!is_template_function(token.text)) {
        fail_at(token.position, "function \"" + printable(token.text, 60) + "\" not defined");
      }
    }
  }

  std::string_view source_;
  std::vector<TemplateToken> tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t ended_at_ = 0;  // where the last {{end}} or {{else}} stands
  std::vector<std::string> variables_;
};

}  // namespace

TemplateNodes parse_template(std::string_view source) {
  // Before the lexer makes a token of anything.
  if (source.size() > kMostBytes) {
    fail(Fault::usage, "the template has ", source.size(), " bytes, at most ", kMostBytes, " are allowed");
  }
  return Parser(source).run();
}

}  // namespace hallmark::cmd
