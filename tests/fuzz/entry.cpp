// SPDX-License-Identifier: Apache-2.0
//
// What libFuzzer calls; HALLMARK_FUZZ_TARGET is the target's name.
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hallmark::fuzz::HALLMARK_FUZZ_TARGET({data, size});
  return 0;
}
