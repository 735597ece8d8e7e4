// SPDX-License-Identifier: Apache-2.0
//
// Trust data that have expired, read for whoever is to sign them again or to tell that they have expired: as they were
// when they were last good. Everything else is verified as ever: signatures, thresholds, hashes, the chain of roots,
// versions that are not below those remembered; and a root certificate that has ended today is refused today, but for
// whoever makes a root with new ones.
#pragma once

#include "trust/time.h"
#include "trust/tuf/update.h"

namespace hallmark::tuf {

/// Whether a root counts whose certificates have ended.
enum class EndedCertificates { refused, read };

/// update() at the last moment up to `now` at which nothing of what is served had expired. Delegations that
/// update() passes over because they have expired are read in the same way, as long as the root was good then.
Outcome update_at_last_good(const Question& question, const TrustedMetadata& memory, MetadataSource& source, Time now,
                            EndedCertificates certificates);

}  // namespace hallmark::tuf
