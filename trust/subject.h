// SPDX-License-Identifier: Apache-2.0
//
// The question that is put to the gate: may this name hold these bytes?
#pragma once

#include <cstdint>
#include <vector>

#include "trust/digest.h"
#include "trust/reference.h"

namespace hallmark {

struct Subject {
  Reference name;                 ///< as asked for
  Digest digest;                  ///< of the top document, manifest or index: what the name will point at
  std::uint64_t size;             ///< of that document in bytes
  std::vector<Digest> instances;  ///< the manifests that will be stored; the same as `digest` when that is no index
};

}  // namespace hallmark
