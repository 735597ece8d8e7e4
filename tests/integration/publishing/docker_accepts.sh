#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The real docker, with content trust on, takes what hallmark pushed and signed, and both sign on top of each other.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
start_dockerd
make_image app --format docker --folder /usr/share/doc/bash
make_image other --format docker --mark other
for image in app other; do
  push_image $image lib/work $image
  expect_status 0 hallmark pull "$registry/lib/work:$image"
done
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=targets-secret

it "docker pulls what hallmark pushed and signed"
expect_status 0 hallmark tag "$registry/lib/work:app" "$registry/lib/app:1"
expect_status 0 with_trust hallmark push "$registry/lib/app:1"
expect_status 0 with_trust docker pull "$registry/lib/app:1"
prints "Digest: $(digest_of_image app)"
it "docker with its old cache takes what hallmark signed after that"
expect_status 0 hallmark tag "$registry/lib/work:other" "$registry/lib/app:2"
expect_status 0 with_trust hallmark push "$registry/lib/app:2"
expect_status 0 with_trust docker pull "$registry/lib/app:2"
expect_status 0 with_trust docker trust inspect "$registry/lib/app"
[ "$(jq -r '[.[0].SignedTags[].SignedTag] | join(" ")' "$out")" = "1 2" ]
it "docker signs with the keys that hallmark made, and hallmark goes on"
mkdir -p "$world/docker-cli/trust"
cp -r "$DOCKER_CONFIG/trust/private" "$world/docker-cli/trust/"
docker tag "$registry/lib/app:1" "$registry/lib/app:3"
with_trust docker push "$registry/lib/app:3" >"$world/push.log" 2>&1
expect_status 0 with_trust hallmark pull "$registry/lib/app:3"
expect_status 0 with_trust hallmark trust sign "$registry/lib/app:1"
expect_status 0 with_trust docker trust inspect "$registry/lib/app"
[ "$(jq -r '[.[0].SignedTags[].SignedTag] | join(" ")' "$out")" = "1 2 3" ]
it "what hallmark revoked, docker does not pull"
expect_status 0 with_trust hallmark trust revoke "$registry/lib/app:2"
expect_status 1 with_trust docker pull "$registry/lib/app:2"

it "two hallmarks and a docker sign into one repository at once, and every tag arrives"
for round in a b c; do
  for who in first second; do
    expect_status 0 hallmark tag "$registry/lib/work:other" "$registry/lib/app:$round-$who"
    cp -r "$store" "$world/$who-$round.store"
  done
  docker tag "$registry/lib/app:1" "$registry/lib/app:$round-docker"
done
# Each has folders of its own and a copy of the keys. docker does not try again when somebody was faster, so that is done
# for it here.
hallmark_signs() {
  local round who=$1
  for round in a b c; do
    HALLMARK_STORE=$world/$who-$round.store with_trust hallmark push "$registry/lib/app:$round-$who" || return
  done
}
docker_signs() {
  local round tries
  for round in a b c; do
    for tries in $(seq 20); do
      with_trust docker push "$registry/lib/app:$round-docker" && break
      [ "$tries" != 20 ] || return 1
    done
  done
}
signers=()
for who in first second; do
  cp -r "$DOCKER_CONFIG" "$world/$who.docker"
  (DOCKER_CONFIG=$world/$who.docker hallmark_signs $who) >"$world/at-once-$who.log" 2>&1 &
  signers+=("$!")
done
docker_signs >"$world/at-once-docker.log" 2>&1 &
signers+=("$!")
for signer in "${signers[@]}"; do wait "$signer" || { cat "$world"/at-once-*.log >&2 && fail "one did not sign"; }; done
grep -q "somebody else signed meanwhile" "$world"/at-once-*.log || echo "  (nobody met anybody this time)"
for reader in hallmark docker; do
  expect_status 0 with_trust $reader trust inspect "$registry/lib/app"
  [ "$(jq -r '[.[0].SignedTags[].SignedTag] | join(" ")' "$out")" = \
    "1 3 a-docker a-first a-second b-docker b-first b-second c-docker c-first c-second" ] ||
    { show_output && cat "$world"/at-once-*.log >&2 && fail "$reader misses tags"; }
done
for round in a b c; do
  for who in first second docker; do expect_status 0 with_trust docker pull -q "$registry/lib/app:$round-$who"; done
done
