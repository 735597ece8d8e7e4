// SPDX-License-Identifier: Apache-2.0
//
// hallmark resolve: names to digests that trust and policy admit, one by one or those of a file, there in place too.
#include <algorithm>
#include <map>
#include <ostream>
#include <set>

#include "cmd/admission/registry_admission.h"
#include "cmd/cli/batch.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/judging.h"
#include "cmd/commands/records.h"
#include "cmd/pinning/dockerfile_images.h"
#include "cmd/pinning/dockerfile_lines.h"
#include "cmd/pinning/yaml_images.h"
#include "policy/report.h"
#include "registry/oci/open.h"
#include "store/disk/edited_file.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// Manifests and indexes of the images of one file.
// They wait in memory for the second judgement, and a file may name as many images as it likes.
constexpr std::uint64_t kMostKeptBytes = std::uint64_t{16} << 20U;

/// Decides as verify does, and prints what came of it.
class Resolver {
 public:
  Resolver(Judging& judging, const Arguments& arguments)
      : judging_(judging),
        platforms_(platform_choice(arguments, judging.environment)),
        records_(judging.environment.out, judging.admission, "resolve", arguments.truth("json", false)),
        is_judged_again_(arguments.value("rewrite").has_value()) {}

  [[nodiscard]] const PlatformChoice& platforms() const { return platforms_; }

  /// The digest of what the name is; throws the refusal.
  Digest root_of(const Reference& name, const std::optional<std::string>& platform) {
    // A stage of a Dockerfile may say its own platform: FROM --platform=... comes before that of the command line.
    PlatformChoice choice = platforms_;
    if (platform) choice = {false, true, store::Platform::parse(*platform)};
    // A file that names an image five times asks the servers about it once, and gets one answer for all five.
    const auto key = std::pair(name.to_string(), platform.value_or(""));
    auto known = roots_.find(key);
    if (known == roots_.end()) {
      JudgedImage judged = judged_of(name, choice);
      // A copy: the approval does not outlive the next judgement, which is compared with this.
      Subject subject = judged.judgement.decision.approval.value().subject();
      keep_little(name, judged);
      known = roots_.emplace(key, Root{std::move(judged), std::move(subject)}).first;
    }
    // Not the root's: of an index that nobody vouches for only the one manifest was admitted.
    Digest digest = known->second.subject.admitted.value();
    print(name, digest);
    return digest;
  }

  /// The others may have come slowly. Throws the refusal of one that is not admitted any more.
  void require_all_still_admitted() {
    std::vector<Standing> all;
    for (auto& named : roots_) {
      Root& root = named.second;
      all.push_back({root.judged.judgement,
                     [this, judged = &root.judged](const policy::Plan& plan) { return subject_again(plan, *judged); },
                     // Told is what will be written into the file: if the next judgement admits another digest, nothing
                     // is written.
                     root.subject});
    }
    judging_.admission.require_still_admitted(all);
  }

  /// The same of one platform's manifest.
  void print_manifest_of(const Reference& name) {
    const JudgedImage judged = judged_of(name, platforms_);
    print(name, judged.image.value().manifests.front().descriptor.digest);
  }

 private:
  struct Root {
    JudgedImage judged;
    Subject subject;
  };

  /// As many names as one likes are resolved: documents are kept for a second judgement alone, and not without limit.
  void keep_little(const Reference& name, JudgedImage& judged) {
    // Configs are fetched again when a policy that has changed asks for them: that is rare, and they are large.
    judged.configs = {};
    // Without --rewrite each line is printed when it was decided, and nothing rests on it here afterwards.
    if (!is_judged_again_) judged.image.reset();
    if (!judged.image) return;
    kept_bytes_ += judged.image->root.bytes.size();
    for (const store::Document& manifest : judged.image->manifests) kept_bytes_ += manifest.bytes.size();
    if (kept_bytes_ <= kMostKeptBytes) return;
    throw Error(Fault::corrupt,
                name.familiar() + ": the manifests of all images of the file have more than " +
                    std::to_string(kMostKeptBytes) + " bytes",
                "divide the file, or pin the images with large manifests by hand");
  }

  /// What its configs say is fetched when another policy asks for it now.
  Subject subject_again(const policy::Plan& plan, JudgedImage& judged) {
    const auto source = registry::open_repository(judging_.settings, judged.asked, registry::Access::pull);
    return subject_of(plan, judged.asked, *judged.image,
                      [&](const store::Descriptor& config) { return judged.configs.read(config, *source); });
  }

  JudgedImage judged_of(const Reference& name, const PlatformChoice& platforms) {
    std::ostream& err = judging_.environment.err;
    JudgedImage judged = records_.attempt(name, [&] {
      const auto source = registry::open_repository(judging_.settings, name, registry::Access::pull);
      return judge_from_afar(judging_.admission, name, platforms, *source, "resolve");
    });
    const policy::Judgement& judgement = judged.judgement;
    records_.print(judgement);
    // A refusal prints no digest, so that a script cannot pin what was refused.
    if (!judgement.decision.approval) {
      if (!records_.is_wanted()) err << policy::refusal(judging_.admission.gate(), judgement);
      refuse(judgement);
    }
    // On standard error: standard output has pins and nothing else.
    if (!judgement.decision.publisher_verified) {
      err << policy::unverified_notice(judging_.admission.gate(), name) << std::endl;
    }
    if (const std::string notice = part_notice(judgement); !notice.empty()) err << notice << std::endl;
    return judged;
  }

  /// Each once.
  void print(const Reference& name, const Digest& digest) {
    // In full, with the host: a short name would mean another image to a tool with other defaults.
    const std::string line = name.at_digest(digest).to_string();
    if (!records_.is_wanted() && printed_.insert(line).second) judging_.environment.out << line << std::endl;
  }

  Judging& judging_;
  PlatformChoice platforms_;
  Records records_;
  std::map<std::pair<std::string, std::string>, Root> roots_;
  std::set<std::string> printed_;
  bool is_judged_again_;
  std::uint64_t kept_bytes_ = 0;
};

enum class FileKind { dockerfile, yaml };

/// By its name.
FileKind kind_of(const std::string& file, const std::optional<std::string>& dockerfile) {
  if (dockerfile) {
    // --dockerfile beside --rewrite only says how the file is to be read.
    if (*dockerfile == file) return FileKind::dockerfile;
    throw Error(Fault::usage, "--dockerfile beside --rewrite is for the same file, found another",
                "give one of them, or the same FILE to both: then it is read as a Dockerfile whatever its name");
  }
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

using Scan = std::vector<ImageUse> (*)(std::string_view text, const BuildSettings& settings);

Scan scan_for(FileKind kind) {
  if (kind == FileKind::dockerfile) return &images_of_dockerfile;
  return [](std::string_view text, const BuildSettings&) { return images_of_yaml(text); };
}

struct Pin {
  const ImageUse* use;
  Reference name;
  Digest digest;
};

/// Tries each image of the file; those that are admitted.
// All are tried, so that one run names every image that keeps the file from being pinned.
std::vector<Pin> pins_of(Resolver& resolver, const std::vector<ImageUse>& uses, const std::string& shown,
                         Batch& batch) {
  std::vector<Pin> pins;
  for (const ImageUse& use : uses) {
    batch.attempt([&] {
      within(shown + ": line " + std::to_string(use.line), [&] {
        const Reference name = Reference::parse(use.reference);
        pins.push_back({&use, name, resolver.root_of(name, use.platform)});
      });
    });
  }
  return pins;
}

/// "debian" is given the tag that it means, so that the pinned name can still be read and judged by it.
std::string pin_text(const Pin& pin) {
  return (pin.name.tag_defaulted() ? ":" + pin.name.tag().value() : "") + "@" + pin.digest.to_string();
}

std::string with_pins(const std::string& text, const std::vector<Pin>& pins) {
  std::string result;
  std::size_t at = 0;
  for (const Pin& pin : pins) {
    // It has its digest, which was judged like the others; require_admitted() has compared it.
    if (pin.name.digest()) continue;
    // Uses come in the order of the text. If they did not, check_result() would find other images and nothing be
    // written.
    const std::size_t end = pin.use->end.value();
    result.append(text, at, end - at);
    result += pin_text(pin);
    at = end;
  }
  return result.append(text, at);
}

/// Before anybody is asked about them.
void require_editable(const std::vector<ImageUse>& uses) {
  for (const ImageUse& use : uses) {
    // `end` is where the pin goes. It is absent where the text is not the reference: variables, quotes, several lines.
    if (use.end) continue;
    throw Error(Fault::usage,
                "line " + std::to_string(use.line) + ": " + printable(use.reference, 200) +
                    " is not written there as it is, and cannot be pinned in place",
                "write it without variables, quotes and line breaks, or pin the variable's value by hand");
  }
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

/// The new text must mean the same images, each pinned.
void check_result(const std::vector<ImageUse>& after, const std::vector<Pin>& pins) {
  bool is_same = after.size() == pins.size();
  for (std::size_t i = 0; is_same && i < pins.size(); ++i) {
    // Read by the same reader as before: a pin that changes how the rest of the file is read is found here.
    const Reference name = Reference::parse(after[i].reference);
    is_same = name.repository() == pins[i].name.repository() && name.digest() == pins[i].digest;
  }
  if (!is_same) fail(Fault::local, "internal: the pinned text would mean other images; nothing was written");
}

int rewrite(Resolver& resolver, const std::string& name, FileKind kind, const BuildSettings& settings,
            const Environment& environment) {
  const Scan scan = scan_for(kind);
  const std::string shown = printable(name, 300);
  const store::EditedFile file(name, kind == FileKind::dockerfile ? kMostDockerfileBytes : kMostYamlBytes);
  const std::vector<ImageUse> uses = within(shown, [&] {
    std::vector<ImageUse> found = scan(file.text(), settings);
    require_editable(found);
    return found;
  });
  Batch batch(environment.err);
  const std::vector<Pin> pins = pins_of(resolver, uses, shown, batch);
  // All or nothing: a file in which some images are pinned looks as if all were.
  if (pins.size() != uses.size()) {
    environment.err << shown << ": nothing was written" << std::endl;
    return batch.status();
  }
  within(shown, [&] {
    require_admitted(pins);
    // The first images were judged before the last ones, whose servers may have been slow.
    resolver.require_all_still_admitted();
  });
  const std::string text = with_pins(file.text(), pins);
  if (text == file.text()) {
    environment.err << shown << ": nothing to pin" << (uses.empty() ? "" : "; every image has its digest") << std::endl;
    return 0;
  }
  within(shown, [&] { check_result(scan(text, settings), pins); });
  // The last moment to stop: the replacement is one step.
  if (environment.interrupted) fail(Fault::interrupted, "interrupted");
  // It refuses when the file is not the one that was read: somebody may have saved it meanwhile.
  file.replace(text);
  return 0;
}

int resolve_file(Resolver& resolver, const std::string& name, const BuildSettings& settings,
                 const Environment& environment) {
  const std::string shown = printable(name, 300);
  const store::EditedFile file(name, kMostDockerfileBytes);
  const std::vector<ImageUse> uses = within(shown, [&] { return images_of_dockerfile(file.text(), settings); });
  // Not an error: a build from scratch takes none. But an empty output alone would look like a mistake.
  if (uses.empty()) environment.err << shown << ": no images" << std::endl;
  Batch batch(environment.err);
  pins_of(resolver, uses, shown, batch);
  return batch.status();
}

int resolve_names(Resolver& resolver, const Arguments& arguments, const Environment& environment) {
  if (!arguments.values("build-arg").empty()) fail(Fault::usage, "--build-arg is for --dockerfile and --rewrite");
  Batch batch(environment.err);
  for (const std::string& text : arguments.operands()) {
    batch.attempt([&] {
      const Reference name = Reference::parse(text);
      // Only a flag asks for the manifest. DOCKER_DEFAULT_PLATFORM says what is judged, and the pin is that of the
      // index.
      if (arguments.has("platform")) {
        resolver.print_manifest_of(name);
      } else {
        resolver.root_of(name, std::nullopt);
      }
    });
  }
  return batch.status();
}

}  // namespace

Options resolve_options() {
  Options options("resolve [OPTIONS] NAME[:TAG|@DIGEST]...",
                  "Print the digests of names that trust and policy admit, for builds and manifests that pin them",
                  "hallmark resolve registry.example/app:1.0\n  hallmark resolve --rewrite Dockerfile");
  options.value("dockerfile", "FILE", "Resolve all images that a build by this Dockerfile takes")
      .value("rewrite", "FILE", "Pin the images of a Dockerfile, compose file or Kubernetes manifest in place")
      .value("build-arg", "NAME=VALUE", "A value for ARG before the first FROM; may be repeated")
      .flag("json", "Print the decision records, one JSON object a line")
      .flag("verbose,v", "Print requests")
      .flag("all-platforms", "Judge with every platform of an index")
      .value("platform", "OS/ARCH[/VARIANT]", "Of an index, print the digest of this platform's manifest")
      .flag("accept-policy-rollback", "Obey a policy that is older than one obeyed before")
      .flag("disable-content-trust", "Do not add the requirement of DOCKER_CONTENT_TRUST")
      .flag("require-publisher", "Refuse what no publisher's signature vouches for, whatever the policy says")
      .flag("plain-http", "Allow registries without TLS")
      .operands(0, kNoLimit);
  return options;
}

int resolve(const Arguments& arguments, Environment& environment) {
  const auto dockerfile = arguments.value("dockerfile");
  const auto rewritten = arguments.value("rewrite");
  const bool has_file = dockerfile || rewritten;
  // Names beside a file would be pinned nowhere.
  if (arguments.operands().empty() != has_file) {
    fail(Fault::usage, "expected names, or a file with --dockerfile or --rewrite");
  }
  if (arguments.values("dockerfile").size() > 1 || arguments.values("rewrite").size() > 1) {
    fail(Fault::usage, "expected one file, found several");
  }
  // A file that cannot be read for certain is refused before a policy is read or a server asked.
  const FileKind kind = rewritten ? kind_of(*rewritten, dockerfile) : FileKind::dockerfile;
  Judging judging = open_judging(arguments, environment, demands_of(arguments, environment));
  Resolver resolver(judging, arguments);
  if (!has_file) return resolve_names(resolver, arguments, environment);
  const BuildSettings settings = build_settings(arguments, environment, resolver.platforms());
  if (rewritten) return rewrite(resolver, *rewritten, kind, settings, environment);
  return resolve_file(resolver, *dockerfile, settings, environment);
}

}  // namespace hallmark::cmd
