// SPDX-License-Identifier: Apache-2.0
#include "policy/judge_gates.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include "policy/codes.h"

namespace hallmark::policy {
namespace {

/// What one gate says; without a code it is open.
struct Word {
  std::string code;
  std::string detail;
};

/// Labels, users and platforms are the image's words, and these go to a terminal.
std::string in_quotes(std::string_view text) { return "\"" + printable(text, 200) + "\""; }

bool has(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string listed(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& one : list) text += (text.empty() ? "" : ", ") + printable(one, 120);
  return text;
}

Word judge_tag(const Gates::Reference& gate, const Reference& asked) {
  // A name with a digest alone has no tag that could be forbidden, and none that a pattern describes.
  if (!asked.tag()) {
    if (gate.tag_pattern)
      return {"REFERENCE_TAG", "expected a tag like " + printable(gate.tag_pattern->text(), 200) + ", found none"};
    return {"", "no tag"};
  }
  const std::string& tag = *asked.tag();
  if (has(gate.forbidden_tags, tag)) return {"REFERENCE_TAG", "the tag " + in_quotes(tag) + " is forbidden"};
  if (gate.tag_pattern && !gate.tag_pattern->matches(tag)) {
    return {"REFERENCE_TAG",
            "expected a tag like " + printable(gate.tag_pattern->text(), 200) + ", found " + in_quotes(tag)};
  }
  return {"", "tag " + in_quotes(tag)};
}

/// "linux/arm64/v8" is what "linux/arm64" means anyway, and so on: facts have the short spelling.
std::string short_spelling(const std::string& platform) {
  for (const std::string_view tail : {"arm64/v8", "amd64/v1"}) {
    if (platform.ends_with(tail)) return platform.substr(0, platform.size() - 3);
  }
  return platform;
}

Word judge_platform(const std::vector<std::string>& allowed, const ImageFacts& facts) {
  const std::string& found = facts.config->platform;
  const bool is_allowed = std::any_of(allowed.begin(), allowed.end(), [&found](const std::string& one) {
    const std::string wanted = short_spelling(one);
    // A platform without a variant stands for all of them.
    const bool any_variant = std::count(one.begin(), one.end(), '/') == 1;
    return found == wanted || (any_variant && found.starts_with(wanted + "/"));
  });
  if (is_allowed) return {"", printable(found, 80)};
  return {"PLATFORM", "expected " + listed(allowed) + ", found " + in_quotes(found)};
}

Word judge_types(const Gates::MediaTypes& gate, const ImageFacts& facts) {
  const auto closed = [](const std::vector<std::string>& allowed, const std::string& found) {
    return !allowed.empty() && !has(allowed, found);
  };
  const auto word = [](std::string_view what, const std::vector<std::string>& allowed, const std::string& found) {
    return Word{"MEDIA_TYPE", std::string(what) + ": expected " + listed(allowed) + ", found " + in_quotes(found)};
  };
  if (closed(gate.manifest, facts.media_type)) return word("manifest", gate.manifest, facts.media_type);
  if (closed(gate.config, facts.config_type)) return word("config", gate.config, facts.config_type);
  for (const ImageFacts::Layer& layer : facts.layers) {
    if (closed(gate.layer, layer.media_type)) return word("layer", gate.layer, layer.media_type);
  }
  return {"", "all listed"};
}

Word judge_size(const Gates::Size& gate, const ImageFacts& facts) {
  // It cannot overflow: the store takes at most 500 layers, each of at most 2^40 bytes (store/image/image.h).
  std::uint64_t sum = 0;
  std::uint64_t largest = 0;
  for (const ImageFacts::Layer& layer : facts.layers) {
    sum += layer.size;
    largest = std::max(largest, layer.size);
  }
  const auto over = [](std::string_view code, std::string_view what, std::uint64_t found, std::uint64_t most) {
    return Word{std::string(code),
                std::string(what) + ": " + std::to_string(found) + ", at most " + std::to_string(most)};
  };
  if (gate.most_layers && facts.layers.size() > *gate.most_layers) {
    return over("SIZE_LAYERS", "layers", facts.layers.size(), *gate.most_layers);
  }
  if (gate.largest_layer && largest > *gate.largest_layer) {
    return over("SIZE_LAYER", "bytes of the largest layer", largest, *gate.largest_layer);
  }
  if (gate.most_compressed && sum > *gate.most_compressed) {
    return over("SIZE_COMPRESSED", "bytes of all layers", sum, *gate.most_compressed);
  }
  std::string detail = std::to_string(facts.layers.size()) + " layers, " + std::to_string(sum) + " bytes";
  if (gate.most_uncompressed)
    detail += "; stopped when they inflate to more than " + std::to_string(*gate.most_uncompressed);
  return {"", std::move(detail)};
}

Word judge_age(const Gates::Age& gate, const ImageFacts& facts, Time now) {
  // Go writes the year 1 for "not set".
  const std::optional<Time>& created = facts.config->created;
  if (!created || *created < Time{} - std::chrono::years(1000)) {
    if (gate.missing_allowed) return {"", "the config does not say when it was created, which is allowed"};
    return {"AGE_UNKNOWN", "the config does not say when it was created"};
  }
  // A date that is to come would keep an image young for as long as its publisher likes.
  if (*created > now) return {"AGE_FUTURE", "created at " + to_text(*created) + ", it is " + to_text(now)};
  const std::string text = "created at " + to_text(*created);
  if (now - *created <= gate.most) return {"", text};
  return {"AGE", text + ", expected " + to_text(now - gate.most) + " or later"};
}

/// The number that a user is written as; absent when it is a name. Signs and leading zeros as strconv.Atoi takes them.
std::optional<std::int64_t> number_of(std::string_view user) {
  if (user.starts_with('+')) user.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(user.data(), user.data() + user.size(), number);
  if (user.empty() || end != user.data() + user.size()) return std::nullopt;
  return error == std::errc() ? number : std::int64_t{-1};
}

Word judge_user(const Gates::Config& gate, const ImageFacts& facts) {
  constexpr std::int64_t kHighestUser = 0x7fffffff;
  const std::string& written = facts.config->user;
  const std::string user = written.substr(0, written.find(':'));
  const std::string shown = "User is " + in_quotes(written);
  const std::optional<std::int64_t> number = number_of(user);
  if (gate.non_root) {
    if (user.empty() || user == "root" || number == 0) return {"USER_ROOT", shown + ", which is root"};
    // Engines have taken numbers that do not fit for root.
    if (number && (*number < 0 || *number > kHighestUser)) return {"USER_ROOT", shown + ", which is no user's number"};
  }
  // The group does not count when the list names the user alone.
  const bool is_listed = has(gate.users, written) || has(gate.users, user);
  if (!gate.users.empty() && !is_listed) return {"USER_NOT_LISTED", shown + ", expected " + listed(gate.users)};
  if (gate.non_root && !number && !is_listed) {
    return {"USER_NAME", shown + ", a name that is not looked up in the image; expected a number"};
  }
  return {"", shown};
}

/// The highest port of "8080/tcp" or "8000-8010/udp"; absent when it is neither.
std::optional<std::int64_t> highest_port(std::string_view text) {
  text = text.substr(0, text.find('/'));
  const std::size_t dash = text.find('-');
  std::int64_t highest = -1;
  for (const std::string_view part :
       {text.substr(0, dash), dash == std::string_view::npos ? text : text.substr(dash + 1)}) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || end != part.data() + part.size() || number < 0) return std::nullopt;
    highest = std::max(highest, number);
  }
  return highest;
}

Word judge_ports(std::int64_t most, const ImageFacts& facts) {
  for (const std::string& port : facts.config->ports) {
    const std::optional<std::int64_t> highest = highest_port(port);
    // What cannot be compared does not pass.
    if (!highest) return {"CONFIG_PORT", "the exposed port " + in_quotes(port) + " is none"};
    if (*highest > most) {
      return {"CONFIG_PORT", "exposed is " + in_quotes(port) + ", at most " + std::to_string(most) + " is allowed"};
    }
  }
  return {"", std::to_string(facts.config->ports.size()) + " ports exposed"};
}

/// The value may be a secret: it is never shown.
Word judge_environment(const std::vector<Pattern>& forbidden, const ImageFacts& facts) {
  for (const std::string& variable : facts.config->environment) {
    const std::string name = variable.substr(0, variable.find('='));
    for (const Pattern& pattern : forbidden) {
      // Both, so that a pattern may forbid a variable or only one of its values.
      if (!pattern.matches(name) && !pattern.matches(variable)) continue;
      return {"CONFIG_ENV", "the variable " + in_quotes(name) + " is forbidden by " + printable(pattern.text(), 200)};
    }
  }
  return {"", std::to_string(facts.config->environment.size()) + " variables, none forbidden"};
}

Word judge_label(const std::string& name, const TextMatch& match, const ImageFacts& facts) {
  const auto label = facts.config->labels.find(name);
  const auto annotation = facts.annotations.find(name);
  // The label counts where there are both: an annotation does not cover up what the config says.
  const bool is_label = label != facts.config->labels.end();
  if (!is_label && annotation == facts.annotations.end()) {
    return {"CONFIG_LABEL", "label " + in_quotes(name) + ": expected " + match.shown() + ", found none"};
  }
  const std::string& value = is_label ? label->second : annotation->second;
  if (!match.accepts(value)) {
    return {"CONFIG_LABEL", "label " + in_quotes(name) + ": expected " + match.shown() + ", found " + in_quotes(value)};
  }
  return {"", "label " + in_quotes(name) + " is " + in_quotes(value)};
}

/// Makes a finding of each gate.
class Asking {
 public:
  Asking(const Subject* subject, const Waivers& waivers, Finding& parent)
      : subject_(subject), waivers_(waivers), parent_(parent) {}

  void add(std::string_view group, std::string_view type, const Word& word) {
    Finding finding = begin(type);
    finding.detail = word.detail;
    finding.code = word.code;
    finding.result = word.code.empty() ? Result::pass : Result::fail;
    finding.hint = hint_of(word.code);
    // Looked for when the gate is closed: an exception that nothing needs is not told.
    const std::string waiver = word.code.empty() ? std::string() : waivers_.find(group);
    if (!waiver.empty() && subject_ == nullptr) {
      // Whether it holds depends on the digest.
      finding.result = Result::skipped;
    } else {
      finding.waived_by = waiver;
      finding.was_waived_by = waivers_.find_ended(group);
      // An exception for a manifest is none for the other images of its index. In an emergency it is about the name.
      const bool is_of_manifest = !waiver.empty() && waiver != kBreakGlass && !waivers_.is_for_top(group);
      parent_.is_for_instances = parent_.is_for_instances || is_of_manifest;
    }
    parent_.children.push_back(std::move(finding));
  }

  void for_images(std::string_view group, std::string_view type, bool needs_config,
                  const std::function<Word(const ImageFacts&)>& judge) {
    // Facts of other manifests than would be stored are none of this image.
    const bool is_known = subject_ != nullptr && has_facts();
    // Gates speak for the manifests that they see, unless an exception is about the whole index.
    parent_.is_for_instances = parent_.is_for_instances || !waivers_.is_for_top(group);
    // With a digest somebody has to have read the image: its lack is trouble, no refusal and no pass.
    if (subject_ != nullptr && !is_known) return leave_open(type, Result::error, "the image was not looked at");
    if (!is_known) return leave_open(type, Result::skipped, "there is no image to look at");
    Word last;
    for (const ImageFacts& facts : subject_->facts) {
      if (needs_config && !facts.config) return leave_open(type, Result::skipped, "the config was not read");
      last = judge(facts);
      if (last.code.empty()) continue;
      if (subject_->facts.size() > 1) last.detail = facts.manifest.to_string() + ": " + last.detail;
      break;
    }
    add(group, type, last);
  }

  void settle() {
    const auto closed = std::count_if(parent_.children.begin(), parent_.children.end(), [](const Finding& gate) {
      return gate.result == Result::fail && gate.waived_by.empty();
    });
    const auto has_result = [this](Result result) {
      return std::any_of(parent_.children.begin(), parent_.children.end(),
                         [result](const Finding& gate) { return gate.result == result; });
    };
    const auto waived = std::count_if(parent_.children.begin(), parent_.children.end(),
                                      [](const Finding& gate) { return !gate.waived_by.empty(); });
    const auto all = static_cast<std::ptrdiff_t>(parent_.children.size());
    parent_.detail = std::to_string(all - closed - waived) + " of " + std::to_string(all) + " pass";
    if (waived > 0) parent_.detail += ", " + std::to_string(waived) + " waived";
    // In the order of fault_of() in gate.cpp.
    if (closed > 0) {
      parent_.result = Result::fail;
    } else if (has_result(Result::error)) {
      parent_.result = Result::error;
      parent_.fault = Fault::local;
    } else if (has_result(Result::skipped)) {
      parent_.result = Result::skipped;
      parent_.detail = "open until the image is known";
    } else {
      parent_.result = Result::pass;
    }
  }

 private:
  /// In the order and number of what would be stored: the attack is one image that is judged and another one stored.
  [[nodiscard]] bool has_facts() const {
    return !subject_->facts.empty() &&
           std::equal(subject_->facts.begin(), subject_->facts.end(), subject_->instances.begin(),
                      subject_->instances.end(),
                      [](const ImageFacts& facts, const Digest& instance) { return facts.manifest == instance; });
  }

  [[nodiscard]] Finding begin(std::string_view type) const {
    Finding finding;
    finding.pointer = parent_.pointer;
    finding.type = type;
    // "gates.config.nonRoot" stands at "/config/nonRoot" below the requirement.
    for (const char c : type.substr(std::string_view("gates").size())) finding.pointer += c == '.' ? '/' : c;
    return finding;
  }

  void leave_open(std::string_view type, Result result, std::string_view detail) {
    Finding finding = begin(type);
    finding.result = result;
    finding.detail = detail;
    if (result == Result::error) {
      finding.code = "GATES_NOT_READ";
      finding.hint = hint_of(finding.code);
      finding.fault = Fault::local;
    }
    parent_.children.push_back(std::move(finding));
  }

  const Subject* subject_;
  const Waivers& waivers_;
  Finding& parent_;
};

void ask_config(const Gates::Config& gate, Asking& asking) {
  const auto ask = [&asking](std::string_view type, const std::function<Word(const ImageFacts&)>& judge) {
    asking.for_images("config", type, true, judge);
  };
  if (gate.non_root || !gate.users.empty()) {
    ask(gate.non_root ? "gates.config.nonRoot" : "gates.config.users",
        [&](const ImageFacts& facts) { return judge_user(gate, facts); });
  }
  for (const auto& named : gate.labels) {
    ask("gates.config.labels", [&](const ImageFacts& facts) { return judge_label(named.first, named.second, facts); });
  }
  if (!gate.forbidden_environment.empty()) {
    ask("gates.config.forbidEnv",
        [&](const ImageFacts& facts) { return judge_environment(gate.forbidden_environment, facts); });
  }
  if (gate.volumes_forbidden) {
    ask("gates.config.forbidVolumes", [](const ImageFacts& facts) {
      return facts.config->volumes.empty() ? Word{"", "no volumes"}
                                           : Word{"CONFIG_VOLUMES", "volumes: " + listed(facts.config->volumes)};
    });
  }
  if (gate.entrypoint_required) {
    ask("gates.config.requireEntrypoint", [](const ImageFacts& facts) {
      return facts.config->has_entrypoint ? Word{"", "there is one"} : Word{"CONFIG_ENTRYPOINT", "there is none"};
    });
  }
  if (gate.highest_port) {
    ask("gates.config.maxPort", [&](const ImageFacts& facts) { return judge_ports(*gate.highest_port, facts); });
  }
}

void ask_size(const Gates::Size& gate, const Waivers& waivers, Asking& asking, Finding& finding) {
  asking.for_images("size", "gates.size", false, [&](const ImageFacts& facts) { return judge_size(gate, facts); });
  // No manifest says it. This pass is a limit that the approval carries to the store.
  if (!gate.most_uncompressed) return;
  const std::string waiver = waivers.find("size");
  if (waiver.empty()) {
    finding.most_uncompressed = gate.most_uncompressed;
  } else if (Finding& size = finding.children.back(); size.result == Result::pass) {
    // Whether it would have been too large will never be known.
    size.result = Result::fail;
    size.code = "SIZE_UNCOMPRESSED";
    size.detail = "not limited while inflating, expected at most " + std::to_string(*gate.most_uncompressed);
    size.waived_by = waiver;
  }
}

}  // namespace

void judge_gates(const Gates& gates, const Reference& asked, const Subject* subject, const Waivers& waivers, Time now,
                 Finding& finding) {
  Asking asking(subject, waivers, finding);
  // A name is known before its image: what is closed here is refused before anything is fetched.
  if (gates.reference) {
    if (gates.reference->digest_required) {
      asking.add("reference", "gates.reference.requireDigest",
                 asked.digest() ? Word{"", "asked for by digest"}
                                : Word{"REFERENCE_NOT_PINNED", "expected NAME@DIGEST, found " + asked.familiar()});
    }
    if (gates.reference->tag_pattern || !gates.reference->forbidden_tags.empty()) {
      asking.add("reference", "gates.reference", judge_tag(*gates.reference, asked));
    }
  }
  if (!gates.platforms.empty()) {
    asking.for_images("platform", "gates.platforms", true,
                      [&](const ImageFacts& facts) { return judge_platform(gates.platforms, facts); });
  }
  if (gates.media_types) {
    asking.for_images("mediaType", "gates.mediaTypes", false,
                      [&](const ImageFacts& facts) { return judge_types(*gates.media_types, facts); });
  }
  if (gates.size) ask_size(*gates.size, waivers, asking, finding);
  if (gates.age) {
    asking.for_images("age", "gates.age", true,
                      [&](const ImageFacts& facts) { return judge_age(*gates.age, facts, now); });
  }
  if (gates.config) ask_config(*gates.config, asking);
  asking.settle();
}

}  // namespace hallmark::policy
