// SPDX-License-Identifier: Apache-2.0
//
// resolve --dockerfile, resolve --rewrite: all images of a file.
#include "cmd/commands/resolve/resolve_file.h"

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "cmd/cli/batch.h"
#include "cmd/pinning/dockerfile_images.h"
#include "cmd/pinning/dockerfile_lines.h"
#include "cmd/pinning/pins.h"
#include "cmd/pinning/yaml_images.h"
#include "store/disk/edited_file.h"
#include "store/disk/input.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

enum class FileKind { dockerfile, yaml };

/// By its name. What comes through a pipe is YAML, as of a chart, unless it is said.
FileKind kind_of(const std::string& file, const std::optional<std::string>& dockerfile) {
  if (dockerfile) {
    // --dockerfile beside --rewrite only says how the file is to be read.
    if (*dockerfile == file) return FileKind::dockerfile;
    throw Error(Fault::usage, "--dockerfile beside --rewrite is for the same file, found another",
                "give one of them, or the same FILE to both: then it is read as a Dockerfile whatever its name");
  }
  if (file == "-") return FileKind::yaml;
  std::string name = std::filesystem::path(file).filename().string();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  bool is_dockerfile = false;
  for (const std::string word : {"dockerfile", "containerfile"}) {
    is_dockerfile = is_dockerfile || name == word || name.starts_with(word + ".") || name.ends_with("." + word);
  }
  const bool is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
  // Neither or both ("Dockerfile.yaml"): a guess would read the file by the wrong rules and miss images.
  if (is_dockerfile == is_yaml) {
    throw Error(Fault::usage,
                printable(file, 300) + ": its name does not tell whether it is a Dockerfile or a YAML file",
                "for a Dockerfile add --dockerfile with the same FILE; a YAML file ends in .yml or .yaml");
  }
  return is_dockerfile ? FileKind::dockerfile : FileKind::yaml;
}

BuildSettings build_settings(const Arguments& arguments, const Environment& environment,
                             const PlatformChoice& platforms) {
  BuildSettings settings{{}, store::Platform::here().to_string(), platforms.wanted.to_string()};
  for (const std::string& text : arguments.values("build-arg")) {
    const std::size_t equals = text.find('=');
    // Only the first = separates: a value may have more of them.
    const std::string name = text.substr(0, equals);
    if (name.empty()) fail(Fault::usage, "--build-arg: expected NAME=VALUE, found ", printable(text, 80));
    // As docker: a name alone takes its value from the environment.
    const auto variable = environment.variables.find(name);
    if (equals != std::string::npos) {
      settings.arguments[name] = text.substr(equals + 1);
    } else if (variable != environment.variables.end()) {
      settings.arguments[name] = variable->second;
    }
  }
  return settings;
}

YamlImages images_of(FileKind kind, std::string_view text, const BuildSettings& settings) {
  if (kind == FileKind::yaml) return images_of_yaml(text);
  return {images_of_dockerfile(text, settings), {}};
}

std::string read_standard_input(const Environment& environment) {
  store::Input input("-", "helm template CHART | hallmark resolve --rewrite -", environment.interrupted);
  std::string text;
  std::vector<std::uint8_t> piece(std::size_t{64} << 10U);
  for (std::size_t count = input.read(piece); count > 0; count = input.read(piece)) {
    text += text_of(ByteView(piece).first(count));
    if (text.size() > kMostYamlBytes) fail(Fault::usage, "standard input: expected at most ", kMostYamlBytes, " bytes");
  }
  return text;
}

/// The name that is asked for one of the file.
Reference asked_of(const Reference& name, bool is_updated) {
  return is_updated && name.digest() && name.tag() ? name.without_digest() : name;
}

/// Tries each image of the file; those that are admitted.
// All are tried, so that one run names every image that keeps the file from being pinned.
std::vector<Pin> pins_of(Resolver& resolver, const std::vector<ImageUse>& uses, const std::string& shown,
                         bool is_updated, Batch& batch) {
  std::vector<Pin> pins;
  for (const ImageUse& use : uses) {
    batch.attempt([&] {
      if (use.trouble) throw use.trouble->within(shown);
      within(shown + ": line " + std::to_string(use.line), [&] {
        const Reference name = Reference::parse(use.reference);
        pins.push_back({&use, name, resolver.root_of(asked_of(name, is_updated), use.platform)});
      });
    });
  }
  return pins;
}

/// Before anybody is asked about them; all that cannot be pinned in place are told.
bool tell_fixed(const std::vector<ImageUse>& uses, const std::string& shown, bool is_updated, Batch& batch) {
  bool is_editable = true;
  for (const ImageUse& use : uses) {
    const bool is_left = !use.trouble && !is_updated && use.reference.find('@') != std::string::npos;
    if (is_left || (!use.trouble && use.end)) continue;
    is_editable = false;
    batch.attempt([&] {
      if (use.trouble) throw use.trouble->within(shown);
      throw Error(Fault::usage,
                  shown + ": line " + std::to_string(use.line) + ": " + printable(use.reference, 200) +
                      " cannot be pinned where it stands: " + use.why_fixed,
                  "write it as it is meant, with at most a variable for the whole tag, or pin it by hand");
    });
  }
  return is_editable;
}

/// A digest that is in the file already may be that of an index of which one manifest was admitted.
void require_admitted(const std::vector<Pin>& pins) {
  for (const Pin& pin : pins) {
    if (!pin.name.digest() || *pin.name.digest() == pin.digest) continue;
    throw Error(Fault::refused,
                "line " + std::to_string(pin.use->line) + ": admitted is " + pin.digest.to_string() +
                    " of an index, found the digest of the index, " + pin.name.digest()->to_string(),
                "write the digest that was admitted, or judge all of the index with --all-platforms");
  }
}

/// For --check: one line for each that is not as it would be written.
void require_pinned(const std::vector<Pin>& pins, const std::string& shown, const std::string& name,
                    const Environment& environment) {
  std::size_t others = 0;
  for (const Pin& pin : pins) {
    if (is_pinned(pin)) continue;
    ++others;
    environment.err << shown << ": line " << pin.use->line << ": " << printable(pin.use->reference, 300)
                    << (pin.name.digest() ? " has moved: " : " is not pinned: ") << pin.digest.to_string() << std::endl;
  }
  if (others == 0) return;
  throw Error(Fault::refused,
              std::to_string(others) + " of " + std::to_string(pins.size()) + " images do not have their digest",
              "hallmark resolve --rewrite " + printable(name, 300) + " writes them");
}

/// One file, or standard input, on its way to its pinned text.
class Rewriting {
 public:
  Rewriting(Resolver& resolver, const FileWish& file, const BuildSettings& settings, const Environment& environment)
      : resolver_(resolver), file_(file), settings_(settings), environment_(environment) {
    if (is_piped()) {
      shown_ = "standard input";
      text_ = read_standard_input(environment);
    } else {
      shown_ = printable(file.name, 300);
      edited_.emplace(file.name, kind() == FileKind::dockerfile ? kMostDockerfileBytes : kMostYamlBytes);
      text_ = edited_->text();
    }
  }

  int run() {
    const YamlImages images = within(shown_, [&] { return images_of(kind(), text_, settings_); });
    for (const std::size_t line : images.built_here) {
      environment_.err << shown_ << ": line " << line << ": left as it is: the image is built here" << std::endl;
    }
    Batch batch(environment_.err);
    if (!file_.is_checked && !tell_fixed(images.uses, shown_, file_.is_updated, batch)) {
      return without_result(batch);
    }
    const std::vector<Pin> pins = pins_of(resolver_, images.uses, shown_, file_.is_updated, batch);
    // All or nothing: a file in which some images are pinned looks as if all were.
    if (pins.size() != images.uses.size()) return without_result(batch);
    within(shown_, [&] { finish(pins); });
    return 0;
  }

 private:
  [[nodiscard]] bool is_piped() const { return file_.name == "-"; }
  [[nodiscard]] FileKind kind() const { return kind_of(file_.name, file_.dockerfile); }

  int without_result(const Batch& batch) {
    if (!file_.is_checked) environment_.err << shown_ << ": nothing was written" << std::endl;
    return batch.status();
  }

  void finish(const std::vector<Pin>& pins) {
    if (!file_.is_updated) require_admitted(pins);
    // The first images were judged before the last ones, whose servers may have been slow.
    resolver_.require_all_still_admitted();
    if (file_.is_checked) return require_pinned(pins, shown_, file_.name, environment_);
    const std::string text = with_pins(text_, pins);
    if (text == text_) {
      environment_.err << shown_ << ": nothing to pin" << (pins.empty() ? "" : "; every image has its digest")
                       << std::endl;
    } else {
      require_same_images(images_of(kind(), text, settings_).uses, pins);
    }
    // The last moment to stop: the replacement is one step.
    if (environment_.interrupted) fail(Fault::interrupted, "interrupted");
    if (file_.is_shown) {
      environment_.out << unified_diff(is_piped() ? "-" : file_.name, text_, text) << std::flush;
    } else if (is_piped()) {
      environment_.out << text << std::flush;
    } else if (text != text_) {
      // It refuses when the file is not the one that was read: somebody may have saved it meanwhile.
      edited_->replace(text);
    }
  }

  Resolver& resolver_;
  const FileWish& file_;
  const BuildSettings& settings_;
  const Environment& environment_;
  std::string shown_;
  std::string text_;
  std::optional<store::EditedFile> edited_;
};

}  // namespace

void require_known_kind(const FileWish& file) { static_cast<void>(kind_of(file.name, file.dockerfile)); }

int rewrite_file(Resolver& resolver, const FileWish& file, const Arguments& arguments, const Environment& environment) {
  const BuildSettings settings = build_settings(arguments, environment, resolver.platforms());
  return Rewriting(resolver, file, settings, environment).run();
}

int resolve_file(Resolver& resolver, const std::string& name, const Arguments& arguments,
                 const Environment& environment) {
  const BuildSettings settings = build_settings(arguments, environment, resolver.platforms());
  const std::string shown = printable(name, 300);
  const store::EditedFile file(name, kMostDockerfileBytes);
  const std::vector<ImageUse> uses = within(shown, [&] { return images_of_dockerfile(file.text(), settings); });
  // Not an error: a build from scratch takes none. But an empty output alone would look like a mistake.
  if (uses.empty()) environment.err << shown << ": no images" << std::endl;
  Batch batch(environment.err);
  for (const ImageUse& use : uses) {
    if (use.trouble) batch.attempt([&] { throw use.trouble->within(shown); });
  }
  // A list without some of the images would pass for that of a build.
  if (batch.status() == 0) pins_of(resolver, uses, shown, false, batch);
  return batch.status();
}

}  // namespace hallmark::cmd
