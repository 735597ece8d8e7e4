#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A bundle in parts: plain slices and a header; what is damaged or missing is named, and nothing of it comes in.
. "$(dirname "$0")/../lib.sh"
start_registry plain
make_image app --folder /usr/share/doc/bash
push_image app lib/app 1
app=$registry/lib/app:1
expect_status 0 hallmark pull "$app"
mkdir "$world/media" "$world/alone"
bundle=$world/media/app.tar
expect_status 0 hallmark save -o "$world/alone/app.tar" "$app"
size=$(stat -c %s "$world/alone/app.tar")
slice=$((size / 5 + 1))
# in_parts: the names in the folder, on one line.
in_parts() { find "$world/media" -mindepth 1 -printf '%f\n' | sort | tr '\n' ' '; }
reset() {
  rm -rf "${world:?}/media"
  mkdir "$world/media"
  expect_status 0 hallmark save --split $slice -o "$bundle" "$app"
}
inner() { hallmark --store "$world/inner" "$@"; }
nothing_came_in() { [ ! -d "$world/inner" ] || [ -z "$(find "$world/inner" -type f ! -name '*lock*')" ] || { find "$world/inner" >&2 && fail "something came in"; }; }

it "the slices in a row are the tar, and the header tells of each"
reset
[ "$(in_parts)" = "app.tar.000 app.tar.001 app.tar.002 app.tar.003 app.tar.004 app.tar.005 " ]
cat "$bundle".00[1-9] | cmp - "$world/alone/app.tar"
jq -e --argjson size "$size" --argjson slice $slice '.format == 1 and .bundle.size == $size and .partSize == $slice' "$bundle.000" >/dev/null
[ "$(jq -r .bundle.sha256 "$bundle.000")" = "$(sha256sum <"$world/alone/app.tar" | cut -d' ' -f1)" ]
[ "$(jq -r .statement "$bundle.000")" = "$(tar -xOf "$world/alone/app.tar" index.json | jq -r '.annotations["vnd.hallmark.bundle.statement"]')" ]
jq -r '.parts[] | .sha256 + "  " + .name' "$bundle.000" | (cd "$world/media" && sha256sum -c --quiet)
jq -cjS . "$bundle.000" | cmp - "$bundle.000"

it "the first part stands for all of them"
expect_status 0 inner bundle ls --json "$bundle.000"
jq -e --arg digest "$(digest_of_image app)" '.Digest == $digest' "$out" >/dev/null
expect_status 0 inner verify-bundle "$bundle.000"
expect_status 0 inner load -i "$bundle.000"
prints "Loaded image: $app"
[ "$(inner images -q --no-trunc "$app")" = "$(config_of app)" ]
rm -rf "$world/inner"

it "parts may be links to their media"
mkdir "$world/usb"
mv "$bundle.002" "$world/usb/app.tar.002"
ln -s "$world/usb/app.tar.002" "$bundle.002"
expect_status 0 inner verify-bundle "$bundle.000"
rm -rf "$world/inner"

it "parts are checked one by one, in any order, wherever their header is"
reset
expect_status 0 hallmark verify-bundle --parts "$bundle.004" "$bundle.001"
[ "$(cat "$out")" = "app.tar.004: OK
app.tar.001: OK" ]
mkdir -p "$world/usb2"
cp "$bundle.003" "$world/usb2"
expect_status 0 hallmark verify-bundle --parts "$world/usb2/app.tar.003" "$bundle.000"
expect_status 0 hallmark verify-bundle --parts "$bundle.000"
[ "$(grep -c ': OK$' "$out")" = 5 ]
flip_byte "$bundle.003"
rm "$bundle.005"
expect_status 4 hallmark verify-bundle --parts "$bundle.000"
one_line
prints "^app.tar.003: expected sha256:[0-9a-f]{64}, found sha256:"
prints "^app.tar.005: not there$"
[ "$(grep -c ': OK$' "$out")" = 3 ]
expect_status 4 hallmark verify-bundle --parts --json "$bundle.000"
one_line
[ "$(jq -c 'select(.Whole | not) | [.Name, .What]' "$out" | tail -n 1)" = '["app.tar.005","not there"]' ]
[ "$(jq -c 'select(.Whole) | .What' "$out" | sort | uniq -c | tr -s ' ')" = " 3 null" ]
expect_status 0 hallmark verify-bundle --parts "$bundle.002"
expect_status 4 hallmark verify-bundle --parts "$bundle.003"
expect_status 5 hallmark verify-bundle --parts "$bundle.005"
expect_status 5 hallmark verify-bundle --parts "$world/usb2/app.tar.003"
one_line
expect_status 2 hallmark verify-bundle --parts "$world/alone/app.tar"
expect_status 2 hallmark verify-bundle "$bundle.000" "$bundle.001"

it "a damaged part is named, whatever the damage does to the archive"
for part in 001 002 005; do
  reset
  flip_byte "$bundle.$part"
  expect_status 4 inner load -i "$bundle.000"
  one_line
  says "E_PART_DIGEST: app.tar.$part is damaged: expected sha256:[0-9a-f]{64}, found sha256:"
  says "^hint: copy this part again"
  nothing_came_in
done
reset
printf x | dd of="$bundle.001" conv=notrunc status=none
expect_status 4 inner verify-bundle "$bundle.000"
says "E_PART_DIGEST: app.tar.001 is damaged"
expect_status 4 hallmark bundle ls "$bundle.000"
says "E_PART_DIGEST: app.tar.001 is damaged"

it "parts that are missing are all named before anything is read"
reset
rm "$bundle.002" "$bundle.004"
expect_status 5 inner load -i "$bundle.000"
one_line
says "E_PART_MISSING: not beside it: app.tar.002, app.tar.004$"
mkfifo "$bundle.002"
expect_status 5 timeout 60 "$HALLMARK" --store "$world/inner" load -i "$bundle.000"
reset
head -c 100 "$world/alone/app.tar" >"$bundle.004"
expect_status 4 inner load -i "$bundle.000"
one_line
says "E_PART_SIZE: app.tar.004: expected $slice bytes, found 100"
nothing_came_in

it "a header that is none, or that leads elsewhere, is refused"
refused_header() {
  reset
  jq -cj "$1" "$bundle.000" >"$world/changed"
  cp "$world/changed" "$bundle.000"
  expect_status 4 inner load -i "$bundle.000"
  one_line
  says "E_PART_HEADER: "
  nothing_came_in
}
refused_header '.parts[1].name = "../alone/app.tar"'
refused_header '.parts[1].name = "/etc/passwd"'
refused_header '.parts[1].name = ".."'
refused_header '.parts[1].name = .parts[0].name'
refused_header '.parts[1].size = 7'
refused_header '.partSize = 0'
refused_header '.parts = []'
refused_header '.format = 2'
refused_header '.more = 2'
refused_header '.bundle.size += 1'
refused_header 'del(.statement)'

it "a part that was exchanged with another that its header knows as well is refused by its digest"
reset
jq -cj '.parts[1].sha256 as $second | .parts[1].sha256 = .parts[2].sha256 | .parts[2].sha256 = $second' "$bundle.000" >"$world/changed"
cp "$world/changed" "$bundle.000"
mv "$bundle.002" "$bundle.x" && mv "$bundle.003" "$bundle.002" && mv "$bundle.x" "$bundle.003"
expect_status 4 inner load -i "$bundle.000"
says "E_"
nothing_came_in

it "whoever names a slice, or no part at all, is told which name to use"
reset
expect_status 2 inner load -i "$bundle.002"
says "the first part stands for all of them: $bundle.000"
expect_status 2 inner load -i "$bundle"
says "the first part stands for all of them: $bundle.000"

it "sizes have units, and what is no size is refused"
for size in 1MiB 1MB 2kB 64KiB; do
  rm -rf "${world:?}/media" && mkdir "$world/media"
  expect_status 0 hallmark save --split $size -o "$bundle" "$app"
done
[ "$(jq .partSize "$bundle.000")" = 65536 ]
[ "$(stat -c %s "$bundle.001")" = 65536 ]
rm -rf "${world:?}/media" && mkdir "$world/media"
for size in 0 -5 4G 1.5MB MB "" 99999999TiB 99999999999999999999; do
  expect_status 2 hallmark save --split "$size" -o "$bundle" "$app"
  one_line
done
expect_status 2 hallmark save --split 1MB "$app"
expect_status 2 hallmark save --split 1 -o "$bundle" "$app"
says "more than 999 parts"
[ -z "$(in_parts)" ]

it "it is whole or nothing: a damaged layer leaves no part, and no part of an older bundle is mixed with new ones"
flip_byte "$store/blobs/sha256/$(layer_of app 1 | cut -d: -f2)"
expect_status 4 hallmark save --split $slice -o "$bundle" "$app"
[ -z "$(in_parts)" ]
flip_byte "$store/blobs/sha256/$(layer_of app 1 | cut -d: -f2)"
echo old >"$bundle.007"
expect_status 1 hallmark save --split $slice -o "$bundle" "$app"
one_line
says "app.tar.007 is there already"
[ "$(in_parts)" = "app.tar.007 " ]

it "compressed parts are parts of the compressed tar"
reset
rm "$bundle".*
expect_status 0 hallmark save --compress zstd --split 20000 -o "$bundle" "$app"
cat "$bundle".00[1-9] "$bundle".0[1-9]? 2>/dev/null | zstd -dcq | cmp - "$world/alone/app.tar" || fail "not the tar"
expect_status 0 inner load -i "$bundle.000"
sentence=""
