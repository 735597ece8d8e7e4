#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What hallmark signs, others accept; what others signed, hallmark goes on with.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
for image in one two three; do
  make_image $image --mark $image
  push_image $image lib/work $image
  expect_status 0 hallmark pull "$registry/lib/work:$image"
done
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repository-secret
# listed REPOSITORY: the tags that the real notary finds, with their digests and roles.
listed() {
  rm -rf "$world/reader"
  notary -s "$notary_server" -d "$world/reader" --tlscacert "$world/ca.crt" list "$registry/$1" 2>>"$world/reader.log" |
    awk 'NR > 2 { print $1, $2, $NF }'
}
tag_of() { curl -sfI -H "Accept: application/vnd.oci.image.manifest.v1+json" "http://$registry/v2/${1%:*}/manifests/${1#*:}"; }
has_no_tag() { ! tag_of "$1" >/dev/null || fail "the registry has $1"; }
hex() { digest_of_image "$1" | cut -d: -f2; }

it "a push with content trust begins a signed repository, and the tag comes last"
expect_status 0 hallmark tag "$registry/lib/work:one" "$registry/lib/app:1"
expect_status 0 with_trust hallmark push "$registry/lib/app:1"
prints "^1: digest: $(digest_of_image one) size: "
[ "$(listed lib/app)" = "1 $(hex one) targets" ] || fail "notary lists: $(listed lib/app)"
expect_status 0 env HALLMARK_STORE="$world/fresh" DOCKER_CONTENT_TRUST=1 DOCKER_CONTENT_TRUST_SERVER="$notary_server" \
  "$HALLMARK" pull "$registry/lib/app:1"
for key in "$DOCKER_CONFIG"/trust/private/*.key; do
  [ "$(stat -c %a "$key")" = 600 ] && grep -q "ENCRYPTED PRIVATE KEY" "$key" || fail "$key is not kept well"
done

it "a second push signs on top of that, with the same keys"
expect_status 0 hallmark tag "$registry/lib/work:two" "$registry/lib/app:2"
expect_status 0 with_trust hallmark push "$registry/lib/app:2"
[ "$(listed lib/app | sort)" = "$(printf '1 %s targets\n2 %s targets' "$(hex one)" "$(hex two)")" ]
[ "$(ls "$DOCKER_CONFIG/trust/private" | wc -l)" = 2 ]

it "what the registry has is signed without pulling it, an index as an index"
make_image s390x --platform linux/s390x --mark s390x
make_index multi one s390x
push_image multi lib/app multi
expect_status 0 with_trust hallmark trust sign "$registry/lib/app:multi"
prints "^Successfully signed $registry/lib/app:multi$"
listed lib/app | grep -q "^multi $(hex multi) targets$"

it "nothing goes out when a passphrase is wrong, and no tag appears"
expect_status 0 hallmark tag "$registry/lib/work:three" "$registry/lib/app:3"
expect_status 2 env DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=wrong-secret DOCKER_CONTENT_TRUST=1 \
  DOCKER_CONTENT_TRUST_SERVER="$notary_server" "$HALLMARK" push "$registry/lib/app:3"
one_line
has_no_tag lib/app:3
says_not "wrong-secret"
it "nor when the trust server is down"
expect_status 7 env DOCKER_CONTENT_TRUST=1 DOCKER_CONTENT_TRUST_SERVER="https://localhost:$(free_port)" \
  "$HALLMARK" push "$registry/lib/app:3"
has_no_tag lib/app:3
it "nor when the key is not here"
mv "$DOCKER_CONFIG/trust/private" "$world/keys"
expect_status 5 with_trust hallmark push "$registry/lib/app:3"
one_line
has_no_tag lib/app:3
mv "$world/keys" "$DOCKER_CONFIG/trust/private"

it "content trust can be left out for once"
expect_status 0 with_trust hallmark push --disable-content-trust "$registry/lib/app:3"
! listed lib/app | grep -q "^3 " || fail "it was signed"

it "a revoked tag is gone, and others stay"
kept() { HALLMARK_STORE=$world/kept with_trust "$HALLMARK" "$@"; }
for tag in 1 2; do expect_status 0 kept pull "$registry/lib/app:$tag"; done
expect_status 0 kept verify --all
[ "$(grep -c '^ALLOW ' "$out")" = 2 ]
expect_status 0 with_trust hallmark trust revoke "$registry/lib/app:2"
prints "^Successfully deleted signature for $registry/lib/app:2$"
[ "$(listed lib/app | cut -d' ' -f1 | sort | tr '\n' ' ')" = "1 multi " ]
expect_status 3 env HALLMARK_STORE="$world/fresh" DOCKER_CONTENT_TRUST=1 DOCKER_CONTENT_TRUST_SERVER="$notary_server" \
  "$HALLMARK" pull "$registry/lib/app:2"
expect_status 5 with_trust hallmark trust revoke "$registry/lib/app:2"
it "machines that have what was revoked are told by verify --all, and keep it"
expect_status 3 kept verify --all
prints "^ALLOW +$registry/lib/app:1"
prints "^DENY +$registry/lib/app:2"
[ "$(grep -c '^hallmark: error: ' "$err")" = 1 ]
expect_status 3 kept verify --all --json
[ "$(jq -sc 'map(.decision) | sort' "$out")" = '["allow","deny"]' ]
expect_status 0 kept inspect "$registry/lib/app:2"
expect_status 2 kept verify --all "$registry/lib/app:1"
expect_status 2 kept verify

it "the image of the store is pushed and signed with --local, whatever the registry has under the tag"
make_image other-one --mark other-one
push_image other-one lib/app local
expect_status 0 hallmark tag "$registry/lib/work:one" "$registry/lib/app:local"
expect_status 0 with_trust hallmark trust sign --local "$registry/lib/app:local"
says "^Signing and pushing trust data for local image $registry/lib/app:local, may overwrite remote trust data$"
prints "^local: digest: $(digest_of_image one) size: "
prints "^Successfully signed $registry/lib/app:local$"
listed lib/app | grep -q "^local $(hex one) targets$"
tag_of lib/app:local | grep -qi "^docker-content-digest: $(digest_of_image one)"
it "also without content trust in the environment, and a new repository is begun"
expect_status 0 hallmark tag "$registry/lib/work:two" "$registry/lib/fresh:1"
expect_status 0 env DOCKER_CONTENT_TRUST=0 DOCKER_CONTENT_TRUST_SERVER="$notary_server" \
  "$HALLMARK" trust sign --local "$registry/lib/fresh:1"
[ "$(listed lib/fresh)" = "1 $(hex two) targets" ]
it "what is not in the store is not signed, and no tag appears where the key is not here"
expect_status 5 with_trust hallmark trust sign --local "$registry/lib/app:9"
one_line
says "An image does not exist locally with the tag: $registry/lib/app:9"
expect_status 0 hallmark tag "$registry/lib/work:two" "$registry/lib/app:unsigned"
mv "$DOCKER_CONFIG/trust/private" "$world/keys"
expect_status 5 with_trust hallmark trust sign --local "$registry/lib/app:unsigned"
one_line
mv "$world/keys" "$DOCKER_CONFIG/trust/private"
has_no_tag lib/app:unsigned

it "notary verifies the bytes of what was signed, and no others"
manifest() { cat "$world/image-$1/blobs/sha256/$(hex "$1")"; }
notary_reads() { notary -s "$notary_server" -d "$world/reader" --tlscacert "$world/ca.crt" "$@" >"$out" 2>>"$world/reader.log"; }
manifest one | notary_reads verify "$registry/lib/app" 1
manifest one | cmp - "$out"
! manifest two | notary_reads verify "$registry/lib/app" 1 || fail "notary takes other bytes"
it "notary witnesses a role that hallmark signed, with the keys that hallmark made, and hallmark goes on"
version_of() { curl -sf --cacert "$world/ca.crt" "$notary_server/v2/$registry/lib/app/_trust/tuf/targets.json" | jq .signed.version; }
before=$(version_of)
NOTARY_ROOT_PASSPHRASE=root-secret NOTARY_TARGETS_PASSPHRASE=repository-secret NOTARY_AUTH=Og== notary -s "$notary_server" \
  -d "$DOCKER_CONFIG/trust" --tlscacert "$world/ca.crt" witness -p "$registry/lib/app" targets >>"$world/reader.log" 2>&1
[ "$(version_of)" = $((before + 1)) ]
expect_status 0 with_trust hallmark trust sign "$registry/lib/app:1"
listed lib/app | grep -q "^1 $(hex one) targets$"

it "several who sign at once lose nothing"
signers=()
for number in 11 12 13 14; do
  push_image one lib/app $number
  (with_trust "$HALLMARK" trust sign "$registry/lib/app:$number" >"$world/sign-$number.log" 2>&1 ||
    echo "$number failed" >>"$world/sign-failed") &
  signers+=("$!")
done
wait "${signers[@]}"
[ ! -e "$world/sign-failed" ] || { cat "$world"/sign-1?.log >&2 && fail "$(cat "$world/sign-failed")"; }
for number in 11 12 13 14; do listed lib/app | grep -q "^$number " || fail "$number is lost"; done

it "a repository that notary began is gone on with, by a signer's key in his delegation"
push_image one lib/theirs 1
sign one lib/theirs 1
add_delegation lib/theirs targets/alice
publisher publish "$registry/lib/theirs"
push_image two lib/theirs 2
expect_status 5 with_trust hallmark trust sign "$registry/lib/theirs:2"
says "no signing key for one of its delegations"
expect_status 0 hallmark trust key load --name alice "$world/targets-alice.key"
expect_status 3 with_trust hallmark trust sign "$registry/lib/theirs:2"
says "hint: if the server does not hold the snapshot key"
publisher key rotate "$registry/lib/theirs" snapshot -r
expect_status 0 with_trust hallmark trust sign "$registry/lib/theirs:2"
listed lib/theirs | grep -q "^2 $(hex two) targets/alice$" || fail "notary lists: $(listed lib/theirs)"
