// SPDX-License-Identifier: Apache-2.0
//
// Whoever wants to know how far the layers of an image are. Called from several threads.
#pragma once

#include <cstdint>

#include "store/image/image.h"

namespace hallmark::store {

class TransferObserver {
 public:
  virtual ~TransferObserver() = default;

  /// A layer that is on its way from elsewhere; what passes before that is looked at here.
  virtual void started(const Descriptor& layer) = 0;
  /// Compressed bytes that passed so far, of layer.size.
  virtual void passed(const Descriptor& layer, std::uint64_t bytes) = 0;
  /// After all checks of the layer. `was_already_here`: the store had a good copy, and nothing was fetched.
  virtual void verified(const Descriptor& layer, bool was_already_here) = 0;

 protected:
  TransferObserver() = default;
  TransferObserver(const TransferObserver&) = default;
  TransferObserver& operator=(const TransferObserver&) = default;
};

}  // namespace hallmark::store
