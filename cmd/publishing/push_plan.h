// SPDX-License-Identifier: Apache-2.0
//
// An image of the store on its way to a repository: what has to be there, children before parents.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "registry/repository.h"
#include "store/store.h"

namespace hallmark::cmd {

struct PushPlan {
  std::vector<store::Descriptor> blobs;    ///< configs and layers, each once
  std::vector<store::Document> documents;  ///< manifests, then the root; the root alone when it is no index

  [[nodiscard]] const store::Document& root() const { return documents.back(); }
};

/// Reads and hashes the documents. Fault::missing when the index lists images that were never pulled: it can only go
/// as a whole, for its digest is what is signed.
PushPlan plan_push(const store::Store& store, const store::Entry& entry);

/// What became of a blob: "Pushed", "Mounted from lib/base", "Layer already exists".
using OnBlob = std::function<void(const store::Descriptor& blob, const std::string& word)>;

/// Everything but a tag. Blobs that are there already are not sent again; others are asked for in repositories of the
/// same registry first that the store knows to have them.
void send(const store::Store& store, const store::Entry& entry, const PushPlan& plan, registry::Repository& target,
          const OnBlob& on_blob);

}  // namespace hallmark::cmd
