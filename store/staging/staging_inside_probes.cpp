// SPDX-License-Identifier: Apache-2.0
//
// What was spooled and is inflated here, by threads and once.
#include <algorithm>
#include <thread>

#include "store/staging/staging_inside.h"
#include "store/stream/archive_refusal.h"
#include "store/stream/inflate.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

/// What inflates at once needs 0.4 MiB each with gzip, and 8 MiB with the windows that zstd usually has.
constexpr std::size_t kMostProbes = 3;

}  // namespace

StagingInside::~StagingInside() {
  // All are told before the first is joined: it may be waiting for the large window of another.
  for (const auto& [number, probe] : probes) probe->stop();
}

void StagingInside::check_probes() const {
  for (const auto& [number, probe] : probes) probe->check_failure();
}

const LayerFacts& StagingInside::facts_of(const SpooledBlob& spooled) {
  // By digest: what an archive lists a thousand times is inflated once.
  const auto known = small_facts.find(spooled.digest);
  if (known != small_facts.end()) return known->second;
  std::optional<Bytes> bytes = small_bytes(spooled);
  if (!bytes) {
    wait_for_probes(0, [] {});
    return large_facts.at(spooled.number);
  }
  look_meanwhile();
  LayerProbe probe(large_windows);
  probe.push(*bytes);
  const LayerFacts& facts = small_facts.emplace(spooled.digest, std::move(probe).finish()).first->second;
  count_inflation(facts.inflated);
  return facts;
}

void StagingInside::count_inflation(std::uint64_t bytes) {
  all_inflated += bytes;
  if (all_inflated <= kMostExpansion || all_inflated - kMostExpansion <= came) return;
  refuse_archive("E_RATIO", "its layers inflate to more than ", kMostExpansion, " bytes beyond its size");
}

std::optional<Bytes> StagingInside::small_bytes(const SpooledBlob& spooled) const {
  if (spooled.bytes || !spooled.place) return spooled.bytes;
  Bytes bytes(static_cast<std::size_t>(spooled.size));
  // Hashed again, since it lay on the disk.
  std::optional<File> file = File::open_regular(quarantine.path_of_unnamed(spooled.number));
  if (!file || file->read_at(*spooled.place, bytes) != bytes.size() ||
      Digest::of(bytes, spooled.digest.algorithm()) != spooled.digest) {
    fail(Fault::local, spooled.digest.to_string(), " has changed in the quarantine");
  }
  return bytes;
}

BackgroundProbe& StagingInside::follow(std::size_t number, const std::function<void()>& meanwhile) {
  wait_for_probes(std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostProbes) - 1, meanwhile);
  probes.emplace_back(number,
                      std::make_unique<BackgroundProbe>(quarantine.path_of_unnamed(number), large_windows,
                                                        [this](std::uint64_t inflated) { check_inflation(inflated); }));
  return *probes.back().second;
}

void StagingInside::wait_for_probes(std::size_t most, const std::function<void()>& meanwhile) {
  while (probes.size() > most) {
    // The oldest: its file is complete, for the next one was begun after it.
    const auto& [number, probe] = probes.front();
    const LayerFacts& facts = large_facts
                                  .emplace(number, probe->wait([&] {
                                    look_meanwhile();
                                    meanwhile();
                                  }))
                                  .first->second;
    // Before the count, which may throw: this probe is over either way.
    probes.pop_front();
    count_inflation(facts.inflated);
  }
}

}  // namespace hallmark::store
