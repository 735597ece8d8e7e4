// SPDX-License-Identifier: Apache-2.0
// Compiles: what the other files here do wrong is all that is wrong with them.
#include <type_traits>

#include "policy/gate.h"
#include "store/store.h"

static_assert(std::is_move_constructible_v<hallmark::policy::Approval>);

void keep(hallmark::store::Store& store, const hallmark::store::Staged& image, hallmark::policy::Approval approval) {
  store.commit(image, std::move(approval), store.lock());
}
