// SPDX-License-Identifier: Apache-2.0
// expect: too few arguments to function call|no matching function for call to .*commit
#include "store/store.h"

void keep(hallmark::store::Store& store, const hallmark::store::Staged& image) { store.commit(image, store.lock()); }
