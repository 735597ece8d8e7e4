// SPDX-License-Identifier: Apache-2.0
// expect: use of deleted function .*Approval|call to deleted constructor of .*Approval
#include "store/store.h"

void keep_twice(hallmark::store::Store& store, const hallmark::store::Staged& image,
                hallmark::policy::Approval approval) {
  store.commit(image, approval, store.lock());
}
