#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A day with docker's commands: save and load, by a file, by a pipe, through gzip.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/daily.sh"
start_hub
for name in nginx nginx:1.25 nginx:1.24; do expect_status 0 hallmark pull -q "$name"; done
empty_store() {
  expect_status 0 hallmark image prune -a -f
  [ -z "$(names_in_store)" ] || fail "names are left"
}

it "hallmark save -o nginx.tar nginx:1.25"
typed 0 'hallmark save -o nginx.tar nginx:1.25'
silent
[ "$(tar -xOf nginx.tar manifest.json | jq -c '.[].RepoTags')" = '["docker.io/library/nginx:1.25"]' ] || fail "another docker archive"
[ "$(skopeo inspect --raw oci-archive:nginx.tar | sha256sum | cut -d' ' -f1)" = "$(digest_of_image nginx-1.25 | cut -d: -f2)" ] ||
  fail "other tools read something else"
it "hallmark save nginx > all.tar: all tags of the repository"
typed 0 'hallmark save nginx > all.tar'
[ "$(tar -xOf all.tar manifest.json | jq -r '.[].RepoTags[]' | sort | tr '\n' ' ')" = "$(printf 'docker.io/library/nginx:%s ' 1.24 1.25 latest)" ] ||
  fail "not all tags"
it "hallmark save nginx:1.25 | gzip > nginx.tar.gz"
typed 0 'hallmark save nginx:1.25 | gzip > nginx.tar.gz'
gunzip -c nginx.tar.gz | tar -xOf - manifest.json | jq -e '.[0].RepoTags == ["docker.io/library/nginx:1.25"]' >/dev/null || fail "another archive"
typed 0 'hallmark image save -o group.tar nginx:1.25'
silent

it "hallmark load -i nginx.tar"
empty_store
typed 0 'hallmark load -i nginx.tar'
printed "Loaded image: nginx:1.25"
told
[ "$(hallmark images --digests --format '{{.Repository}}:{{.Tag}} {{.Digest}}')" = "nginx:1.25 $(digest_of_image nginx-1.25)" ] ||
  fail "another image was loaded"
typed 0 'hallmark load -i nginx.tar'
printed "Loaded image: nginx:1.25"

it "hallmark load < nginx.tar.gz"
empty_store
typed 0 'hallmark load < nginx.tar.gz'
printed "Loaded image: nginx:1.25"
told
expect_status 0 hallmark check
it "hallmark load < all.tar, and zcat | hallmark load"
empty_store
typed 0 'hallmark image load < all.tar'
sort "$out" | diff <(printf 'Loaded image: nginx:%s\n' 1.24 1.25 latest) - || fail "other names"
empty_store
typed 0 'zcat nginx.tar.gz | hallmark load -q'
printed "Loaded image: nginx:1.25"

it "what the registry has and what was loaded are one image"
expect_status 0 hallmark pull nginx:1.25
printed "Digest: $(digest_of_image nginx-1.25)" "Status: Image is up to date for nginx:1.25" docker.io/library/nginx:1.25

it "save of what is not here, or to where nothing can be, is an error and leaves no file"
ls -A >"$world/files"
refused 5 'hallmark save -o no.tar nosuch' 'no such image: nosuch:latest$'
refused 5 'hallmark save -o no.tar nginx:1.25 nosuch' 'no such image: nosuch:latest$'
refused 1 'hallmark save -o /nodir/no.tar nginx:1.25' 'the folder /nodir does not exist$'
refused 2 'hallmark save' ''
flip_byte "$store/blobs/sha256/$(layer_of "$here" 0 | cut -d: -f2)"
refused 4 'hallmark save -o no.tar nginx:1.25' ".*$(layer_of "$here" 0)"
ls -A | diff "$world/files" - || fail "a file was left"
TERM=xterm script -qec 'hallmark save nginx:1.25' /dev/null </dev/null >"$out" && fail "it writes to a terminal"
grep -q "hallmark: error: .*terminal" "$out" || { show_output && fail "it does not say why"; }

it "a damaged archive, half of one, none, or no archive, is an error and leaves nothing"
empty_store
remember_store
head -c 5000 nginx.tar >cut.tar
head -c 1500 nginx.tar.gz >cut.tar.gz
python3 - <<'PYTHON'
import tarfile
data = bytearray(open("nginx.tar", "rb").read())
layer = max((m for m in tarfile.open("nginx.tar") if m.name.startswith("blobs/")), key=lambda m: m.offset_data)
data[layer.offset_data + layer.size // 2] ^= 1
open("flipped.tar", "wb").write(data)
PYTHON
refused 4 'hallmark load -i cut.tar' 'cut.tar: E_ARCHIVE_TRUNCATED: '
refused 4 'hallmark load < cut.tar.gz' 'standard input: '
refused 4 'hallmark load -i flipped.tar' 'flipped.tar: (.*: )?E_BLOB_DIGEST: '
refused 4 'echo nothing | hallmark load' 'standard input: E_ARCHIVE_TRUNCATED: '
refused 1 'hallmark load -i nosuch.tar' 'nosuch.tar: No such file or directory$'
refused 2 'hallmark load nginx.tar' ''
store_is_untouched
