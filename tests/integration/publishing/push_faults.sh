#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What goes wrong while something is published: told with what stands where, and gone on with by the same command.
. "$(dirname "$0")/../lib.sh"
start_registry plain
plain=$registry
start_notary
for image in one two; do
  make_image $image --mark $image --folder /usr/share/doc/bash
  push_image $image lib/work $image
  expect_status 0 hallmark pull "$registry/lib/work:$image"
done
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repository-secret
keys=$DOCKER_CONFIG/trust/private
start_faults "http://$registry" quota@upload status-500@tag moved@manifest
start_faults "$notary_server" late-500@publish status-500@publish status-400@timestamp
for name in late-500@publish status-500@publish status-400@timestamp; do trust_ca "${fault[$name]}"; done
signed_tags() { DOCKER_CONTENT_TRUST_SERVER=$notary_server "$HALLMARK" trust inspect "$1" | jq -r '.[].SignedTags[].SignedTag'; }
# never_signed GUN: the trust server itself says that it has nothing.
never_signed() {
  [ "$(curl -s -o /dev/null -w '%{http_code}' --cacert "$world/ca.crt" "$notary_server/v2/$1/_trust/tuf/root.json")" = 404 ]
}
has_tag() { curl -sfI -H "Accept: application/vnd.oci.image.manifest.v1+json" "http://$registry/v2/$1/manifests/$2" >/dev/null; }
name_it() { expect_status 0 hallmark tag "$plain/lib/work:one" "$1"; }
no_changelist() { [ -z "$(find "$DOCKER_CONFIG" -name changelist -o -name '*.new')" ] || fail "something waits to be signed"; }

it "a registry that takes nothing is told before anything is signed"
start_registry readonly
name_it "$registry/lib/app:1"
expect_status 7 with_trust hallmark push "$registry/lib/app:1"
one_line
says "hint: .*nothing was signed and no tag was given"
never_signed "$registry/lib/app"
no_changelist
registry=$plain

it "so is one that has no more room, and what has arrived stays for the next try"
gun=${fault[quota@upload]}/lib/full
name_it "$gun:1"
expect_status 6 with_trust hallmark push "$gun:1"
one_line
says "hint: .*nothing was signed and no tag was given"
never_signed "$gun"
! has_tag lib/full 1 || fail "there is a tag"
no_changelist

it "a tag that is not taken: the image is signed, and the same push goes on"
gun=${fault[status-500@tag]}/lib/tag
name_it "$gun:1"
expect_status 7 with_trust hallmark push "$gun:1"
one_line
says "hint: .*it is signed, but the registry does not show the image under the tag; push again"
[ "$(signed_tags "$gun")" = 1 ]
! has_tag lib/tag 1 || fail "there is a tag"

it "a trust server that fails after it took the signature: no tag, and the same push goes on"
name_it "$registry/lib/taken:1"
count=$(find "$keys" -name '*.key' | wc -l)
expect_status 7 env DOCKER_CONTENT_TRUST=1 DOCKER_CONTENT_TRUST_SERVER="https://${fault[late-500@publish]}" \
  "$HALLMARK" push "$registry/lib/taken:1"
one_line
says "hint: .*the registry has the image, but not under the tag; push again"
! has_tag lib/taken 1 || fail "there is a tag"
no_changelist
expect_status 0 with_trust hallmark push "$registry/lib/taken:1"
has_tag lib/taken 1
[ "$(signed_tags "$registry/lib/taken")" = 1 ]
it "one that fails before that: neither, and the keys that were made are used by the next try"
name_it "$registry/lib/failed:1"
expect_status 7 env DOCKER_CONTENT_TRUST=1 DOCKER_CONTENT_TRUST_SERVER="https://${fault[status-500@publish]}" \
  "$HALLMARK" push "$registry/lib/failed:1"
one_line
never_signed "$registry/lib/failed"
expect_status 0 with_trust hallmark push "$registry/lib/failed:1"
[ "$(find "$keys" -name '*.key' | wc -l)" = $((count + 2)) ] || fail "keys were made that nobody uses"

it "a trust server that refuses its key is no directory without keys"
name_it "$registry/lib/keyless:1"
expect_status 7 env DOCKER_CONTENT_TRUST=1 DOCKER_CONTENT_TRUST_SERVER="https://${fault[status-400@timestamp]}" \
  "$HALLMARK" push "$registry/lib/keyless:1"
one_line
says "the trust server's key for timestamp"
never_signed "$registry/lib/keyless"

it "a tag that was moved while it was signed is told"
push_image one lib/moved 1
push_image two lib/moved other
expect_status 8 with_trust hallmark trust sign "${fault[moved@manifest]}/lib/moved:1"
one_line
says "expected $(digest_of_image one), found $(digest_of_image two)"

it "a clock that is behind what is signed signs nothing"
directory=(DOCKER_CONTENT_TRUST=1 DOCKER_CONTENT_TRUST_SERVER="file://$world/trust")
expect_status 0 hallmark tag "$registry/lib/work:one" "$registry/lib/clock:1"
expect_status 0 hallmark tag "$registry/lib/work:two" "$registry/lib/clock:2"
expect_status 0 env "${directory[@]}" "$HALLMARK" push "$registry/lib/clock:1"
(cd "$world/trust" && find . -type f -exec sha256sum {} + | sort) >"$world/trust.before"
expect_status 3 env "${directory[@]}" faketime -f -2y "$HALLMARK" push "$registry/lib/clock:2"
one_line
says "clock|not yet valid"
(cd "$world/trust" && find . -type f -exec sha256sum {} + | sort) | diff "$world/trust.before" -
! has_tag lib/clock 2 || fail "there is a tag"

it "a trust server that lost everything is not taken for a new one"
start_notary
expect_status 0 hallmark tag "$registry/lib/work:two" "$registry/lib/taken:2"
expect_status 3 with_trust hallmark push "$registry/lib/taken:2"
one_line
says "but it was signed before"
! has_tag lib/taken 2 || fail "there is a tag"
never_signed "$registry/lib/taken" || fail "it was begun anew"
it "nor is a repository under another root key"
make_image foreign --mark foreign
push_image foreign lib/taken 3
sign foreign lib/taken 3
expect_status 3 with_trust hallmark push "$registry/lib/taken:2"
one_line
! has_tag lib/taken 2 || fail "there is a tag"
