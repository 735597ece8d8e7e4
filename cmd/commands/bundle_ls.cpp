// SPDX-License-Identifier: Apache-2.0
//
// hallmark bundle ls: what an archive says that it has, before its layers. Nothing is judged, nothing is believed.
#include <algorithm>
#include <optional>
#include <ostream>
#include <set>

#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/output/format.h"
#include "store/archive/archive.h"
#include "store/archive/archive_input.h"
#include "store/archive/carried_evidence.h"
#include "store/archive/carried_trust.h"
#include "store/archive/statement_check.h"
#include "store/store.h"
#include "trust/bundle_statement.h"
#include "trust/error.h"
#include "trust/json.h"
#include "trust/tuf/metadata.h"
#include "trust/tuf/notary.h"

namespace hallmark::cmd {
namespace {

// A name of the archive. An image with several names has several rows.
struct Row {
  std::optional<Reference> name;
  Digest digest;
  std::vector<std::optional<std::string>> platforms;  ///< of each manifest, where the index tells it
  std::uint64_t size;                                 ///< of configs and layers, as they are in the archive
  std::optional<std::string> evidence;
  std::optional<Time> expires;
};

/// The document that ends first.
std::optional<Time> end_of(const std::map<std::string, Bytes>& files) {
  std::optional<Time> end;
  for (const auto& [file, bytes] : files) {
    if (file != "root.json" && file.ends_with("root.json")) continue;  // an older one may have ended
    // No signature is looked at: the end that is told is the end that is claimed.
    const tuf::Envelope envelope = tuf::Envelope::read(tuf::notary(), file, bytes);
    const Time expires = tuf::notary().parse_expiry(envelope.content().at("expires").string());
    end = end ? std::min(*end, expires) : expires;
  }
  return end;
}

/// "tuf,cosign-legacy": each kind once.
std::optional<std::string> kinds_of(const store::ArchiveImage& image, const std::vector<store::EvidenceEntry>& entries,
                                    bool has_tuf) {
  std::set<std::string> kinds;
  for (const store::EvidenceEntry& entry : store::about(entries, store::subjects_of(image))) kinds.insert(entry.kind);
  std::string text = has_tuf ? "tuf" : "";
  for (const std::string& kind : kinds) text += (text.empty() ? "" : ",") + printable(kind, 40);
  return text.empty() ? std::nullopt : std::optional(text);
}

void add_rows(std::vector<Row>& rows, const store::ArchiveImage& image, const store::CarriedTrust& evidence,
              const std::vector<store::EvidenceEntry>& entries) {
  std::vector<std::optional<std::string>> platforms;
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < image.manifests.size(); ++i) {
    // Of what no index lists it is not told: null in JSON.
    const auto& platform = image.chosen[i].platform;
    platforms.push_back(platform ? std::optional(printable(platform->to_string(), 80)) : std::nullopt);
    const store::Manifest manifest = store::parse_manifest(image.manifests[i]);
    // By the manifests, so that layers which a bundle left out for its base count as well.
    size += manifest.config.size;
    for (const store::Descriptor& layer : manifest.layers) size += layer.size;
  }
  for (const Reference& name : image.names) {
    // Trust data belong to a repository: all tags of one share them.
    const auto files = evidence.find(name.gun());
    const bool has_evidence = files != evidence.end();
    rows.push_back({name, image.root.descriptor.digest, platforms, size, kinds_of(image, entries, has_evidence),
                    has_evidence ? end_of(files->second) : std::nullopt});
  }
  if (image.names.empty())
    rows.push_back(
        {std::nullopt, image.root.descriptor.digest, platforms, size, kinds_of(image, entries, false), std::nullopt});
}

/// As it says itself: who that is, and whether the signature is good, is for load to find out under its policy.
std::string packed_by(const store::CarriedStatement& statement) {
  const std::optional<Time>& packed = statement.says.created;
  const std::vector<dsse::Signature>& signatures = statement.envelope.signatures;
  std::string text = packed ? "says it was packed at " + to_text(*packed) : "does not say when it was packed";
  if (signatures.empty()) return text + ", signed by nobody";
  std::string_view separator = ", signed by key ";
  for (const dsse::Signature& signature : signatures) {
    text += separator;
    // A key id is any text that the bundle brings along.
    text += printable(signature.key_id, 80);
    separator = ", ";
  }
  return text + " (not checked here)";
}

/// "linux/amd64,linux/arm64"
std::string shown(const std::vector<std::optional<std::string>>& platforms) {
  std::string text;
  for (const auto& platform : platforms) text += (text.empty() ? "" : ",") + platform.value_or("-");
  return text;
}

std::string json_of(const Row& row, const std::optional<store::CarriedStatement>& statement) {
  json::Writer writer(0);
  writer.begin_object().key("Name").string_or_null(row.name ? std::optional(row.name->to_string()) : std::nullopt);
  writer.member("Digest", row.digest.to_string()).key("Platforms").begin_array();
  for (const auto& platform : row.platforms) writer.string_or_null(platform);
  writer.end_array().key("Size").size(row.size).key("Evidence").string_or_null(row.evidence);
  if (row.expires) writer.member("Expires", to_text(*row.expires));
  if (statement) {
    writer.member("Statement", statement->digest.to_string()).key("Base").begin_array();
    for (const Digest& base : statement->says.base) writer.string(base.to_string());
    writer.end_array();
    if (statement->says.created) writer.member("Packed", to_text(*statement->says.created));
  }
  // Claims, as in the table: a key that signed is told by the id that the bundle gives it.
  if (statement && !statement->envelope.signatures.empty()) {
    writer.key("SignedBy").begin_array();
    for (const dsse::Signature& one : statement->envelope.signatures) writer.string(printable(one.key_id, 80));
    writer.end_array();
  }
  writer.end_object();
  return writer.text();
}

}  // namespace

Options bundle_ls_options() {
  Options options("bundle ls [OPTIONS] FILE|-", "List the images of an archive and what it carries to judge them by",
                  "hallmark bundle ls release.tar");
  options.flag("json", "Print JSON, one object a line").operands(1, 1);
  return options;
}

int bundle_ls(const Arguments& arguments, Environment& environment) {
  store::ArchiveInput input(arguments.operands().front(), "hallmark bundle ls - < FILE", environment.interrupted);
  const store::Store store(store_directory(arguments, environment));
  // Documents are kept in the quarantine of a store, as for a load, and go with it.
  store::Staging staging(store.directory());
  store::Archive archive(staging);
  std::vector<Row> rows;
  std::optional<store::CarriedStatement> statement;
  input.reading([&] {
    store::read_documents(archive, input);
    // A statement that is not that of this archive is damage, also where nothing is judged.
    statement = store::read_statement(archive);
    const store::CarriedTrust evidence = store::carried_trust(archive);
    const std::vector<store::EvidenceEntry> entries = store::listed_evidence(archive);
    for (const store::ArchiveImage& image : archive.images()) add_rows(rows, image, evidence, entries);
  });
  if (arguments.truth("json", false)) {
    for (const Row& row : rows) environment.out << json_of(row, statement) << "\n";
    return 0;
  }
  Table table({"NAME", "DIGEST", "PLATFORMS", "SIZE", "EVIDENCE", "EXPIRES"});
  for (const Row& row : rows) {
    table.add({row.name ? row.name->familiar() : "<none>", row.digest.to_string(), shown(row.platforms),
               list_size(row.size), row.evidence.value_or("-"), row.expires ? to_text(*row.expires) : "-"});
  }
  environment.out << table.text();
  if (statement) environment.out << packed_by(*statement) << "\n";
  return 0;
}

}  // namespace hallmark::cmd
