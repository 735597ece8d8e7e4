// SPDX-License-Identifier: Apache-2.0
//
// hallmark images: the names of the local store in docker's table.
#include <fnmatch.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "cmd/command.h"
#include "cmd/environment.h"
#include "cmd/format.h"
#include "cmd/local_image.h"
#include "cmd/several.h"
#include "store/store.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

constexpr const char* kNone = "<none>";

struct Row {
  std::string repository;
  std::string tag;
  Digest root;
  Digest id;
  std::optional<Time> created;
  std::optional<std::uint64_t> size;
};

Row row_of(const store::Store& store, const store::Entry& entry) {
  const LocalImage image = read_image(store, entry);
  return {entry.name.familiar_repository(),
          entry.name.tag().value_or(kNone),
          entry.root.digest,
          image.id,
          store::parse_config(image.config).created,
          image.size};
}

/// REPOSITORY[:TAG] with the wildcards of a shell, of which none matches a slash; in short or in full.
bool matches(const store::Entry& entry, const std::string& pattern) {
  const Reference& name = entry.name;
  const Reference by_digest = name.at_digest(entry.root.digest);
  const std::vector<std::string> spellings{name.familiar(),  name.familiar_repository(), by_digest.familiar(),
                                           name.to_string(), name.repository(),          by_digest.to_string()};
  return std::any_of(spellings.begin(), spellings.end(), [&](const std::string& spelling) {
    return fnmatch(pattern.c_str(), spelling.c_str(), FNM_PATHNAME) == 0;
  });
}

/// A digest needs no line of its own beside a tag of the same repository that means it.
bool is_told_by_a_tag(const store::Entry& entry, const std::vector<store::Entry>& all) {
  if (entry.name.tag()) return false;
  return std::any_of(all.begin(), all.end(), [&](const store::Entry& other) {
    return other.name.tag() && other.name.repository() == entry.name.repository() &&
           other.root.digest == entry.root.digest;
  });
}

bool comes_before(const Row& a, const Row& b) {
  if (a.created != b.created) return a.created > b.created;
  return std::tie(a.repository, a.tag, a.root) < std::tie(b.repository, b.tag, b.root);
}

std::string shown_id(const Row& row, bool is_whole) { return is_whole ? row.id.to_string() : row.id.abbreviated(); }

void print_table(const std::vector<Row>& rows, const Arguments& arguments, Surroundings& surroundings) {
  const bool digests = arguments.truth("digests", false);
  const bool whole = arguments.truth("no-trunc", false);
  std::vector<std::string> header{"REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"};
  if (digests) header.insert(header.begin() + 2, "DIGEST");
  Table table(std::move(header));
  for (const Row& row : rows) {
    std::vector<std::string> cells{row.repository, row.tag, shown_id(row, whole), ago(row.created, surroundings.now),
                                   row.size ? list_size(*row.size) : "N/A"};
    if (digests) cells.insert(cells.begin() + 2, row.root.to_string());
    table.add(std::move(cells));
  }
  surroundings.out << table.text();
}

}  // namespace

Options images_options() {
  Options options("images [OPTIONS] [REPOSITORY[:TAG]]", "List images, newest first", "hallmark images 'debian:1*'");
  options.flag("all,a", "Show all images (none are hidden: there are no intermediate ones here)")
      .flag("digests", "Show digests")
      .flag("no-trunc", "Don't truncate output")
      .flag("quiet,q", "Only show image IDs")
      .operands(0, 1);
  return options;
}

int images(const Arguments& arguments, Surroundings& surroundings) {
  const store::Store store(store_directory(arguments, surroundings));
  const std::vector<store::Entry> entries = store.list();
  std::vector<Row> rows;
  Several several(surroundings.err);
  for (const store::Entry& entry : entries) {
    if (!arguments.operands().empty() && !matches(entry, arguments.operands().front())) continue;
    if (is_told_by_a_tag(entry, entries)) continue;
    several.attempt([&] { rows.push_back(row_of(store, entry)); });
  }
  std::sort(rows.begin(), rows.end(), comes_before);
  if (arguments.truth("quiet", false)) {
    for (const Row& row : rows) surroundings.out << shown_id(row, arguments.truth("no-trunc", false)) << "\n";
  } else {
    print_table(rows, arguments, surroundings);
  }
  return several.status();
}

}  // namespace hallmark::cmd
