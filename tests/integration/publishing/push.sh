#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Images go out as they came in: the same bytes, each once, the tag last.
. "$(dirname "$0")/../lib.sh"
start_registry plain
source=$registry
here=linux/$(case $(uname -m) in x86_64) echo amd64 ;; aarch64) echo arm64 ;; *) uname -m ;; esac)
make_image app --folder /usr/share/doc/bash
make_image here --mark here --platform "$here"
make_image s390x --platform linux/s390x --mark s390x
make_index multi here s390x
push_image app lib/app 1
push_image multi lib/multi 1
expect_status 0 hallmark pull "$source/lib/app:1"
expect_status 0 hallmark pull "$source/lib/multi:1"
start_registry plain
# at NAME:TAG: the digest that the registry has under the tag.
at() { curl -sfI -H "Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json" \
  "http://$registry/v2/${1%:*}/manifests/${1#*:}" | tr -d '\r' | sed -n 's/^Docker-Content-Digest: //Ip'; }

it "an image arrives with every byte that it had"
expect_status 0 hallmark tag "$source/lib/app:1" "$registry/lib/app:1"
expect_status 0 hallmark push "$registry/lib/app:1"
prints "^1: digest: $(digest_of_image app) size: $(size_of_image app)$"
says "^The push refers to repository \[$registry/lib/app\]$"
says "^$(layer_of app 0 | cut -c8-19): Pushed$"
[ "$(at lib/app:1)" = "$(digest_of_image app)" ]
for index in $(seq 0 $(($(manifest_of app | jq '.layers | length') - 1))); do
  cmp "$(blob_file "$(layer_of app "$index")")" "$store/blobs/sha256/$(layer_of app "$index" | cut -d: -f2)"
done
expect_status 0 env HALLMARK_STORE="$world/other" "$HALLMARK" pull "$registry/lib/app:1"

it "what is there already is not sent again"
expect_status 0 hallmark push "$registry/lib/app:1"
says "^$(layer_of app 0 | cut -c8-19): Layer already exists$"
says_not "Pushed"

it "layers that another repository has are mounted from there"
expect_status 0 hallmark tag "$registry/lib/app:1" "$registry/lib/copy:2"
expect_status 0 hallmark push "$registry/lib/copy:2"
says "^$(layer_of app 0 | cut -c8-19): Mounted from lib/app$"

it "an index goes out whole or not at all"
expect_status 0 hallmark tag "$source/lib/multi:1" "$registry/lib/multi:1"
expect_status 5 hallmark push "$registry/lib/multi:1"
one_line
says "not in the store: linux/s390x"
[ -z "$(at lib/multi:1 || true)" ]
expect_status 0 hallmark pull --all-platforms "$source/lib/multi:1"
expect_status 0 hallmark tag "$source/lib/multi:1" "$registry/lib/multi:1"
expect_status 0 hallmark push "$registry/lib/multi:1"
[ "$(at lib/multi:1)" = "$(digest_of_image multi)" ]
expect_status 0 env HALLMARK_STORE="$world/other" "$HALLMARK" pull --all-platforms "$registry/lib/multi:1"

it "all tags of a repository go out with -a, and the name alone is printed with -q"
expect_status 0 hallmark tag "$registry/lib/app:1" "$registry/lib/app:2"
expect_status 0 hallmark push -q -a "$registry/lib/app"
prints "^$registry/lib/app:2$"
[ ! -s "$err" ]
[ "$(at lib/app:2)" = "$(digest_of_image app)" ]

it "what is not here, or is no tag, is not pushed"
expect_status 5 hallmark push "$registry/lib/app:9"
says "An image does not exist locally with the tag: $registry/lib/app:9"
expect_status 5 hallmark push -a "$registry/lib/none"
expect_status 2 hallmark push "$registry/lib/app@$(digest_of_image app)"
expect_status 2 hallmark push -a "$registry/lib/app:1"

it "a blob of the store that is damaged does not arrive under its name"
start_registry plain
expect_status 0 hallmark tag "$source/lib/app:1" "$registry/new/app:1"
flip_byte "$store/blobs/sha256/$(layer_of app 0 | cut -d: -f2)"
expect_status 4 hallmark push "$registry/new/app:1"
one_line
[ ! -e "$(blob_file "$(layer_of app 0)")" ]
[ -z "$(at new/app:1 || true)" ]
