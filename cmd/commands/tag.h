// SPDX-License-Identifier: Apache-2.0
//
// How an image of the store is judged: by what lies there and by what is kept beside it, under a name.
#pragma once

#include <string>

#include "cmd/admission/admission.h"

namespace hallmark::cmd {

/// As if it were to get the name that it has now. Asks trust servers and no registry. The judgement is good as long as
/// the admission's answers are.
policy::Judgement judge_stored(Admission& admission, const store::Entry& entry, const std::string& operation);

}  // namespace hallmark::cmd
