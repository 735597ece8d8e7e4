#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rmi that is interrupted between two images: what went before is told.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"
strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
# The leak checker of a sanitized program cannot work under strace.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
start_registry plain
make_image one --mark one
make_image two --mark two
push_image one lib/app 1
push_image two lib/app 2
app=$registry/lib/app
# begin: both images are there.
begin() {
  expect_status 0 hallmark pull -q "$app:1"
  expect_status 0 hallmark pull -q "$app:2"
}
# interrupted COMMAND...: a wait for the lock, that of $last, is broken off as by Ctrl-C.
interrupted() {
  expect_status 130 strace -o /dev/null -e trace=flock -e "inject=flock:error=EINTR:when=$last" "$HALLMARK" "$@"
  one_line
  says "error: interrupted$"
}

# The last lock that removing both takes is the second image's.
begin
expect_status 0 strace -e trace=flock -o "$world/trace" "$HALLMARK" rmi "$app:1" "$app:2"
last=$(grep -n "LOCK_EX)" "$world/trace" | tail -n 1 | cut -d: -f1)

it "with --json, one object holds what is gone; the other image is whole"
begin
interrupted rmi --json "$app:1" "$app:2"
jq -e ".Untagged | index(\"$app:1\") and (index(\"$app:2\") | not)" "$out" >/dev/null || fail "another object: $(cat "$out")"
[ "$(names_in_store)" = "$app:2 " ] || fail "the store has: $(names_in_store)"
expect_status 0 hallmark check

it "without, its lines"
begin
interrupted rmi "$app:1" "$app:2"
prints "^Untagged: $app:1$"
! grep -q "$app:2" "$out" || fail "the other one is told as well"

it "before the first, an object with nothing in it"
begin
last=1 interrupted rmi --json "$app:1" "$app:2"
[ "$(cat "$out")" = '{"Untagged":[],"Deleted":[],"Freed":0}' ] || fail "another object: $(cat "$out")"

it "a signal while the first is removed lets that be done, and the second is not begun"
begin
expect_status 143 strace -o /dev/null -e trace=flock -e inject=flock:signal=SIGTERM:when=1 "$HALLMARK" \
  rmi --json "$app:1" "$app:2"
one_line
says "error: interrupted$"
jq -e ".Untagged | index(\"$app:1\") and (index(\"$app:2\") | not)" "$out" >/dev/null || fail "another object: $(cat "$out")"
[ "$(names_in_store)" = "$app:2 " ] || fail "the store has: $(names_in_store)"
expect_status 0 hallmark check
