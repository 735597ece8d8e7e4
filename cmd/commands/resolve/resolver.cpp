// SPDX-License-Identifier: Apache-2.0
#include "cmd/commands/resolve/resolver.h"

#include <ostream>

#include "policy/report.h"
#include "registry/oci/open.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// Manifests and indexes of the images of one file.
// They wait in memory for the second judgement, and a file may name as many images as it likes.
constexpr std::uint64_t kMostKeptBytes = std::uint64_t{16} << 20U;

}  // namespace

Resolver::Resolver(Judging& judging, const Arguments& arguments)
    : judging_(judging),
      platforms_(platform_choice(arguments, judging.environment)),
      records_(judging.environment.out, judging.admission, "resolve", arguments.truth("json", false)),
      is_judged_again_(arguments.value("rewrite").has_value()),
      // Standard output has one thing at a time: pins, the pinned text, or the changes.
      are_pins_printed_(arguments.value("rewrite") != "-" && !arguments.truth("diff", false)),
      is_tag_kept_(arguments.truth("keep-tag", false)) {}

Digest Resolver::root_of(const Reference& name, const std::optional<std::string>& platform) {
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

void Resolver::require_all_still_admitted() {
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

void Resolver::print_manifest_of(const Reference& name) {
  const JudgedImage judged = judged_of(name, platforms_);
  print(name, judged.image.value().manifests.front().descriptor.digest);
}

/// As many names as one likes are resolved: documents are kept for a second judgement alone, and not without limit.
void Resolver::keep_little(const Reference& name, JudgedImage& judged) {
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
Subject Resolver::subject_again(const policy::Plan& plan, JudgedImage& judged) {
  const auto source = registry::open_repository(judging_.settings, judged.asked, registry::Access::pull);
  return subject_of(plan, judged.asked, *judged.image,
                    [&](const store::Descriptor& config) { return judged.configs.read(config, *source); });
}

JudgedImage Resolver::judged_of(const Reference& name, const PlatformChoice& platforms) {
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
void Resolver::print(const Reference& name, const Digest& digest) {
  // In full, with the host: a short name would mean another image to a tool with other defaults.
  // Beside the digest the tag says nothing of the bytes, but a policy may ask for it.
  const std::string tag = is_tag_kept_ && name.tag() ? ":" + *name.tag() : "";
  const std::string line = name.repository() + tag + "@" + digest.to_string();
  if (are_pins_printed_ && !records_.is_wanted() && printed_.insert(line).second)
    judging_.environment.out << line << std::endl;
}

}  // namespace hallmark::cmd
