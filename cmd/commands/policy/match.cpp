// SPDX-License-Identifier: Apache-2.0
//
// hallmark policy match: which scope of the policy holds for a name. hallmark policy schema: what a policy may say.
#include <optional>
#include <ostream>
#include <string>

#include "cmd/commands/entry_points.h"
#include "cmd/commands/policy/text.h"
#include "cmd/output/format.h"
#include "policy/file/schema.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

std::string json_of(const policy::Policy& policy, const Reference& name, const policy::Match& match) {
  json::Writer writer(0);
  writer.begin_object().member("Policy", path_in_json(policy.path())).member("Name", name.to_string());
  writer.key("Tried").begin_array();
  for (const std::string& key : match.tried) writer.string(key);
  writer.end_array().key("Scope");
  // The empty scope is one that may hold, so only null can say that the default does.
  writer.string_or_null(match.transport.empty() ? std::nullopt : std::optional(match.scope));
  return writer.member("Requires", words_of(*match.requirements)).end_object().text();
}

}  // namespace

Options policy_match_options() {
  Options options("policy match [OPTIONS] NAME[:TAG|@DIGEST]",
                  "Tell which scopes are looked for, in their order, and which one holds; ask no server",
                  "hallmark policy match registry.example/app:1.0");
  options.flag("json", "Print one JSON object").operands(1, 1);
  return options;
}

int policy_match(const Arguments& arguments, Environment& environment) {
  const Reference name = Reference::parse(arguments.operands().front());
  // No name is looked up and nothing is remembered: the answer rests on the file and the name alone.
  const policy::Policy policy = present_policy(arguments, environment);
  const policy::Match match = policy.match(name);
  std::ostream& out = environment.out;
  if (arguments.truth("json", false)) {
    // The same facts as the text below, for a pipeline that asks why a name is refused.
    out << json_of(policy, name, match) << "\n" << std::flush;
    return 0;
  }
  // Which file it is comes first: most questions about a policy end there.
  out << "policy    " << printable(policy.path(), 4096) << "\n"
      << "name      " << name.to_string() << "\n";
  for (const std::string& key : match.tried) {
    // The search ends with the scope that holds, so each one before it is one that the file does not have.
    const bool holds = !match.transport.empty() && key == match.scope;
    out << (holds ? "holds     " : "no scope  ") << "docker \"" << key << "\"\n";
  }
  if (match.transport.empty()) out << "holds     default\n";
  out << "requires  " << words_of(*match.requirements) << "\n" << std::flush;
  return 0;
}

Options policy_schema_options() {
  return Options("policy schema", "Print the JSON schema of native policies", "hallmark policy schema > schema.json");
}

int policy_schema(const Arguments& /*arguments*/, Environment& environment) {
  environment.out << policy::schema() << std::flush;
  return 0;
}

}  // namespace hallmark::cmd
