// SPDX-License-Identifier: Apache-2.0
//
// hallmark load, hallmark verify-bundle: images from an archive, judged like those of a registry, without a network.
#include <ostream>

#include "cmd/admission/archive_admission.h"
#include "cmd/admission/records.h"
#include "cmd/bundling/hand_over.h"
#include "cmd/cli/batch.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/output/format.h"
#include "store/archive/part_reader.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

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
    for (const std::string& line : policy::notes(name.plan, *name.answers, name.circumstances)) {
      desk.surroundings.err << "note: " << line << std::endl;
    }
    if (name.decision.publisher_verified) continue;
    desk.surroundings.err << "no publisher was verified for " << name.plan.name.familiar() << ": "
                          << (desk.gate.policy() ? "the policy asks for none"
                                                 : "neither a policy nor content trust asks for one")
                          << "; every digest is checked" << std::endl;
  }
}

/// Each of them, when --to asks for it.
int hand_over(HandOver& target, Loading& loading, Desk& desk, bool quiet) {
  Several several(desk.surroundings.err);
  for (const JudgedName& name : loading.judged()) {
    several.attempt([&] { target.give(desk, name.subject, quiet, [&] { loading.require_still_admitted(name); }); });
  }
  return several.status();
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
      .operands(0, 0);
  hand_over_option(options);
  return options;
}

int load(const Arguments& arguments, Surroundings& surroundings) {
  const auto target = HandOver::asked_for(arguments, surroundings);
  Desk desk = open_desk(arguments, surroundings, content_trust(arguments, surroundings));
  const bool is_json = arguments.truth("json", false);
  ArchiveInput input = Records(desk, "load", is_json).attempt(std::nullopt, [&] {
    return ArchiveInput(arguments.value("input").value_or("-"), "hallmark load < FILE", surroundings.interrupted);
  });
  const bool is_quiet = arguments.truth("quiet", false);
  Loading loading(desk, "load", is_json ? Loading::Telling::records : Loading::Telling::refusals);
  loading.read(input, is_quiet);
  if (!is_quiet) announce(loading.judged(), desk);
  loading.take(input);
  if (surroundings.interrupted) fail(Fault::interrupted, "interrupted");
  loading.commit();
  if (is_json) {
    loading.tell();
  } else {
    for (const JudgedName& name : loading.judged()) print_loaded(name, surroundings.out);
  }
  surroundings.out << std::flush;
  return target ? hand_over(*target, loading, desk, arguments.truth("quiet", false)) : 0;
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
int verify_parts(const Arguments& arguments, Surroundings& surroundings) {
  const bool is_json = arguments.truth("json", false);
  std::size_t missing = 0;
  std::size_t damaged = 0;
  store::check_parts(arguments.operands(), surroundings.interrupted, [&](const store::PartFinding& part) {
    if (part.state == store::PartState::missing) ++missing;
    if (part.state == store::PartState::damaged) ++damaged;
    const std::string line = part.name + ": " + (part.state == store::PartState::whole ? "OK" : part.what);
    surroundings.out << (is_json ? json_of(part) : line) << std::endl;
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
  const bool is_json = arguments.truth("json", false);
  ArchiveInput input = Records(desk, "verify-bundle", is_json).attempt(std::nullopt, [&] {
    return ArchiveInput(arguments.operands().front(), "hallmark verify-bundle - < FILE", surroundings.interrupted);
  });
  const auto telling = is_json ? Loading::Telling::records : Loading::Telling::tables;
  Loading loading(desk, "verify-bundle", telling);
  loading.read(input, false);
  loading.take(input);
  loading.renew();
  loading.tell();
  return 0;
}

}  // namespace hallmark::cmd
