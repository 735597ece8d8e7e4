// SPDX-License-Identifier: Apache-2.0
//
// What the gates of a policy look at, gathered from the documents of an image, wherever they are.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "store/image/image.h"
#include "store/image/source.h"
#include "trust/subject.h"

namespace hallmark::cmd {

/// What the manifests say; configs are absent.
std::vector<ImageFacts> facts_of(const std::vector<store::Document>& manifests);

/// Adds what the configs say. `chosen` are the descriptors of the manifests; `read` gives the bytes of a config.
void add_configs(const std::vector<store::Document>& manifests, const std::vector<store::Descriptor>& chosen,
                 const std::function<Bytes(const store::Descriptor&)>& read, std::vector<ImageFacts>& facts);

/// Configs that were fetched to be judged are not fetched again: some of them are kept.
class ConfigCache final : public store::Source {
 public:
  /// From the source, hashed. Fault::corrupt when it is not what it is called.
  Bytes read(const store::Descriptor& config, store::Source& source);
  /// A source of what is kept, and for the rest the one given, which must outlive this.
  void fall_back_on(store::Source& source) { source_ = &source; }
  void fetch(const store::Descriptor& blob, ByteSink& out) override;
  [[nodiscard]] bool was_resumed(const Digest& blob) const override { return source_->was_resumed(blob); }
  [[nodiscard]] bool asks_elsewhere_after(const Digest& blob) override { return source_->asks_elsewhere_after(blob); }

 private:
  store::Source* source_ = nullptr;
  std::map<Digest, Bytes> kept_;
  std::uint64_t bytes_kept_ = 0;
};

}  // namespace hallmark::cmd
