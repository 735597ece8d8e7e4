// SPDX-License-Identifier: Apache-2.0
//
// Catch2, version 2 or 3, and the one macro of the tests: a refusal is tested by its kind.
#pragma once

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <optional>
#include <string>

#include "trust/error.h"

namespace hallmark::test {

template <class Work>
std::optional<Fault> fault_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    UNSCOPED_INFO(error.what());
    return error.fault();
  }
  return std::nullopt;
}

template <class Work>
std::string message_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace hallmark::test

#define REQUIRE_FAULT(expression, fault) \
  REQUIRE(::hallmark::test::fault_of([&] { static_cast<void>(expression); }) == std::optional<::hallmark::Fault>(fault))
