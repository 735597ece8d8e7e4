// SPDX-License-Identifier: Apache-2.0
//
// A repository with mirrors before it. They are asked for nothing but bytes with a known digest: a mirror can fail, and
// costs time when it lies, but no lie of it is believed. Tags, lists, what refers to an image, and all that is written
// are matters of the repository itself.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "registry/repository.h"
#include "trust/error.h"

namespace hallmark::registry {

class MirroredRepository final : public Repository {
 public:
  struct Mirror {
    std::string name;  ///< for people: "mirror.example/library/debian"
    std::unique_ptr<Repository> repository;
  };
  using LogCallback = std::function<void(const std::string&)>;

  /// `notice` gets a line when a mirror is not asked any more, `trace` one for each thing that it does not have.
  MirroredRepository(std::unique_ptr<Repository> primary, std::vector<Mirror> mirrors, LogCallback notice,
                     LogCallback trace);

  /// Of the registry itself; when it cannot be asked the hint says why no mirror was.
  [[nodiscard]] store::Document manifest(const std::string& tag) override;
  /// A mirror that fails in any way but not having it is not asked again, and the next one is.
  [[nodiscard]] store::Document manifest(const Digest& digest, std::optional<std::uint64_t> size) override;
  [[nodiscard]] std::vector<std::string> tags() override;
  [[nodiscard]] std::vector<store::Descriptor> referrers(const Digest& subject) override {
    return primary_->referrers(subject);
  }
  /// The same for a blob. Wrong bytes of a large one have gone out before they are known to be wrong.
  void fetch(const store::Descriptor& blob, ByteSink& out) override { fetch_rest(blob, 0, out); }
  void fetch_rest(const store::Descriptor& blob, std::uint64_t offset, ByteSink& out) override;
  [[nodiscard]] bool was_resumed(const Digest& blob) const override { return primary_->was_resumed(blob); }
  [[nodiscard]] bool asks_elsewhere_after(const Digest& blob) override;

  [[nodiscard]] bool has_blob(const store::Descriptor& blob) override { return primary_->has_blob(blob); }
  [[nodiscard]] bool has_manifest(const Digest& digest) override { return primary_->has_manifest(digest); }
  Delivery put_blob(const store::Descriptor& blob, store::BlobReader& bytes,
                    const std::optional<std::string>& mount_from) override {
    return primary_->put_blob(blob, bytes, mount_from);
  }
  void put_manifest(const store::Document& document) override { primary_->put_manifest(document); }
  void put_manifest(const store::Document& document, const std::string& tag) override {
    primary_->put_manifest(document, tag);
  }

 private:
  class Skipping;
  bool fetch_from(std::size_t mirror, const store::Descriptor& blob, std::uint64_t offset, Skipping& out);
  [[nodiscard]] bool is_asked(std::size_t mirror);
  /// The error with what to do about mirrors that are there, and must not answer this.
  [[nodiscard]] Error without_mirrors(const Error& error) const;
  /// In a handler of the error; rethrows what is not the mirror's doing.
  void pass_over(std::size_t mirror, const Error& error);
  void give_up(std::size_t mirror, const std::string& why);

  std::unique_ptr<Repository> primary_;
  std::vector<Mirror> mirrors_;
  LogCallback notice_;
  LogCallback trace_;
  std::mutex mutex_;
  std::set<std::size_t> given_up_;
  std::map<Digest, std::size_t> giver_;  // of the first bytes of a blob's last fetch, where it was a mirror
};

}  // namespace hallmark::registry
