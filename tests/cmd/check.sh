#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hallmark check: re-hashes the whole store and tells what is damaged.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"

it "an empty store is whole, and stays away"
expect_status 0 hallmark check
prints '^The store is whole: 0 blobs, 0B$'
[ ! -e "$store" ] || fail "looking made a store"

start_registry plain
make_image one --mark one
make_image two --mark two
push_image one lib/app 1
push_image one lib/app 1.1
push_image two lib/app 2
r=$registry
for tag in 1 1.1 2; do expect_status 0 hallmark pull -q "$r/lib/app:$tag"; done
file_of() { echo "$store/blobs/sha256/${1#sha256:}"; }

it "what was pulled is whole, each blob read once"
remember_store
expect_status 0 hallmark check
prints '^The store is whole: 6 blobs, '
[ ! -s "$err" ] || fail "standard error is not empty"
store_is_untouched

it "a changed layer, a cut config and a missing manifest are told, each with the images that need it"
layer=$(layer_of one 0) config=$(config_of one) manifest=$(digest_of_image two)
chmod u+w "$(file_of "$layer")" "$(file_of "$config")"
flip_byte "$(file_of "$layer")"
truncate -s -1 "$(file_of "$config")"
rm -f "$(file_of "$manifest")"
remember_store
expect_status 4 hallmark check
[ "$(grep -c '^sha256:' "$out")" = 3 ] || fail "not three damages"
prints "^$layer: found sha256:.* \(needed by $r/lib/app:1, $r/lib/app:1.1\)$"
prints "^$config: .* \(needed by $r/lib/app:1, $r/lib/app:1.1\)$"
prints "^$manifest: missing \(needed by $r/lib/app:2\)$"
prints '^The store is damaged: 3 of '
says '^hint: bring these images in again, with hallmark pull or load'
store_is_untouched
it "--json tells the same to a machine"
expect_status 4 hallmark check --json
jq -e '.Blobs > 0 and .Size > 0 and (.Damaged | length == 3)' "$out" >/dev/null
[ "$(jq -c --arg digest "$layer" '.Damaged[] | select(.Digest == $digest).NeededBy' "$out")" = "[\"$r/lib/app:1\",\"$r/lib/app:1.1\"]" ]
[ "$(jq -r --arg digest "$manifest" '.Damaged[] | select(.Digest == $digest).What' "$out")" = missing ]

it "pulling the damaged images again mends them"
cp -a "$store" "$world/damaged.store"
for tag in 1 1.1 2; do expect_status 0 hallmark pull -q "$r/lib/app:$tag"; done
expect_status 0 hallmark check
prints '^The store is whole: 6 blobs, '

it "so does loading them"
expect_status 0 hallmark save -o "$world/whole.tar" "$r/lib/app"
export HALLMARK_STORE=$world/damaged.store
expect_status 4 hallmark check
expect_status 0 hallmark load -q -i "$world/whole.tar"
expect_status 0 hallmark check
prints '^The store is whole: 6 blobs, '
export HALLMARK_STORE=$store

it "what cannot be brought in again can be removed"
rm -f "$(file_of "$manifest")"
expect_status 4 hallmark check
expect_status 0 hallmark rmi "$r/lib/app:2"
expect_status 0 hallmark check
expect_status 0 hallmark pull -q "$r/lib/app:2"

if [ -d /dev/shm ] && [ -w /dev/shm ]; then
  it "damage that the file system did not notice is mended by the next pull, once check has found it"
  memory=$(mktemp -d -p /dev/shm)
  at_end() { rm -rf "$memory"; }
  export HALLMARK_STORE=$memory/store
  expect_status 0 hallmark pull -q "$r/lib/app:1"
  python3 -c 'import mmap, sys
with open(sys.argv[1], "r+b") as file:
    mmap.mmap(file.fileno(), 0)[0] ^= 1' "$HALLMARK_STORE/blobs/sha256/${layer#sha256:}"
  expect_status 0 hallmark pull "$r/lib/app:1"
  prints "^Status: Image is up to date"
  expect_status 4 hallmark check
  expect_status 0 hallmark pull "$r/lib/app:1"
  expect_status 0 hallmark check
  export HALLMARK_STORE=$store
fi

it "check takes no names"
expect_status 2 hallmark check "$r/lib/app:1"
one_line
