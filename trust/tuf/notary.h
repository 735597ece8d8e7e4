// SPDX-License-Identifier: Apache-2.0
//
// The dialect of Notary v1, which Docker Content Trust speaks.
#pragma once

#include "trust/tuf/dialect.h"

namespace hallmark::tuf {

/// Notary v1, the format of Docker Content Trust.
const Dialect& notary();

}  // namespace hallmark::tuf
