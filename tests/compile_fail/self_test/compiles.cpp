// SPDX-License-Identifier: Apache-2.0
// expect: anything at all
int nothing_wrong() { return 1; }
