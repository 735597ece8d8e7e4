#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A trust server that fails or lies while something is published: nobody is told that it was done when it was not, what
# was not done can be done again, and nothing that failed is signed later.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
make_image app
for tag in 1 2 3; do push_image app lib/app $tag; done
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repository-secret
gun=$registry/lib/app
keys=$DOCKER_CONFIG/trust/private
start_faults "$notary_server" status-200@publish status-500@publish late-500@publish status-413@publish
for place in "${fault[@]}"; do trust_ca "$place"; done
through() { DOCKER_CONTENT_TRUST_SERVER=https://${fault[$1]} "${@:2}"; }
served() { curl -sf --cacert "$world/ca.crt" "$notary_server/v2/$gun/_trust/tuf/$1.json"; }
version() { served "$1" | jq .signed.version; }
tags() { served targets | jq -r '.signed.targets | keys | join(" ")'; }

expect_status 0 with_trust hallmark trust sign "$gun:1"
before=$(served root | sha256sum)

it "a server that says yes and keeps nothing is found out, whatever was to be changed"
for change in "sign $gun:2" "rotate targets $gun" "renew $gun" "revoke $gun:1"; do
  # shellcheck disable=SC2086
  expect_status 7 through status-200@publish hallmark trust $change
  says "the trust server took what was signed, but does not show it"
  one_line
  prints_nothing
done
expect_status 7 through status-200@publish hallmark trust init "$registry/lib/other"
says "does not show it"
it "so is one that fails, and one that takes nothing"
for failure in status-500@publish status-413@publish; do
  expect_status 7 through $failure hallmark trust rotate root "$gun"
  says "the trust server did not take it"
  one_line
done
[ "$(tags) $(version targets)" = "1 1" ] || fail "something was signed"
[ "$(served root | sha256sum)" = "$before" ] || fail "the root was changed"

it "a server that fails after it took everything: it is told that this is not known, and can be done again"
expect_status 7 through late-500@publish hallmark trust sign "$gun:2"
says "hint: hallmark trust inspect $gun tells whether it arrived; it can be done again"
expect_status 0 with_trust hallmark trust sign "$gun:2"
expect_status 7 through late-500@publish hallmark trust rotate targets "$gun"
expect_status 0 with_trust hallmark trust sign "$gun:3"
[ "$(tags)" = "1 2 3" ]
expect_status 7 through late-500@publish hallmark trust rotate root "$gun"
expect_status 0 with_trust hallmark trust rotate root "$gun"
expect_status 0 with_trust hallmark trust status "$gun"

it "what failed before is not signed with the next thing"
expect_status 7 through status-500@publish hallmark trust revoke "$gun:1"
expect_status 0 with_trust hallmark trust renew "$gun"
[ "$(tags)" = "1 2 3" ]

it "whoever is killed while he rotates leaves the repository as it was, or as it was to be"
for delay in 0.01 0.03 0.06 0.1 0.15 0.2 0.3; do
  (with_trust timeout -s KILL $delay "$HALLMARK" trust rotate targets "$gun" >/dev/null 2>&1) || true
  expect_status 0 with_trust hallmark trust sign "$gun:3"
done
for key in "$keys"/*.key; do grep -q "ENCRYPTED PRIVATE KEY" "$key" || fail "$key is not whole"; done
