// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/yaml_names.h"

#include <algorithm>

#include "cmd/pinning/dockerfile_words.h"
#include "cmd/pinning/word_end.h"

namespace hallmark::cmd {
namespace {

constexpr std::string_view kDigits = "0123456789";

/// Whether YAML makes a number of it that is written otherwise: 1.10 is 1.1, and 010 is 8.
bool is_other_number(const std::string& text) {
  if (text.find_first_not_of("0123456789.eE+-_xXabcdefABCDEF") != std::string::npos) return false;
  if (text.find_first_not_of(kDigits) == std::string::npos) return text.size() > 1 && text.front() == '0';
  const std::size_t point = text.find('.');
  const bool is_decimal = point != std::string::npos && text.find_first_not_of("0123456789.") == std::string::npos &&
                          text.find('.', point + 1) == std::string::npos;
  if (is_decimal) return text.ends_with('0') || text.ends_with('.') || text.front() == '.' || text.starts_with("00");
  // 1e3, 1_000, 0x10; a hash of a commit has no such beginning.
  const std::size_t mark = text.find_first_not_of(kDigits);
  const bool is_exponent = (text[mark] == 'e' || text[mark] == 'E') && mark > 0 &&
                           text.find_first_not_of("0123456789+-", mark + 1) == std::string::npos;
  return is_exponent || text.find('_') != std::string::npos || text.starts_with("0x") || text.starts_with("0X");
}

/// The text with the defaults of its variables.
void read_text(const YamlPart& part, ImageUse& use) {
  // What readers may take differently names nothing for certain.
  if (!part.end) fail(Fault::usage, "image: ", part.why);
  WordEnd end = end_of_word(
      part.text, [&](std::size_t byte) { return part.begin + byte; }, [](const std::string&) { return nullptr; });
  use.end = end.end;
  use.why_fixed = end.why;
  WordRules rules;
  rules.are_unset_refused = true;
  rules.has_dash = true;
  use.reference = expand_word(part.text, std::map<std::string, std::string>{}, rules);
}

ImageUse use_of_text(const YamlPart& part) {
  ImageUse use{{}, part.line};
  try {
    read_text(part, use);
  } catch (const Error& error) {
    return unread_use(part.line, error.message(),
                      part.end ? "give the variable a default, ${NAME:-VALUE}, or write the name out"
                               : "write the name itself, plain or in quotes");
  }
  return use;
}

const YamlPart* filled(const std::map<std::string, YamlPart>& members, const std::string& key) {
  const auto found = members.find(key);
  const bool is_filled = found != members.end() && !found->second.is_null && !found->second.text.empty();
  return is_filled ? &found->second : nullptr;
}

/// Where the digest of its own goes; a plain null has no place for it.
void place_digest(const YamlPart& digest, ImageUse& use) {
  use.lead = digest.is_plain && digest.text.empty() ? " " : "";
  use.end = digest.end;
  use.why_fixed = digest.why;
  if (digest.is_null && !digest.text.empty()) {
    use.end.reset();
    use.why_fixed = "its digest is " + digest.text + "; write \"\" there";
  }
}

/// Helm's three: the digest stands in its own member where there is one, behind the tag otherwise.
ImageUse use_of_parts(const std::map<std::string, YamlPart>& members, const YamlPart& repository) {
  ImageUse use = use_of_text(repository);
  if (use.trouble) return use;
  if (const YamlPart* registry = filled(members, "registry")) use.reference = registry->text + "/" + use.reference;
  const YamlPart* tag = filled(members, "tag");
  const auto digest = members.find("digest");
  const bool has_digest = digest != members.end() && !digest->second.text.empty() && !digest->second.is_null;
  if (tag == nullptr && !has_digest) {
    return unread_use(repository.line, "image: " + printable(use.reference, 100) + " has no tag; the chart decides it",
                      "write the tag, or a digest");
  }
  if (tag != nullptr) {
    if (tag->is_plain && is_other_number(tag->text)) {
      return unread_use(tag->line, "tag: " + printable(tag->text, 40) + " is a number to YAML, and written otherwise",
                        "write it in quotes");
    }
    const ImageUse tagged = use_of_text(*tag);
    if (tagged.trouble) return tagged;
    use.reference += ":" + tagged.reference;
    use.end = tagged.end;
    use.why_fixed = tagged.why_fixed;
    use.line = tag->line;
  }
  if (digest == members.end()) return use;
  if (has_digest) use.reference += "@" + digest->second.text;
  use.line = digest->second.line;
  place_digest(digest->second, use);
  return use;
}

}  // namespace

ImageUse unread_use(std::size_t line, const std::string& why, const std::string& hint) {
  ImageUse use{{}, line};
  use.trouble = Error(Fault::usage, "line " + std::to_string(line) + ": " + why, hint);
  return use;
}

std::optional<ImageUse> use_of_name(const YamlPart& name) {
  if (name.is_null || name.text.empty()) return std::nullopt;
  return use_of_text(name);
}

std::optional<ImageUse> use_of_members(const std::map<std::string, YamlPart>& members, std::size_t line) {
  const YamlPart* repository = filled(members, "repository");
  const YamlPart* reference = filled(members, "reference");
  const YamlPart* name = filled(members, "name");
  if ((repository != nullptr) + (reference != nullptr) + (name != nullptr) > 1) {
    return unread_use(line, "image: with more than one of repository, reference and name", "keep the one that counts");
  }
  if (repository != nullptr) return use_of_parts(members, *repository);
  if (reference != nullptr) return use_of_name(*reference);
  if (name != nullptr) return use_of_name(*name);
  return std::nullopt;
}

}  // namespace hallmark::cmd
