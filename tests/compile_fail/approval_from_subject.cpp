// SPDX-License-Identifier: Apache-2.0
// expect: is private within this context|calling a private constructor of class 'hallmark::policy::Approval'
#include "policy/approval.h"

hallmark::policy::Approval forge(const hallmark::Subject& subject) { return hallmark::policy::Approval(subject); }
