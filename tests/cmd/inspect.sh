#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hallmark inspect: the JSON of docker image inspect.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"

it "a name that is not there prints an empty list and says so"
expect_status 5 hallmark inspect nosuch
[ "$(cat "$out")" = "[]" ] || fail "not an empty list"
says '^hallmark: error: no such image: nosuch:latest$'
one_line

start_registry plain
make_image one --mark one
make_image two --mark two
push_image one lib/app 1
push_image one lib/app 1.1
push_image one other/app 1
push_image two lib/app 2
for name in lib/app:1.1 lib/app:1 other/app:1 lib/app:2; do expect_status 0 hallmark pull -q "$registry/$name"; done
r=$registry id=$(config_of one) layer=$(layer_of one 0)
tar_size=$(zcat "$(blob_file "$layer")" | wc -c)

it "keys and their order are docker's"
expect_status 0 hallmark inspect "$r/lib/app:1"
diff - "$out" <<END || fail "other JSON"
[
    {
        "Id": "$id",
        "RepoTags": [
            "$r/lib/app:1",
            "$r/lib/app:1.1",
            "$r/other/app:1"
        ],
        "RepoDigests": [
            "$r/lib/app@$(digest_of_image one)",
            "$r/other/app@$(digest_of_image one)"
        ],
        "Parent": "",
        "Comment": "",
        "Created": "2026-01-02T03:04:05Z",
        "DockerVersion": "",
        "Author": "",
        "Config": {
            "Hostname": "",
            "Domainname": "",
            "User": "",
            "AttachStdin": false,
            "AttachStdout": false,
            "AttachStderr": false,
            "Tty": false,
            "OpenStdin": false,
            "StdinOnce": false,
            "Env": [
                "PATH=/bin"
            ],
            "Cmd": [
                "/bin/sh"
            ],
            "Image": "",
            "Volumes": null,
            "WorkingDir": "",
            "Entrypoint": null,
            "OnBuild": null,
            "Labels": {
                "mark": "one"
            }
        },
        "Architecture": "$(jq -r .architecture "$(blob_file "$id")")",
        "Os": "linux",
        "Size": $tar_size,
        "VirtualSize": $tar_size,
        "RootFS": {
            "Type": "layers",
            "Layers": [
                "sha256:$(zcat "$(blob_file "$layer")" | sha256sum | cut -d' ' -f1)"
            ]
        }
    }
]
END

it "an id, its prefix and a name with a digest name the same image"
cp "$out" "$world/by-name"
for text in "$id" "${id:7}" "${id:7:12}" "${id:7:4}" "$r/other/app@$(digest_of_image one)"; do
  expect_status 0 hallmark inspect "$text"
  cmp "$out" "$world/by-name" || fail "$text is another image"
done

it "there is one type, and scripts may say it"
expect_status 0 hallmark inspect --type image -f '{{.Id}}' "$r/lib/app:1"
[ "$(cat "$out")" = "$id" ] || fail "another id"
expect_status 2 hallmark inspect --type container "$r/lib/app:1"
one_line
says '"container" is not a valid value for --type, expected image'

it "what is found is printed beside what is not, and the failures share their status"
expect_status 5 hallmark inspect nosuch "$r/lib/app:2" "$r/lib/app:nope" "$r/lib/app:1"
[ "$(jq -r '.[].Config.Labels.mark' "$out" | tr '\n' ' ')" = "two one " ] || fail "not the two that are there"
[ "$(grep -c '^hallmark: error: no such image: ' "$err")" = 2 ] || fail "not two failures"

it "of several platforms an id names its own, and the name goes with all of them"
make_image arm --mark arm --platform linux/arm64/v8
make_image amd --mark amd --platform linux/amd64
make_index both arm amd
push_image both lib/both 1
expect_status 0 hallmark pull -q --all-platforms "$r/lib/both:1"
for part in arm amd; do
  expect_status 0 hallmark inspect "$(config_of $part)"
  [ "$(jq -r '.[].Config.Labels.mark' "$out")" = $part ] || fail "the id of $part names another image"
  [ "$(jq -r '.[].RepoTags[]' "$out")" = "$r/lib/both:1" ] || fail "$part has lost its name"
done
[ "$(jq -r '.[].RepoDigests[]' "$out")" = "$r/lib/both@$(digest_of_image both)" ] || fail "not the digest of the index"
expect_status 0 hallmark rmi "$(config_of amd)"
expect_status 5 hallmark inspect "$(config_of arm)"

it "a damaged image is not told in part, and damage comes before absence"
chmod u+w "$store/blobs/sha256/${id#sha256:}"
flip_byte "$store/blobs/sha256/${id#sha256:}"
expect_status 4 hallmark inspect "$r/lib/app:1" nosuch "$r/lib/app:2"
[ "$(jq length "$out")" = 1 ] || fail "not the one that is whole"
says "$r/lib/app:1: "

it "without a name there is nothing to do"
expect_status 2 hallmark inspect
one_line
