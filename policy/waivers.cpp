// SPDX-License-Identifier: Apache-2.0
#include "policy/waivers.h"

#include <algorithm>

namespace hallmark::policy {
namespace {

template <class List>
bool has(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

Waivers::Waivers(const std::vector<Exception>& exceptions, const std::vector<std::string>& scopes,
                 const Subject* subject, Time now) {
  for (const Exception& exception : exceptions) {
    // The keys of a name go from narrow to wide: an exception for a registry reaches each repository in it.
    const bool is_over = now >= exception.until;
    // One that has ended saves nothing: it is told of the image that it was for.
    if (!has(scopes, exception.scope) || (is_over && subject == nullptr)) continue;
    // Without a digest any exception may still save the name, which is therefore not lost.
    // Of several manifests one that is excepted says nothing of the others: it has to be the only one.
    const bool fits = subject == nullptr || exception.digest == subject->digest || exception.digest == subject->index ||
                      (subject->instances.size() == 1 && exception.digest == subject->instances.front());
    if (fits) {
      // The digest of an index speaks for all that it lists, that of a manifest for itself.
      std::vector<Waiver>& waivers = is_over ? ended_ : waivers_;
      waivers.push_back({exception.id, exception.waive, subject != nullptr && exception.digest == subject->digest});
    }
  }
}

void Waivers::add(const BreakGlass& break_glass) {
  // An emergency is about the name: no digest could be known when the policy was written.
  waivers_.push_back({std::string(kBreakGlass), break_glass.waivable, false});
}

bool Waivers::is_for_top(std::string_view group) const {
  return std::any_of(waivers_.begin(), waivers_.end(),
                     [group](const Waiver& waiver) { return waiver.is_for_top && has(waiver.groups, group); });
}

std::string Waivers::find_in(const std::vector<Waiver>& waivers, std::string_view group) {
  const auto found =
      std::find_if(waivers.begin(), waivers.end(), [group](const Waiver& waiver) { return has(waiver.groups, group); });
  return found == waivers.end() ? std::string() : found->by;
}

// What a written exception covers is not put down to a broken glass: exceptions come first.
std::string Waivers::find(std::string_view group) const { return find_in(waivers_, group); }

std::string Waivers::find_ended(std::string_view group) const { return find_in(ended_, group); }

}  // namespace hallmark::policy
