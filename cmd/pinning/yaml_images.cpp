// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/yaml_images.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "cmd/pinning/yaml_bytes.h"
#include "cmd/pinning/yaml_events.h"
#include "cmd/pinning/yaml_names.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// No person's file is deeper. libyaml looks at every open bracket for each token, so those are fewer.
constexpr std::size_t kDeepest = 10'000;
constexpr std::size_t kMostBrackets = 100;
/// The one tag that leaves a key as it is written.
constexpr std::string_view kStringTag = "tag:yaml.org,2002:str";

/// What may stand for no value.
constexpr std::array<std::string_view, 5> kNulls{"", "~", "null", "Null", "NULL"};

/// A mapping or a list that is open.
struct Level {
  bool is_mapping;
  bool is_flow;
  bool is_key_next;
  std::size_t line = 0;
  std::string anchor{};
  std::string key{};
  bool is_image = false;                      ///< the value of `image`
  bool is_built = false;                      ///< a service of compose with `build`
  std::optional<std::size_t> image{};         ///< which of the uses it names
  std::map<std::string, YamlPart> members{};  ///< scalars, where it is an image
};

class ImageFinder {
 public:
  explicit ImageFinder(std::string_view text)
      : text_(text), events_(text.substr(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0)) {}

  YamlImages run() {
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
      case YAML_DOCUMENT_START_EVENT:
        // Anchors are of one document.
        scalars_.clear();
        built_.clear();
        return;
      case YAML_SCALAR_EVENT: return take_scalar(event);
      case YAML_ALIAS_EVENT: return take_alias(event);
      case YAML_MAPPING_START_EVENT:
        return open(event, true, (*event).data.mapping_start.style == YAML_FLOW_MAPPING_STYLE,
                    (*event).data.mapping_start.anchor);
      case YAML_SEQUENCE_START_EVENT:
        return open(event, false, (*event).data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE,
                    (*event).data.sequence_start.anchor);
      case YAML_MAPPING_END_EVENT:
      case YAML_SEQUENCE_END_EVENT: return close();
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

  void open(const YamlEvent& event, bool is_mapping, bool is_flow, const yaml_char_t* anchor) {
    if (is_key_next()) refuse_yaml(event.line(), "a key that is no text");
    if (is_value_of("image") && !is_mapping) add(unread_use(event.line(), kExpected, kWriteName));
    const bool is_image = is_value_of("image") && is_mapping;
    if (is_value_of("build")) levels_.back().is_built = true;
    if (is_flow) ++brackets_;
    if (levels_.size() == kDeepest || brackets_ > kMostBrackets) {
      refuse_yaml(event.line(), "nested too deeply");
    }
    levels_.push_back({is_mapping, is_flow, true, event.line(), YamlEvent::text_of_name(anchor)});
    levels_.back().is_image = is_image;
  }

  void close() {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    if (level.is_flow) --brackets_;
    if (level.is_image) {
      if (auto use = use_of_members(level.members, level.line)) add(*std::move(use));
    }
    // What is merged in is as good as written here.
    const bool is_merged = is_value_of("<<") && level.is_built;
    if (level.is_mapping && level.is_built && !level.anchor.empty()) built_.insert(level.anchor);
    if (is_merged) levels_.back().is_built = true;
    if (level.is_mapping && level.is_built && level.image && is_service()) leave_out(*level.image);
    end_node();
  }

  /// Whether the mapping that ended is the value of a member of `services`, as compose has it.
  [[nodiscard]] bool is_service() const {
    return levels_.size() == 2 && levels_.front().is_mapping && levels_.front().key == "services" &&
           levels_.back().is_mapping;
  }

  /// What is built here cannot be called by a digest.
  void leave_out(std::size_t image) {
    found_.built_here.push_back(found_.uses.at(image).line);
    found_.uses.erase(found_.uses.begin() + static_cast<std::ptrdiff_t>(image));
  }

  void take_alias(const YamlEvent& event) {
    if (is_key_next()) refuse_yaml(event.line(), "an alias as a key");
    const std::string name = YamlEvent::text_of_name((*event).data.alias.anchor);
    const bool is_merge = is_value_of("<<") ||
                          (levels_.size() > 1 && !levels_.back().is_mapping && levels_[levels_.size() - 2].key == "<<");
    if ((is_merge && built_.contains(name)) || is_value_of("build")) levels_.back().is_built = true;
    const auto scalar = scalars_.find(name);
    if (scalar != scalars_.end()) {
      take_part(scalar->second);
    } else if (is_value_of("image")) {
      add(unread_use(event.line(), kExpected, kWriteName));
    }
    end_node();
  }

  void take_scalar(const YamlEvent& event) {
    if (is_key_next()) return take_key(event);
    const YamlPart part = part_of(event);
    if (event.has_anchor()) scalars_.insert_or_assign(YamlEvent::text_of_name((*event).data.scalar.anchor), part);
    if (is_value_of("build") && !part.is_null) levels_.back().is_built = true;
    take_part(part);
    if (event.style() == YAML_LITERAL_SCALAR_STYLE || event.style() == YAML_FOLDED_SCALAR_STYLE) check_block(event);
    end_node();
  }

  void take_part(const YamlPart& part) {
    if (!levels_.empty() && levels_.back().is_mapping && levels_.back().is_image) {
      levels_.back().members.insert_or_assign(levels_.back().key, part);
    } else if (is_value_of("image")) {
      if (auto use = use_of_name(part)) levels_.back().image = add(*std::move(use));
    }
  }

  void take_key(const YamlEvent& event) {
    // Another tag may give the key another value than what is written.
    if (!event.tag().empty() && event.tag() != kStringTag) {
      refuse_yaml(event.line(), "a key with a tag other than !!str");
    }
    const std::string_view key = event.text();
    if (key == "dockerfile_inline") {
      add(unread_use(event.line(), "the images of a Dockerfile within this file are not looked at",
                     "put it into a file of its own"));
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

  /// What keeps a scalar from being edited; empty when nothing does.
  std::string why_fixed(const YamlEvent& event) {
    if (event.style() == YAML_LITERAL_SCALAR_STYLE || event.style() == YAML_FOLDED_SCALAR_STYLE) {
      return "it is a text behind | or >";
    }
    if (!event.tag().empty() && event.tag() != kStringTag) return "it has a tag";
    if (event.last_line() != event.line()) return "it is written on several lines";
    if (event.text().find_first_of("\\'\"") != std::string_view::npos || !is_written_out(event)) {
      return "it has quotes or escapes";
    }
    return {};
  }

  YamlPart part_of(const YamlEvent& event) {
    const bool is_plain = event.style() == YAML_PLAIN_SCALAR_STYLE;
    const bool is_null = is_plain && std::find(kNulls.begin(), kNulls.end(), event.text()) != kNulls.end();
    // Of what names no image nobody asks for the place, and finding it costs.
    if (!is_value_of("image") && !is_in_image() && !event.has_anchor()) {
      return {{}, event.line(), 0, std::nullopt, is_plain, is_null};
    }
    const std::string_view source = events_.source_of(event);
    const auto end = static_cast<std::size_t>(source.data() + source.size() - text_.data()) - (is_plain ? 0 : 1);
    YamlPart part{std::string(event.text()), event.line(), end - event.text().size(), end, is_plain, is_null,
                  why_fixed(event)};
    if (!part.why.empty()) part.end.reset();
    return part;
  }
  [[nodiscard]] bool is_in_image() const { return !levels_.empty() && levels_.back().is_image; }

  std::size_t add(ImageUse use) {
    if (found_.uses.size() == kMostImageUses) fail(Fault::usage, "more than ", kMostImageUses, " images");
    found_.uses.push_back(std::move(use));
    return found_.uses.size() - 1;
  }

  static constexpr const char* kExpected = "image: expected the name of an image";
  static constexpr const char* kWriteName = "write the name itself, plain or in quotes";

  std::string_view text_;
  YamlEvents events_;
  std::vector<Level> levels_;
  std::size_t brackets_ = 0;
  std::map<std::string, YamlPart> scalars_;  // by their anchors
  std::set<std::string> built_;              // anchors of mappings with `build`
  YamlImages found_;
};

}  // namespace

YamlImages images_of_yaml(std::string_view text) {
  if (text.size() > kMostYamlBytes) {
    fail(Fault::usage, "expected at most ", kMostYamlBytes, " bytes, found ", text.size());
  }
  check_yaml_bytes(text);
  return ImageFinder(text).run();
}

}  // namespace hallmark::cmd
