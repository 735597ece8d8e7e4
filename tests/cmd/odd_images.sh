#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Images as builders and registries leave them are taken; what is wrong is refused alike by verify, resolve and pull.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"
rm -rf "$world/odd" && mkdir "$world/odd"
python3 "$tests/support/odd_images.py" "$world/odd"
odd=registry.example/odd
from=(--registry "file://$world/odd")

# alike STATUS NAME OPTIONS...: of all three.
alike() {
  local status=$1 name=$2 command
  shift 2
  for command in verify resolve pull; do
    expect_status "$status" hallmark "${from[@]}" "$command" "$@" "$odd/$name:1"
    [ "$status" = 0 ] || says "^hallmark: error: .*$odd/$name:1"
  done
}

it "an image need not say its platform, nor an index those of its images"
for name in no-platform empty-platform no-os zstd octets index-without-platforms index-of-nothing-said index-with-empty-platforms; do
  alike 0 "$name"
done
it "what was taken so is listed, shown, saved, loaded, tagged and copied"
expect_status 0 hallmark images
expect_status 0 hallmark inspect "$odd/no-platform:1"
expect_status 0 hallmark save -o "$world/odd.tar" $odd/{no-platform,empty-platform,no-os,zstd,octets,index-without-platforms,index-of-nothing-said}:1
expect_status 0 hallmark --store "$world/again" load -i "$world/odd.tar"
expect_status 0 hallmark --store "$world/again" check
expect_status 0 hallmark tag "$odd/no-platform:1" "$odd/copy:1"
expect_status 0 hallmark "${from[@]}" push "$odd/copy:1"
it "of images that say no platform in the index the one is taken whose config fits"
[ "$(hallmark inspect -f '{{.Architecture}}' "$odd/index-without-platforms:1")" = amd64 ]
alike 0 index-without-platforms --platform linux/s390x
alike 5 index-without-platforms --platform linux/riscv64
it "artifacts that an index lists are no platforms of it"
alike 0 index-without-platforms --all-platforms
[ "$(hallmark images --json | jq '[.[] | select(.Repository | endswith("index-without-platforms"))] | length')" = 1 ]
expect_status 0 hallmark save -o "$world/both.tar" "$odd/index-without-platforms:1"
expect_status 0 hallmark --store "$world/both" load -i "$world/both.tar"
it "where a platform is asked for, what says none is not it"
alike 5 no-platform --platform linux/amd64
alike 5 index-of-nothing-said --platform linux/amd64
it "a policy that lists platforms does not take it either"
echo '{"hallmark": 1, "default": [{"type": "gates", "platforms": ["linux/amd64"]}]}' >"$world/platforms.json"
HALLMARK_POLICY=$world/platforms.json alike 3 no-platform
HALLMARK_POLICY=$world/platforms.json alike 0 no-os
it "an index of indexes is told as one, with their digests"
alike 5 index-of-indexes
says "other indexes: sha256:"
inner=$(grep -o 'sha256:[0-9a-f]*' "$err" | head -n 1)
expect_status 0 hallmark "${from[@]}" pull "$odd/index-of-indexes@$inner"
it "verify and resolve refuse what pull refuses by a config, and each says which image"
for name in no-diff-ids two-diff-ids no-rootfs two-things false-platform oci-octets chart; do alike 4 "$name"; done
alike 5 other-system
it "of several names each error has its own"
expect_status 4 hallmark "${from[@]}" resolve "$odd/chart:1" "$odd/no-diff-ids:1"
says "error: $odd/chart:1: not an image"
says "error: $odd/no-diff-ids:1: "
it "a config that is damaged is damage, and no artifact of another kind"
damaged=$world/odd/registry.example/odd/octets
manifest=$(jq -r '.manifests[0].digest' "$damaged/index.json")
config=$(jq -r .config.digest "$damaged/blobs/sha256/${manifest#sha256:}")
expect_status 0 hallmark "${from[@]}" manifest inspect -v "$odd/octets:1"
sed -i 's/linux/Linux/' "$damaged/blobs/sha256/${config#sha256:}"
expect_status 4 hallmark "${from[@]}" manifest inspect -v "$odd/octets:1"
it "a wrong imagesFormat does not concern --json"
echo '{"imagesFormat": "{{.Nope"}' >"$DOCKER_CONFIG/config.json"
expect_status 0 hallmark images --json
rm "$DOCKER_CONFIG/config.json"
it "prune -a with dangling=false takes what has a tag and what has none"
expect_status 0 hallmark "${from[@]}" pull -q "$odd/zstd@$(jq -r ".manifests[0].digest" "$world/odd/registry.example/odd/zstd/index.json")"
expect_status 0 hallmark rmi "$odd/zstd:1"
expect_status 0 hallmark image prune -a -f --filter dangling=false
[ "$(hallmark images --json)" = "[]" ]

it "a config that the registry lacks is a warning of verify, and a refusal where a gate asks for it"
start_registry plain
make_image bare --mark bare
push_image bare lib/bare 1
rm "$(blob_file "$(config_of bare)")"
bare=$registry/lib/bare:1
expect_status 0 hallmark verify "$bare"
says "^warning: a pull would not succeed: .*$(config_of bare)"
expect_status 5 hallmark pull "$bare"
cat >"$world/gated.json" <<POLICY
{"hallmark": 1, "default": [{"type": "reject"}],
 "transports": {"docker": {"$registry/lib": [{"type": "gates", "config": {"nonRoot": true}}]}}}
POLICY
expect_status 5 hallmark verify --policy "$world/gated.json" "$bare"
