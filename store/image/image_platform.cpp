// SPDX-License-Identifier: Apache-2.0
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "store/image/image.h"
#include "trust/error.h"
#include "trust/text.h"

namespace hallmark::store {
namespace {

struct Alias {
  std::string_view written;
  std::string_view architecture;
  std::string_view variant;
};

/// Spellings of architectures, as containerd folds them and as uname reports them.
constexpr std::array kAliases{Alias{"x86_64", "amd64", ""},       Alias{"x86-64", "amd64", ""},
                              Alias{"i386", "386", ""},           Alias{"i486", "386", ""},
                              Alias{"i586", "386", ""},           Alias{"i686", "386", ""},
                              Alias{"aarch64", "arm64", ""},      Alias{"armhf", "arm", "v7"},
                              Alias{"armel", "arm", "v6"},        Alias{"armv5tel", "arm", "v5"},
                              Alias{"armv6l", "arm", "v6"},       Alias{"armv7l", "arm", "v7"},
                              Alias{"armv8l", "arm", "v8"},       Alias{"loongarch64", "loong64", ""},
                              Alias{"powerpc64le", "ppc64le", ""}};

/// As Go names them, since images do. What is on neither list is a slip, not a platform without images.
constexpr std::array<std::string_view, 13> kArchitectures{"386",     "amd64",    "arm",  "arm64",  "loong64",
                                                          "mips64",  "mips64le", "mips", "mipsle", "ppc64",
                                                          "ppc64le", "riscv64",  "s390x"};
constexpr std::array<std::string_view, 9> kSystems{"linux",   "windows", "darwin", "freebsd", "netbsd",
                                                   "openbsd", "solaris", "aix",    "plan9"};

template <class List>
bool holds(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t slash = text.find('/');
    parts.push_back(text.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    text.remove_prefix(slash + 1);
  }
}

}  // namespace

Platform Platform::normalised() const {
  Platform plain{lowered(os), lowered(architecture), lowered(variant)};
  if (plain.os == "macos") plain.os = "darwin";
  for (const Alias& alias : kAliases) {
    if (plain.architecture != alias.written) continue;
    plain.architecture = alias.architecture;
    if (plain.variant.empty()) plain.variant = alias.variant;
  }
  // As containerd has it: "7" is "v7".
  if (plain.variant.size() == 1 && plain.variant.front() >= '0' && plain.variant.front() <= '9') {
    plain.variant.insert(0, "v");
  }
  // What these architectures mean anyway: written or not, it is one platform.
  if (plain.architecture == "arm64" && plain.variant == "v8") plain.variant.clear();
  if (plain.architecture == "amd64" && plain.variant == "v1") plain.variant.clear();
  if (plain.architecture == "arm" && plain.variant.empty()) plain.variant = "v7";
  return plain;
}

Platform Platform::parse(std::string_view text) {
  const std::vector<std::string_view> parts = split(text);
  if (parts.size() > 3 || !std::all_of(parts.begin(), parts.end(), is_word)) {
    throw Error(Fault::usage, "\"" + printable(text, 80) + "\" is not a platform", "write OS/ARCH or OS/ARCH/VARIANT");
  }
  Platform platform;
  if (parts.size() > 1) {
    platform = Platform{std::string(parts[0]), std::string(parts[1]), parts.size() > 2 ? std::string(parts[2]) : ""};
    platform = platform.normalised();
    if (holds(kSystems, platform.os) && holds(kArchitectures, platform.architecture)) return platform;
  } else {
    const Platform machine = here();
    if (Platform system = Platform{std::string(text), machine.architecture, machine.variant}.normalised();
        holds(kSystems, system.os)) {
      return system;
    }
    platform = Platform{machine.os, std::string(text), ""}.normalised();
    if (holds(kArchitectures, platform.architecture)) return platform;
  }
  throw Error(Fault::usage, "\"" + printable(text, 80) + "\": unknown operating system or architecture",
              "write OS/ARCH or OS/ARCH/VARIANT, like linux/arm64");
}

Platform Platform::here() {
  utsname machine{};
  if (uname(&machine) != 0) fail(Fault::local, "uname does not say what this machine is");
  return Platform{lowered(machine.sysname), machine.machine, ""}.normalised();
}

std::string Platform::to_string() const {
  const auto said = [](const std::string& word) { return word.empty() ? std::string("unknown") : word; };
  return said(os) + "/" + said(architecture) + (variant.empty() ? std::string() : "/" + variant);
}

bool Platform::contradicts(const Platform& other) const {
  const Platform one = normalised();
  const Platform two = other.normalised();
  const auto differ = [](const std::string& a, const std::string& b) { return !a.empty() && !b.empty() && a != b; };
  return differ(one.os, two.os) || differ(one.architecture, two.architecture);
}

bool Platform::is_unknown() const { return os == "unknown" && architecture == "unknown"; }

namespace {

/// Of one index: each costs two requests.
constexpr std::size_t kMostProbes = 50;

/// Variants as steps of one line: what runs on a step runs on the ones above. Absent when they are no such steps.
std::optional<int> step_of(const Platform& normalised) {
  const std::string& variant = normalised.variant;
  if (normalised.architecture == "amd64" && variant.empty()) return 1;
  if (normalised.architecture == "arm64" && variant.empty()) return 8;
  // The variants of other architectures have no order among them.
  const bool has_steps =
      normalised.architecture == "amd64" || normalised.architecture == "arm64" || normalised.architecture == "arm";
  if (!has_steps || variant.size() < 2 || variant.front() != 'v') return std::nullopt;
  int step = 0;
  const auto [end, error] = std::from_chars(variant.data() + 1, variant.data() + variant.size(), step);
  if (error != std::errc() || end != variant.data() + variant.size()) return std::nullopt;
  return step;
}

/// How far the offered platform is from the wanted one; absent when it does not run there.
std::optional<int> distance(const Platform& wanted, const Platform& offered) {
  if (wanted.os != offered.os || wanted.architecture != offered.architecture) return std::nullopt;
  if (wanted.variant == offered.variant) return 0;
  const std::optional<int> from = step_of(wanted);
  const std::optional<int> to = step_of(offered);
  // Downwards alone: what was built for a newer processor does not run on an older one.
  if (!from || !to || *to > *from) return std::nullopt;
  return *from - *to;
}

/// Go writes an empty one where there is none.
bool says_platform(const Descriptor& descriptor) {
  return descriptor.platform && !descriptor.platform->os.empty() && !descriptor.platform->architecture.empty();
}

std::string listed(const std::vector<Descriptor>& images) {
  std::string list;
  for (const Descriptor& image : images) {
    if (list.size() > 400) return list + ", ...";
    if (!list.empty()) list += ", ";
    list += says_platform(image) ? printable(image.platform->to_string(), 80) : "one that does not say its platform";
  }
  return list;
}

/// Builders put attestations into the index as manifests of their own, for "unknown/unknown" and with this annotation.
bool is_image(const Descriptor& descriptor) {
  if (!is_manifest(descriptor.media_type)) return false;
  if (descriptor.platform && descriptor.platform->is_unknown()) return false;
  const auto type = descriptor.annotations.find("vnd.docker.reference.type");
  return type == descriptor.annotations.end() || type->second != "attestation-manifest";
}

}  // namespace

std::vector<Descriptor> Index::images() const {
  std::vector<Descriptor> images;
  std::copy_if(manifests.begin(), manifests.end(), std::back_inserter(images), is_image);
  return images;
}

void Index::refuse_without_image() const {
  std::string inner;
  for (const Descriptor& one : manifests) {
    if (inner.size() > 400 || !is_index(one.media_type)) continue;
    inner += (inner.empty() ? "" : ", ") + one.digest.to_string();
  }
  if (inner.empty()) fail(Fault::missing, "the index lists no image");
  throw Error(Fault::missing, "the index lists no image but other indexes: " + inner,
              "take one of these by its digest: NAME@DIGEST");
}

bool Index::has_no_more_than(const std::vector<Descriptor>& chosen) const {
  return std::all_of(manifests.begin(), manifests.end(), [&chosen](const Descriptor& listed) {
    // Not is_image(): runtimes go by the platform, and take what only calls itself an attestation.
    if (is_manifest(listed.media_type) && listed.platform && listed.platform->is_unknown()) return true;
    return std::any_of(chosen.begin(), chosen.end(),
                       [&listed](const Descriptor& one) { return one.digest == listed.digest; });
  });
}

namespace {

/// Of the ones that were offered the nearest, the first of equals.
class Nearest {
 public:
  explicit Nearest(const Platform& wanted) : wanted_(wanted.normalised()) {}

  void offer(const Descriptor& manifest, const Platform& platform) {
    const std::optional<int> found = distance(wanted_, platform.normalised());
    // Only a nearer one replaces it, so that of equals the first is taken.
    if (!found || (best_ != nullptr && *found >= distance_)) return;
    best_ = &manifest;
    distance_ = *found;
  }
  [[nodiscard]] const Descriptor* best() const { return best_; }

 private:
  Platform wanted_;
  const Descriptor* best_ = nullptr;
  int distance_ = 0;
};

/// Of those whose platform nobody says but their config; one whose config does not say it either comes last.
const Descriptor* choose_by_config(const std::vector<Descriptor>& manifests, const Platform& wanted,
                                   const std::function<std::optional<Platform>(const Descriptor&)>& look) {
  Nearest nearest(wanted);
  const Descriptor* silent = nullptr;
  std::size_t looks = 0;
  for (const Descriptor& manifest : manifests) {
    if (!is_image(manifest) || says_platform(manifest) || ++looks > kMostProbes) continue;
    const std::optional<Platform> found = look(manifest);
    if (!found) continue;
    nearest.offer(manifest, *found);
    if (silent == nullptr && !found->contradicts(wanted) && (found->os.empty() || found->architecture.empty())) {
      silent = &manifest;
    }
  }
  return nearest.best() != nullptr ? nearest.best() : silent;
}

}  // namespace

const Descriptor& Index::choose(const Platform& wanted,
                                const std::function<std::optional<Platform>(const Descriptor&)>& look) const {
  Nearest nearest(wanted);
  for (const Descriptor& manifest : manifests) {
    if (is_image(manifest) && says_platform(manifest)) nearest.offer(manifest, *manifest.platform);
  }
  if (nearest.best() != nullptr) return *nearest.best();
  if (const Descriptor* found = choose_by_config(manifests, wanted, look)) return *found;
  const std::vector<Descriptor> offered = images();
  if (offered.empty()) refuse_without_image();
  throw Error(Fault::missing, "no image for platform " + wanted.to_string() + "; there is " + listed(offered),
              "choose one with --platform, or pull a manifest by its digest");
}

}  // namespace hallmark::store
