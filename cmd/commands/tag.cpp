// SPDX-License-Identifier: Apache-2.0
//
// hallmark tag: another name for an image of the store. A name is a decision: the policy is asked about the new one.
#include "cmd/commands/tag.h"

#include <algorithm>
#include <ostream>

#include "cmd/admission/attached_evidence.h"
#include "cmd/admission/image_documents.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/judging.h"
#include "cmd/commands/records.h"
#include "cmd/images/local_image.h"
#include "cmd/images/still_there.h"
#include "store/image/image_facts.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// The manifests of an entry that are in the store, as its root calls them.
std::vector<store::Descriptor> listed_manifests_of(const store::Store& store, const store::Entry& entry) {
  if (!store::is_index(entry.root.media_type)) return {entry.root};
  const store::Index index = store::parse_index(store.read(entry.root));
  std::vector<store::Descriptor> manifests;
  for (const Digest& digest : entry.manifests) {
    const auto found = std::find_if(index.manifests.begin(), index.manifests.end(),
                                    [&](const store::Descriptor& listed) { return listed.digest == digest; });
    // The entry says that these manifests were committed with this index. One that it does not list was written there
    // by another program, or the index was.
    if (found == index.manifests.end()) fail(Fault::corrupt, "the index does not list ", digest.to_string());
    manifests.push_back(*found);
  }
  return manifests;
}

Subject subject_of(const store::Store& store, const policy::Plan& plan, const store::Entry& entry) {
  // Only what lies in the store: a name must not come to stand for platforms that nobody here has seen.
  Subject subject{plan.name(), entry.root.digest, entry.root.size, entry.manifests};
  if (store::is_index(entry.root.media_type)) {
    subject.is_whole = store::parse_index(store.read(entry.root)).has_no_more_than(listed_manifests_of(store, entry));
  }
  // Configs are read only when a gate asks for facts: a policy of signatures alone needs none.
  if (!plan.asks_image()) return subject;
  const std::vector<store::Descriptor> chosen = listed_manifests_of(store, entry);
  std::vector<store::Document> manifests;
  manifests.reserve(chosen.size());
  for (const store::Descriptor& manifest : chosen) manifests.push_back(store.read(manifest));
  subject.facts = facts_of(manifests);
  add_configs(
      manifests, chosen, [&](const store::Descriptor& config) { return store.read(config).bytes; }, subject.facts);
  return subject;
}

struct Tagging {
  store::Entry entry;
  policy::Judgement judgement;
  std::optional<Digest> index{};  ///< out of which its one manifest was judged: exceptions may be for that
};

Subject subject_of(const store::Store& store, const policy::Plan& plan, const Tagging& tagging) {
  Subject subject = subject_of(store, plan, tagging.entry);
  subject.index = tagging.index;
  return subject;
}

/// Of an index that nobody vouches for its one manifest may be admitted by itself.
void judge(Admission& admission, Tagging& tagging) {
  auto& [entry, judgement, index] = tagging;
  const store::Store& store = admission.store();
  const auto decide = [&](policy::Judgement& about, const Subject& subject) {
    // What came in with the image is kept beside it, and from where. No registry is asked for more.
    KeptEvidence kept(subject.digest, [&store](const Digest& digest) { return store.evidence_about({digest}); });
    admission.gatherer().about(about.plan, subject, kept, admission.now());
    admission.decide(about, subject);
  };
  // Trust data of the new name, where the policy asks them: what the image is called now does not help it.
  admission.gatherer().before_digest(judgement.plan, admission.now());
  decide(judgement, subject_of(store, judgement.plan, entry));
  if (judgement.decision.is_for_instances && entry.manifests.size() == 1) {
    store::Entry alone = entry;
    const store::Descriptor manifest = listed_manifests_of(store, entry).front();
    alone.root = {manifest.media_type, manifest.digest, manifest.size, std::nullopt, {}};
    policy::Judgement second{judgement.plan, judgement.answers, {}, judgement.context};
    Subject subject = subject_of(store, second.plan, alone);
    // What trust data and the policy say of the index is about this manifest as well.
    subject.index = entry.root.digest;
    decide(second, subject);
    // Otherwise the first refusal stays, which is about what was asked.
    if (second.decision.approval) {
      judgement = std::move(second);
      index = entry.root.digest;
      entry = std::move(alone);
      judgement.context.is_of_index = true;
    }
  }
  const store::Descriptor first = listed_manifests_of(store, entry).front();
  tell_top(judgement.decision, entry.root, first, judgement.context);
}

/// Throws the refusal.
void give_name(Judging& judging, const store::Entry& found, const Reference& target, Records& records) {
  Admission& admission = judging.admission;
  Tagging tagging{found, admission.begin(target, "tag")};
  judge(admission, tagging);
  policy::Judgement& judgement = tagging.judgement;
  records.admit(judgement, judging.environment.err);
  store::Staging staging(admission.store().directory());
  const auto& most_uncompressed = judgement.decision.approval.value().subject().most_uncompressed;
  // What another program put into the store is inflated for its DiffIDs: under the limit of this policy.
  if (most_uncompressed) staging.limit_inflation(*most_uncompressed);
  records.printing(judgement, [&] {
    // Hashing what lies there may take long; commit() judges once more after it.
    const store::Staged staged = admission.recording(tagging.judgement, [&] {
      return staging.present(tagging.entry, [&](std::uint64_t) { admission.terms().require_uninterrupted(); });
    });
    const auto subject = [&](const policy::Plan& now) { return subject_of(admission.store(), now, tagging); };
    admission.commit(tagging.judgement, subject, staged);
    tagging.judgement.context.committed = true;
  });
}

}  // namespace

policy::Judgement judge_stored(Admission& admission, const store::Entry& entry, const std::string& operation) {
  Tagging stored{entry, admission.begin(entry.name, operation), std::nullopt};
  judge(admission, stored);
  return std::move(stored.judgement);
}

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

int tag(const Arguments& arguments, Environment& environment) {
  const std::string& source = arguments.operands()[0];
  const Reference target = Reference::parse(arguments.operands()[1]);
  // A digest names what it is by itself. As a tag it could only lie.
  if (target.digest()) fail(Fault::usage, "refusing to create a tag with a digest reference: ", target.familiar());
  // Content trust says what a registry's tag is; a local name is the policy's business alone.
  Judging judging = open_judging(arguments, environment, {});
  const store::Store& store = judging.admission.store();
  Records records(environment.out, judging.admission, "tag", arguments.truth("json", false));
  records.attempt(target, [&] {
    const auto entry = store.find(source);
    if (!entry) fail_missing(source);
    // Another run may remove the source meanwhile: that is told, and not called damage.
    while_there(store, *entry, [&] { give_name(judging, *entry, target, records); });
  });
  return 0;
}

}  // namespace hallmark::cmd
