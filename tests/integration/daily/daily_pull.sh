#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A day with docker's commands: pull, in every way that people type it.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/daily.sh"
start_hub
digest=$(digest_of_image nginx-1.25)
has() { [ -e "$store/blobs/sha256/${1#sha256:}" ]; }
# layer_says DIGEST TEXT...: standard error tells this of the layer, in this order.
layer_says() {
  sed -n "s/^$(short "$1"): //p" "$err" | diff <(printf '%s\n' "${@:2}") - >&2 || fail "something else of layer $1"
}
not_layers() { without_notes "$err" | grep -vE '^[0-9a-f]{12}: ' || true; }
# on_terminal LINE: $out is what a terminal showed.
on_terminal() { TERM=xterm script -qec "$1" /dev/null </dev/null >"$out"; }

it "hallmark pull nginx"
typed 0 'hallmark pull nginx'
printed "Digest: $digest" "Status: Downloaded newer image for nginx:latest" "docker.io/library/nginx:latest"
not_layers | diff <(printf '%s\n' "Using default tag: latest" "latest: Pulling from library/nginx") - || fail "another frame"
for layer in 0 1; do
  layer_says "$(layer_of "$here" $layer)" "Pulling fs layer" "Verifying Checksum" "Download complete"
done
typed 0 'hallmark pull nginx'
printed "Digest: $digest" "Status: Image is up to date for nginx:latest" "docker.io/library/nginx:latest"
told "Using default tag: latest" "latest: Pulling from library/nginx"
[ "$(names_in_store)" = "nginx:latest " ] || fail "the store has: $(names_in_store)"

it "hallmark pull nginx:1.25"
typed 0 'hallmark pull nginx:1.25'
printed "Digest: $digest" "Status: Downloaded newer image for nginx:1.25" "docker.io/library/nginx:1.25"
says_not "Using default tag"
layer_says "$(layer_of "$here" 0)" "Already exists"

it "hallmark pull --platform linux/arm64 nginx:1.25"
rm -rf "$store"
typed 0 'hallmark pull --platform linux/arm64 nginx:1.25'
printed "Digest: $digest" "Status: Downloaded newer image for nginx:1.25" "docker.io/library/nginx:1.25"
[ "$(hallmark image inspect -f '{{.Os}}/{{.Architecture}} {{.Id}}' nginx:1.25)" = "linux/arm64 $(config_of 1.25-arm64)" ] ||
  fail "another platform came in"
! has "$(digest_of_image 1.25-amd64)" || fail "a platform came in that nobody asked for"

it "hallmark pull --all-platforms nginx:1.25"
typed 0 'hallmark pull --all-platforms nginx:1.25'
printed "Digest: $digest" "Status: Downloaded newer image for nginx:1.25" "docker.io/library/nginx:1.25"
for part in amd64 arm64; do
  has "$(digest_of_image 1.25-$part)" && has "$(layer_of 1.25-$part 0)" && has "$(config_of 1.25-$part)" || fail "$part is not whole"
done
expect_status 0 hallmark check

it "hallmark pull -v nginx"
typed 0 'hallmark pull -v nginx'
printed "Digest: $digest" "Status: Downloaded newer image for nginx:latest" "docker.io/library/nginx:latest"
says "^GET https://registry-1.docker.io/v2/library/nginx/manifests/latest -> 200, [0-9]+ ms$"
says "^ALLOW  nginx:latest$"
says_not "Authorization|Bearer"

it "hallmark pull nginx 2>&1 | cat"
rm -rf "$store"
typed 0 'hallmark pull nginx 2>&1 | cat'
prints "^$(short "$(layer_of "$here" 0)"): Download complete$"
[ "$(tail -n 1 "$out")" = docker.io/library/nginx:latest ] || { show_output && fail "another last line"; }
rm -rf "$store"
on_terminal 'hallmark pull nginx 2>&1 | cat'
prints "^$(short "$(layer_of "$here" 0)"): Download complete.?$"
! grep -q $'\x1b' "$out" || fail "it draws on a pipe"

it "a terminal gets pictures, with NO_COLOR no colours, with TERM=dumb plain lines, with --quiet nothing"
rm -rf "$store"
on_terminal 'NO_COLOR=1 hallmark pull nginx'
grep -q $'\x1b\[J' "$out" || fail "no picture"
! grep -qE $'\x1b\[[0-9;]*m' "$out" || fail "there are colours"
rm -rf "$store"
on_terminal 'TERM=dumb hallmark pull nginx'
! grep -q $'\x1b' "$out" || fail "it draws where it cannot"
rm -rf "$store"
on_terminal 'hallmark pull --quiet nginx'
without_notes "$out" | tr -d '\r' | diff <(echo docker.io/library/nginx:latest) - || fail "it is not quiet"

it "hallmark pull -q nginx, and hallmark image pull -q nginx"
for line in 'hallmark pull -q nginx' 'hallmark image pull -q nginx'; do
  typed 0 "$line"
  printed docker.io/library/nginx:latest
  told
done

it "what is not there, for no such platform, or no name at all, is an error and leaves nothing"
remember_store
typed 5 'hallmark pull nginx:9'
told "hallmark: error: nginx:9: registry-1.docker.io: the registry says: manifest unknown (MANIFEST_UNKNOWN, HTTP 404)"
typed 5 'hallmark pull nosuch'
says "^hallmark: error: nosuch:latest: .*HTTP 404"
typed 5 'hallmark pull --platform linux/riscv64 nginx:1.25'
says "^hallmark: error: nginx:1.25: no image for platform linux/riscv64; there is linux/amd64, linux/arm64$"
says "^hint: "
typed 2 'hallmark pull --platform linux/ nginx'
one_line
typed 2 'hallmark pull --all-platforms --platform linux/arm64 nginx'
one_line
typed 2 'hallmark pull NGINX'
says "^hallmark: error: invalid reference format: repository name \(library/NGINX\) must be lowercase"
typed 2 'hallmark pull'
one_line
typed 2 'hallmark pull --nope nginx'
says "^hallmark: error: unknown flag: --nope$"
store_is_untouched

it "a layer that is not what it should be is an error, and leaves nothing"
flip_byte "$(blob_file "$(layer_of "1.24-$machine" 0)")"
typed 4 'hallmark pull nginx:1.24'
one_line
damaged=$(layer_of "1.24-$machine" 0)
says "^hallmark: error: nginx:1.24: layer $damaged: expected $damaged, found sha256:[0-9a-f]{64} \\(E_BLOB_DIGEST\\)$"
prints_nothing
store_is_untouched
