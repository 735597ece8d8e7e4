#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A docker archive has no manifest; where the store has the signed one of the same config, the archive is that image.
. "$(dirname "$0")/../lib.sh"
command -v skopeo >/dev/null || skip "no skopeo to write docker archives"
start_registry plain
start_notary
make_image app --folder /usr/share/doc/bash
make_image other --mark other
push_image app lib/app 1
push_image other lib/app 2
sign app lib/app 1
app=$registry/lib/app
expect_status 0 with_trust hallmark pull "$app:1"
expect_status 0 with_trust hallmark save -o "$world/app.tar" "$app:1"

# docker_archive IMAGE NAME:TAG FILE
docker_archive() { skopeo copy -q --insecure-policy --src-tls-verify=false "docker://$app:$1" "docker-archive:$3:$2"; }
docker_archive 1 "$app:1" "$world/docker.tar"
docker_archive 2 "$app:1" "$world/wrong.tar"
docker_archive 1 "$app:9" "$world/unsigned.tar"
cat >"$world/policy.json" <<POLICY
{"hallmark": 1, "default": [{"type": "reject"}],
 "stores": {"dct": {"kind": "tuf", "server": "https://127.0.0.1:1",
                    "pins": [{"gun": "$app", "rootKeyIds": ["$(root_key_id lib/app)"]}]}},
 "transports": {"docker": {"$app": [{"type": "tuf", "store": "dct"}]}}}
POLICY
export HALLMARK_POLICY=$world/policy.json
new_machine() { export HALLMARK_STORE=$world/inner.$RANDOM.$RANDOM && store=$HALLMARK_STORE; }

it "without the manifest no signature can cover it"
new_machine
expect_status 3 hallmark load -i "$world/docker.tar"
says "no signature can cover it"
[ "$(names_in_store)" = "" ]

it "with the signed manifest in the store it is that image, digest and all"
expect_status 0 hallmark load -i "$world/app.tar"
expect_status 0 hallmark load -i "$world/docker.tar"
prints "^Loaded image: $app:1$"
says "note: $app:1: a docker archive has no manifest; its config and DiffIDs are those of $(digest_of_image app)"
[ "$(names_in_store)" = "$app:1 " ]
[ "$(jq -r '.manifests[0].digest' "$store/index.json")" = "$(digest_of_image app)" ]
expect_status 0 hallmark check
expect_status 0 hallmark verify-bundle --json "$world/docker.tar"
jq -e '.decision == "allow" and .archive == {statement: null, hasManifest: false, tied: true}' "$out" >/dev/null

it "under a name that is not signed, or with another config under the signed one, it is refused"
expect_status 3 hallmark load -i "$world/unsigned.tar"
expect_status 3 hallmark load -i "$world/wrong.tar"
says "no signature can cover it"
[ "$(names_in_store)" = "$app:1 " ]

it "a manifest some of whose layers are gone ties nothing"
layer=$(manifest_of app | jq -r '.layers[0].digest')
rm "$store/blobs/sha256/${layer#sha256:}"
expect_status 3 hallmark load -i "$world/docker.tar"
says "no signature can cover it"

it "a layer that was damaged in the store is not taken for good"
new_machine
expect_status 0 hallmark load -i "$world/app.tar"
blob=$store/blobs/sha256/${layer#sha256:}
stamp=$(stat -c %y "$blob")
printf X | dd of="$blob" bs=1 seek=20 conv=notrunc 2>/dev/null
touch -d "$stamp" "$blob"
expect_status 3 hallmark load -i "$world/docker.tar"
expect_status 4 hallmark check
