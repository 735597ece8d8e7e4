// SPDX-License-Identifier: Apache-2.0
#include "store/staging/staged.h"

#include <string>

#include "trust/error.h"

namespace hallmark::store {

void refuse_inflation(std::uint64_t inflated, std::uint64_t most) {
  throw Error(
      Fault::refused, ErrorCode{"SIZE_UNCOMPRESSED", ErrorCode::Place::behind},
      "it inflates to " + std::to_string(inflated) + " bytes or more, the policy allows " + std::to_string(most),
      "ask the publisher for a smaller image; it may be made to fill the disk");
}

}  // namespace hallmark::store
