// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/dockerfile_images.h"

#include <algorithm>
#include <array>
#include <set>

#include "cmd/pinning/dockerfile_flags.h"
#include "cmd/pinning/dockerfile_lines.h"
#include "cmd/pinning/dockerfile_words.h"
#include "cmd/pinning/word_end.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// A word that is none of these may be a frontend's own, and may name an image.
constexpr std::array<std::string_view, 18> kInstructions{
    "ADD",   "ARG",        "CMD",     "COPY", "ENTRYPOINT", "ENV",        "EXPOSE", "FROM",   "HEALTHCHECK",
    "LABEL", "MAINTAINER", "ONBUILD", "RUN",  "SHELL",      "STOPSIGNAL", "USER",   "VOLUME", "WORKDIR"};

bool is_instruction(const std::string& word) {
  return std::find(kInstructions.begin(), kInstructions.end(), word) != kInstructions.end();
}

/// A person writes a few. Values may be made of other values, and double with each line.
constexpr std::size_t kMostVariables = 1000;
/// Of all that ARG ever set.
constexpr std::size_t kMostValueBytes = std::size_t{16} << 20U;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

/// The form that builders ask of the name of a stage.
bool is_stage_name(const std::string& text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string::npos;
}

bool is_number(const std::string& text) { return text.find_first_not_of("0123456789") == std::string::npos; }

/// The value of "--NAME=VALUE", if the flag has that name.
std::optional<PlacedText> value_of(const PlacedText& flag, std::string_view name) {
  const std::string beginning = "--" + std::string(name) + "=";
  if (flag.text == "--" + std::string(name)) fail(Fault::usage, flag.text, " without a value");
  if (!flag.text.starts_with(beginning)) return std::nullopt;
  return flag.part(beginning.size(), flag.text.size() - beginning.size());
}

class Scanner {
 public:
  Scanner(std::string_view text, const BuildSettings& settings) : file_(read_dockerfile(text)), settings_(settings) {
    set_platform("BUILD", settings.build_platform);
    set_platform("TARGET", settings.target_platform);
    for (const auto& [name, value] : settings.arguments) {
      // Whether these count without an ARG for them differs between builders.
      if (variables_.contains(name)) fail(Fault::usage, "--build-arg ", name, ": the platform decides that value");
    }
    // The frontend runs before everything else and reads the whole build: it is the first image that has to be good.
    if (file_.syntax) add(*file_.syntax, line_of(text, file_.syntax->places.front()));
  }

  std::vector<ImageUse> run() {
    // The names of all stages first: a source that only a later stage is called is no image.
    for (const Instruction& instruction : file_.instructions) {
      if (instruction.word != "FROM") continue;
      within("line " + std::to_string(instruction.line), [&] {
        const auto words = words_of_from(instruction);
        all_stages_.push_back(words.size() == 3 ? lower(words[2].text) : "");
      });
    }
    for (const Instruction& instruction : file_.instructions) {
      line_ = instruction.line;
      within("line " + std::to_string(line_), [&] { take(instruction); });
    }
    fix_inherited();
    return std::move(found_);
  }

 private:
  void set(const std::string& name, const std::string& value, WordEnd end = {}) {
    if (variables_.size() == kMostVariables) fail(Fault::usage, "more than ", kMostVariables, " values of ARG");
    // Of all that was ever set, also over an older value: each one cost its work.
    value_bytes_ += value.size();
    if (value_bytes_ > kMostValueBytes) fail(Fault::usage, "more than ", kMostValueBytes, " bytes of values of ARG");
    variables_[name] = value;
    placed_[name] = {value, end.end, end.variable.empty() ? name : end.variable};
  }

  void set_platform(const std::string& prefix, const std::string& platform) {
    const std::size_t slash = platform.find('/');
    const std::string rest = slash == std::string::npos ? "" : platform.substr(slash + 1);
    const std::size_t second = rest.find('/');
    set(prefix + "PLATFORM", platform);
    set(prefix + "OS", platform.substr(0, slash));
    set(prefix + "ARCH", rest.substr(0, second));
    set(prefix + "VARIANT", second == std::string::npos ? "" : rest.substr(second + 1));
  }

  [[nodiscard]] std::vector<PlacedText> words_of_from(const Instruction& from) const {
    PlacedText rest = from.rest;
    take_flags(rest, file_.escape);
    return plain_words(rest);
  }

  void take(const Instruction& instruction) {
    const std::string& word = instruction.word;
    // A word that is passed over might be an instruction for somebody's builder, with an image in it.
    if (!is_instruction(word)) {
      fail(Fault::usage, "expected an instruction of a Dockerfile, found ", printable(word, 80));
    }
    if (word == "FROM") return take_from(instruction);
    // Those within a stage are not for FROM, and no other place takes variables for an image.
    if (word == "ARG" && stages_ == 0) return take_argument(instruction);
    if (word == "ARG") return note_inherited(instruction);
    if (stages_ == 0) fail(Fault::usage, "expected FROM before ", word);
    if (word == "COPY" || word == "RUN" || word == "ADD") return take_sources(instruction);
    if (word == "ONBUILD") refuse_sources_of_others(instruction);
  }

  void take_from(const Instruction& from) {
    PlacedText rest = from.rest;
    std::optional<PlacedText> platform;
    for (const PlacedText& flag : take_flags(rest, file_.escape)) {
      auto value = value_of(flag, "platform");
      // A flag of a newer builder may name something that has to be pinned.
      if (!value) fail(Fault::usage, "FROM: an unknown flag ", printable(flag.text, 80));
      platform = *std::move(value);
    }
    const std::vector<PlacedText> words = plain_words(rest);
    const bool is_named = words.size() == 3 && lower(words[1].text) == "as";
    if (words.size() != 1 && !is_named) fail(Fault::usage, "expected FROM IMAGE or FROM IMAGE AS NAME");
    if (is_named && !is_stage_name(lower(words[2].text))) {
      fail(Fault::usage, "\"", printable(words[2].text, 80), "\" is no name of a stage");
    }
    add_base(words.front(), platform);
    ++stages_;
  }

  /// What has no name that can be told is kept as that: all such places of a file are told at once.
  void add_base(const PlacedText& word, const std::optional<PlacedText>& platform) {
    ImageUse use{{}, line_};
    try {
      use.reference = expanded(word.text);
      if (platform) use.platform = expanded(platform->text);
    } catch (const ExpandedTooLong&) {
      throw;
    } catch (const Error& error) {
      use.trouble = error.within("line " + std::to_string(line_));
      return add(std::move(use), "");
    }
    // Stages so far: a later one of that name does not keep this from being an image.
    if (use.reference == "scratch" || is_stage(use.reference, 0, stages_)) return;
    WordEnd end = end_of(word);
    use.end = end.end;
    use.why_fixed = end.why;
    add(std::move(use), end.variable);
  }

  [[nodiscard]] WordEnd end_of(const PlacedText& word) const {
    // Over the end of a line a digest would stand on one of two.
    if (!word.end()) return {{}, "it is written on several lines", {}};
    return end_of_word(
        word.text, [&](std::size_t byte) { return word.places[byte]; },
        [this](const std::string& name) {
          const auto found = placed_.find(name);
          return found == placed_.end() ? nullptr : &found->second;
        });
  }

  /// ARG within a stage takes the value of the one before the first FROM, unless it has its own.
  void note_inherited(const Instruction& instruction) {
    for (const std::string& word : split_words(instruction.rest.text)) {
      if (word.find('=') == std::string::npos) inherited_.insert(word);
    }
  }

  /// A digest in such a value would get into what the stage does with it.
  void fix_inherited() {
    for (std::size_t i = 0; i < found_.size(); ++i) {
      if (!inherited_.contains(ends_in_.at(i))) continue;
      found_[i].end.reset();
      found_[i].why_fixed = "a stage uses the value of ARG " + ends_in_[i] + " as well";
    }
  }

  [[nodiscard]] std::string expanded(const std::string& word) const {
    return expand_word(word, variables_, {file_.escape, true});
  }

  /// ARG before the first FROM: for the lines with FROM.
  void take_argument(const Instruction& instruction) {
    const std::string& text = instruction.rest.text;
    if (file_.escape != '\\' && text.find_first_of("\\`") != std::string::npos) {
      fail(Fault::usage, "an escape character in ARG is only understood when it is \\");
    }
    std::size_t at = 0;
    for (const std::string& word : split_words(text)) {
      // The words are pieces of the text, in their order.
      at = text.find(word, at);
      const PlacedText placed = instruction.rest.part(at, word.size());
      at += word.size();
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(0, equals);
      const auto given = settings_.arguments.find(name);
      // The command line outranks the file, as in a build, for the names that the file declares.
      if (given != settings_.arguments.end()) {
        set(name, given->second);
      } else if (equals != std::string::npos) {
        set_default(name, placed.part(equals + 1, word.size() - equals - 1));
      } else if (variables_.contains(name)) {
        // Some builders keep the value, others take it away.
        fail(Fault::usage, "ARG ", printable(name, 80), " without a value, where it has one already");
      }
    }
  }

  void set_default(const std::string& name, const PlacedText& word) {
    std::optional<std::string> value;
    try {
      value = expanded(word.text);
    } catch (const ExpandedTooLong&) {
      throw;
    } catch (const Error&) {
      // It has no value then, which is told where a reference needs one.
    }
    if (value) return set(name, *value, end_of(unquoted(word)));
    variables_.erase(name);
    placed_.erase(name);
  }

  /// Within quotes around all of it, a digest belongs there too.
  static PlacedText unquoted(const PlacedText& word) {
    const std::string& text = word.text;
    const bool is_quoted = text.size() > 1 && text.front() == text.back() && (text[0] == '"' || text[0] == '\'');
    // In single quotes a dollar is one.
    if (!is_quoted || (text[0] == '\'' && text.find('$') != std::string::npos)) return word;
    return word.part(1, text.size() - 2);
  }

  void take_sources(const Instruction& instruction) {
    for (const PlacedText& source : sources_of(instruction.word, instruction.rest)) {
      if (source.text.empty()) fail(Fault::usage, "from= without a name");
      if (source.text.find_first_of("$\"'`\\") != std::string::npos) {
        throw Error(Fault::usage, "builders put no variables into from=" + printable(source.text, 100),
                    "name it in a stage of its own (FROM ... AS NAME) and copy from NAME");
      }
      if (is_number(source.text)) {
        // Longer than any count of stages.
        const bool is_earlier = source.text.size() < 6 && std::stoul(source.text) + 1 < stages_;
        if (!is_earlier) fail(Fault::usage, "from=", printable(source.text, 40), " is no earlier stage");
        continue;
      }
      // Earlier stages alone: the one that is being built cannot be its own source.
      if (source.text == "scratch" || is_stage(source.text, 0, stages_ - 1)) continue;
      if (is_stage(source.text, stages_ - 1, all_stages_.size())) {
        fail(Fault::usage, "from=", printable(source.text, 80),
             " is the name of this or a later stage; builders differ on what it means here");
      }
      add(source, line_);
    }
  }

  [[nodiscard]] std::vector<PlacedText> sources_of(const std::string& word, PlacedText rest) const {
    std::vector<PlacedText> sources;
    for (const PlacedText& flag : take_flags(rest, file_.escape)) {
      if (word == "ADD") continue;  // its flags name no image, but are held to the same form
      if (word == "COPY") {
        if (auto value = value_of(flag, "from")) sources.push_back(*std::move(value));
      } else if (const auto value = value_of(flag, "mount")) {
        add_mount_sources(*value, sources);
      }
    }
    return sources;
  }

  /// type=bind,from=IMAGE,target=/x
  static void add_mount_sources(const PlacedText& mount, std::vector<PlacedText>& sources) {
    // Builders read the value as a line of CSV, where quotes hide commas.
    if (mount.text.find('"') != std::string::npos) fail(Fault::usage, "quotes in --mount are not understood");
    for (std::size_t at = 0; at <= mount.text.size();) {
      const std::size_t end = std::min(mount.text.find(',', at), mount.text.size());
      const std::size_t equals = mount.text.find('=', at);
      const bool has_value = equals < end;
      std::string key = lower(mount.text.substr(at, (has_value ? equals : end) - at));
      // Blanks beside a key must not make another key of it, behind which nobody would see the image.
      key.erase(0, key.find_first_not_of(" \t"));
      key.erase(key.find_last_not_of(" \t") + 1);
      if (key == "from" && !has_value) fail(Fault::usage, "from without a value in --mount");
      if (key == "from") sources.push_back(mount.part(equals + 1, end - equals - 1));
      at = end + 1;
    }
  }

  /// ONBUILD is for builds by other files, whose stages and arguments nobody knows here.
  void refuse_sources_of_others(const Instruction& instruction) const {
    const std::vector<PlacedText> words = plain_words(instruction.rest);
    if (words.empty()) return;
    std::string word = words.front().text;
    std::transform(word.begin(), word.end(), word.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    if (!is_instruction(word)) {
      fail(Fault::usage, "expected an instruction after ONBUILD, found ", printable(word, 80));
    }
    // The others name no image.
    if (word != "COPY" && word != "RUN" && word != "ADD") return;
    const std::size_t used = instruction.rest.text.find(words.front().text) + word.size();
    const PlacedText rest = instruction.rest.part(used, instruction.rest.text.size() - used);
    if (sources_of(word, rest).empty()) return;
    throw Error(Fault::usage, "ONBUILD with from= names an image for builds by other files",
                "copy it in a stage of this file instead");
  }

  /// Of the stages from `first` on and before `end`.
  [[nodiscard]] bool is_stage(const std::string& name, std::size_t first, std::size_t end) const {
    const auto at = [&](std::size_t number) { return all_stages_.begin() + static_cast<std::ptrdiff_t>(number); };
    return !name.empty() && std::find(at(first), at(end), lower(name)) != at(end);
  }

  void add(const PlacedText& name, std::size_t line) {
    ImageUse use{name.text, line, name.end()};
    if (!use.end) use.why_fixed = "it is written with quotes, escapes or on several lines";
    add(std::move(use), "");
  }

  /// `variable`: the one in whose value the name ends.
  void add(ImageUse use, const std::string& variable) {
    if (use.reference.empty() && !use.trouble) fail(Fault::usage, "the name of an image is empty");
    if (found_.size() == kMostImageUses) fail(Fault::usage, "more than ", kMostImageUses, " images");
    // Each place counts by itself, even of one image: each of them has to be edited.
    found_.push_back(std::move(use));
    ends_in_.push_back(variable);
  }

  DockerfileText file_;
  const BuildSettings& settings_;
  std::map<std::string, std::string> variables_;
  std::map<std::string, PlacedValue> placed_;  // the same, with places
  std::set<std::string> inherited_;            // variables that a stage uses
  std::size_t value_bytes_ = 0;
  std::vector<std::string> all_stages_;
  std::size_t stages_ = 0;  // so far
  std::size_t line_ = 0;
  std::vector<ImageUse> found_;
  std::vector<std::string> ends_in_;  // of each the variable in whose value it ends
};

}  // namespace

std::vector<ImageUse> images_of_dockerfile(std::string_view text, const BuildSettings& settings) {
  // An image that stands nowhere in the file could not be pinned in it.
  if (settings.arguments.contains("BUILDKIT_SYNTAX")) {
    throw Error(Fault::usage, "the build argument BUILDKIT_SYNTAX names a frontend for some builders only",
                "name it in the file, with # syntax=");
  }
  return Scanner(text, settings).run();
}

}  // namespace hallmark::cmd
