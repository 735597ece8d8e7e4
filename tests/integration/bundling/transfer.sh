#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# save and load tell a terminal how far they are, and nobody else.
. "$(dirname "$0")/../lib.sh"
start_registry plain
make_image app --folder /usr/share/doc/bash
push_image app lib/app 1
app=$registry/lib/app:1
expect_status 0 hallmark pull "$app"
expect_status 0 hallmark save -o "$world/app.tar" "$app"
size=$(stat -c %s "$world/app.tar")
[ "$size" -gt 400000 ]
# slowly: standard input to standard output, with a pause after the first 200000 bytes.
slowly='(head -c 200000; sleep 0.4; cat)'
# on_terminal COMMAND: in a shell on a terminal of its own; $out is what the terminal showed.
on_terminal() { TERM=xterm script -qec "$1" /dev/null </dev/null >"$out"; }

it "a terminal is told how much was saved, of how much, and the line is gone at the end"
on_terminal "$HALLMARK save $app | $slowly >'$world/piped.tar'"
cmp "$world/app.tar" "$world/piped.tar"
prints "Saving: \[[=> ]+\] +[0-9.]+[kM]B/[0-9.]+[kM]B"
[ "$(tail -c 4 "$out" | od -An -tx1 | tr -d ' \n')" = 0d1b5b4b ] || { show_output && fail "the line stayed"; }

it "a terminal is told how much was read, of how much where that is known"
on_terminal "cat '$world/app.tar' | $slowly | $HALLMARK --store '$world/inner' load"
prints "Reading standard input: [0-9.]+[kM]B, "
prints "Loaded image: $app"

it "nothing of it where nobody looks, or nobody wants to"
on_terminal "cat '$world/app.tar' | $slowly | $HALLMARK --store '$world/inner' load --quiet"
! grep -q Reading "$out" || fail "it is not quiet"
TERM=dumb script -qec "cat '$world/app.tar' | $slowly | $HALLMARK --store '$world/inner' load" /dev/null </dev/null >"$out"
! grep -q Reading "$out" || fail "the terminal cannot draw"
bash -c "$slowly" <"$world/app.tar" | hallmark --store "$world/inner" load >"$out" 2>"$err"
says_not Reading
hallmark save "$app" 2>"$err" | bash -c "$slowly" | cmp - "$world/app.tar"
says_not Saving

it "the line is gone before a refusal is told"
echo '{"hallmark": 1, "default": [{"type": "reject"}]}' >"$world/reject.json"
! on_terminal "cat '$world/app.tar' | $slowly | $HALLMARK --policy '$world/reject.json' --store '$world/empty' load" || fail "it was admitted"
! grep -aqE "Reading[^[:cntrl:]]*hallmark: error" "$out" || fail "the refusal stands behind the line"
prints "hallmark: error: "
sentence=""
