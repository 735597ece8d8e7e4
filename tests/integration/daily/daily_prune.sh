#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A day with docker's commands: image prune, which asks, -f, which does not, and -a, which takes everything.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/daily.sh"
start_hub
new=$(config_of "$here") old=$(config_of "1.24-$machine")
# The publisher gave the tag 1.24 to another image.
expect_status 0 hallmark pull -q nginx:1.24
push_image nginx-1.25 library/nginx 1.24
for name in nginx:1.24 nginx:1.25; do expect_status 0 hallmark pull -q "$name"; done
bytes() { cat "$store"/blobs/sha256/* | wc -c; }
warned() {
  # The answer of nobody leaves a line that ends.
  [ "$(cat "$err")" = "WARNING! This will remove $1."$'\n'"Are you sure you want to continue? [y/N] " ] ||
    { show_output && fail "it asks in other words"; }
}
# pruned BYTES NAME DIGEST...: standard output is what docker prints, with blobs in any order.
pruned() {
  local freed=$1 untagged=$2
  shift 2
  printf '%s\n' "$untagged" "Total reclaimed space: $freed" "" "Deleted Images:" "${@/#/deleted: }" | sort | diff - <(sort "$out") >&2 ||
    fail "something else was pruned"
  [ "$(sed -n 1p "$out")" = "Deleted Images:" ] && [ "$(tail -n 2 "$out" | sed 1q)" = "" ] || fail "another order"
}
in_kb() { awk -v bytes="$1" 'BEGIN { printf "%.4gkB", bytes / 1000 }'; }

it "hallmark image prune asks, and no is no"
remember_store
for answer in 'echo n |' 'echo |' 'echo yes |' '</dev/null'; do
  if [ "$answer" = '</dev/null' ]; then typed 0 'hallmark image prune </dev/null'; else typed 0 "$answer hallmark image prune"; fi
  printed "Total reclaimed space: 0B"
  warned "all dangling images"
  store_is_untouched
done

it "hallmark image prune, y: the image without a tag goes, what others share stays"
before=$(bytes)
typed 0 'echo y | hallmark image prune'
warned "all dangling images"
freed=$((before - $(bytes)))
[ "$freed" -gt 1000 ]
pruned "$(in_kb $freed)" "untagged: nginx@$(digest_of_image nginx-1.24)" "$old" "$(digest_of_image nginx-1.24)" \
  "$(digest_of_image "1.24-$machine")" "$(layer_of "1.24-$machine" 0)"
[ "$(names_in_store)" = "nginx:1.24 nginx:1.25 " ] || fail "the store has: $(names_in_store)"
expect_status 0 hallmark check

it "hallmark image prune -f, when there is nothing"
typed 0 'hallmark image prune -f'
printed "Total reclaimed space: 0B"
told

it "hallmark image prune -a asks as well, and hallmark image prune -a -f takes everything"
remember_store
typed 0 'echo n | hallmark image prune -a'
warned "all images (no container holds one here)"
store_is_untouched
before=$(bytes)
typed 0 'hallmark image prune -a -f'
told
printf 'untagged: nginx:%s\n' 1.24 1.25 | diff - <(sed -n '/^untagged/p' "$out" | sort) || fail "other names"
sed -i '0,/^untagged/{/^untagged/d}; s/^\(untagged: nginx\):.*/\1/' "$out"
pruned "$(in_kb "$before")" "untagged: nginx" "$new" "$(digest_of_image nginx-1.25)" "$(digest_of_image "$here")" "$(layer_of "$here" 0)" \
  "$(layer_of "$here" 1)"
[ -z "$(names_in_store)" ] && [ -z "$(ls "$store/blobs/sha256")" ] || fail "something is left"
expect_status 0 hallmark pull -q nginx:1.25

it "a filter that is wrong removes nothing"
remember_store
for wrong in reference=nginx nope=1 until=never label; do
  typed 2 "hallmark image prune -a -f --filter $wrong"
  prints_nothing
  one_line
  store_is_untouched
done
typed 2 'hallmark image prune -f nginx'
one_line
typed 0 'hallmark image prune -a -f --filter until=24h --filter label=mark'
printed "Total reclaimed space: 0B"
store_is_untouched
