// SPDX-License-Identifier: Apache-2.0
//
// hallmark rmi: takes names away, and with the last name the image.
#include <algorithm>
#include <limits>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cmd/cli/batch.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/images/local_image.h"
#include "cmd/images/removal_report.h"
#include "cmd/images/still_there.h"
#include "store/image_ids.h"
#include "store/store.h"
#include "trust/error.h"
#include "trust/reference.h"

namespace hallmark::cmd {
namespace {

using Entries = std::vector<store::Entry>;

template <class Condition>
Entries those_of(const Entries& entries, const Condition& condition) {
  Entries result;
  std::copy_if(entries.begin(), entries.end(), std::back_inserter(result), condition);
  return result;
}

bool is_in_repository(const store::Entry& entry, const store::Entry& other) {
  return entry.name.repository() == other.name.repository();
}

std::size_t count_of_tags(const Entries& entries) {
  return static_cast<std::size_t>(
      std::count_if(entries.begin(), entries.end(), [](const store::Entry& entry) { return entry.name.tag(); }));
}

std::string names_of(const Entries& entries) {
  std::string names;
  for (const store::Entry& entry : entries) names += (names.empty() ? "" : ", ") + entry.name.familiar();
  return names;
}

// Status 1 as docker has it: nothing is wrong with the command line, the image is in use by other names.
[[noreturn]] void fail_conflict(const std::string& text, const std::string& why, const Entries& entries) {
  throw Error(Fault::local,
              "conflict: unable to delete " + printable(text, 300) + " (must be forced) - image is " + why,
              "remove it by name (" + names_of(entries) + "), or all names with --force");
}

/// What goes with a name: itself and, with the last tag, the digest entry of the same image in the repository.
Entries chosen_by_name(const store::Entry& chosen, const Entries& all) {
  // A digest entry is nothing but its digest: no tag is touched by it.
  if (!chosen.name.tag()) return {chosen};
  const Entries alike = those_of(all, [&](const store::Entry& entry) {
    return is_in_repository(entry, chosen) && entry.root.digest == chosen.root.digest;
  });
  // While another tag of the repository means the same image, its digest stays as well, as docker keeps it.
  return count_of_tags(alike) > 1 ? Entries{chosen} : alike;
}

/// All names of an image that was given by its id, if it is clear that they are meant.
Entries chosen_by_id(const std::string& text, Entries entries, bool force) {
  // --force is what docker asks for before one id takes several names away.
  if (force) return entries;
  const bool one_repository = std::all_of(entries.begin(), entries.end(), [&](const store::Entry& entry) {
    return is_in_repository(entry, entries.front());
  });
  if (!one_repository) fail_conflict(text, "referenced in multiple repositories", entries);
  if (count_of_tags(entries) > 1) fail_conflict(text, "referenced by multiple tags", entries);
  return entries;
}

/// A tag means what it names. A digest means its own entry; tags of these bytes stay unless that is forced.
Entries chosen_by_reference(const std::string& text, const Reference& name, const Entries& all, bool force) {
  const Entries fitting = those_of(all, [&](const store::Entry& entry) {
    const bool same_repository = entry.name.repository() == name.repository();
    const bool same_tag = !name.tag() || entry.name.tag() == name.tag();
    return same_repository && same_tag &&
           // A digest may be that of the index or that of the one manifest which was admitted and is told in lists.
           (!name.digest() || entry.root.digest == *name.digest() || entry.told() == *name.digest());
  });
  if (fitting.empty()) return {};
  if (name.tag()) return chosen_by_name(fitting.front(), all);
  const Entries exact = those_of(fitting, [](const store::Entry& entry) { return !entry.name.tag(); });
  // A tag was not named: taking it away would remove more than was typed.
  if (exact.empty() && !force) fail_conflict(text, "referenced by a tag", fitting);
  return exact.empty() ? fitting : exact;
}

Entries choose(const store::Store& store, const std::string& text, bool force) {
  // Names win over ids: "cafe" is a repository before it is the beginning of an id.
  if (const auto name = as_name(text)) {
    Entries chosen = chosen_by_reference(text, *name, store.list(), force);
    if (!chosen.empty()) return chosen;
  }
  const auto found = store.find(text);
  if (!found) fail_missing(text);
  // By the id of the config: all entries that have this config are names of the image.
  const Digest id = while_there(store, *found, [&] { return read_image_called(store, *found, text).id; });
  return chosen_by_id(text, entries_of(store, id), force);
}

/// The digests that were told by a removed tag, and that no name in their repositories tells any more.
std::set<std::string> lost_digests(const Entries& removed, const Entries& left) {
  std::set<std::string> lost;
  for (const store::Entry& entry : removed) lost.insert(entry.name.at_digest(entry.told()).familiar());
  // Another tag of the repository may tell the same digest: then it is not gone.
  for (const store::Entry& entry : left) lost.erase(entry.name.at_digest(entry.told()).familiar());
  return lost;
}

Removed remove(store::Store& store, const std::string& text, bool force, Environment& environment) {
  // The store takes just these, as they were chosen: a name that was given to another image since is Fault::missing.
  const Entries chosen = choose(store, text, force);
  const store::Store::Removal removal = store.remove(chosen);
  tell_unclear(removal, environment.err);
  Removed removed{lost_digests(chosen, store.list())};
  removed.add(removal);
  return removed;
}

void print(const Removed& removed, std::ostream& out) {
  for (const std::string& name : removed.untagged) out << "Untagged: " << name << "\n";
  for (const Digest& digest : removed.deleted) out << "Deleted: " << digest.to_string() << "\n";
  out << std::flush;
}

}  // namespace

Options rmi_options() {
  Options options("rmi [OPTIONS] IMAGE [IMAGE...]", "Remove one or more images from the local store",
                  "hallmark rmi debian:12");
  options.flag("force,f", "Remove all names of an image that is given by its id")
      .flag("json", "Print one JSON object: names, deleted blobs, bytes that this freed")
      .flag("no-prune", "For docker's sake: there are no untagged parents here that could be kept")
      .operands(1, std::numeric_limits<std::size_t>::max());
  return options;
}

int rmi(const Arguments& arguments, Environment& environment) {
  store::Store store(store_directory(arguments, environment));
  const bool force = arguments.truth("force", false);
  const bool is_json = arguments.truth("json", false);
  Removed total;
  const auto tell_all = [&] {
    if (is_json) environment.out << total.to_json() << "\n" << std::flush;
  };
  Batch batch(environment.err);
  const auto remove_one = [&](const std::string& text) {
    // Between two images, never within one: a removal is one step of the index.
    if (environment.interrupted) fail(Fault::interrupted, "interrupted");
    try {
      Removed removed = remove(store, text, force, environment);
      // Told after each image, so that a kill leaves a list of what went.
      if (!is_json) print(removed, environment.out);
      total.add(std::move(removed));
    } catch (const Error& error) {
      if (!force || error.fault() != Fault::missing) throw;
      print_error(environment.err, error);  // as docker: with --force, gone is as good as removed
    }
  };
  try {
    for (const std::string& text : arguments.operands()) batch.attempt([&] { remove_one(text); });
  } catch (const Error&) {
    tell_all();  // what went before the interruption is gone
    throw;
  }
  tell_all();
  return batch.status();
}

}  // namespace hallmark::cmd
