#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The real docker goes on with a repository whose keys hallmark gave away, with its old cache and with a new one; and
# hallmark gives away the keys of a repository that docker began.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
start_dockerd
make_image one --format docker --mark one
make_image two --format docker --mark two
push_image one lib/app 1
push_image two lib/app 2
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=targets-secret
gun=$registry/lib/app
cache=$world/docker-cli/trust/tuf
# What docker remembers of the first state, of the last one, and nothing.
docker_accepts() {
  local tag=$1 digest=$2
  for memory in last first none; do
    if [ $memory = first ]; then rm -rf "$cache" && cp -r "$world/first" "$cache"; fi
    if [ $memory = none ]; then rm -rf "$cache"; fi
    docker image rm -f "$gun:$tag" >/dev/null 2>&1 || true
    expect_status 0 with_trust docker pull "$gun:$tag"
    prints "Digest: $digest"
  done
}

it "docker accepts a repository that trust init began with two of three root keys"
expect_status 0 with_trust hallmark trust init --new-root-keys 3 --root-threshold 2 "$gun"
expect_status 0 with_trust hallmark trust sign "$gun:1"
expect_status 0 with_trust docker pull "$gun:1"
cp -r "$cache" "$world/first"
for role in targets snapshot timestamp root; do
  it "docker goes on after another key for $role"
  expect_status 0 with_trust hallmark trust rotate $role "$gun"
  docker_accepts 1 "$(digest_of_image one)"
done
it "docker goes on after every role was renewed"
expect_status 0 with_trust hallmark trust renew --role root --role targets --role snapshot "$gun"
docker_accepts 1 "$(digest_of_image one)"
it "docker takes what is signed with the new keys, and signs with them itself"
expect_status 0 with_trust hallmark trust sign "$gun:2"
docker_accepts 2 "$(digest_of_image two)"
mkdir -p "$world/docker-cli/trust"
cp -r "$DOCKER_CONFIG/trust/private" "$world/docker-cli/trust/"
docker tag "$gun:1" "$gun:3"
with_trust docker push "$gun:3" >"$world/push.log" 2>&1
expect_status 0 with_trust docker trust inspect "$gun"
[ "$(jq -r '[.[0].SignedTags[].SignedTag] | join(" ")' "$out")" = "1 2 3" ]
[ "$(jq -r '[.[0].AdministrativeKeys[] | .Keys | length] | join(" ")' "$out")" = "3 1" ]

it "hallmark gives away every key of a repository that docker began"
docker tag "$gun:1" "$registry/lib/theirs:1"
gun=$registry/lib/theirs
rm -rf "$world/first"
with_trust docker push "$gun:1" >"$world/push.log" 2>&1
pushed=$(grep -oE 'sha256:[0-9a-f]{64}' "$world/push.log" | tail -n 1)
cp -r "$cache" "$world/first"
cp -n "$world/docker-cli/trust/private"/*.key "$DOCKER_CONFIG/trust/private/"
for role in root targets snapshot timestamp; do expect_status 0 with_trust hallmark trust rotate $role "$gun"; done
expect_status 0 with_trust docker trust inspect "$gun"
docker_accepts 1 "$pushed"
