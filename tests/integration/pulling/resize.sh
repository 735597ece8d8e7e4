#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Somebody pulls at the window in the middle of a pull, and then has enough of it: what is to be seen stays clean.
. "$(dirname "$0")/../lib.sh"
start_registry plain
folders=()
for number in 1 2 3 4 5 6 7 8; do
  mkdir -p "$world/layers/$number"
  head -c 2000000 /dev/urandom >"$world/layers/$number/noise"
  folders+=(--folder "$world/layers/$number")
done
make_image app --level 1 "${folders[@]}"
push_image app lib/app 1
start_faults "http://$registry" trickle@layer
name=${fault[trickle@layer]}/lib/app:1
# seen STEP...: of a pull after a line of somebody else's.
seen() {
  TERM=xterm python3 "$tests/support/screen.py" "$world" "$@" -- bash -c 'echo somebody else; exec "$HALLMARK" pull "$1"' - "$name" </dev/null
}
# picture NAME [all]: the bars, from below what was said before them.
picture() { sed '1,/^1: Pulling from/d' "$world/$1.${2:-all}"; }
broken() {
  cat "$world/$1.all" >&2
  fail "$2"
}
# whole NAME [END]: every layer on one line, then the total, once; above it what was there before.
whole() {
  [ "$(sed -n 1p "$world/$1.all")" = "somebody else" ] || broken "$1" "another's line is gone"
  grep -q '^no publisher was verified' "$world/$1.all" || broken "$1" "a line of ours is gone"
  diff "$world/ids" <(picture "$1" | sed -n '1,9s/:.*//p') >&2 ||
    broken "$1" "not each layer once"
  picture "$1" | sed -n 10p | grep -qE '^0/9 layers, [0-9.]+[kM]?B/[0-9.]+MB' || broken "$1" "no total"
  [ "$(picture "$1" | sed 1,10d)" = "${2:-}" ] || broken "$1" "something stands below"
}
manifest_of app | jq -r '.layers[].digest[7:19]' >"$world/ids"

it "bars with speed and time left in a wide window; narrower, lower than there are layers, and wide again"
found=0
seen 30x130 until:'Downloading .* left' see:wide 30x45 wait:0.5 see:narrow 7x60 wait:0.5 see:low 30x60 wait:0.5 see:high 4x60 wait:0.5 see:lowest \
  30x130 wait:0.5 see:again 30x130 interrupt end see:end || found=$?
whole wide
picture wide | grep -qE '^[0-9a-f]{12}: Downloading \[=*> *\] +[0-9.]+[kM]?B/2[.0-9]*MB, [0-9.]+kB/s, [0-9]+ seconds left$' ||
  broken wide "no bar with speed and time left"
whole narrow
! picture narrow | grep -q '\[' || broken narrow "a bar where there is no room"
for window in low lowest; do
  [ "$(grep -c ' layers, ' "$world/$window.screen")" = 1 ] || broken $window "not one total"
  [ -z "$(sed 's/:.*//' "$world/$window.screen" | grep -x '[0-9a-f]*' | sort | uniq -d)" ] || broken $window "a layer twice"
  [ "$(wc -l <"$world/$window.screen")" -le "$([ $window = low ] && echo 7 || echo 4)" ] || broken $window "more lines than rows"
  [ "$(tail -n 1 "$world/$window.screen")" = "" ] || broken $window "the cursor does not stand below"
done
whole high
whole again

it "Ctrl-C leaves the last picture, one line below it, and an empty store"
[ "$found" = 130 ] || fail "expected exit status 130, found $found"
whole end "hallmark: error: interrupted"
store_is_empty

it "a window that is pulled at all the time"
found=0 steps=()
for size in 30x100 12x100 30x90 30x130 9x130 14x120 30x130; do steps+=("$size" wait:0.25); done
seen 30x130 until:Downloading "${steps[@]}" wait:0.5 see:pulled interrupt end see:end || found=$?
[ "$found" = 130 ] || fail "expected exit status 130, found $found"
whole pulled
whole end "hallmark: error: interrupted"
store_is_empty
sentence=""
