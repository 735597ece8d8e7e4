#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: peers_test.sh COMMIT_DRIVER
#
# Other tools read a store as it is, by the names that it gives, and the store gets on with what they write into it.
set -euo pipefail
driver=$(realpath "$1")
for tool in skopeo umoci python3; do
  command -v "$tool" >/dev/null || { echo "SKIP peers_test: no $tool"; exit 77; }
done
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
fail() { echo "FAIL $*" >&2; exit 1; }

mkdir "$root/files"; echo hello >"$root/files/greeting"
python3 "$(dirname "$0")/../support/image.py" make "$root/made" --folder "$root/files" >/dev/null
store=$root/store
name=localhost:5000/lib/app:1
"$driver" import "$store" "$name" "$root/made"
"$driver" commit "$store" debian:12 1
"$driver" commit "$store" debian:12 2
digest=$("$driver" state "$store" | sed -n 's/^debian@\(sha256:[0-9a-f]*\) .*/\1/p')

skopeo copy -q "oci:$store:$name" "dir:$root/copied" || fail "skopeo does not copy $name"
cmp "$root/copied/manifest.json" "$root/made/blobs/sha256/$(sha256sum <"$root/copied/manifest.json" | cut -d' ' -f1)"
skopeo inspect "oci:$store:docker.io/library/debian:12" >/dev/null || fail "skopeo does not find debian:12"
[ "$(skopeo inspect --format '{{.Digest}}' "oci:$store:docker.io/library/debian@$digest")" = "$digest" ] ||
  fail "skopeo does not find the old image by its digest"

[ "$(umoci ls --layout "$store" | sort | head -1)" = docker.io/library/debian:12 ] || fail "umoci ls"
umoci unpack --rootless --image "$store:$name" "$root/bundle" >/dev/null 2>&1 || fail "umoci unpack"
grep -rqx hello "$root/bundle/rootfs" || fail "umoci unpacked something else"

# The other way about: what skopeo and umoci write is kept and listed, and removal respects it.
skopeo copy -q "oci:$root/made" "oci:$store:localhost:5000/by/skopeo:1" || fail "skopeo does not write into the store"
umoci tag --image "$store:$name" umoci-tag || fail "umoci does not write into the store"
"$driver" state "$store" >"$root/state"
grep -q '^localhost:5000/by/skopeo:1 ' "$root/state" || fail "not listed: $(cat "$root/state")"
grep -q DAMAGE "$root/state" && fail "damage: $(cat "$root/state")"
"$driver" remove "$store" "$name"
"$driver" remove "$store" localhost:5000/by/skopeo:1
umoci ls --layout "$store" | grep -qx umoci-tag || fail "the entry of umoci is gone"
skopeo copy -q "oci:$store:umoci-tag" "dir:$root/again" || fail "blobs that umoci's entry needs are gone"
umoci rm --image "$store:umoci-tag"
"$driver" commit "$store" busybox 3
"$driver" state "$store" >"$root/state"
grep -q '^busybox:latest ' "$root/state" || fail "not listed: $(cat "$root/state")"
echo "skopeo and umoci read the store and write into it"
