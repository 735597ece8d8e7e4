// SPDX-License-Identifier: Apache-2.0
//
// hallmark trust inspect: who signed what in a repository, in docker's shapes.
#include <algorithm>
#include <ostream>
#include <set>
#include <tuple>

#include "cmd/cli/batch.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/judging.h"
#include "cmd/commands/trust/role_options.h"
#include "cmd/commands/trust/roles.h"
#include "cmd/commands/trust/signed_repository.h"
#include "cmd/output/format.h"
#include "cmd/output/natural_order.h"
#include "trust/json.h"
#include "trust/text.h"

namespace hallmark::cmd {
namespace {

constexpr std::string_view kTargets = "targets";
constexpr std::string_view kDelegationPrefix = "targets/";

/// A tag that is released. `signers` have signed the same digest under the same tag in roles of their own.
struct SignedTag {
  std::string tag;
  std::string digest;  // hex
  std::vector<std::string> signers;
};

struct Signer {
  std::string name;
  std::vector<std::string> key_ids;  // canonical
};

struct Inspection {
  std::string asked;
  std::vector<SignedTag> tags;
  std::vector<Signer> signers;
  std::vector<std::string> root_keys;
  std::vector<std::string> repository_keys;
};

/// "alice" of "targets/alice"; empty for the roles that are no signer's own.
std::string signer_of(const std::string& role) {
  // targets/releases belongs to nobody: docker has every signer sign it besides his own role.
  if (role == kReleases || !role.starts_with(kDelegationPrefix)) return {};
  return role.substr(kDelegationPrefix.size());
}

std::vector<SignedTag> signed_tags(const tuf::Repository& repository, const std::optional<std::string>& only) {
  using Row = std::pair<std::string, std::string>;
  std::set<Row> released;
  std::map<Row, std::vector<std::string>> signers;
  for (const tuf::Target& target : repository.all()) {
    // Without a sha256 nobody can pull it: docker has no digest to show.
    if (!target.digest || (only && target.name != *only)) continue;
    const Row row{target.name, target.digest->hex()};
    const std::string signer = signer_of(target.role);
    if (!signer.empty()) {
      // By tag and digest: whoever signed other bytes under the tag has not signed this.
      signers[row].push_back(signer);
    } else if (target.role == kReleases || target.role == kTargets) {
      released.insert(row);
    }
  }
  std::vector<SignedTag> tags;
  // What only a signer's own role has is not released: no reader takes it (docs/notary-v1.md, 7.2).
  for (const Row& row : released) {
    std::vector<std::string> names = signers[row];
    std::sort(names.begin(), names.end());
    tags.push_back({row.first, row.second, std::move(names)});
  }
  // Rows of one tag, of two digests, keep the order of the set: the output does not change by itself.
  std::stable_sort(tags.begin(), tags.end(),
                   [](const SignedTag& a, const SignedTag& b) { return natural_less(a.tag, b.tag); });
  return tags;
}

std::vector<Signer> signers_of(const tuf::Repository& repository) {
  std::vector<Signer> signers;
  for (const auto& [role, listed] : repository.delegations()) {
    if (const std::string name = signer_of(role); !name.empty()) signers.push_back({name, listed.key_ids});
  }
  std::sort(signers.begin(), signers.end(), [](const Signer& a, const Signer& b) { return a.name > b.name; });
  return signers;
}

Inspection inspect_one(Admission& admission, const std::string& asked) {
  const Reference name = Reference::parse(asked);
  const tuf::Repository& repository = signed_repository(admission, name);
  // A name without a tag asks about the repository, not about latest.
  const std::optional<std::string> only = name.tag_defaulted() ? std::nullopt : name.tag();
  return {asked, signed_tags(repository, only), signers_of(repository), repository.root_key_ids(),
          // Docker calls the key of targets the repository key.
          repository.roles().at(std::string(kTargets)).key_ids};
}

void write_keys(json::Writer& writer, const std::vector<std::string>& ids) {
  writer.key("Keys").begin_array();
  for (const std::string& id : ids) writer.begin_object().member("ID", id).end_object();
  writer.end_array();
}

void write_json(json::Writer& writer, const Inspection& inspection) {
  writer.begin_object().member("Name", inspection.asked).key("SignedTags").begin_array();
  for (const SignedTag& tag : inspection.tags) {
    writer.begin_object().member("SignedTag", tag.tag).member("Digest", tag.digest).key("Signers").begin_array();
    for (const std::string& signer : tag.signers) writer.string(signer);
    // Docker's word for a tag that was signed with the key of targets, or by whoever can sign releases alone.
    if (tag.signers.empty()) writer.string("Repo Admin");
    writer.end_array().end_object();
  }
  writer.end_array().key("Signers").begin_array();
  for (const Signer& signer : inspection.signers) {
    writer.begin_object().member("Name", signer.name);
    write_keys(writer, signer.key_ids);
    writer.end_object();
  }
  writer.end_array().key("AdministrativeKeys").begin_array();
  writer.begin_object().member("Name", "Root");
  write_keys(writer, inspection.root_keys);
  writer.end_object().begin_object().member("Name", "Repository");
  write_keys(writer, inspection.repository_keys);
  writer.end_object().end_array().end_object();
}

void print_pretty(std::ostream& out, const Inspection& inspection) {
  if (inspection.tags.empty()) {
    out << "\nNo signatures for " << inspection.asked << "\n\n";
  } else {
    Table table({"SIGNED TAG", "DIGEST", "SIGNERS"});
    for (const SignedTag& tag : inspection.tags) {
      table.add({printable(tag.tag, 256), tag.digest, tag.signers.empty() ? "(Repo Admin)" : list_of(tag.signers)});
    }
    out << "\nSignatures for " << inspection.asked << "\n\n" << table.text() << "\n";
  }
  if (!inspection.signers.empty()) {
    Table table({"SIGNER", "KEYS"});
    // From the first name to the last, as docker's table has them; its JSON has them the other way.
    std::for_each(inspection.signers.rbegin(), inspection.signers.rend(), [&](const Signer& signer) {
      table.add({signer.name, list_of(signer.key_ids, kShortId)});
    });
    out << "List of signers and their keys for " << inspection.asked << "\n\n" << table.text() << "\n";
  }
  out << "Administrative keys for " << inspection.asked << "\n\n"
      << "  Repository Key:\t" << list_of(inspection.repository_keys) << "\n"
      << "  Root Key:\t" << list_of(inspection.root_keys) << "\n";
}

}  // namespace

Options trust_inspect_options() {
  Options options("trust inspect [OPTIONS] IMAGE[:TAG] [IMAGE[:TAG]...]",
                  "Print the signatures and keys of repositories, verified",
                  "hallmark trust inspect --pretty registry.example/app");
  options.flag("pretty", "Print tables instead of JSON")
      .flag("root", "Print the root document of one repository as it was signed, for a pin")
      .flag("verbose,v", "Print requests")
      .operands(1, kNoLimit);
  return options;
}

int trust_inspect(const Arguments& arguments, Environment& environment) {
  const bool pretty = arguments.truth("pretty", false);
  const bool wants_root = arguments.truth("root", false);
  if (wants_root && pretty) fail(Fault::usage, "--root and --pretty exclude each other");
  if (wants_root && arguments.operands().size() != 1) {
    fail(Fault::usage, "--root prints one document: expected one repository, found ", arguments.operands().size());
  }
  // With the requirement of content trust: then there is a question to ask, also where no policy has one.
  Judging judging = open_judging(arguments, environment, {true});
  if (wants_root) {
    const Reference name = repository_name(arguments.operands().front());
    // Byte for byte: a pin may name the hash of it.
    environment.out << text_of(signed_outcome(judging.admission, name).learned.files.at("root"));
    return 0;
  }
  Batch batch(environment.err);
  json::Writer writer(4);
  writer.begin_array();
  for (const std::string& asked : arguments.operands()) {
    batch.attempt([&] {
      judging.admission.gatherer().forget();  // as many repositories as one likes: each has its memory for itself
      const Inspection inspection = inspect_one(judging.admission, asked);
      if (pretty) {
        print_pretty(environment.out, inspection);
      } else {
        write_json(writer, inspection);
      }
    });
  }
  writer.end_array();
  // The array is whole whatever failed: the status tells about the others.
  if (!pretty) environment.out << writer.text() << "\n";
  return batch.status();
}

}  // namespace hallmark::cmd
