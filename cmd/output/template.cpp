// SPDX-License-Identifier: Apache-2.0
#include "cmd/output/template.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "cmd/output/template_functions.h"
#include "cmd/output/template_lexer.h"
#include "trust/error.h"
#include "trust/shown.h"

namespace hallmark::cmd {
namespace {

using Value = TemplateValue;
using Operand = TemplateOperand;

/// Loops in loops take long before they print anything.
// A step is a text, a pipeline, an operand or a round of a loop. The limit ends what the limit of output never meets.
constexpr std::size_t kMostSteps = 5'000'000;
/// Of all values that are kept at once: in variables, for blocks and for the functions that are called.
constexpr std::size_t kMostValueBytes = std::size_t{128} << 20U;

// Docker keeps these five from changing a header: "table {{lower .Tag}}" has small letters under TAG.
constexpr std::array<std::string_view, 5> kNeutralInHeaders{"json", "lower", "title", "truncate", "upper"};

// For whoever mistypes a field: the error tells which ones there are.
std::string list_of_fields(const Value::Record& record) {
  std::string names;
  for (const Value::Field& field : record.fields) names += (names.empty() ? "" : " ") + field.name;
  return names;
}

/// One execution. Its variables, its output and its count of steps end with it.
class Evaluation {
 public:
  Evaluation(std::string_view source, bool is_header) : source_(source), is_header_(is_header) {}

  std::string run(const TemplateNodes& nodes, const Value& data) {
    // $ stays the value of the beginning, also where range and with set the dot to another one.
    variables_.emplace_back("$", data);
    walk(nodes, data);
    return std::move(out_);
  }

 private:
  [[noreturn]] void fail_at(const Operand& operand, const std::string& what) const {
    fail_template(source_, operand.position, "at <" + printable(operand.written, 80) + ">: " + what);
  }

  void step(std::size_t position) {
    // Both limits are asked before each piece, so that the output exceeds its limit by one piece at most.
    if (++steps_ > kMostSteps) fail_template(source_, position, "the template computes too long");
    if (out_.size() > kMostTemplateOutput) {
      fail_template(source_, position,
                    "the template prints more than " + std::to_string(kMostTemplateOutput) + " bytes");
    }
  }

  /// Variables, blocks and arguments by the thousand would each have a copy of all there is.
  std::size_t keep(std::size_t position, const Value& value) {
    const std::size_t bytes = value.weight();
    kept_bytes_ += bytes;
    if (kept_bytes_ <= kMostValueBytes) return bytes;
    fail_template(source_, position,
                  "the template works on more than " + std::to_string(kMostValueBytes) + " bytes of values");
  }

  /// Counts what is kept as long as it lives.
  class Kept {
   public:
    explicit Kept(Evaluation& evaluation) : evaluation_(evaluation) {}
    ~Kept() { evaluation_.kept_bytes_ -= bytes_; }
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;
    void add(std::size_t position, const Value& value) { bytes_ += evaluation_.keep(position, value); }

   private:
    Evaluation& evaluation_;
    std::size_t bytes_ = 0;
  };

  void walk(const TemplateNodes& nodes, const Value& dot) {
    for (const TemplateNode& node : nodes) {
      if (const auto* text = std::get_if<std::string>(&node.kind)) {
        // The template's own text is what the user typed. It goes out as it is, control characters included.
        step(0);
        out_ += *text;
      } else if (const auto* action = std::get_if<TemplatePipeline>(&node.kind)) {
        const Value value = pipeline(*action, dot);
        // Values are what images and registries say. This is the one place where a value becomes output, so it escapes
        // them. New lines and tabs stay: a table is laid out by its tabs. An action that sets a variable prints
        // nothing, as in Go.
        if (action->variables.empty()) out_ += shown_text(value.printed(), "\n\t");
      } else {
        branch(std::get<TemplateBranch>(node.kind), dot);
      }
    }
  }

  void branch(const TemplateBranch& branch, const Value& dot) {
    // What a block declares ends with it. The parser counts in the same way, and variable() rests on that.
    const std::size_t known = variables_.size();
    if (branch.kind == TemplateBranch::Kind::range) {
      loop(branch, dot);
    } else {
      const Value value = pipeline(branch.pipeline, dot);
      Kept kept(*this);
      kept.add(branch.pipeline.position, value);
      const bool is_with = branch.kind == TemplateBranch::Kind::with;
      if (value.is_true()) {
        walk(branch.body, is_with ? value : dot);
      } else {
        walk(branch.otherwise, dot);
      }
    }
    variables_.erase(variables_.begin() + static_cast<std::ptrdiff_t>(known), variables_.end());
  }

  void loop(const TemplateBranch& branch, const Value& dot) {
    const Value value = pipeline(branch.pipeline, dot);
    Kept kept(*this);
    kept.add(branch.pipeline.position, value);
    const std::size_t known = variables_.size();
    // What the body declares must not be there in the next round.
    const auto round = [&](Value key, const Value& item) {
      step(branch.pipeline.position);
      set_round(branch.pipeline, std::move(key), item);
      walk(branch.body, item);
      variables_.erase(variables_.begin() + static_cast<std::ptrdiff_t>(known), variables_.end());
    };
    std::int64_t count = 0;
    if (const auto* list = value.as<Value::List>()) {
      for (const Value& item : list->items) round(Value::number(count++), item);
    } else if (const auto* map = value.as<Value::Map>()) {
      // In the order of the names, as Go has it: the same image prints the same text each time.
      for (const auto& [name, item] : map->members) {
        round(Value::text(name), item);
        ++count;
      }
    } else if (!value.is_nothing()) {
      fail_template(source_, branch.pipeline.position, "range can't iterate over " + value.type_name());
    }
    // A member that the image does not have is nothing, and nothing has no rounds: that is no error, as in Go.
    if (count == 0) walk(branch.otherwise, dot);
  }

  void set_round(const TemplatePipeline& head, Value key, const Value& item) {
    if (head.variables.empty()) return;
    // One variable gets the item. Of two the first one gets the index or the name.
    if (head.variables.size() == 2) set(head, head.variables[0], std::move(key));
    set(head, head.variables.back(), item);
  }

  void set(const TemplatePipeline& head, const std::string& name, Value value) {
    // Not given back: what a variable had before counts on.
    keep(head.position, value);
    if (head.declares) {
      variables_.emplace_back(name, std::move(value));
    } else {
      // This is how something found in a loop lasts beyond it: := would end with the round.
      variable(name) = std::move(value);
    }
  }

  Value& variable(const std::string& name) {
    // From the back: the innermost variable of a name hides the others.
    // The parser has seen to it that there is one.
    return std::find_if(variables_.rbegin(), variables_.rend(), [&](const auto& known) { return known.first == name; })
        ->second;
  }

  Value pipeline(const TemplatePipeline& pipeline, const Value& dot) {
    step(pipeline.position);
    std::optional<Value> value;
    for (const TemplateCommand& command : pipeline.commands) value = this->command(command, std::move(value), dot);
    // A loop sets them anew in each round; where there is none, {{else}} sees these.
    for (const auto& name : pipeline.variables) set(pipeline, name, *value);
    return std::move(*value);
  }

  Value command(const TemplateCommand& command, std::optional<Value> last, const Value& dot) {
    const Operand& first = command.front();
    if (first.kind == Operand::Kind::function) {
      return call(first, std::span(command).subspan(1), std::move(last), dot);
    }
    // The messages are Go's: people find answers for those words.
    if (first.kind == Operand::Kind::nothing) fail_at(first, "nil is not a command");
    if (command.size() > 1 || last)
      fail_at(first, "can't give argument to non-function " + printable(first.written, 80));
    return operand(first, dot);
  }

  Value call(const Operand& function, std::span<const Operand> words, std::optional<Value> last, const Value& dot) {
    const std::string& name = function.name;
    const bool is_and = name == "and";
    std::vector<Value> arguments;
    Kept kept(*this);
    for (const Operand& word : words) {
      arguments.push_back(operand(word, dot));
      kept.add(word.position, arguments.back());
      // What comes after is not looked at.
      // {{or .A (index .B 9)}} must not fail about what nobody needs.
      if ((is_and || name == "or") && arguments.back().is_true() != is_and) return arguments.back();
    }
    // What comes through a pipe is the last argument, behind those that are written.
    if (last) arguments.push_back(std::move(*last));
    const bool is_neutral =
        is_header_ && !arguments.empty() &&
        std::find(kNeutralInHeaders.begin(), kNeutralInHeaders.end(), name) != kNeutralInHeaders.end();
    if (is_neutral) return arguments.front();
    try {
      return call_template_function(name, arguments);
    } catch (const Error& error) {
      // A function knows its arguments, not where it stands. The place is added here.
      fail_at(function, "error calling " + name + ": " + error.what());
    }
  }

  Value operand(const Operand& operand, const Value& dot) {
    step(operand.position);
    Value made;
    // A pointer goes along the fields and only the end of the way is copied: a record holds the whole config of an
    // image.
    const Value* value = &made;
    switch (operand.kind) {
      case Operand::Kind::dot:
      case Operand::Kind::field: value = &dot; break;
      case Operand::Kind::variable: value = &variable(operand.name); break;
      case Operand::Kind::literal: value = &operand.literal; break;
      case Operand::Kind::nothing: break;
      case Operand::Kind::function: made = call(operand, {}, std::nullopt, dot); break;
      case Operand::Kind::pipeline: made = pipeline(*operand.inner, dot); break;
    }
    for (const std::string& name : operand.fields) value = &field(operand, *value, name);
    return *value;
  }

  [[nodiscard]] const Value& field(const Operand& operand, const Value& value, const std::string& name) const {
    static const Value kNothing;
    // Below what is not there is nothing: templates ask for members that not every image has.
    if (value.is_nothing()) return kNothing;
    // A map has what the image happens to say. A name that is missing is no mistake of the template.
    if (const auto* map = value.as<Value::Map>()) {
      const auto found = std::find_if(map->members.begin(), map->members.end(),
                                      [&](const Value::Member& member) { return member.first == name; });
      return found == map->members.end() ? kNothing : found->second;
    }
    const auto* record = value.as<Value::Record>();
    // Go does not follow a nil pointer either. {{with .Health}} or {{if .Health}} asks first.
    if (record != nullptr && record->is_null) {
      fail_at(operand, "nil pointer evaluating " + record->type + "." + printable(name, 80));
    }
    if (record != nullptr) {
      const auto found = std::find_if(record->fields.begin(), record->fields.end(),
                                      [&](const Value::Field& known) { return known.name == name; });
      if (found != record->fields.end()) return found->value;
    }
    // This program alone gives a record its fields. Another name is a mistake, and printing nothing would hide it.
    const std::string fields = record == nullptr ? "" : "; there are: " + list_of_fields(*record);
    fail_at(operand, "can't evaluate field " + printable(name, 80) + " in type " + value.type_name() + fields);
  }

  std::string_view source_;
  bool is_header_;
  std::vector<std::pair<std::string, Value>> variables_;
  std::string out_;
  std::size_t steps_ = 0;
  std::size_t kept_bytes_ = 0;
};

}  // namespace

Template::Template(std::string source) : source_(std::move(source)), nodes_(parse_template(source_)) {}

std::string Template::execute(const TemplateValue& data) const { return Evaluation(source_, false).run(nodes_, data); }

std::string Template::execute_for_header(const TemplateValue& data) const {
  return Evaluation(source_, true).run(nodes_, data);
}

}  // namespace hallmark::cmd
