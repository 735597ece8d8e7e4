// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/mirrored.h"

#include <algorithm>

#include "trust/error.h"

namespace hallmark::registry {
namespace {

/// Up to here a blob is looked at as a whole before any of it is passed on: configs, signatures, small layers.
constexpr std::uint64_t kMostWholeBytes = store::kMostConfigBytes;

class Whole final : public ByteSink {
 public:
  void write(ByteView piece) override { bytes.insert(bytes.end(), piece.begin(), piece.end()); }
  Bytes bytes;
};

/// A full disk or a raised flag is no fault of a mirror: the next one would meet it as well.
bool is_of_the_other_side(Fault fault) {
  return fault == Fault::missing || fault == Fault::unauthorized || fault == Fault::unavailable ||
         fault == Fault::corrupt;
}

}  // namespace

/// Passes each byte on once, whoever brings it again.
class MirroredRepository::Skipping final : public ByteSink {
 public:
  explicit Skipping(ByteSink& out) : out_(out) {}

  void write(ByteView piece) override {
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(to_skip_, piece.size()));
    to_skip_ -= skipped;
    piece = piece.subspan(skipped);
    if (piece.empty()) return;
    passed_ += piece.size();
    out_.write(piece);
  }
  /// The next bytes are those of the beginning again.
  void begin_again() { to_skip_ = passed_; }
  [[nodiscard]] std::uint64_t passed() const { return passed_; }

 private:
  ByteSink& out_;
  std::uint64_t passed_ = 0;
  std::uint64_t to_skip_ = 0;
};

MirroredRepository::MirroredRepository(std::unique_ptr<Repository> primary, std::vector<Mirror> mirrors,
                                       LogCallback notice, LogCallback trace)
    : primary_(std::move(primary)),
      mirrors_(std::move(mirrors)),
      notice_(std::move(notice)),
      trace_(std::move(trace)) {}

bool MirroredRepository::is_asked(std::size_t mirror) {
  const std::lock_guard lock(mutex_);
  return !given_up_.contains(mirror);
}

void MirroredRepository::give_up(std::size_t mirror, const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    // Told once, though several threads may meet it.
    if (!given_up_.insert(mirror).second) return;
  }
  if (notice_) notice_("mirror " + mirrors_[mirror].name + " is not asked any more: " + why);
}

void MirroredRepository::pass_over(std::size_t mirror, const Error& error) {
  if (!is_of_the_other_side(error.fault())) throw;
  // A mirror need not have everything. One that fails or lies once costs time each time that it is asked.
  if (error.fault() != Fault::missing) return give_up(mirror, error.what());
  if (trace_) trace_("mirror " + mirrors_[mirror].name + ": " + error.what());
}

Error MirroredRepository::without_mirrors(const Error& error) const {
  const std::string& name = mirrors_.front().name;
  return Error(
      error.fault(), error.what(),
      "mirror " + name +
          " was not asked: what a tag is, the registry alone says; a mirror serves NAME@DIGEST, "
          "and tags whose digest trust data or a policy say; to ask it in the registry's place, give the registry "
          "location = \"" +
          name.substr(0, name.find('/')) + "\" in registries.conf");
}

store::Document MirroredRepository::manifest(const std::string& tag) {
  try {
    return primary_->manifest(tag);
  } catch (const Error& error) {
    if (error.fault() != Fault::unavailable) throw;
    throw without_mirrors(error);
  }
}

std::vector<std::string> MirroredRepository::tags() {
  try {
    return primary_->tags();
  } catch (const Error& error) {
    if (error.fault() != Fault::unavailable) throw;
    throw without_mirrors(error);
  }
}

store::Document MirroredRepository::manifest(const Digest& digest, std::optional<std::uint64_t> size) {
  for (std::size_t i = 0; i < mirrors_.size(); ++i) {
    if (!is_asked(i)) continue;
    try {
      return mirrors_[i].repository->manifest(digest, size);
    } catch (const Error& error) {
      pass_over(i, error);
    }
  }
  return primary_->manifest(digest, size);
}

/// True when the mirror has given all of it.
bool MirroredRepository::fetch_from(std::size_t mirror, const store::Descriptor& blob, std::uint64_t offset,
                                    Skipping& out) {
  Whole whole;
  const bool is_small = blob.size <= kMostWholeBytes;
  try {
    // A small one is always taken as a whole: only that can be told from a lie.
    mirrors_[mirror].repository->fetch_rest(blob, is_small ? 0 : offset,
                                            is_small ? static_cast<ByteSink&>(whole) : out);
    // Nothing has gone out yet: after a lie the next mirror can be asked as if nothing had been.
    if (is_small) {
      const Digest found = Digest::of(whole.bytes, blob.digest.algorithm());
      if (found != blob.digest || whole.bytes.size() != blob.size) {
        fail(Fault::corrupt, "expected ", blob.digest.to_string(), ", found ", found.to_string());
      }
    }
  } catch (const Error& error) {
    // Whoever hashes what went out has thrown it: that fetch has come to nothing, wherever it would go on.
    if (error.fault() == Fault::corrupt && out.passed() > 0) throw;
    pass_over(mirror, error);
    return false;
  }
  // Outside of the try: what the sink throws is not the mirror's doing.
  if (is_small) out.write(ByteView(whole.bytes).subspan(static_cast<std::size_t>(offset)));
  return true;
}

void MirroredRepository::fetch_rest(const store::Descriptor& blob, std::uint64_t offset, ByteSink& out) {
  Skipping once(out);
  const auto note = [&](std::optional<std::size_t> giver) {
    const std::lock_guard lock(mutex_);
    if (giver) {
      giver_.emplace(blob.digest, *giver);
    } else {
      giver_.erase(blob.digest);
    }
  };
  note(std::nullopt);
  for (std::size_t i = 0; i < mirrors_.size(); ++i) {
    if (!is_asked(i)) continue;
    once.begin_again();
    bool is_done = false;
    try {
      is_done = fetch_from(i, blob, offset, once);
    } catch (const Error&) {
      if (once.passed() > 0) note(i);
      throw;
    }
    // The first one stays noted: a blob of several givers that is wrong is laid to whoever began it.
    if (once.passed() > 0) note(i);
    if (is_done) return;
  }
  once.begin_again();
  primary_->fetch_rest(blob, offset, once);
}

bool MirroredRepository::asks_elsewhere_after(const Digest& blob) {
  std::size_t giver = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = giver_.find(blob);
    if (found == giver_.end()) return false;
    giver = found->second;
    // Each answer of true takes a mirror away, so that whoever fetches again comes to an end.
    giver_.erase(found);
  }
  give_up(giver, "it gave other bytes than those of " + blob.to_string());
  return true;
}

}  // namespace hallmark::registry
