#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Ctrl-C and SIGTERM in the middle of a layer: their exit status, at once, and nothing left behind.
. "$(dirname "$0")/../lib.sh"
start_registry plain
make_image app --folder /usr/share/doc/bash
make_image good --mark good
push_image app lib/app 1
push_image good lib/good 1
start_faults "http://$registry" slow@layer

# interrupted SIGNAL STATUS: sent while a layer is half there.
interrupted() {
  local pid found=0 began
  : >"$world/faults.log"
  # A job of a script ignores SIGINT unless it is told otherwise.
  env --default-signal=INT,TERM "$HALLMARK" pull "${fault[slow@layer]}/lib/app:1" >"$out" 2>"$err" &
  pid=$!
  for _ in $(seq 1200); do
    grep -q "$(layer_of app 1)" "$world/faults.log" && break
    sleep 0.05
  done
  sleep 0.3
  began=$EPOCHREALTIME
  kill "-$1" "$pid"
  wait "$pid" || found=$?
  [ "$found" = "$2" ] || { show_output && fail "expected exit status $2 after SIG$1, found $found"; }
  [ "$(echo "$EPOCHREALTIME - $began < 3" | tr , . | python3 -c 'print(int(eval(input())))')" = 1 ] ||
    fail "it took more than three seconds to end"
  one_line
}

it "an interrupted first pull leaves an empty store"
interrupted INT 130
store_is_empty

it "an interrupted pull leaves the other images as they were"
expect_status 0 hallmark pull "$registry/lib/good:1"
remember_store
interrupted INT 130
store_is_untouched
interrupted TERM 143
store_is_untouched

it "the next run is not hindered"
expect_status 0 hallmark pull "$registry/lib/app:1"
expect_status 0 hallmark check

it "what was received is kept for the next try, and hashed again"
rm -rf "$store"
interrupted INT 130
store_is_empty
[ -n "$(find "$store/.hallmark/kept" -type f)" ] || fail "nothing was kept"
: >"$world/faults.log"
expect_status 0 hallmark pull "$registry/lib/app:1"
[ -z "$(find "$store/.hallmark/kept" -type f)" ] || fail "something waits that nobody needs"
expect_status 0 hallmark check
rm -rf "$store"
interrupted INT 130
for file in "$store"/.hallmark/kept/*; do printf changed | dd of="$file" bs=1 seek=5000 conv=notrunc status=none; done
expect_status 0 hallmark pull "$registry/lib/app:1"
expect_status 0 hallmark check

it "a run that was killed outright leaves at most quarantine, which the next run sweeps"
rm -rf "$store"
: >"$world/faults.log"
"$HALLMARK" pull "${fault[slow@layer]}/lib/app:1" >"$out" 2>"$err" &
pid=$!
until grep -q "$(layer_of app 1)" "$world/faults.log"; do sleep 0.05; done
sleep 0.3
{ kill -KILL "$pid" && wait "$pid"; } 2>/dev/null || true
[ ! -e "$store/index.json" ] || expect_status 0 hallmark check
expect_status 0 hallmark pull "$registry/lib/good:1"
[ -z "$(find "$store/.hallmark/staging" -type f 2>/dev/null)" ] || fail "the quarantine of a dead process was not swept"
expect_status 0 hallmark check
