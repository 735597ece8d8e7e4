// SPDX-License-Identifier: Apache-2.0
//
// hallmark load, hallmark verify-bundle: images from an archive, judged like those of a registry, without a network.
// All of its names come in, in one visible step, or none.
#include <algorithm>
#include <ostream>

#include "cmd/admit.h"
#include "cmd/archive_input.h"
#include "cmd/bundle_base.h"
#include "cmd/bundle_statement.h"
#include "cmd/bundle_trust.h"
#include "cmd/carried_evidence.h"
#include "cmd/clock_memory.h"
#include "cmd/command.h"
#include "cmd/environment.h"
#include "cmd/part_reader.h"
#include "cmd/transfer.h"
#include "store/archive.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// What an image is called that its archive does not name: the policy is asked about this.
constexpr const char* kUnnamed = "localhost/unnamed";

/// One name of the archive, judged.
struct JudgedName {
  const store::ArchiveImage* image;
  policy::Plan plan;
  Subject subject;
  policy::Decision decision;
  const policy::TrustAnswers* answers;  ///< of the BundleTrust
  policy::Circumstances circumstances;
};

std::vector<Reference> names_of(const store::ArchiveImage& image) {
  if (!image.names.empty()) return image.names;
  return {Reference::parse(kUnnamed).at_digest(image.root.descriptor.digest)};
}

class Loading {
 public:
  Loading(Desk& desk, std::string operation)
      : desk_(desk),
        memory_(TrustMemory::beside(desk.store.directory(), desk.settings.docker_config)),
        clock_(desk.store.directory(), desk.gate.policy()),
        operation_(std::move(operation)),
        staging_(desk.store),
        archive_(staging_) {}

  void read(ArchiveInput& input, bool quiet) {
    input.reading([&] {
      Transfer transfer(desk_.surroundings, quiet, "Reading " + input.shown(), input.size());
      archive_.read([&](std::span<std::uint8_t> buffer) { return input.read(buffer); },
                    [&](const std::vector<store::ArchiveImage>&) {
                      transfer.clear();
                      const std::vector<JudgedName> judged = judge_all();
                      require_approval(judged);
                      require_left_out(archive_, desk_.store);
                      limit_inflation(judged);
                    },
                    [&](std::uint64_t) { transfer.passed(input.taken()); });
    });
    for (const std::string& warning : archive_.warnings())
      desk_.surroundings.err << "warning: " << warning << std::endl;
    judged_ = judge_all();
    carried_ = input.reading([&] { return carried_evidence(archive_); });
    for (const std::string& warning : trust_->warnings()) desk_.surroundings.err << "warning: " << warning << std::endl;
  }

  /// Everything of every image is hashed and inflated afterwards.
  void take(ArchiveInput& input) {
    input.reading([&] {
      require_left_out(archive_, desk_.store);
      for (const store::ArchiveImage& image : archive_.images()) {
        archive_.take(image, [&](std::uint64_t) {
          if (desk_.surroundings.interrupted) fail(Fault::interrupted, "interrupted");
        });
        staged_.push_back(staging_.seal(image.root.descriptor, image.chosen));
      }
    });
    for (const JudgedName& name : judged_) {
      store::check_approval(staged_of(name), name.decision.approval.value().subject());
    }
  }

  [[nodiscard]] std::vector<JudgedName>& judged() { return judged_; }
  void require_approval() const { require_approval(judged_); }

  /// Judged again with what other runs have learned while this one read, and committed before any of them learns more.
  void commit_all() {
    const ClockFile::Lock lock = clock_.lock();
    judge_again();
    require_approval(judged_);
    std::vector<Decided> admitted;
    for (const JudgedName& name : judged_) {
      admitted.push_back(decided(name));
    }
    record_admissions(desk_, std::move(admitted));
    std::vector<store::Admission> admissions;
    for (JudgedName& name : judged_) {
      admissions.push_back({&staged_of(name), std::move(name.decision.approval.value())});
    }
    remember_policy(desk_);
    trust_->remember();
    keep(carried_, archive_, desk_.store);
    clock_.save(time_->learned(), lock);
    desk_.store.commit(std::move(admissions));
  }

  [[nodiscard]] std::string explained(const JudgedName& name) const {
    return policy::explain(desk_.gate, name.plan, name.decision, *name.answers, name.circumstances);
  }
  [[nodiscard]] std::string recorded(const JudgedName& name) const {
    return policy::record(desk_.gate, name.plan, name.decision, *name.answers, name.circumstances);
  }

 private:
  static Decided decided(const JudgedName& name) {
    return {name.plan, name.decision, *name.answers, name.circumstances};
  }
  [[nodiscard]] const store::Staged& staged_of(const JudgedName& name) const {
    return staged_.at(static_cast<std::size_t>(name.image - archive_.images().data()));
  }

  /// What no image may exceed is refused while it is read; each one's own limit is checked before the commit.
  void limit_inflation(const std::vector<JudgedName>& judged) {
    std::uint64_t most = 0;
    for (const JudgedName& name : judged) {
      const auto& limit = name.decision.approval.value().subject().most_uncompressed;
      if (!limit) return;
      most = std::max(most, *limit);
    }
    staging_.limit_inflation(most);
  }

  Subject subject_of(const policy::Plan& plan, const store::ArchiveImage& image) {
    Subject subject{plan.name, image.root.descriptor.digest, image.root.descriptor.size, {}};
    for (const store::Descriptor& chosen : image.chosen) subject.instances.push_back(chosen.digest);
    if (!plan.asks_image) return subject;
    subject.facts = facts_of(image.manifests);
    add_configs(
        image.manifests, image.chosen,
        [&](const store::Descriptor& config) {
          return image.is_made ? staging_.take_config(config, archive_)
                               : archive_.blob(config.digest, config.size, store::kMostConfigBytes);
        },
        subject.facts);
    return subject;
  }

  void judge_time(Time now) {
    time_ =
        desk_.gate.judge_bundle(statement_ ? std::optional(statement_->envelope) : std::nullopt, clock_.load(), now);
  }

  void judge_again() {
    // A clock that was set back while this ran gives nothing back.
    judge_time(std::max(desk_.surroundings.now, desk_.surroundings.clock()));
    trust_->ask_again(time_->at(), time_->now());
    for (JudgedName& name : judged_) decide(name);
  }

  std::vector<JudgedName> judge_all() {
    statement_ = read_statement(archive_);
    if (!trust_) {
      judge_time(desk_.surroundings.now);
      trust_.emplace(memory_, read_evidence(archive_), time_->at(), time_->now());
    }
    std::vector<JudgedName> judged;
    for (const store::ArchiveImage& image : archive_.images()) {
      for (const Reference& name : names_of(image)) judged.push_back(judge(name, image));
    }
    return judged;
  }

  JudgedName judge(const Reference& name, const store::ArchiveImage& image) {
    policy::Plan plan = desk_.gate.plan(name);
    Subject subject = subject_of(plan, image);
    JudgedName judged{&image, std::move(plan), std::move(subject), {}, nullptr, circumstances_of(image)};
    decide(judged);
    return judged;
  }

  void decide(JudgedName& name) {
    name.circumstances.bundle = time_;
    name.circumstances.now = time_->now();
    name.answers = &trust_->answer(name.plan);
    name.decision = desk_.gate.decide(name.plan, name.subject, *name.answers, *time_);
    if (name.decision.approval || !trust_->is_older(name.plan)) return;
    // Newer trust data that still name the image count more than older ones beside it.
    const policy::TrustAnswers& remembered = trust_->answer_from_memory(name.plan);
    policy::Decision second = desk_.gate.decide(name.plan, name.subject, remembered, *time_);
    if (!second.approval) return;
    name.answers = &remembered;
    name.decision = std::move(second);
  }

  [[nodiscard]] policy::Circumstances circumstances_of(const store::ArchiveImage& image) const {
    policy::Circumstances circumstances = cmd::circumstances_of(desk_, operation_);
    circumstances.media_type = image.root.descriptor.media_type;
    circumstances.digest = image.root.descriptor.digest;
    circumstances.size = image.root.descriptor.size;
    for (const store::Descriptor& chosen : image.chosen) {
      circumstances.instances.push_back({chosen.platform ? chosen.platform->to_string() : "", chosen.digest});
    }
    return circumstances;
  }

  /// Tells about every name that was refused, and throws for the first.
  void require_approval(const std::vector<JudgedName>& judged) const {
    const JudgedName* first = nullptr;
    for (const JudgedName& name : judged) {
      if (name.decision.approval) continue;
      record_only(desk_, {decided(name)});
      if (first == nullptr) first = &name;
      desk_.surroundings.err << explained(name);
      if (name.image->is_made) {
        desk_.surroundings.err << name.plan.name.familiar()
                               << ": a docker archive has no manifest, so no signature can cover it\n";
      }
    }
    if (first != nullptr) refuse(first->plan, first->decision);
  }

  Desk& desk_;
  TrustMemory memory_;
  ClockFile clock_;
  std::string operation_;
  store::Staging staging_;
  store::Archive archive_;
  std::optional<CarriedStatement> statement_;
  std::optional<policy::BundleTime> time_;
  std::optional<BundleTrust> trust_;
  std::vector<JudgedName> judged_;
  std::vector<store::Staged> staged_;
  std::vector<store::EvidenceEntry> carried_;
};

/// As docker tells it.
void print_loaded(const JudgedName& name, std::ostream& out) {
  if (!name.image->names.empty()) {
    out << "Loaded image: " << name.plan.name.familiar() << "\n";
    return;
  }
  const store::Manifest manifest = store::parse_manifest(name.image->manifests.front());
  out << "Loaded image ID: " << manifest.config.digest.to_string() << "\n";
}

void announce(const std::vector<JudgedName>& judged, const Desk& desk) {
  for (const JudgedName& name : judged) {
    for (const std::string& line : policy::accepted_ends(name.plan, *name.answers, name.circumstances)) {
      desk.surroundings.err << "note: " << line << std::endl;
    }
    if (name.decision.publisher_verified) continue;
    desk.surroundings.err << "no publisher was verified for " << name.plan.name.familiar() << ": "
                          << (desk.gate.policy() ? "the policy asks for none"
                                                 : "neither a policy nor content trust asks for one")
                          << "; every digest is checked" << std::endl;
  }
}

}  // namespace

Options load_options() {
  Options options("load [OPTIONS]",
                  "Load the images of an archive into the local store, if the policy admits every one of them",
                  "hallmark load -i release.tar");
  options.value("input,i", "FILE", "Read this file instead of standard input")
      .flag("quiet,q", "Print only what was loaded")
      .flag("accept-policy-rollback", "Obey a policy that is older than one obeyed before")
      .value("break-glass", "REASON", "Go past the gates that the policy lets a person waive, and have it recorded")
      .flag("disable-content-trust", "Do not add the requirement of DOCKER_CONTENT_TRUST")
      .operands(0, 0);
  return options;
}

int load(const Arguments& arguments, Surroundings& surroundings) {
  Desk desk = open_desk(arguments, surroundings, content_trust(arguments, surroundings));
  ArchiveInput input(arguments.value("input").value_or("-"), "hallmark load < FILE", surroundings.interrupted);
  Loading loading(desk, "load");
  loading.read(input, arguments.truth("quiet", false));
  loading.require_approval();
  if (!arguments.truth("quiet", false)) announce(loading.judged(), desk);
  loading.take(input);
  if (surroundings.interrupted) fail(Fault::interrupted, "interrupted");
  loading.commit_all();
  for (const JudgedName& name : loading.judged()) print_loaded(name, surroundings.out);
  return 0;
}

Options verify_bundle_options() {
  Options options("verify-bundle [OPTIONS] FILE|-",
                  "Check an archive and decide about its images as load would; commit nothing",
                  "hallmark verify-bundle --json release.tar");
  options.flag("json", "Print the decision records, one JSON object a line")
      .flag("parts", "Only hash these parts of a bundle, in any order; its header alone stands for all of them")
      .flag("accept-policy-rollback", "Obey a policy that is older than one obeyed before")
      .value("break-glass", "REASON", "Go past the gates that the policy lets a person waive, and have it recorded")
      .flag("disable-content-trust", "Do not add the requirement of DOCKER_CONTENT_TRUST")
      .operands(1, kNoLimit);
  return options;
}

namespace {

/// As sha256sum tells it.
int verify_parts(const Arguments& arguments, Surroundings& surroundings) {
  if (arguments.truth("json", false)) fail(Fault::usage, "--parts and --json exclude each other");
  std::size_t missing = 0;
  std::size_t damaged = 0;
  check_parts(arguments.operands(), surroundings.interrupted, [&](const PartFinding& part) {
    if (part.state == PartState::missing) ++missing;
    if (part.state == PartState::damaged) ++damaged;
    surroundings.out << part.name << ": " << (part.state == PartState::whole ? "OK" : part.what) << std::endl;
  });
  if (damaged + missing == 0) return 0;
  throw Error(damaged > 0 ? Fault::corrupt : Fault::missing,
              std::to_string(damaged) + " parts are damaged, " + std::to_string(missing) + " are missing",
              "copy these parts again; the others can stay");
}

}  // namespace

int verify_bundle(const Arguments& arguments, Surroundings& surroundings) {
  if (arguments.truth("parts", false)) return verify_parts(arguments, surroundings);
  if (arguments.operands().size() != 1) fail(Fault::usage, "one archive at a time, but several parts with --parts");
  Desk desk = open_desk(arguments, surroundings, content_trust(arguments, surroundings));
  ArchiveInput input(arguments.operands().front(), "hallmark verify-bundle - < FILE", surroundings.interrupted);
  Loading loading(desk, "verify-bundle");
  loading.read(input, false);
  loading.require_approval();
  loading.take(input);
  for (const JudgedName& name : loading.judged()) {
    surroundings.out << (arguments.truth("json", false) ? loading.recorded(name) + "\n" : loading.explained(name));
  }
  surroundings.out << std::flush;
  return 0;
}

}  // namespace hallmark::cmd
