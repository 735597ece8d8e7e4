// SPDX-License-Identifier: Apache-2.0
//
// An image of the store on its way to a repository: what has to be there, children before parents.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "registry/repository.h"
#include "store/store.h"

namespace hallmark::cmd {

struct PushPlan {
  std::vector<store::Descriptor> layers;   ///< each once
  std::vector<store::Descriptor> configs;  ///< likewise, of those that are no layer
  std::vector<store::Document> documents;  ///< manifests, then the root; the root alone when it is no index

  [[nodiscard]] const store::Document& root() const { return documents.back(); }
};

/// Reads and hashes the documents. Fault::missing when the index lists images that were never pulled: it can only go
/// as a whole, for its digest is what is signed.
PushPlan plan_push(const store::Store& store, const store::Entry& entry);

/// Whoever wants to know how far the layers are. Called from several threads.
class PushObserver {
 public:
  virtual ~PushObserver() = default;
  virtual void was_there(const store::Descriptor& layer) = 0;
  /// Of its bytes so many went out so far; fewer than before when it was begun anew.
  virtual void passed(const store::Descriptor& layer, std::uint64_t bytes) = 0;
  virtual void pushed(const store::Descriptor& layer) = 0;
  /// From another repository of the registry, without a byte sent.
  virtual void mounted(const store::Descriptor& layer, const std::string& from) = 0;

 protected:
  PushObserver() = default;
  PushObserver(const PushObserver&) = default;
  PushObserver& operator=(const PushObserver&) = default;
};

/// Everything but a tag. Blobs that are there already are not sent again; others are asked for in repositories of the
/// same registry first that the store knows to have them.
void send(const store::Store& store, const store::Entry& entry, const PushPlan& plan, registry::Repository& target,
          PushObserver& observer);

}  // namespace hallmark::cmd
