#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hallmark image prune: what no tag names goes, what it frees is told exactly, and nothing else is lost.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"

prune() { faketime -f '@2026-01-02 05:04:05' "$HALLMARK" image prune "$@"; }
bytes_in_store() { find "$store/blobs" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum + 0 }'; }

it "an empty store has nothing to prune, and none is made"
expect_status 0 prune -f
[ "$(cat "$out")" = "Total reclaimed space: 0B" ] || fail "another line"
[ ! -e "$store" ] || fail "pruning made a store"

start_registry plain
make_image old --mark old --folder "$tests/support"
make_image new --mark new --created 2026-01-02T05:03:00Z --folder "$tests/support"
push_image old lib/app 1
expect_status 0 hallmark pull -q "$registry/lib/app:1"
push_image new lib/app 1
push_image new lib/app 2
r=$registry old=$(digest_of_image old) new=$(digest_of_image new)
# The old image has lost its tag, and shares a layer with the new one.
pull_all() { for name in lib/app:1 lib/app:2; do expect_status 0 hallmark pull -q "$r/$name"; done; }
pull_all
expect_status 0 hallmark images -f dangling=true --format '{{.Repository}} {{.Tag}} {{.ID}}' --no-trunc
[ "$(cat "$out")" = "$r/lib/app <none> $(config_of old)" ] || { show_output && fail "another one dangles"; }

it "it asks first, in docker's words, and anything but y is a no"
remember_store
for answer in n "" yes N; do
  expect_status 0 prune <<<"$answer"
  says '^WARNING! This will remove all dangling images\.$'
  says 'Are you sure you want to continue\? \[y/N\] $'
  [ "$(cat "$out")" = "Total reclaimed space: 0B" ] || fail "another result"
  store_is_untouched
done
expect_status 0 prune </dev/null
[ "$(cat "$out")" = "Total reclaimed space: 0B" ] || fail "another result"
[ -z "$(tail -c 1 "$err")" ] || fail "the next prompt stands behind the question"
expect_status 0 prune --json </dev/null
[ "$(cat "$out")" = '{"Untagged":[],"Deleted":[],"Freed":0}' ] || fail "other JSON"
store_is_untouched

it "a dangling image goes; the space told is the space that came back, without what others share"
before=$(bytes_in_store)
expect_status 0 prune <<<y
freed=$((before - $(bytes_in_store)))
[ "$freed" -gt 0 ] || fail "nothing was freed"
printf '%s\n' "Deleted Images:" "untagged: $r/lib/app@$old" >"$world/expected"
head -n 2 "$out" | diff "$world/expected" - || fail "other names"
[ "$(sed -n 's/^deleted: //p' "$out" | sort | tr '\n' ' ')" = "$(printf '%s\n' "$old" "$(config_of old)" "$(layer_of old 0)" | sort | tr '\n' ' ')" ] ||
  { show_output && fail "other blobs"; }
[ "$(tail -n 2 "$out" | head -n 1)" = "" ] || fail "no blank line"
[ "$(tail -n 1 "$out")" = "Total reclaimed space: $(python3 -c '
import sys
size, unit = float(sys.argv[1]), 0
while size >= 1000: size, unit = size / 1000, unit + 1
print("%.4g" % size + ["B", "kB", "MB"][unit])' "$freed")" ] || { show_output && fail "freed were $freed bytes"; }
expect_status 0 hallmark check
expect_status 0 prune -f
[ "$(cat "$out")" = "Total reclaimed space: 0B" ] || fail "there was more"

it "what was pulled by digest has no tag and goes, unless a tag has the image"
expect_status 0 hallmark pull -q "$r/lib/app@$new"
expect_status 0 prune -f
[ "$(cat "$out")" = "Total reclaimed space: 0B" ] || { show_output && fail "a tag has it"; }
expect_status 0 hallmark pull -q "$r/lib/app@$old"
expect_status 0 prune -f
prints "^untagged: $r/lib/app@$old$"

it "filters hold for prune as for images"
expect_status 0 hallmark pull -q "$r/lib/app@$old"
for filter in until=2026-01-02T03:00:00 until=3h label=mark=new 'label!=mark' label=nope; do
  expect_status 0 prune -f --filter "$filter"
  [ "$(cat "$out")" = "Total reclaimed space: 0B" ] || { show_output && fail "$filter chose something"; }
done
expect_status 2 prune -f --filter reference=x
says "Invalid filter 'reference'"
one_line
expect_status 0 prune -f --filter until=1h --filter label=mark
prints "^untagged: $r/lib/app@$old$"

it "-a means every image that fits, and says so"
expect_status 0 prune -a </dev/null
says '^WARNING! This will remove all images \(no container holds one here\)\.$'
expect_status 0 prune -a -f --filter until=1h
[ "$(cat "$out")" = "Total reclaimed space: 0B" ] || fail "the new image is too young"
before=$(bytes_in_store)
expect_status 0 prune -a -f
prints "^untagged: $r/lib/app:1$"
prints "^untagged: $r/lib/app:2$"
[ "$(bytes_in_store)" = 0 ] || fail "blobs are left"
[ -z "$(names_in_store)" ] || fail "names are left"

it "a blob that no image needs goes when nobody touched it for an hour"
pull_all
stray=$(echo stray | sha256sum | cut -d' ' -f1)
echo stray >"$store/blobs/sha256/$stray"
echo other >"$store/blobs/sha256/notes.txt"
expect_status 0 hallmark image prune -f
[ -e "$store/blobs/sha256/$stray" ] || fail "somebody may be at work with it"
expect_status 0 env NO_FAKE_STAT=1 faketime -f +2h "$HALLMARK" image prune -f --filter label=nope
[ -e "$store/blobs/sha256/$stray" ] || fail "a filter means images"
expect_status 0 env NO_FAKE_STAT=1 faketime -f +2h "$HALLMARK" image prune -f
prints "^deleted: sha256:$stray$"
[ "$(tail -n 1 "$out")" = "Total reclaimed space: 6B" ] || { show_output && fail "not six bytes"; }
[ ! -e "$store/blobs/sha256/$stray" ] || fail "it is still there"
[ -e "$store/blobs/sha256/notes.txt" ] || fail "what is no blob was removed"
expect_status 0 hallmark check

it "what a pull brings in while the question waits stays, whole"
expect_status 0 hallmark rmi "$r/lib/app:1" "$r/lib/app:2"
expect_status 0 hallmark pull -q "$r/lib/app@$old"
mkfifo "$world/answer"
hallmark image prune <"$world/answer" >"$world/prune.out" 2>"$world/prune.err" &
asking=$!
exec 9>"$world/answer"
for _ in $(seq 1200); do
  ! grep -q 'continue?' "$world/prune.err" || break
  sleep 0.05
done
pull_all
echo y >&9
exec 9>&-
wait "$asking" || fail "prune failed"
grep -q "^untagged: $r/lib/app@$old$" "$world/prune.out" || fail "the dangling image stayed"
[ "$(names_in_store)" = "$r/lib/app:1 $r/lib/app:2 " ] || fail "the pulled images are lost"
expect_status 0 hallmark check
expect_status 0 hallmark rmi "$r/lib/app:1" "$r/lib/app:2"

it "pulls and prunes at once: every pull ends with its image whole or says why, and nothing is damaged"
for _ in 1 2 3; do
  hallmark pull -q "$r/lib/app:2" >"$world/pull.out" 2>&1 &
  pulling=$!
  for _ in 1 2 3; do expect_status 0 hallmark image prune -f; done
  wait "$pulling" || fail "the pull failed: $(cat "$world/pull.out")"
  [ "$(names_in_store)" = "$r/lib/app:2 " ] || fail "the pulled image is lost"
  expect_status 0 hallmark check
  expect_status 0 hallmark rmi "$r/lib/app:2"
done

it "when it cannot be said what an image needs, no blob is deleted"
pull_all
expect_status 0 hallmark pull -q "$r/lib/app@$old"
chmod u+w "$store/blobs/sha256/${new#sha256:}"
flip_byte "$store/blobs/sha256/${new#sha256:}"
expect_status 4 hallmark image prune -f
says 'no blob was deleted'
prints '^Total reclaimed space: 0B$'
