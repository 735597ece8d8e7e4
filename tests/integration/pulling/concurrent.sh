#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Several processes at once on one store: each succeeds, and what they leave is whole.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
make_image app --folder /usr/share/doc/bash
make_image other --folder /usr/share/doc/bash --mark other
push_image app lib/app 1
sign app lib/app 1
for number in 1 2 3 4; do push_image other lib/other "$number"; done

# all_succeed: the jobs that run now.
all_succeed() {
  local job
  for job in "${jobs[@]}"; do wait "$job" || { cat "$world"/job.* >&2 && fail "a process failed"; }; done
  jobs=()
}
jobs=()
run() {
  "$@" >"$world/job.${#jobs[@]}" 2>&1 &
  jobs+=("$!")
}

it "six pulls of one signed image at once all succeed"
for _ in 1 2 3 4 5 6; do run with_trust hallmark pull "$registry/lib/app:1"; done
all_succeed
expect_status 0 hallmark check
expect_status 0 hallmark images -q
[ "$(wc -l <"$out")" = 1 ]

it "pulls of different names that share layers all keep their names"
rm -rf "$store"
for number in 1 2 3 4; do run hallmark pull "$registry/lib/other:$number"; done
run with_trust hallmark pull "$registry/lib/app:1"
all_succeed
[ "$(names_in_store | wc -w)" = 5 ]
expect_status 0 hallmark check

it "removing an image while another with the same layers comes in harms neither"
for round in 1 2 3 4 5; do
  run hallmark rmi "$registry/lib/other:$((round % 4 + 1))"
  run with_trust hallmark pull "$registry/lib/app:1"
  run hallmark images
  all_succeed
  expect_status 0 hallmark pull "$registry/lib/other:$((round % 4 + 1))"
done
expect_status 0 hallmark check
[ "$(names_in_store | wc -w)" = 5 ]
