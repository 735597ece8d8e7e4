// SPDX-License-Identifier: Apache-2.0
//
// hallmark tag: another name for an image of the store. A name is a decision: the policy is asked about the new one.
#include <algorithm>
#include <ostream>

#include "cmd/admission/admission.h"
#include "cmd/admission/records.h"
#include "cmd/commands/entry_points.h"
#include "cmd/images/local_image.h"
#include "cmd/images/still_there.h"
#include "store/image/image_facts.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// The manifests of an entry that are in the store, as its root calls them.
std::vector<store::Descriptor> manifests_of(const Desk& desk, const store::Entry& entry) {
  if (!store::is_index(entry.root.media_type)) return {entry.root};
  const store::Index index = store::parse_index(desk.store.read(entry.root));
  std::vector<store::Descriptor> manifests;
  for (const Digest& digest : entry.manifests) {
    const auto found = std::find_if(index.manifests.begin(), index.manifests.end(),
                                    [&](const store::Descriptor& listed) { return listed.digest == digest; });
    if (found == index.manifests.end()) fail(Fault::corrupt, "the index does not list ", digest.to_string());
    manifests.push_back(*found);
  }
  return manifests;
}

Subject subject_of(const Desk& desk, const policy::Plan& plan, const store::Entry& entry) {
  Subject subject{plan.name, entry.root.digest, entry.root.size, entry.manifests};
  if (store::is_index(entry.root.media_type)) {
    subject.is_whole = store::parse_index(desk.store.read(entry.root)).has_no_more_than(manifests_of(desk, entry));
  }
  if (!plan.asks_image) return subject;
  const std::vector<store::Descriptor> chosen = manifests_of(desk, entry);
  std::vector<store::Document> manifests;
  manifests.reserve(chosen.size());
  for (const store::Descriptor& manifest : chosen) manifests.push_back(desk.store.read(manifest));
  subject.facts = facts_of(manifests);
  add_configs(
      manifests, chosen, [&](const store::Descriptor& config) { return desk.store.read(config).bytes; }, subject.facts);
  return subject;
}

struct Tagging {
  store::Entry entry;
  policy::Plan plan;
  policy::Decision decision;
  policy::Circumstances circumstances;
};

/// Of an index that nobody vouches for its one manifest may be admitted by itself.
void judge(Desk& desk, Tagging& tagging) {
  const policy::TrustAnswers& answers = desk.trust.answer(tagging.plan);
  const auto decide = [&](const store::Entry& entry) {
    Subject subject = subject_of(desk, tagging.plan, entry);
    if (entry.root.digest != tagging.entry.root.digest) subject.index = tagging.entry.root.digest;
    return desk.gate.decide(tagging.plan, subject, answers, desk.surroundings.now);
  };
  tagging.decision = decide(tagging.entry);
  if (tagging.decision.is_for_instances && tagging.entry.manifests.size() == 1) {
    store::Entry alone = tagging.entry;
    const store::Descriptor manifest = manifests_of(desk, tagging.entry).front();
    alone.root = {manifest.media_type, manifest.digest, manifest.size, std::nullopt, {}};
    policy::Decision decision = decide(alone);
    if (decision.approval) {
      tagging.decision = std::move(decision);
      tagging.entry = std::move(alone);
      tagging.circumstances.is_of_index = true;
    }
  }
  const store::Descriptor first = manifests_of(desk, tagging.entry).front();
  tell_top(tagging.decision, tagging.entry.root, first, tagging.circumstances);
}

/// Throws the refusal.
void give_name(Desk& desk, const store::Entry& found, const Reference& target, Records& records) {
  Tagging tagging{found, desk.gate.plan(target), {}, circumstances_of(desk, "tag")};
  judge(desk, tagging);
  auto& [entry, plan, decision, circumstances] = tagging;
  const policy::TrustAnswers& answers = desk.trust.answers();
  if (!decision.approval) {
    record_only(desk, {{plan, decision, answers, circumstances}});
    records.print({plan, decision, answers, circumstances});
    if (!records.is_wanted()) {
      desk.surroundings.err << policy::explain(desk.gate, plan, decision, answers, circumstances);
    }
    refuse(plan, decision);
  }
  store::Staging staging(desk.store.directory());
  const auto& most_uncompressed = decision.approval.value().subject().most_uncompressed;
  if (most_uncompressed) staging.limit_inflation(*most_uncompressed);
  const Admitting admitting{plan, decision, answers, circumstances, [&desk, &tagging](const policy::Plan& now) {
                              return subject_of(desk, now, tagging.entry);
                            }};
  try {
    const store::Staged staged = recording(desk, admitting, [&] {
      return staging.present(tagging.entry, [&](std::uint64_t) {
        if (desk.surroundings.interrupted) fail(Fault::interrupted, "interrupted");
      });
    });
    commit(desk, staged, admitting);
    circumstances.committed = true;
  } catch (const Error& error) {
    if (error.fault() != Fault::interrupted) records.print({plan, decision, answers, circumstances});
    throw;
  }
  records.print({plan, decision, answers, circumstances});
}

}  // namespace

Options tag_options() {
  Options options("tag [OPTIONS] SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
                  "Give an image of the local store another name, if the policy admits it under that name",
                  "hallmark tag registry.example/app:1.0 registry.example/app:stable");
  options.flag("json", "Print the decision record, one JSON object")
      .flag("accept-policy-rollback", "Obey a policy that is older than one obeyed before")
      .value("break-glass", "REASON", "Go past the gates that the policy lets a person waive, and have it recorded")
      .operands(2, 2);
  return options;
}

int tag(const Arguments& arguments, Surroundings& surroundings) {
  const std::string& source = arguments.operands()[0];
  const Reference target = Reference::parse(arguments.operands()[1]);
  if (target.digest()) fail(Fault::usage, "refusing to create a tag with a digest reference: ", target.familiar());
  // Content trust says what a registry's tag is; a local name is the policy's business alone.
  Desk desk = open_desk(arguments, surroundings, false);
  Records records(desk, "tag", arguments.truth("json", false));
  records.attempt(target, [&] {
    const auto entry = desk.store.find(source);
    if (!entry) fail_missing(source);
    while_there(desk.store, *entry, [&] { give_name(desk, *entry, target, records); });
  });
  return 0;
}

}  // namespace hallmark::cmd
