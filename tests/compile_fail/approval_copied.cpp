// SPDX-License-Identifier: Apache-2.0
// expect: use of deleted function .*Approval|call to deleted constructor of .*Approval
#include "policy/approval.h"

hallmark::policy::Approval copy(const hallmark::policy::Approval& approval) { return approval; }
