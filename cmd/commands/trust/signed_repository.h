// SPDX-License-Identifier: Apache-2.0
//
// What is signed of a repository, for those who only look: verified by the policy's pins where it has some, else as
// content trust would.
#pragma once

#include "cmd/admission/admission.h"
#include "trust/tuf/update.h"

namespace hallmark::cmd {

/// Valid as long as the admission is. Throws the refusal; Fault::refused when the policy asks trust data of another
/// name.
/// Asks the trust server unless this run has its answer; what is learned is remembered as for a pull.
const tuf::Repository& signed_repository(Admission& admission, const Reference& name);

/// The same with its verified documents.
const tuf::Outcome& signed_outcome(Admission& admission, const Reference& name);

}  // namespace hallmark::cmd
