// SPDX-License-Identifier: Apache-2.0
//
// hallmark trust delegation ls: who may sign what, in the shape of notary's list.
#include <algorithm>
#include <ostream>

#include "cmd/commands/entry_points.h"
#include "cmd/commands/judging.h"
#include "cmd/commands/trust/signed_repository.h"
#include "cmd/output/format.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

using Delegations = std::map<std::string, tuf::DelegatedRole>;

// A path is any text of a publisher. The empty one is a prefix of every tag (docs/notary-v1.md, 1.3).
std::string shown(const std::string& path) { return path.empty() ? "\"\" <all paths>" : printable(path, 200); }

void write_list(json::Writer& writer, std::string_view name, const std::vector<std::string>& list) {
  writer.key(name).begin_array();
  for (const std::string& text : list) writer.string(text);
  writer.end_array();
}

std::string json_of(const Delegations& delegations) {
  json::Writer writer(4);
  writer.begin_array();
  for (const auto& [role, listed] : delegations) {
    writer.begin_object().member("role", role);
    write_list(writer, "paths", listed.paths);
    write_list(writer, "keys", listed.key_ids);
    writer.key("threshold").integer(listed.threshold).end_object();
  }
  writer.end_array();
  return writer.text() + "\n";
}

/// A line for each key and each path; the role and its threshold stand in the first.
std::string table_of(const Delegations& delegations) {
  Table table({"ROLE", "PATHS", "KEY IDS", "THRESHOLD"});
  for (const auto& [role, listed] : delegations) {
    const std::size_t lines = std::max({listed.paths.size(), listed.key_ids.size(), std::size_t{1}});
    for (std::size_t i = 0; i < lines; ++i) {
      table.add({i == 0 ? role : "", i < listed.paths.size() ? shown(listed.paths[i]) : "",
                 i < listed.key_ids.size() ? listed.key_ids[i] : "", i == 0 ? std::to_string(listed.threshold) : ""});
    }
  }
  return table.text();
}

}  // namespace

Options trust_delegation_ls_options() {
  Options options("trust delegation ls [OPTIONS] IMAGE", "List the delegations of a repository, verified",
                  "hallmark trust delegation ls registry.example/app");
  options.flag("json", "Print JSON instead of a table").flag("verbose,v", "Print requests").operands(1, 1);
  return options;
}

int trust_delegation_ls(const Arguments& arguments, Environment& environment) {
  Judging judging = open_judging(arguments, environment, {true});
  // Valid as long as `judging`, which owns the answers.
  const tuf::Repository& repository =
      signed_repository(judging.admission, Reference::parse(arguments.operands().front()));
  const Delegations& delegations = repository.delegations();
  environment.out << (arguments.truth("json", false) ? json_of(delegations) : table_of(delegations));
  return 0;
}

}  // namespace hallmark::cmd
