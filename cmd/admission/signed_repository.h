// SPDX-License-Identifier: Apache-2.0
//
// What is signed of a repository, for those who only look: verified by the policy's pins where it has some, else as
// content trust would.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cmd/admission/admission.h"

namespace hallmark::cmd {

/// Valid as long as the admission is. Throws the refusal; Fault::refused when the policy asks trust data of another
/// name.
const tuf::Repository& signed_repository(Admission& admission, const Reference& name);

/// The tags that trust data name in the roles that count; absent when nothing asks trust data about the repository.
std::optional<std::vector<std::string>> trusted_tags(Admission& admission, const Reference& repository);

}  // namespace hallmark::cmd
