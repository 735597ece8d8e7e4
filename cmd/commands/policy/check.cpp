// SPDX-License-Identifier: Apache-2.0
//
// hallmark policy check: reads the policy file with all that it names, and tells what it says.
#include <ostream>

#include "cmd/cli/batch.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/policy/json.h"
#include "cmd/commands/policy/text.h"
#include "cmd/state/policy_in_force.h"
#include "policy/bundle_time.h"
#include "trust/error.h"
#include "trust/text.h"

namespace hallmark::cmd {
namespace {

// The words after the name come from the trust system: this command knows none of them.
void print_store(std::ostream& out, const std::string& name, const trust::Store& store) {
  out << "store     " << name << " (" << store.kind() << ")" << store.summary() << "\n";
  for (const std::string& line : store.details()) out << "  " << line << "\n";
}

void print_waivers(std::ostream& out, const policy::Policy& policy, Time now) {
  // The file may list one for ever. From its end on no gate obeys it, and whoever reads the list must see that.
  for (const policy::Exception& exception : policy.exceptions()) {
    out << "exception " << exception.id << " for " << exception.digest.to_string() << " in \""
        << printable(exception.scope, 300) << "\" past " << list_of(exception.waive) << " until "
        << to_text(exception.until) << (now >= exception.until ? ": it has ended" : "") << "\n          because "
        << printable(exception.reason, 300) << "\n";
  }
  if (policy.break_glass().is_allowed) {
    out << "glass     may be broken to waive";
    for (const std::string& group : policy.break_glass().waivable) out << " " << group;
    out << (policy.break_glass().waivable.empty() ? " nothing: \"waivable\" names no group" : "");
    const auto& pattern = policy.break_glass().reason_pattern;
    out << (pattern ? ", for a reason like " + printable(pattern->text(), 200) : "") << "\n";
  }
  if (policy.audit().file) {
    out << "record    " << printable(*policy.audit().file, 4096) << (policy.audit().is_required ? ", required" : "")
        << "\n";
  }
}

// A key that has ended or is distrusted stays in the list: whoever looks for it would take its absence for a mistake.
void print_key(std::ostream& out, const policy::SigningKey& key, Time now) {
  out << "store     " << key.store << " (key)\n  key     " << key.id;
  if (key.not_before) out << " from " << to_text(*key.not_before);
  if (key.not_after) out << " until " << to_text(*key.not_after) << (now >= *key.not_after ? ", which has passed" : "");
  if (key.is_distrusted) out << ", distrusted" << (key.reason.empty() ? "" : ": " + printable(key.reason, 200));
  out << "\n";
}

void print_freshness(std::ostream& out, const policy::Freshness& freshness) {
  out << "freshness " << (freshness.mode == policy::Freshness::Mode::strict ? "strict" : "bundleTime");
  if (freshness.most_age) out << ", bundles of at most " << policy::in_words(*freshness.most_age);
  if (freshness.most_transit) out << ", on their way for at most " << policy::in_words(*freshness.most_transit);
  for (const std::string& signer : freshness.signers) out << ", signed by " << signer;
  out << ", clocks within " << policy::in_words(freshness.clock_skew) << "\n";
}

// All of them must pass; each stands on a line of its own, so that a person can review it.
void print_list(std::ostream& out, const policy::Requirements& requirements) {
  for (const std::string& line : lines_of(requirements)) out << "          " << line << "\n";
}

void print_policy(std::ostream& out, const policy::Policy& policy, Time now) {
  out << "policy    " << printable(policy.path(), 4096) << "\n"
      << "sha256    " << policy.digest().hex() << "\n"
      << "dialect   " << words_of(policy.dialect()) << "\n";
  if (!policy.name().empty()) out << "name      " << printable(policy.name(), 200) << "\n";
  if (policy.serial()) out << "serial    " << *policy.serial() << "\n";
  if (policy.expires()) {
    // Not an error here: the question is what the file says. No image comes in under such a policy.
    const bool is_over = now >= *policy.expires();
    out << "expires   " << to_text(*policy.expires()) << (is_over ? ": it has expired, and admits nothing" : "")
        << "\n";
  }
  for (const auto& [name, store] : policy.stores()) print_store(out, name, *store);
  for (const auto& [name, key] : policy.keys()) print_key(out, key, now);
  if (policy.freshness()) print_freshness(out, *policy.freshness());
  if (policy.requires_publisher()) out << "publisher required: what nobody signed is refused, whatever a list says\n";
  out << "default\n";
  print_list(out, policy.fallback());
  // Also the transports that no command takes images from: the file is told as it stands, with a remark about them.
  for (const auto& [transport, scopes] : policy.transports()) {
    for (const auto& [scope, requirements] : scopes) {
      out << "scope     " << printable(transport, 80) << " \"" << printable(scope, 300) << "\"\n";
      print_list(out, requirements);
    }
  }
  print_waivers(out, policy, now);
  // What is allowed and likely not meant. A remark changes no status, so that a file of other tools can be checked.
  for (const std::string& remark : policy.remarks()) out << "remark    " << remark << "\n";
}

}  // namespace

Options policy_check_options() {
  Options options("policy check [OPTIONS]", "Read the policy file with all that it names, and tell what it says",
                  "hallmark policy check --policy /etc/hallmark/policy.json");
  options.flag("json", "Print one JSON object");
  return options;
}

int policy_check(const Arguments& arguments, Environment& environment) {
  // As every command reads it, owner and mode included: what is told here is what will be obeyed.
  const policy::Policy policy = present_policy(arguments, environment);
  if (arguments.truth("json", false)) {
    environment.out << json_of(policy, environment.now) << "\n";
  } else {
    print_policy(environment.out, policy, environment.now);
  }
  environment.out << std::flush;
  return 0;
}

}  // namespace hallmark::cmd
