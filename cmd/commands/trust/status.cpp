// SPDX-License-Identifier: Apache-2.0
//
// hallmark trust status: how long the roles of repositories are good, for people and for scheduled jobs.
#include <algorithm>
#include <ostream>

#include "cmd/cli/batch.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/trust/role_ends.h"
#include "cmd/commands/trust/role_options.h"
#include "cmd/commands/trust/roles.h"
#include "cmd/output/format.h"
#include "cmd/publishing/publisher.h"
#include "cmd/publishing/signing.h"
#include "trust/error.h"
#include "trust/json.h"
#include "trust/text.h"

namespace hallmark::cmd {
namespace {

struct Status {
  std::string name;
  std::vector<SignedRole> roles;
  // Of the root's keys, together: see root_certificates_end().
  Time certificates_end;
  std::string due;  ///< what has expired or will soon, in words; empty if nothing
};

/// A server signs a timestamp anew when it is asked for after its end: it is due only if that has not happened.
std::string due_of(const Status& status, const Publisher& publisher, Time now, std::chrono::days within) {
  std::string due;
  const auto add = [&](const std::string& what, Time end) {
    due += (due.empty() ? "" : "; ") + what + end_text(end, now);
  };
  for (const SignedRole& row : status.roles) {
    // A role that readers pass over has no end that could be reached.
    if (!row.state) continue;
    // Good for fourteen days and always about to end: with --within 30 each check would fail.
    const bool renews_itself = row.role == "timestamp" && publisher.server_signs();
    if (ends_within(row.state->expires, now, renews_itself ? std::chrono::days(0) : within)) {
      add(row.role + " ", row.state->expires);
    }
  }
  if (ends_within(status.certificates_end, now, within)) add("the root's certificate ", status.certificates_end);
  return due;
}

std::optional<std::string> certificates_end(const Status& status) {
  return status.certificates_end == Time::max() ? std::nullopt : std::optional(to_text(status.certificates_end));
}

void print_table(std::ostream& out, const Status& status, Time now) {
  Table table({"ROLE", "VERSION", "EXPIRES", "DAYS LEFT", "THRESHOLD", "KEYS"});
  for (const SignedRole& row : status.roles) {
    if (row.state) {
      table.add({row.role, std::to_string(row.state->version), to_text(row.state->expires),
                 std::to_string(days_left(row.state->expires, now)), std::to_string(row.state->threshold),
                 list_of(row.keys, kShortId)});
    } else {
      table.add({row.role, "-", "-", "-", "-", list_of(row.keys, kShortId)});
    }
  }
  out << "\nStatus of " << status.name << "\n\n"
      << table.text() << "\nThe root's certificates are good until "
      << certificates_end(status).value_or("they are replaced") << "\n\n";
}

void write_json(json::Writer& writer, const Status& status, Time now) {
  write_roles(status.roles, now, writer.begin_object().member("Name", status.name).key("Roles"));
  // A time, or none: a reader of times should not meet a word.
  writer.key("RootCertificatesExpire").string_or_null(certificates_end(status)).end_object();
}

}  // namespace

Options trust_status_options() {
  Options options("trust status [OPTIONS] IMAGE [IMAGE...]", "Print how long the roles of repositories are good",
                  "hallmark trust status --within 30 registry.example/app");
  options.value("within", "DAYS", "Exit with 3 also for what expires in so many days (default 0)")
      .flag("json", "Print JSON instead of tables")
      .flag("verbose,v", "Print requests")
      .operands(1, kNoLimit);
  return options;
}

int trust_status(const Arguments& arguments, Environment& environment) {
  const std::chrono::days within = days_of(arguments, "within").value_or(std::chrono::days(0));
  const registry::Settings settings = registry_settings(arguments, environment);
  const bool as_json = arguments.truth("json", false);
  Batch batch(environment.err);
  json::Writer writer(4);
  writer.begin_array();
  for (const std::string& asked : arguments.operands()) {
    batch.attempt([&] {
      const Reference name = repository_name(asked);
      Publisher publisher(environment, settings, name, trust_basis(arguments, environment, name),
                          // Whoever watches a repository needs no right to publish there.
                          registry::TrustAccess::read);
      // The question is what has ended: an update that refuses it could not tell.
      publisher.read_expired();
      const tuf::Repository& repository = publisher.look();
      // In full where a machine reads it.
      Status status{as_json ? name.repository() : asked,
                    roles_of(repository),
                    root_certificates_end(publisher.files(), repository.gun()),
                    {}};
      status.due = due_of(status, publisher, environment.now, within);
      if (as_json) {
        write_json(writer, status, environment.now);
      } else {
        print_table(environment.out, status, environment.now);
      }
      if (status.due.empty()) return;
      // Behind the table, which is complete: the status is for the job, the table for whoever reads what it printed.
      throw Error(Fault::refused, name.familiar_repository() + ": " + status.due,
                  "whoever has the keys signs again with hallmark trust renew");
    });
  }
  writer.end_array();
  if (as_json) environment.out << writer.text() << "\n";
  return batch.status();
}

}  // namespace hallmark::cmd
