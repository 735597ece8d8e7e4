// SPDX-License-Identifier: Apache-2.0
//
// hallmark import: an image from a root file system, for machines that have no builder. Nobody signed it, so the
// policy is asked about the name like about any other.
#include <charconv>
#include <ostream>
#include <system_error>

#include "cmd/admission/admission.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/judging.h"
#include "cmd/commands/records.h"
#include "cmd/pinning/image_changes.h"
#include "store/disk/input.h"
#include "store/staging/make_image.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// https://reproducible-builds.org/specs/source-date-epoch/: seconds since 1970.
Time creation_time(const Environment& environment) {
  const auto text = environment.variable("SOURCE_DATE_EPOCH");
  if (!text) return environment.now;
  // Times in a config are RFC 3339, whose years have four digits.
  constexpr std::int64_t kYear10000 = 253'402'300'800;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc() || end != text->data() + text->size() || seconds < 0 || seconds >= kYear10000) {
    fail(Fault::usage, "SOURCE_DATE_EPOCH: expected seconds since 1970, found ", printable(*text, 80));
  }
  return Time(std::chrono::seconds(seconds));
}

store::Platform platform_of(const Arguments& arguments) {
  store::Platform here = store::Platform::here();
  const auto named = arguments.value("platform");
  if (!named) return here;
  store::Platform platform = store::Platform::parse(*named);
  if (platform.os != here.os) fail(Fault::usage, "--platform: expected one of ", here.os, ", found ", *named);
  return platform;
}

store::ImagePlan image_plan(const Arguments& arguments, const Environment& environment) {
  store::ImagePlan plan{
      platform_of(arguments), creation_time(environment), arguments.value("message").value_or("Imported from -"), {}};
  // In their order, as a builder applies instructions: a later ENV or CMD replaces an earlier one.
  for (const std::string& change : arguments.values("change")) apply_change(change, plan.settings);
  return plan;
}

Reference target_name(const Arguments& arguments) {
  if (arguments.operands().size() < 2) {
    // An image without a name is one that no policy was asked about.
    throw Error(Fault::usage, "a name is needed: the policy decides about names",
                "hallmark import FILE REPOSITORY[:TAG]");
  }
  Reference name = Reference::parse(arguments.operands()[1]);
  // Nobody knows the digest before the image is made.
  if (name.digest()) fail(Fault::usage, "cannot import digest reference: ", name.familiar());
  return name;
}

void make_and_commit(Judging& judging, const std::string& file, const Reference& name, const store::ImagePlan& image,
                     Records& records) {
  const Environment& environment = judging.environment;
  Admission& admission = judging.admission;
  policy::Judgement judgement = admission.begin(name, "import");
  // Asked before the tar is read: it may be large, come slowly, and fill the disk for a name that no image can have.
  admission.gatherer().before_digest(judgement.plan, admission.now());
  if (admission.decide_lost(judgement)) records.admit(judgement, environment.err);
  store::Input input(file, "hallmark import - NAME < rootfs.tar", environment.interrupted);
  store::Staging staging(admission.store().directory());
  // The digest is known only now: the image is made in quarantine, and judged like one that was fetched.
  const store::MadeImage made = within(input.shown(), [&] {
    return store::make_image([&](std::span<std::uint8_t> buffer) { return input.read(buffer); }, image, staging);
  });
  const store::Staged staged = staging.seal(made.root, {made.root});
  const Subject subject{name, made.root.digest, made.root.size, {made.root.digest}, true, {}, {made.facts}};
  // No source has anything attached to an image that was made a moment ago: nobody is asked.
  admission.gatherer().about_again(judgement.plan, subject, admission.now());
  admission.decide(judgement, subject);
  // Before the refusal can go out: the record then tells which image was refused.
  judgement.context.media_type = made.root.media_type;
  judgement.context.digest = made.root.digest;
  judgement.context.size = made.root.size;
  records.admit(judgement, environment.err);
  judgement.context.instances.push_back({image.platform.to_string(), made.root.digest, made.id});
  records.printing(judgement, [&] {
    // All facts of the image are in the subject already: a policy that asks for more of them by then finds them here.
    admission.commit(
        judgement, [&](const policy::Plan&) { return Subject(subject); }, staged);
    judgement.context.committed = true;
  });
  if (!records.is_wanted()) environment.out << made.id.to_string() << "\n";
}

}  // namespace

Options import_options() {
  Options options("import [OPTIONS] FILE|- REPOSITORY[:TAG]",
                  "Make an image from a root file system tar, plain or compressed, if the policy admits the name",
                  "hallmark import --change 'CMD [\"/bin/sh\"]' rootfs.tar registry.example/base:1");
  options.value("change,c", "INSTRUCTION", "Apply a Dockerfile instruction to the image; may repeat")
      .flag("json", "Print the decision record, one JSON object")
      .value("message,m", "TEXT", "Comment of the image's one step")
      .value("platform", "OS/ARCH", "What the file system is for, instead of this machine")
      .flag("accept-policy-rollback", "Obey a policy that is older than one obeyed before")
      .value("break-glass", "REASON", "Go past the gates that the policy lets a person waive, and have it recorded")
      .operands(1, 2);
  return options;
}

int import_image(const Arguments& arguments, Environment& environment) {
  // docker import fetches URLs. Here bytes from a network have a registry, trust data and a digest, or do not come in.
  const std::string& file = arguments.operands()[0];
  if (file.starts_with("http://") || file.starts_with("https://")) {
    throw Error(Fault::usage, "import reads no URLs: " + printable(file, 200), "fetch it first, check it, import it");
  }
  const Reference name = target_name(arguments);
  const store::ImagePlan image = image_plan(arguments, environment);
  Judging judging = open_judging(arguments, environment, {});
  Records records(environment.out, judging.admission, "import", arguments.truth("json", false));
  records.attempt(name, [&] { make_and_commit(judging, file, name, image, records); });
  return 0;
}

}  // namespace hallmark::cmd
