#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the real docker signed and pushed comes in; and docker's own trust folder is where trust starts from.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
start_dockerd
make_image app --format docker --folder /usr/share/doc/bash
make_image other --format docker --mark other
for image in app other; do
  push_image $image lib/app start-$image
  docker pull -q "$registry/lib/app:start-$image"
done >/dev/null
docker tag "$registry/lib/app:start-app" "$registry/lib/app:1"
with_trust docker push "$registry/lib/app:1" >"$world/push.log" 2>&1
digest=$(sed -n 's/^1: digest: \(sha256:[0-9a-f]*\).*/\1/p' "$world/push.log")

it "an image that docker signed and pushed is admitted"
expect_status 0 with_trust hallmark pull "$registry/lib/app:1"
prints "^Digest: $digest$"
says "$(jq -r '.signed.roles.root.keyids[0]' "$world/docker-cli/trust/tuf/$registry/lib/app/metadata/root.json")"

it "an image that docker pushed without signing is refused"
rm -rf "$store"
expect_status 3 with_trust hallmark pull "$registry/lib/app:start-app"
store_is_empty

it "trust starts from what docker already trusts, and docker's folder is only read"
export DOCKER_CONFIG=$world/docker-cli
before=$(find "$DOCKER_CONFIG/trust" -type f -exec sha256sum {} + | sort)
expect_status 0 with_trust hallmark pull "$registry/lib/app:1"
says_not "rootKeyIds"
[ "$(find "$DOCKER_CONFIG/trust" -type f -exec sha256sum {} + | sort)" = "$before" ]

it "a repository whose keys were made anew is refused where docker's folder knows the old ones"
kill "${servers[1]}"
start_notary
cp -r "$world/docker/tls" "$world/docker-cli/"
mv "$world/docker-cli/trust" "$world/old-trust"
docker tag "$registry/lib/app:start-other" "$registry/lib/app:1"
with_trust docker push "$registry/lib/app:1" >>"$world/push.log" 2>&1
rm -rf "$world/docker-cli/trust" "$store"
mv "$world/old-trust" "$world/docker-cli/trust"
expect_status 3 with_trust hallmark pull "$registry/lib/app:1"
store_is_empty
