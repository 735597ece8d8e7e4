// SPDX-License-Identifier: Apache-2.0
//
// A YAML file as the events of libyaml, with places in bytes.
#pragma once

#include <yaml.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace hallmark::cmd {

/// Fault::usage: "line 3: why".
[[noreturn]] void refuse_yaml(std::size_t line, const std::string& why, const std::string& hint = "");

/// One event, with what libyaml keeps for it until this goes.
class YamlEvent {
 public:
  YamlEvent() = default;
  YamlEvent(const YamlEvent&) = delete;
  YamlEvent& operator=(const YamlEvent&) = delete;
  ~YamlEvent() { yaml_event_delete(&event_); }

  [[nodiscard]] yaml_event_type_t type() const { return event_.type; }
  [[nodiscard]] yaml_event_t* get() { return &event_; }
  [[nodiscard]] const yaml_event_t& operator*() const { return event_; }
  /// The first is 1.
  [[nodiscard]] std::size_t line() const { return event_.start_mark.line + 1; }
  [[nodiscard]] std::size_t last_line() const { return event_.end_mark.line + 1; }

  // Of a scalar.
  [[nodiscard]] std::string_view text() const;
  [[nodiscard]] yaml_scalar_style_t style() const { return event_.data.scalar.style; }
  [[nodiscard]] bool has_anchor() const { return event_.data.scalar.anchor != nullptr; }
  /// Empty without one.
  [[nodiscard]] std::string_view tag() const;

  /// Of an anchor or an alias; empty for nullptr.
  static std::string text_of_name(const yaml_char_t* name);

 private:
  yaml_event_t event_{};
};

class YamlEvents {
 public:
  /// The text stays the caller's, and is UTF-8.
  explicit YamlEvents(std::string_view text);
  YamlEvents(const YamlEvents&) = delete;
  YamlEvents& operator=(const YamlEvents&) = delete;
  ~YamlEvents() { yaml_parser_delete(&parser_); }

  /// The next one. Fault::usage, with the line, for what is no YAML.
  void next(YamlEvent& event);
  /// What is written from the beginning of the event to its end, anchor, tag and quotes included. Asked of events in
  /// their order.
  std::string_view source_of(const YamlEvent& event);

 private:
  [[noreturn]] void fail_problem() const;

  std::string_view text_;
  yaml_parser_t parser_{};
  // libyaml counts characters: the byte of the one where the last event began.
  std::size_t byte_ = 0;
  std::size_t character_ = 0;
};

}  // namespace hallmark::cmd
