// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/yaml_images.h"

#include "cmd/pinning/yaml_bytes.h"
#include "cmd/pinning/yaml_events.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// No person's file is deeper. libyaml looks at every open bracket for each token, so those are fewer.
constexpr std::size_t kDeepest = 10'000;
constexpr std::size_t kMostBrackets = 100;
/// The one tag that leaves a key as it is written.
constexpr std::string_view kStringTag = "tag:yaml.org,2002:str";

/// A mapping or a list that is open.
struct Level {
  bool is_mapping;
  bool is_flow;
  bool is_key_next;
  std::string key{};
};

class ImageFinder {
 public:
  explicit ImageFinder(std::string_view text)
      : text_(text), events_(text.substr(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0)) {}

  std::vector<ImageUse> run() {
    YamlEvent event;
    do {
      events_.next(event);
      take(event);
    } while (event.type() != YAML_STREAM_END_EVENT);
    return std::move(found_);
  }

 private:
  void take(const YamlEvent& event) {
    switch (event.type()) {
      case YAML_SCALAR_EVENT: return take_scalar(event);
      case YAML_ALIAS_EVENT: return take_alias(event);
      case YAML_MAPPING_START_EVENT:
        return open(event, true, (*event).data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
      case YAML_SEQUENCE_START_EVENT:
        return open(event, false, (*event).data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
      case YAML_MAPPING_END_EVENT:
      case YAML_SEQUENCE_END_EVENT:
        if (levels_.back().is_flow) --brackets_;
        levels_.pop_back();
        return end_node();
      default: return;
    }
  }

  [[nodiscard]] bool is_key_next() const {
    return !levels_.empty() && levels_.back().is_mapping && levels_.back().is_key_next;
  }
  [[nodiscard]] bool is_value_of(std::string_view key) const {
    return !levels_.empty() && levels_.back().is_mapping && !levels_.back().is_key_next && levels_.back().key == key;
  }
  void end_node() {
    if (!levels_.empty()) levels_.back().is_key_next = true;
  }

  void open(const YamlEvent& event, bool is_mapping, bool is_flow) {
    if (is_key_next()) refuse_yaml(event.line(), "a key that is no text");
    require_no_image(event);
    if (is_flow) ++brackets_;
    if (levels_.size() == kDeepest || brackets_ > kMostBrackets) {
      refuse_yaml(event.line(), "nested too deeply");
    }
    levels_.push_back({is_mapping, is_flow, true});
  }

  void take_alias(const YamlEvent& event) {
    if (is_key_next()) refuse_yaml(event.line(), "an alias as a key");
    require_no_image(event);
    end_node();
  }

  /// Of what is no scalar: an image that cannot be edited where it stands is never passed over.
  void require_no_image(const YamlEvent& event) const {
    if (is_value_of("image")) refuse_value(event.line());
  }

  [[noreturn]] static void refuse_value(std::size_t line) {
    refuse_yaml(line, "image: expected the name of an image", "write the name itself, plain or in quotes");
  }

  void take_scalar(const YamlEvent& event) {
    if (is_key_next()) return take_key(event);
    if (is_value_of("image")) take_image(event);
    if (event.style() == YAML_LITERAL_SCALAR_STYLE || event.style() == YAML_FOLDED_SCALAR_STYLE) check_block(event);
    end_node();
  }

  void take_key(const YamlEvent& event) {
    // Another tag may give the key another value than what is written.
    if (!event.tag().empty() && event.tag() != kStringTag) {
      refuse_yaml(event.line(), "a key with a tag other than !!str");
    }
    const std::string_view key = event.text();
    if (key == "dockerfile_inline") {
      refuse_yaml(event.line(), "the images of a Dockerfile within this file are not looked at",
                  "put it into a file of its own");
    }
    if (key == "image" && !is_written_out(event)) refuse_yaml(event.line(), "a name with an escape");
    levels_.back().key = key;
    levels_.back().is_key_next = false;
  }

  /// Whether the scalar stands in the file as it is meant, but for quotes around it.
  bool is_written_out(const YamlEvent& event) {
    std::string_view source = events_.source_of(event);  // with anchor and tag before it
    if (event.style() == YAML_PLAIN_SCALAR_STYLE) return source.ends_with(event.text());
    const char quote = source.back();
    source.remove_suffix(1);
    if (!source.ends_with(event.text())) return false;
    source.remove_suffix(event.text().size());
    return source.ends_with(quote);
  }

  /// | or > on a line of its own may stand where readers differ on what its text is.
  void check_block(const YamlEvent& event) {
    const auto begin = static_cast<std::size_t>(events_.source_of(event).data() - text_.data());
    const std::string_view before = text_.substr(0, begin);
    const std::string_view line = before.substr(before.find_last_of('\n') + 1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) {
      refuse_yaml(event.line(), "| or > on a line of its own");
    }
  }

  void take_image(const YamlEvent& event) {
    const std::size_t line = event.line();
    if (event.has_anchor() || !event.tag().empty()) refuse_value(line);
    if (event.style() == YAML_LITERAL_SCALAR_STYLE || event.style() == YAML_FOLDED_SCALAR_STYLE) refuse_value(line);
    const std::string_view name = event.text();
    if (event.last_line() != line) {
      refuse_yaml(event.last_line(), "indented as if it belonged to the name of the image before it");
    }
    if (name.empty()) {
      refuse_yaml(line, "image: without a name on its line", "only image: NAME is understood, NAME on the same line");
    }
    if (name.find('$') != std::string_view::npos) {
      refuse_yaml(line, "image: " + printable(name, 100) + " has a variable",
                  "write the name out; a pin is for one image");
    }
    if (name.find_first_of("\\'\"") != std::string_view::npos || !is_written_out(event)) {
      refuse_yaml(line, "image: a name with quotes or escapes");
    }
    if (found_.size() == kMostImageUses) fail(Fault::usage, "more than ", kMostImageUses, " images");
    const std::string_view source = events_.source_of(event);
    const bool is_quoted = event.style() != YAML_PLAIN_SCALAR_STYLE;
    const auto end = static_cast<std::size_t>(source.data() + source.size() - text_.data()) - (is_quoted ? 1 : 0);
    found_.push_back({std::string(name), line, end, std::nullopt});
  }

  std::string_view text_;
  YamlEvents events_;
  std::vector<Level> levels_;
  std::size_t brackets_ = 0;
  std::vector<ImageUse> found_;
};

}  // namespace

std::vector<ImageUse> images_of_yaml(std::string_view text) {
  if (text.size() > kMostYamlBytes) {
    fail(Fault::usage, "expected at most ", kMostYamlBytes, " bytes, found ", text.size());
  }
  check_yaml_bytes(text);
  return ImageFinder(text).run();
}

}  // namespace hallmark::cmd
