#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hallmark manifest inspect: what a registry has under a name.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"
start_registry plain
make_image one --mark one
make_image two --mark two
make_index both one two
push_image one lib/app 1
push_image both lib/app both
app=$registry/lib/app
same_json() { diff <(jq -S . "$1") <(jq -S . "$2") >&2 || fail "other JSON"; }

it "it prints the manifest, and nothing comes into the store"
expect_status 0 hallmark manifest inspect "$app:1"
manifest_of one >"$world/one.json"
same_json "$world/one.json" "$out"
[ ! -e "$store" ]
it "it prints an index"
expect_status 0 hallmark manifest inspect "$app:both"
[ "$(jq -r '.manifests | length' "$out")" = 2 ]
it "what is printed of a digest is what the digest says"
expect_status 0 hallmark manifest inspect "$app@$(digest_of_image one)"
same_json "$world/one.json" "$out"
flip_byte "$(blob_file "$(digest_of_image two)")"
expect_status 4 hallmark manifest inspect "$app@$(digest_of_image two)"
prints_nothing
expect_status 4 hallmark manifest inspect -v "$app:both"
prints_nothing
flip_byte "$(blob_file "$(digest_of_image two)")"
it "a name that is not there is not found"
expect_status 5 hallmark manifest inspect "$app:nope"
says "manifest unknown"

it "verbose tells the descriptor and the exact bytes"
expect_status 0 hallmark manifest inspect -v "$app:1"
[ "$(jq -r .Raw "$out" | base64 -d | sha256sum | cut -d' ' -f1)" = "$(digest_of_image one | cut -c 8-)" ]
[ "$(jq -r .Descriptor.digest "$out")" = "$(digest_of_image one)" ]

it "raw prints the bytes that the digest is of, of an index as well"
for tag in 1 both; do
  expect_status 0 hallmark manifest inspect --digest "$app:$tag"
  digest=$(cat "$out")
  expect_status 0 hallmark manifest inspect --raw --insecure "$app:$tag"
  [ "sha256:$(sha256sum <"$out" | cut -d' ' -f1)" = "$digest" ] || fail "other bytes of $tag"
done
[ "$digest" = "$(digest_of_image both)" ]
expect_status 2 hallmark manifest inspect --raw -v "$app:1"

command -v docker >/dev/null || skip "no docker to compare with"
docker_inspects() { DOCKER_CONFIG=$world/docker-config command docker manifest inspect --insecure "$@" >"$world/docker.json"; }
it "docker prints the same of the same names"
# Of docker's own types: Debian's docker knows no others here, and has no Raw yet, which is looked at above.
for one in one two; do make_image "docker-$one" --format docker --mark $one; done
make_index docker-both docker-one docker-two
push_image docker-one lib/docker 1
push_image docker-both lib/docker both
for arguments in "$registry/lib/docker:1" "$registry/lib/docker:both"; do
  for verbose in "" -v; do
    # shellcheck disable=SC2086
    docker_inspects $verbose "$arguments"
    # shellcheck disable=SC2086
    expect_status 0 hallmark manifest inspect $verbose "$arguments"
    for file in "$world/docker.json" "$out"; do
      jq 'walk(if type == "object" then del(.Raw) else . end)' "$file" >"$file.compared"
    done
    same_json "$world/docker.json.compared" "$out.compared"
  done
done
