#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hallmark rmi: takes names away, and with the last one the image; in docker's lines.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"

it "what is not there cannot be removed, but with --force that is no failure"
expect_status 5 hallmark rmi nosuch
says '^hallmark: error: no such image: nosuch:latest$'
one_line
expect_status 0 hallmark rmi -f nosuch
says 'no such image'

start_registry plain
make_image one --mark one
make_image two --mark two
push_image one lib/app 1
push_image one lib/app 1.1
push_image one other/app 1
push_image two lib/app 2
r=$registry digest=$(digest_of_image one) id=$(config_of one) layer=$(layer_of one 0)
pull() {
  local name
  for name; do expect_status 0 hallmark pull -q "$r/$name"; done
}
printed() { diff - "$out" >&2 || fail "other lines"; }
printed_deletion_of_one() {
  grep -v '^Deleted: ' "$out" | diff "$world/untagged" - >&2 || fail "other names"
  grep '^Deleted: ' "$out" | sort | diff <(printf 'Deleted: %s\n' "$digest" "$id" "$layer" | sort) - >&2 ||
    fail "other blobs"
  for blob in "$digest" "$id" "$layer"; do
    [ ! -e "$store/blobs/sha256/${blob#sha256:}" ] || fail "$blob is still there"
  done
}
untagged() { printf 'Untagged: %s\n' "$@" >"$world/untagged"; }

it "a name goes alone while another one needs the image"
pull lib/app:1 lib/app:1.1
expect_status 0 hallmark rmi "$r/lib/app:1"
printed <<END
Untagged: $r/lib/app:1
END
expect_status 0 hallmark inspect "$r/lib/app:1.1"
expect_status 5 hallmark inspect "$r/lib/app:1"

it "the last name of a repository takes the digest with it, and the last of all the image"
pull other/app:1
expect_status 0 hallmark rmi "$r/other/app:1"
printed <<END
Untagged: $r/other/app:1
Untagged: $r/other/app@$digest
END
expect_status 0 hallmark rmi "$r/lib/app:1.1"
untagged "$r/lib/app:1.1" "$r/lib/app@$digest"
printed_deletion_of_one

it "an id that has several names is not removed unless that is forced"
pull lib/app:1 other/app:1
remember_store
expect_status 1 hallmark rmi "${id:7:12}"
says "^hallmark: error: conflict: unable to delete ${id:7:12} \(must be forced\) - image is referenced in multiple repositories$"
says "$r/lib/app:1, $r/other/app:1"
one_line
prints_nothing
store_is_untouched
expect_status 0 hallmark rmi --force "${id:7:12}"
untagged "$r/lib/app:1" "$r/lib/app@$digest" "$r/other/app:1" "$r/other/app@$digest"
printed_deletion_of_one
pull lib/app:1 lib/app:1.1
expect_status 1 hallmark rmi "$id"
says 'referenced by multiple tags$'
expect_status 0 hallmark rmi -f "$id"

it "an id with one name is that name"
pull lib/app:1
expect_status 0 hallmark rmi "${id:7:12}"
untagged "$r/lib/app:1" "$r/lib/app@$digest"
printed_deletion_of_one

it "an image pulled by digest is removed by digest"
pull "lib/app@$digest"
expect_status 0 hallmark rmi "$r/lib/app@$digest"
untagged "$r/lib/app@$digest"
printed_deletion_of_one

it "a digest alone does not take a tag away"
pull lib/app:1
expect_status 1 hallmark rmi "$r/lib/app@$digest"
says 'referenced by a tag$'
expect_status 0 hallmark inspect "$r/lib/app:1"

it "several are removed one after the other, and what is missing is told"
pull lib/app:2
expect_status 5 hallmark rmi nosuch "$r/lib/app:1" "$r/lib/app:2" nosuch2
[ "$(grep -c '^Untagged: .*app:[12]$' "$out")" = 2 ] || fail "not both names"
[ "$(grep -c 'no such image' "$err")" = 2 ] || fail "not both failures"
[ -z "$(ls "$store/blobs/sha256")" ] || fail "blobs are left"

it "failures of different kinds are told as such"
pull lib/app:1 other/app:1
expect_status 8 hallmark rmi nosuch "${id:7:12}"

it "layers that another image needs stay"
base=$(layer_of two 0)
make_image both --mark two --folder "$tests/support"
push_image both lib/both 1
pull lib/app:2 lib/both:1
expect_status 0 hallmark rmi "$r/lib/both:1"
! grep -q "$base" "$out" || fail "the shared layer was deleted"
expect_status 0 hallmark check

it "a damaged image can be removed by its name"
file=$store/blobs/sha256/$(config_of two | cut -c8-)
chmod u+w "$file"
flip_byte "$file"
expect_status 0 hallmark rmi "$r/lib/app:2"

it "a blob that cannot be deleted is told with the names that went"
pull lib/app:2
blob=$store/blobs/sha256/$(layer_of two 0 | cut -c8-)
mkdir "$world/aside"
mv "$blob" "$world/aside/layer"
mkdir "$blob" && touch "$blob/file"
expect_status 1 hallmark rmi "$r/lib/app:2"
says "^hallmark: error: untagged $r/lib/app:2, but not all blobs could be deleted: cannot remove $blob: "
says "^hint: when the cause is gone, hallmark image prune "
expect_status 0 hallmark images -q "$r/lib/app:2"
[ ! -s "$out" ]
