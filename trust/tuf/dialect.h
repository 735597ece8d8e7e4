// SPDX-License-Identifier: Apache-2.0
//
// The seam between the one metadata engine and the dialects of TUF. The dialect is a choice of the configuration,
// never a guess from the content.
#pragma once

namespace hallmark::tuf {

class Dialect;

/// Notary v1, the format of Docker Content Trust.
const Dialect& notary();

}  // namespace hallmark::tuf
