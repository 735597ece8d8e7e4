# SPDX-License-Identifier: Apache-2.0
# The laws of the house as tests: who may include whom, which rooms have no doors, which words are not written.
# Each check has a self-test: one that cannot fail says nothing.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(scripts ${PROJECT_SOURCE_DIR}/scripts)

add_test(NAME lint.layers COMMAND Python3::Interpreter ${scripts}/check_layers.py ${PROJECT_SOURCE_DIR})
add_test(NAME lint.layers.self_test COMMAND Python3::Interpreter ${scripts}/check_layers.py --self-test)
add_test(NAME lint.house COMMAND Python3::Interpreter ${scripts}/check_house.py ${PROJECT_SOURCE_DIR})
add_test(NAME lint.house.self_test COMMAND Python3::Interpreter ${scripts}/check_house.py --self-test)
add_test(NAME lint.words COMMAND ${scripts}/check_words.sh ${PROJECT_SOURCE_DIR})
add_test(NAME lint.words.self_test COMMAND ${scripts}/check_words.sh --self-test)
add_test(NAME lint.docs COMMAND Python3::Interpreter ${scripts}/check_docs.py ${PROJECT_SOURCE_DIR})
add_test(NAME lint.messages COMMAND Python3::Interpreter ${scripts}/check_messages.py ${PROJECT_SOURCE_DIR})
add_test(NAME lint.messages.self_test COMMAND Python3::Interpreter ${scripts}/check_messages.py --self-test)
set(lints lint.docs lint.house lint.house.self_test lint.layers lint.layers.self_test lint.messages lint.messages.self_test
  lint.words lint.words.self_test)
if(TARGET hallmark_store)
  # The store is there to be caught: it proves that the check sees doors.
  add_test(NAME lint.purity COMMAND ${scripts}/check_purity.sh $<TARGET_FILE:hallmark_trust>
    $<TARGET_FILE:hallmark_policy> -- $<TARGET_FILE:hallmark_store>)
  list(APPEND lints lint.purity)
endif()
set_tests_properties(${lints} PROPERTIES LABELS lint TIMEOUT 600)
