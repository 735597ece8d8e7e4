// SPDX-License-Identifier: Apache-2.0
//
// hallmark load, hallmark verify-bundle: images from an archive, judged like those of a registry, without a network.
#include <algorithm>
#include <ostream>

#include "cmd/admission/archive_admission.h"
#include "cmd/bundling/hand_over.h"
#include "cmd/cli/batch.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/judging.h"
#include "cmd/commands/records.h"
#include "cmd/output/format.h"
#include "cmd/terminal/transfer_line.h"
#include "policy/report.h"
#include "store/archive/part_reader.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

/// As docker tells it.
void print_loaded(const JudgedName& name, std::ostream& out) {
  // An image without a name is told by the id of its config, as docker does; under the name that the store gives it
  // nobody would look for it.
  if (!name.image->names.empty()) {
    out << "Loaded image: " << name.judgement.plan.name().familiar() << "\n";
    return;
  }
  const store::Manifest manifest = store::parse_manifest(name.image->manifests.front());
  out << "Loaded image ID: " << manifest.config.digest.to_string() << "\n";
}

void announce(const std::vector<JudgedName>& judged, const policy::Gate& gate, std::ostream& err) {
  for (const JudgedName& name : judged) {
    const policy::Judgement& judgement = name.judgement;
    // Told before anything of it is committed: that a docker archive cannot be signed, or that its trust data have
    // ended.
    for (const std::string& line : policy::notes(judgement)) err << "note: " << line << std::endl;
    if (!judgement.decision.publisher_verified)
      err << policy::unverified_notice(gate, judgement.plan.name()) << std::endl;
  }
}

/// What is told of the decisions: those that refuse, in words on standard error; or each of them, in words or as its
/// record, on standard output.
enum class Telling { refusals, tables, records };

/// Tells how far the archive is read, and what becomes of it.
class Teller final : public ArchiveListener {
 public:
  Teller(Judging& judging, const std::string& operation, Telling telling, const store::ArchiveInput& input, bool quiet)
      : judging_(judging),
        telling_(telling),
        records_(judging.environment.out, judging.admission, operation, telling == Telling::records),
        transfer_(judging.environment, quiet, "Reading " + input.shown(), input.size()) {}

  void passed(std::uint64_t bytes) override { transfer_.passed(bytes); }
  // The line of the transfer goes before a warning is printed, so that neither is drawn over the other.
  void paused() override { transfer_.clear(); }
  void refused(const Judgements& names) override {
    transfer_.clear();
    tell(names);
  }
  void failed(const Judgements& names, const Error& error) override {
    transfer_.clear();
    // Nothing was judged by then: one record without a name says so, or a pipeline would read nothing at all.
    if (names.empty()) records_.print_failure(std::nullopt, error);
    // Trouble (a full disk, a damaged layer) is told by the error alone; the requirements have nothing to say about it.
    if (telling_ != Telling::refusals || error.fault() == Fault::refused) tell(names);
  }

  void tell(const Judgements& names) {
    const policy::Gate& gate = judging_.admission.gate();
    // The error that follows has the reasons of one: of several each tells its own.
    const bool is_one = std::count_if(names.begin(), names.end(),
                                      [](const policy::Judgement* name) { return !name->decision.approval; }) == 1;
    std::ostream& out = telling_ == Telling::refusals ? judging_.environment.err : judging_.environment.out;
    for (const policy::Judgement* name : names) {
      // All names come in or none: those that passed are not what the archive was refused for.
      if (telling_ == Telling::refusals && name->decision.approval) continue;
      records_.print(*name);
      if (telling_ == Telling::records) continue;
      out << (telling_ == Telling::refusals && is_one ? policy::refusal(gate, *name) : policy::explain(gate, *name))
          << std::flush;
    }
  }

 private:
  Judging& judging_;
  Telling telling_;
  Records records_;
  TransferLine transfer_;
};

/// Each of them, when --to asks for it.
// After the commit of all of them: a runtime that fails takes no image out of the store, and the others are tried.
int hand_over(HandOver& target, ArchiveAdmission& loaded, Judging& judging, bool quiet) {
  Batch batch(judging.environment.err);
  for (const JudgedName& name : loaded.judged()) {
    batch.attempt([&] {
      target.give(judging.admission.store(), name.subject, quiet, [&] { loaded.require_still_admitted(name); });
    });
  }
  return batch.status();
}

store::ArchiveInput open_input(Judging& judging, const std::string& file, const std::string& operation, bool is_json,
                               const std::string& example) {
  Records records(judging.environment.out, judging.admission, operation, is_json);
  // A file that is not there is a failure of the load: with --json it has its record as well.
  return records.attempt(std::nullopt,
                         [&] { return store::ArchiveInput(file, example, judging.environment.interrupted); });
}

}  // namespace

Options load_options() {
  Options options("load [OPTIONS]",
                  "Load the images of an archive into the local store, if the policy admits every one of them",
                  "hallmark load -i release.tar");
  options.value("input,i", "FILE", "Read this file instead of standard input")
      .flag("json", "Print the decision records, one JSON object a line")
      .flag("quiet,q", "Print only what was loaded")
      .flag("accept-policy-rollback", "Obey a policy that is older than one obeyed before")
      .value("break-glass", "REASON", "Go past the gates that the policy lets a person waive, and have it recorded")
      .flag("disable-content-trust", "Do not add the requirement of DOCKER_CONTENT_TRUST")
      .flag("require-publisher", "Refuse what no publisher's signature vouches for, whatever the policy says")
      .operands(0, 0);
  hand_over_option(options);
  return options;
}

int load(const Arguments& arguments, Environment& environment) {
  // Before the archive is read, which may take long and, from a pipe, cannot be done twice.
  const auto target = HandOver::asked_for(arguments, environment);
  Judging judging = open_judging(arguments, environment, demands_of(arguments, environment));
  const bool is_json = arguments.truth("json", false);
  const bool is_quiet = arguments.truth("quiet", false);
  store::ArchiveInput input =
      open_input(judging, arguments.value("input").value_or("-"), "load", is_json, "hallmark load < FILE");
  Teller teller(judging, "load", is_json ? Telling::records : Telling::refusals, input, is_quiet);
  ArchiveAdmission loading(judging.admission, "load", teller);
  // The documents come first in a bundle: what they are refused for costs no layer.
  loading.read(input);
  if (!is_quiet) announce(loading.judged(), judging.admission.gate(), environment.err);
  loading.take(input);
  // The last moment to stop: what follows is one step, and is not undone.
  judging.admission.terms().require_uninterrupted();
  loading.commit();
  // Only now: a record that says that the image was committed must not stand before the commit.
  if (is_json) {
    teller.tell(loading.judgements());
  } else {
    for (const JudgedName& name : loading.judged()) print_loaded(name, environment.out);
  }
  environment.out << std::flush;
  return target ? hand_over(*target, loading, judging, is_quiet) : 0;
}

Options verify_bundle_options() {
  Options options("verify-bundle [OPTIONS] FILE|-",
                  "Check an archive and decide about its images as load would; commit nothing",
                  "hallmark verify-bundle --json release.tar");
  options.flag("json", "Print the decision records, one JSON object a line; with --parts, what was found of each")
      .flag("parts", "Only hash these parts of a bundle, in any order; its header alone stands for all of them")
      .flag("accept-policy-rollback", "Obey a policy that is older than one obeyed before")
      .value("break-glass", "REASON", "Go past the gates that the policy lets a person waive, and have it recorded")
      .flag("disable-content-trust", "Do not add the requirement of DOCKER_CONTENT_TRUST")
      .flag("require-publisher", "Refuse what no publisher's signature vouches for, whatever the policy says")
      .operands(1, kNoLimit);
  return options;
}

namespace {

std::string json_of(const store::PartFinding& part) {
  json::Writer writer(0);
  writer.begin_object().member("Name", path_in_json(part.name)).key("Whole");
  writer.boolean(part.state == store::PartState::whole).key("What");
  writer.string_or_null(part.what.empty() ? std::nullopt : std::optional(part.what));
  return writer.end_object().text();
}

/// As sha256sum tells it, or as JSON.
// One medium at a time arrives: each part is told as soon as it was hashed, and no policy is read for that.
int verify_parts(const Arguments& arguments, Environment& environment) {
  const bool is_json = arguments.truth("json", false);
  std::size_t missing = 0;
  std::size_t damaged = 0;
  store::check_parts(arguments.operands(), environment.interrupted, [&](const store::PartFinding& part) {
    if (part.state == store::PartState::missing) ++missing;
    if (part.state == store::PartState::damaged) ++damaged;
    const std::string line = part.name + ": " + (part.state == store::PartState::whole ? "OK" : part.what);
    environment.out << (is_json ? json_of(part) : line) << std::endl;
  });
  if (damaged + missing == 0) return 0;
  // A damaged part weighs more: it will not become whole by waiting for the others.
  throw Error(damaged > 0 ? Fault::corrupt : Fault::missing,
              std::to_string(damaged) + " parts are damaged, " + std::to_string(missing) + " are missing",
              "copy these parts again; the others can stay");
}

}  // namespace

int verify_bundle(const Arguments& arguments, Environment& environment) {
  if (arguments.truth("parts", false)) return verify_parts(arguments, environment);
  // The table of options allows several because of --parts.
  if (arguments.operands().size() != 1) fail(Fault::usage, "one archive at a time, but several parts with --parts");
  Judging judging = open_judging(arguments, environment, demands_of(arguments, environment));
  const bool is_json = arguments.truth("json", false);
  store::ArchiveInput input =
      open_input(judging, arguments.operands().front(), "verify-bundle", is_json, "hallmark verify-bundle - < FILE");
  Teller teller(judging, "verify-bundle", is_json ? Telling::records : Telling::tables, input, false);
  ArchiveAdmission verifying(judging.admission, "verify-bundle", teller);
  verifying.read(input);
  // Layers as well: a bundle that verifies must also load, and a wrong byte in a layer keeps it from that.
  verifying.take(input);
  // Reading may have taken long. What is told is what load would decide now.
  verifying.renew();
  teller.tell(verifying.judgements());
  return 0;
}

}  // namespace hallmark::cmd
