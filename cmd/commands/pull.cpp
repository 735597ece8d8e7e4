// SPDX-License-Identifier: Apache-2.0
//
// hallmark pull: an image from a registry into the store, once trust, policy and every digest agree.
#include <unistd.h>

#include <algorithm>
#include <ostream>

#include "cmd/admission/bring_in.h"
#include "cmd/admission/records.h"
#include "cmd/bundling/hand_over.h"
#include "cmd/cli/batch.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "registry/oci/open.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

struct Pull {
  Desk& desk;
  PlatformChoice platforms;
  bool quiet;
  bool verbose;
  Records records;
  std::unique_ptr<HandOver> hand_over;  ///< absent when the store alone gets the image

  std::ostream& err() const { return desk.surroundings.err; }
  std::ostream& out() const { return desk.surroundings.out; }
};

Progress::Style style_of(const Pull& pull) {
  if (pull.quiet) return Progress::Style::quiet;
  const bool dumb = pull.desk.surroundings.variable("TERM").value_or("dumb") == "dumb";
  return pull.desk.surroundings.err_is_terminal && !dumb ? Progress::Style::bars : Progress::Style::plain;
}

bool may_write_store(const Pull& pull) { return ::access(pull.desk.store.directory().c_str(), W_OK) == 0; }

/// Whether the store would tell another digest of it than what was admitted now.
bool is_told_otherwise(const store::Entry& entry, const Subject& approved) {
  return entry.told() != approved.admitted.value_or(approved.digest);
}

bool is_present(const Pull& pull, const Judged& judged) {
  const Image& image = judged.image.value();
  const Subject& approved = judged.decision.approval.value().subject();
  const auto entry = pull.desk.store.find(approved.name);
  // Of several images the store remembers the size of one.
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
  const auto has_chosen = [&] {
    return entry->manifests.size() >= image.chosen.size() &&
           std::equal(image.chosen.begin(), image.chosen.end(), entry->manifests.begin(),
                      [](const store::Descriptor& chosen, const Digest& here) { return chosen.digest == here; });
  };
  return entry && entry->root.digest == image.root.descriptor.digest && has_chosen() &&
         pull.desk.store.is_complete(image.root.descriptor, image.chosen);
}

void print_result(const Pull& pull, const Judged& judged, bool was_present) {
  if (pull.quiet || pull.records.is_wanted()) return;
  pull.out() << "Digest: " << judged.circumstances.digest.value().to_string() << "\n"
             << "Status: " << (was_present ? "Image is up to date for " : "Downloaded newer image for ")
             << judged.plan.name.familiar() << "\n";
}

void explain_to(std::ostream& stream, Pull& pull, const Judged& judged) {
  stream << policy::explain(pull.desk.gate, judged.plan, judged.decision, pull.desk.trust.answers(),
                            judged.circumstances);
}

void print_record(Pull& pull, const Judged& judged) {
  pull.records.print({judged.plan, judged.decision, pull.desk.trust.answers(), judged.circumstances});
}

/// What the decision came to is printed also when it came to nothing after all.
template <class Work>
void printing_record(Pull& pull, const Judged& judged, Work&& work) {
  try {
    std::forward<Work>(work)();
  } catch (const Error& error) {
    if (error.fault() != Fault::interrupted) print_record(pull, judged);
    throw;
  }
  print_record(pull, judged);
}

void announce(const Pull& pull, const Judged& judged) {
  if (!judged.decision.publisher_verified) {
    pull.err() << "no publisher was verified for " << judged.plan.name.familiar() << ": "
               << (pull.desk.gate.policy() ? "the policy asks for none"
                                           : "neither a policy nor content trust asks for one")
               << "; every digest is checked" << std::endl;
  }
  if (const std::string notice = part_notice(judged); !notice.empty()) pull.err() << notice << std::endl;
  if (pull.quiet) return;
  const std::string tag = judged.plan.name.tag().value_or(judged.plan.name.familiar());
  pull.err() << tag << ": Pulling from " << judged.plan.name.path() << std::endl;
}

/// Whether the store notes another voucher, rule or digest than those of now, of this very image, and is ours to write.
bool is_noted_otherwise(const Pull& pull, const store::Entry& entry, const Subject& approved) {
  const bool has_other_grounds =
      entry.grounds && approved.grounds &&
      (entry.grounds->by != approved.grounds->by || entry.grounds->rule != approved.grounds->rule);
  return (has_other_grounds || is_told_otherwise(entry, approved)) && entry.manifests == approved.instances &&
         may_write_store(pull);
}

/// Its facts are those of the store. Both must outlive it.
Admitting admitting_from_store(const Pull& pull, Judged& judged) {
  return {judged.plan, judged.decision, pull.desk.trust.answers(), judged.circumstances, [&](const policy::Plan& plan) {
            return subject_of(plan, judged.asked, *judged.image,
                              [&](const store::Descriptor& config) { return pull.desk.store.read(config).bytes; });
          }};
}

/// Nothing to fetch: the decision alone is recorded, and noted where it has other grounds than before. Whether the
/// image is still there after others were waited for; otherwise nothing was done.
bool keep_present(Pull& pull, Judged& judged) {
  check_present_platform(pull.desk, *judged.image, pull.platforms);
  const Admitting admitting = admitting_from_store(pull, judged);
  const Subject& approved = judged.decision.approval.value().subject();
  const auto entry = pull.desk.store.find(approved.name);
  if (!entry || !is_noted_otherwise(pull, *entry, approved)) {
    std::optional<Turn> turn;
    if (::access((pull.desk.store.directory() / ".hallmark").c_str(), W_OK) == 0) {
      turn.emplace(require_still_admitted_in_turn(pull.desk, admitting));
      if (!is_present(pull, judged)) return false;
    }
    record_only(pull.desk, {{admitting.plan, admitting.decision, admitting.answers, admitting.circumstances}});
    remember_policy(pull.desk, turn ? &turn->of_store : nullptr);
    if (turn) turn->clock.raise(pull.desk.surroundings.now, turn->lock);
    return true;
  }
  store::Staging staging(pull.desk.store.directory());
  const store::Staged staged = recording(pull.desk, admitting, [&] {
    return staging.present(*entry, [&](std::uint64_t) {
      if (pull.desk.surroundings.interrupted) fail(Fault::interrupted, "interrupted");
    });
  });
  commit(pull.desk, staged, admitting);
  return true;
}

/// Returns what the admitted image is called: asked by the digest of an index of which one manifest was admitted, it
/// goes by that of the manifest.
Reference pull_one(Pull& pull, const Reference& name, registry::Repository& source) {
  Judged judged = judge(pull.desk, name, pull.platforms, source, "pull");
  if (!judged.decision.approval) {
    record_only(pull.desk, {{judged.plan, judged.decision, pull.desk.trust.answers(), judged.circumstances}});
    print_record(pull, judged);
    if (!pull.records.is_wanted()) explain_to(pull.err(), pull, judged);
    refuse(judged.plan, judged.decision);
  }
  announce(pull, judged);
  const Subject admitted = judged.decision.approval.value().subject();  // the commit spends the approval
  bool present = is_present(pull, judged);
  printing_record(pull, judged, [&] {
    present = present && keep_present(pull, judged);
    if (present) return;
    Progress progress(style_of(pull), pull.err(), layers_of(*judged.image));
    const auto notice = pull.desk.surroundings.lines.redirect([&](const std::string& line) { progress.notice(line); });
    bring_in(pull.desk, judged, pull.platforms, source, progress);
  });
  if (pull.verbose) explain_to(pull.err(), pull, judged);
  print_result(pull, judged, present);
  if (pull.hand_over) {
    const Admitting again = admitting_from_store(pull, judged);
    pull.hand_over->give(pull.desk, admitted, pull.quiet, [&] { require_still_admitted(pull.desk, again, admitted); });
  }
  return judged.circumstances.is_of_index && name.digest() ? name.at_digest(admitted.admitted.value()) : name;
}

/// The tags of a repository: those that trust names where trust is asked, else those that the registry lists.
std::vector<Reference> all_tags(Pull& pull, const Reference& repository, registry::Repository& source) {
  const auto trusted = trusted_tags(pull.desk, repository);
  std::vector<Reference> names;
  for (const std::string& tag : trusted ? *trusted : source.tags()) names.push_back(repository.with_tag(tag));
  if (names.empty()) {
    fail(Fault::missing, trusted ? "no trusted tags for " : "no tags for ", repository.familiar_repository());
  }
  return names;
}

int pull_all(Pull& pull, const Reference& repository) {
  const auto source = registry::open_repository(pull.desk.settings, repository, registry::Access::pull);
  const std::vector<Reference> names = all_tags(pull, repository, *source);
  Several several(pull.err());
  std::size_t number = 0;
  for (const Reference& name : names) {
    if (!pull.quiet)
      pull.err() << "Pull (" << ++number << " of " << names.size() << "): " << name.familiar() << std::endl;
    several.attempt([&] { pull.records.attempt(name, [&] { pull_one(pull, name, *source); }); });
  }
  if (several.any_done() && !pull.records.is_wanted()) pull.out() << repository.repository() << "\n";
  return several.status();
}

int pull_named(Pull& pull, const Reference& name) {
  const auto source = registry::open_repository(pull.desk.settings, name, registry::Access::pull);
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
      .flag("plain-http", "Allow registries without TLS")
      .operands(1, 1);
  hand_over_option(options);
  return options;
}

int pull(const Arguments& arguments, Surroundings& surroundings) {
  const Reference name = Reference::parse(arguments.operands().front());
  Desk desk = open_desk(arguments, surroundings, content_trust(arguments, surroundings));
  Pull pull{desk,
            platform_choice(arguments, surroundings),
            arguments.truth("quiet", false),
            arguments.truth("verbose", false),
            Records(desk, "pull", arguments.truth("json", false)),
            HandOver::asked_for(arguments, surroundings)};
  const bool is_all = arguments.truth("all-tags", false);
  if (is_all && !name.tag_defaulted()) fail(Fault::usage, "tag can't be used with --all-tags/-a");
  return pull.records.attempt(name, [&] { return is_all ? pull_all(pull, name) : pull_named(pull, name); });
}

}  // namespace hallmark::cmd
