// SPDX-License-Identifier: Apache-2.0
//
// hallmark pull: an image from a registry into the store, once trust, policy and every digest agree.
#include <unistd.h>

#include <algorithm>
#include <ostream>

#include "cmd/admission/registry_admission.h"
#include "cmd/bundling/hand_over.h"
#include "cmd/cli/batch.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/judging.h"
#include "cmd/commands/records.h"
#include "cmd/terminal/progress.h"
#include "policy/report.h"
#include "registry/oci/open.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

struct Pull {
  Judging& judging;
  PlatformChoice platforms;
  bool quiet;
  bool verbose;
  Records records;
  std::unique_ptr<HandOver> hand_over;  ///< absent when the store alone gets the image

  std::ostream& err() const { return judging.environment.err; }
  std::ostream& out() const { return judging.environment.out; }
  Admission& admission() const { return judging.admission; }
  const store::Store& store() const { return judging.admission.store(); }
};

// root writes a store that others only read: for those an image that is there must do as it is.
bool may_write_store(const Pull& pull) { return ::access(pull.store().directory().c_str(), W_OK) == 0; }

/// Whether the store would tell another digest of it than what was admitted now.
bool is_told_otherwise(const store::Entry& entry, const Subject& approved) {
  return entry.told() != approved.admitted.value_or(approved.digest);
}

bool is_present(const Pull& pull, const JudgedImage& judged) {
  const ImageDocuments& image = judged.image.value();
  const Subject& approved = judged.judgement.decision.approval.value().subject();
  const auto entry = pull.store().find(approved.name);
  // Of several images the store remembers the size of one.
  // The limit may have come after the image: what is not known to stay below it is brought in anew, and measured.
  if (approved.most_uncompressed && entry &&
      (image.manifests.size() > 1 || entry->uncompressed_size == 0 ||
       entry->uncompressed_size > *approved.most_uncompressed)) {
    return false;
  }
  // Platforms that came by earlier pulls keep the present entry from being written again as it is.
  if (entry && is_told_otherwise(*entry, approved) && entry->manifests != approved.instances && may_write_store(pull)) {
    return false;
  }
  // The name must have these platforms itself, the first of them first: that is the one which lists and inspect show.
  // Platforms of another name do not count: save, inspect and the hand-over go by the entry.
  const auto has_chosen = [&] {
    return entry->manifests.size() >= image.chosen.size() &&
           std::equal(image.chosen.begin(), image.chosen.end(), entry->manifests.begin(),
                      [](const store::Descriptor& chosen, const Digest& here) { return chosen.digest == here; });
  };
  // The digest of now decides, not that of the tag at the last pull: a tag that moved is fetched.
  return entry && entry->root.digest == image.root.descriptor.digest && has_chosen() &&
         pull.store().is_complete(image.root.descriptor, image.chosen);
}

void print_result(const Pull& pull, const JudgedImage& judged, bool was_present) {
  // Docker's words, which scripts look for.
  if (pull.quiet || pull.records.is_wanted()) return;
  pull.out() << "Digest: " << judged.judgement.context.digest.value().to_string() << "\n"
             << "Status: " << (was_present ? "Image is up to date for " : "Downloaded newer image for ")
             << judged.judgement.plan.name().familiar() << "\n";
}

// After the decision and before the transfer: who pulls something unverified can still stop it.
void announce(const Pull& pull, const policy::Judgement& judgement) {
  const Reference& name = judgement.plan.name();
  if (!judgement.decision.publisher_verified) {
    pull.err() << policy::unverified_notice(pull.admission().gate(), name) << std::endl;
  }
  if (const std::string notice = part_notice(judgement); !notice.empty()) pull.err() << notice << std::endl;
  if (pull.quiet) return;
  // Docker prints this on standard output. Here that has results alone.
  pull.err() << name.tag().value_or(name.familiar()) << ": Pulling from " << name.path() << std::endl;
}

/// Whether the store notes another voucher, rule or digest than those of now, of this very image, and is ours to write.
bool is_noted_otherwise(const Pull& pull, const store::Entry& entry, const Subject& approved) {
  // Not when they were seen last: each pull would write the index anew.
  const bool has_other_reason = entry.admission_reason && approved.admission_reason &&
                                (entry.admission_reason->by != approved.admission_reason->by ||
                                 entry.admission_reason->rule != approved.admission_reason->rule);
  return (has_other_reason || is_told_otherwise(entry, approved)) && entry.manifests == approved.instances &&
         may_write_store(pull);
}

/// Its facts are those of the store.
SubjectOf subject_from_store(const Pull& pull, const JudgedImage& judged) {
  return subject_from(judged, [&pull](const store::Descriptor& config) { return pull.store().read(config).bytes; });
}

/// As it is noted already. Whether the image is still there after others were waited for; otherwise nothing was done.
// Others may have been waited for in the meantime, so it is judged again with the right to commit, and only then told.
bool record_present(Pull& pull, JudgedImage& judged) {
  Admission& admission = pull.admission();
  std::optional<Turn> turn;
  // Who can only read the store cannot take the turn: for him the judgement of a moment ago has to do.
  if (::access((pull.store().directory() / ".hallmark").c_str(), W_OK) == 0) {
    turn.emplace(admission.require_still_admitted_in_turn(judged.judgement, subject_from_store(pull, judged)));
    // While this run waited for its turn another one may have removed it. Then it is fetched.
    if (!is_present(pull, judged)) return false;
  }
  // Recorded although nothing was fetched: the record is about decisions, and this is one.
  admission.record(judged.judgement);
  admission.remember_policy(turn ? &turn->of_store : nullptr);
  if (turn) turn->clock.raise(admission.now(), turn->lock);
  return true;
}

/// Nothing to fetch: the decision alone is recorded, and noted where it has another admission reason than before.
/// Whether the image is still there.
bool keep_present(Pull& pull, JudgedImage& judged) {
  Admission& admission = pull.admission();
  naming(judged.asked, [&] {
    admission.recording(judged.judgement, [&] { check_present_platform(pull.store(), *judged.image, pull.platforms); });
  });
  const Subject& approved = judged.judgement.decision.approval.value().subject();
  const auto entry = pull.store().find(approved.name);
  // The index is written only when what it tells would be wrong now.
  if (!entry || !is_noted_otherwise(pull, *entry, approved)) return record_present(pull, judged);
  store::Staging staging(pull.store().directory());
  // No bytes are fetched, but the commit goes the same way as any other: staged, judged again, written in one step.
  const store::Staged staged = admission.recording(judged.judgement, [&] {
    return staging.present(*entry, [&](std::uint64_t) { admission.terms().require_uninterrupted(); });
  });
  admission.commit(judged.judgement, subject_from_store(pull, judged), staged);
  return true;
}

void bring_in(Pull& pull, JudgedImage& judged, registry::Repository& source) {
  Progress progress(Progress::style_for(pull.judging.environment, pull.quiet), pull.err(), layers_of(*judged.image));
  // A warning between two frames of the bars would be drawn over. The lines come back when `notice` goes.
  const auto notice =
      pull.judging.environment.console.redirect([&](const std::string& line) { progress.notice(line); });
  bring_in(pull.admission(), judged, pull.platforms, source, progress);
}

void hand_over(Pull& pull, JudgedImage& judged, const Subject& admitted) {
  // The commit has spent the approval, and the runtime may have been busy: what is handed over is judged once more.
  const Standing standing{judged.judgement, subject_from_store(pull, judged), admitted};
  pull.hand_over->give(pull.store(), admitted, pull.quiet,
                       [&] { pull.admission().require_still_admitted(std::span(&standing, 1)); });
}

/// Returns what the admitted image is called: asked by the digest of an index of which one manifest was admitted, it
/// goes by that of the manifest.
// One order for all that is pulled: decision, record, transfer, commit, hand-over. No layer is asked for before the
// decision.
Reference pull_one(Pull& pull, const Reference& name, registry::Repository& source) {
  JudgedImage judged = judge(pull.admission(), name, pull.platforms, source, "pull");
  policy::Judgement& judgement = judged.judgement;
  pull.records.admit(judgement, pull.err());
  announce(pull, judgement);
  const Subject admitted = judgement.decision.approval.value().subject();  // the commit spends the approval
  // A look without a lock. What rests on it is looked at again in record_present().
  bool present = is_present(pull, judged);
  pull.records.printing(judgement, [&] {
    present = present && keep_present(pull, judged);
    if (!present) bring_in(pull, judged, source);
  });
  if (pull.verbose) pull.err() << policy::explain(pull.admission().gate(), judgement);
  print_result(pull, judged, present);
  // Behind the commit: a runtime never gets what the store does not hold.
  if (pull.hand_over) hand_over(pull, judged, admitted);
  return judgement.context.is_of_index && name.digest() ? name.at_digest(admitted.admitted.value()) : name;
}

/// The tags of a repository: those that trust names where trust is asked, else those that the registry lists.
std::vector<Reference> all_tags(Pull& pull, const Reference& repository, registry::Repository& source) {
  // A registry could leave a signed tag out of its list, or add others: where trust names tags, its list is not asked
  // for.
  const auto trusted = pull.admission().trusted_tags(repository);
  std::vector<Reference> names;
  for (const std::string& tag : trusted ? *trusted : source.tags()) names.push_back(repository.with_tag(tag));
  // No tags at all is no success: a script would go on without an image.
  if (names.empty()) {
    fail(Fault::missing, trusted ? "no trusted tags for " : "no tags for ", repository.familiar_repository());
  }
  return names;
}

int pull_all(Pull& pull, const Reference& repository) {
  const auto source = registry::open_repository(pull.judging.settings, repository, registry::Access::pull);
  const std::vector<Reference> names = all_tags(pull, repository, *source);
  Batch batch(pull.err());
  std::size_t number = 0;
  for (const Reference& name : names) {
    if (!pull.quiet)
      pull.err() << "Pull (" << ++number << " of " << names.size() << "): " << name.familiar() << std::endl;
    // A tag that is refused does not keep the others out, and each has its record.
    batch.attempt([&] { pull.records.attempt(name, [&] { pull_one(pull, name, *source); }); });
  }
  if (batch.any_done() && !pull.records.is_wanted()) pull.out() << repository.repository() << "\n";
  return batch.status();
}

int pull_named(Pull& pull, const Reference& name) {
  const auto source = registry::open_repository(pull.judging.settings, name, registry::Access::pull);
  // Docker says so, too: "latest" was chosen by nobody.
  if (name.tag_defaulted() && !pull.quiet) pull.err() << "Using default tag: latest" << std::endl;
  const Reference pulled = pull_one(pull, name, *source);
  if (!pull.records.is_wanted()) pull.out() << pulled.to_string() << "\n";
  return 0;
}

}  // namespace

Options pull_options() {
  Options options(
      "pull [OPTIONS] NAME[:TAG|@DIGEST]",
      "Pull an image from a registry into the local store, after trust, policy and every digest were checked",
      "DOCKER_CONTENT_TRUST=1 hallmark pull registry.example/app:1.0");
  options.flag("all-tags,a", "Pull all tagged images of the repository")
      .flag("json", "Print the decision record, one JSON object a line for each name")
      .flag("quiet,q", "Print only the name")
      .flag("verbose,v", "Print requests and the decision")
      .flag("all-platforms", "Pull every platform of an index")
      .value("platform", "OS/ARCH[/VARIANT]", "Pull this platform of an index instead of this machine's")
      .flag("accept-policy-rollback", "Obey a policy that is older than one obeyed before")
      .value("break-glass", "REASON", "Go past the gates that the policy lets a person waive, and have it recorded")
      .flag("disable-content-trust", "Do not add the requirement of DOCKER_CONTENT_TRUST")
      .flag("require-publisher", "Refuse what no publisher's signature vouches for, whatever the policy says")
      .flag("plain-http", "Allow registries without TLS")
      .operands(1, 1);
  hand_over_option(options);
  return options;
}

int pull(const Arguments& arguments, Environment& environment) {
  const Reference name = Reference::parse(arguments.operands().front());
  Judging judging = open_judging(arguments, environment, demands_of(arguments, environment));
  Pull pull{judging,
            platform_choice(arguments, environment),
            arguments.truth("quiet", false),
            arguments.truth("verbose", false),
            Records(environment.out, judging.admission, "pull", arguments.truth("json", false)),
            HandOver::asked_for(arguments, environment)};
  const bool is_all = arguments.truth("all-tags", false);
  // "app:1 --all-tags" could mean one tag or all of them.
  if (is_all && !name.tag_defaulted()) fail(Fault::usage, "tag can't be used with --all-tags/-a");
  // With --all-tags this is about the list of tags alone: each tag has an attempt of its own.
  return pull.records.attempt(name, [&] { return is_all ? pull_all(pull, name) : pull_named(pull, name); });
}

}  // namespace hallmark::cmd
