# SPDX-License-Identifier: Apache-2.0
# What must not compile: ways round the gate.
set(compile_fail_folder ${CMAKE_CURRENT_SOURCE_DIR}/compile_fail)

function(compile_fail_test name source)
  add_test(NAME compile_fail.${name} COMMAND ${CMAKE_COMMAND} -DCOMPILER=${CMAKE_CXX_COMPILER}
    -DROOT=${PROJECT_SOURCE_DIR} -DSOURCE=${compile_fail_folder}/${source} -P ${compile_fail_folder}/check.cmake)
  set_tests_properties(compile_fail.${name} PROPERTIES LABELS compile_fail TIMEOUT 600)
endfunction()

foreach(name approval_copied approval_from_nothing approval_from_subject commit_with_lvalue_approval
    commit_without_approval control)
  compile_fail_test(${name} ${name}.cpp)
endforeach()

# The check itself must be able to fail.
foreach(name compiles other_words)
  compile_fail_test(self_test.${name} self_test/${name}.cpp)
  set_tests_properties(compile_fail.self_test.${name} PROPERTIES WILL_FAIL TRUE)
endforeach()
