// SPDX-License-Identifier: Apache-2.0
//
// hallmark image prune: takes away what no tag names, or every image, and tells what that freed.
#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <ostream>
#include <string>
#include <vector>

#include "cmd/cli/batch.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/images/image_filter.h"
#include "cmd/images/listed_image.h"
#include "cmd/images/local_image.h"
#include "cmd/images/removal_report.h"
#include "cmd/images/still_there.h"
#include "cmd/output/format.h"
#include "store/store.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

constexpr std::array<std::string_view, 3> kPruneFilters{"dangling", "label", "until"};

/// Another program that writes into the layout may be about to name a blob that it has just written.
constexpr std::chrono::hours kOwnerlessFor{1};

bool is_confirmed(bool all, Environment& environment) {
  environment.err << "WARNING! This will remove all "
                  // Docker says that images of containers stay. Here nothing runs that could hold one.
                  << (all ? "images (no container holds one here)." : "dangling images.")
                  << "\nAre you sure you want to continue? [y/N] " << std::flush;
  std::string answer;
  // Nobody answers, in a script without --force: that is a no, and the next prompt gets a line of its own.
  if (!std::getline(std::cin, answer)) environment.err << std::endl;
  if (environment.interrupted) fail(Fault::interrupted, "interrupted");
  return answer == "y" || answer == "Y";
}

void print_json(const store::Store::Removal& removal, Environment& environment) {
  Removed removed;
  removed.add(removal);
  environment.out << removed.to_json() << "\n";
  tell_unclear(removal, environment.err);
}

// Docker's words; the space is that which came back, without layers that others share.
void print_removal(const store::Store::Removal& removal, Environment& environment) {
  if (!removal.untagged.empty() || !removal.deleted.empty()) {
    environment.out << "Deleted Images:\n";
    for (const std::string& name : removal.untagged) environment.out << "untagged: " << name << "\n";
    for (const Digest& digest : removal.deleted) environment.out << "deleted: " << digest.to_string() << "\n";
    environment.out << "\n";
  }
  environment.out << "Total reclaimed space: " << exact_size(removal.freed) << "\n";
  tell_unclear(removal, environment.err);
}

}  // namespace

Options image_prune_options() {
  Options options("image prune [OPTIONS]", "Remove images that no tag names, and blobs that no image needs",
                  "hallmark image prune --filter until=240h");
  options.flag("all,a", "Remove all images: there are no containers here that could hold one")
      .value("filter", "NAME=VALUE", "Only images that fit: dangling, label, label!, until")
      .flag("force,f", "Do not ask")
      .flag("json", "Print one JSON object: names, deleted blobs, bytes that this freed")
      .operands(0, 0);
  return options;
}

int image_prune(const Arguments& arguments, Environment& environment) {
  store::Store store(store_directory(arguments, environment));
  const std::vector<std::string> texts = arguments.values("filter");
  // A filter that is none is refused before the question: nobody agrees to what then fails.
  ImageFilter filter(texts, kPruneFilters, store, environment.now);
  // In docker, too, dangling=false means all images, not those alone that have tags. Taken in any case: the filter is
  // not asked about it any more, and where it stands beside --all it is the narrower word that counts.
  const std::optional<bool> dangling = filter.take_dangling();
  const bool all = dangling ? !*dangling : arguments.truth("all", false);
  const auto print = arguments.truth("json", false) ? print_json : print_removal;
  if (!arguments.truth("force", false) && !is_confirmed(all, environment)) {
    print({}, environment);
    return 0;
  }
  // After the answer, which may take long.
  Batch batch(environment.err);
  // Taken away together, in one step: a blob that two of them share is freed as well.
  std::vector<store::Entry> doomed;
  for (const ListedImage& image : list_images(store, batch)) {
    batch.attempt([&] {
      unless_removed(store, image.entry, [&] {
        // An image that cannot be read is told and stays: nobody knows whether it fits.
        if ((all || image.is_dangling) && filter.admits(image)) doomed.push_back(image.entry);
      });
    });
  }
  // Whoever names images by a filter does not mean what is no image.
  const auto ownerless_before = texts.empty() ? std::optional(environment.now - kOwnerlessFor) : std::nullopt;
  // The store removes those that are still as they were listed: what a pull renewed since stays.
  print(store.prune(doomed, ownerless_before), environment);
  return batch.status();
}

}  // namespace hallmark::cmd
