// SPDX-License-Identifier: Apache-2.0
// expect: words that no compiler says
int typing_mistake() { return one; }
