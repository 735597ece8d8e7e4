// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/yaml_events.h"

#include <new>

#include "trust/bytes.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

std::string words_of(const char* words) { return words == nullptr ? std::string() : words; }

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80; }

/// The place so many characters after `byte`, or the end of the text.
std::size_t after(std::string_view text, std::size_t byte, std::size_t characters) {
  for (; characters > 0 && byte < text.size(); --characters) {
    ++byte;
    while (byte < text.size() && !begins_character(text[byte])) ++byte;
  }
  return byte;
}

/// Empty for nullptr.
std::string_view text_until_zero(const yaml_char_t* text) {
  if (text == nullptr) return {};
  const yaml_char_t* end = text;
  while (*end != 0) ++end;
  return text_of(ByteView(text, end));
}

}  // namespace

void refuse_yaml(std::size_t line, const std::string& why, const std::string& hint) {
  throw Error(Fault::usage, "line " + std::to_string(line) + ": " + why, hint);
}

std::string_view YamlEvent::text() const {
  return text_of(ByteView(event_.data.scalar.value, event_.data.scalar.length));
}

std::string_view YamlEvent::tag() const { return text_until_zero(event_.data.scalar.tag); }

std::string YamlEvent::text_of_name(const yaml_char_t* name) { return std::string(text_until_zero(name)); }

YamlEvents::YamlEvents(std::string_view text) : text_(text) {
  if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
  yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser_, view_of(text).data(), text.size());
}

void YamlEvents::next(YamlEvent& event) {
  yaml_event_delete(event.get());
  if (yaml_parser_parse(&parser_, event.get()) == 0) fail_problem();
}

void YamlEvents::fail_problem() const {
  if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
  if (parser_.error == YAML_READER_ERROR) {
    fail(Fault::usage, "byte ", parser_.problem_offset, ": ", words_of(parser_.problem));
  }
  // What never ends is told by where it began.
  const bool is_at_end =
      parser_.eof != 0 && parser_.problem_mark.index >= parser_.mark.index && parser_.context != nullptr;
  const yaml_mark_t& mark = is_at_end ? parser_.context_mark : parser_.problem_mark;
  const std::string context = parser_.context == nullptr ? std::string() : words_of(parser_.context) + ", ";
  refuse_yaml(mark.line + 1, context + words_of(parser_.problem));
}

std::string_view YamlEvents::source_of(const YamlEvent& event) {
  byte_ = after(text_, byte_, (*event).start_mark.index - character_);
  character_ = (*event).start_mark.index;
  return text_.substr(byte_, after(text_, byte_, (*event).end_mark.index - character_) - byte_);
}

}  // namespace hallmark::cmd
