// SPDX-License-Identifier: Apache-2.0
// expect: no matching function for call to .*Approval|no matching constructor for initialization of .*Approval
#include "policy/approval.h"

hallmark::policy::Approval forge() { return hallmark::policy::Approval(); }
