# SPDX-License-Identifier: Apache-2.0
# Compiles SOURCE with COMPILER, include path ROOT. A file with a line "// expect: REGEX" under its licence must be refused by the
# compiler with a line that fits; any other file must compile. A refusal for another reason proves nothing.
file(STRINGS "${SOURCE}" expectation LIMIT_COUNT 1 REGEX "^// expect: ")
execute_process(
  COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C "${COMPILER}" -std=c++20 -fsyntax-only "-I${ROOT}" "${SOURCE}"
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)

if(NOT expectation MATCHES "^// expect: (.+)$")
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${SOURCE} must compile:\n${output}")
  endif()
  return()
endif()
set(expected "${CMAKE_MATCH_1}")
if(status EQUAL 0)
  message(FATAL_ERROR "${SOURCE} compiles, and must not")
endif()
string(REPLACE ";" "," lines "${output}")
string(REPLACE "\n" ";" lines "${lines}")
foreach(line IN LISTS lines)
  if(line MATCHES "error: .*(${expected})")
    return()
  endif()
endforeach()
message(FATAL_ERROR "${SOURCE} is refused, but not with \"${expected}\":\n${output}")
