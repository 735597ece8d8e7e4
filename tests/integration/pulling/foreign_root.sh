#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A trust server that is not believed by those who sign either: on a machine that never saw the repository it could show
# one of its own making, in which the signer's key and the server's stand side by side, and have its tags signed with
# the signer's own. What a policy pins stops it; without a policy the first use is told.
. "$(dirname "$0")/../lib.sh"
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repository-secret
export HALLMARK_REGISTRY=file://$world/images
gun=registry.example/lib/app
# as WHO COMMAND...: each with keys, a store and a memory of their own.
as() { env DOCKER_CONFIG="$world/$1" HALLMARK_STORE="$world/$1.store" "$HALLMARK" "${@:2}"; }
state_of() { find "$world/$1" -type f ! -name .lock -print0 | sort -z | xargs -0 -r sha256sum; }
pin() {
  mkdir -p "$world/config/hallmark"
  cat >"$world/config/hallmark/policy.json" <<END
{ "hallmark": 1, "default": [ { "type": "reject" } ],
  "stores": { "dct": { "kind": "tuf", "server": "$2", "pins": [ { "gun": "registry.example/lib/*", "rootKeyIds": ["$1"] } ] } },
  "transports": { "docker": { "registry.example/lib": [ { "type": "tuf", "store": "dct" } ] } } }
END
}
root_id() { jq -r '.signed.roles.root.keyids[0]' "$world/$1/$gun/_trust/tuf/root.json"; }

mkdir "$world/files" && echo hello >"$world/files/hello"
tar -C "$world/files" -cf "$world/root.tar" hello
as owner import "$world/root.tar" $gun:1 >/dev/null
as mallory import --change 'CMD ["evil"]' "$world/root.tar" $gun:evil >/dev/null
as owner trust key generate --dir "$world" owner >/dev/null
as ci trust key generate --dir "$world" ci >/dev/null
as mallory trust key generate --dir "$world" mallory >/dev/null
genuine=file://$world/genuine hostile=file://$world/hostile

it "whoever begins a repository is not told of a first use: its root is his own"
expect_status 0 as owner --trust-server "$genuine" trust signer add --key "$world/ci.pub" ci $gun
says_not "first use"
expect_status 0 as owner --trust-server "$genuine" trust status $gun
says_not "first use"
as mallory push $gun:evil >/dev/null 2>&1
as owner push $gun:1 >/dev/null 2>&1
as mallory --trust-server "$hostile" trust signer add --key "$world/mallory.pub" --key "$world/ci.pub" ci $gun >/dev/null
as mallory --trust-server "$hostile" trust sign $gun:evil >/dev/null 2>&1
# What the signer needs, so that the directory takes it; a server has this key itself.
snapshot=$(jq -r '.signed.roles.snapshot.keyids[0]' "$world/hostile/$gun/_trust/tuf/root.json")
timestamp=$(jq -r '.signed.roles.timestamp.keyids[0]' "$world/hostile/$gun/_trust/tuf/root.json")
cp "$world/mallory/trust/private/$snapshot.key" "$world/mallory/trust/private/$timestamp.key" "$world/ci/trust/private/"
state_of hostile >"$world/hostile.before"

it "who signs obeys the pins of the policy: another root is refused, and nothing is signed for it"
pin "$(root_id genuine)" "$hostile"
for command in "trust sign $gun:1" "trust renew $gun" "trust status $gun" "trust revoke $gun:evil" \
  "trust rotate targets $gun" "trust delegation add --threshold 1 targets/ci $gun" "trust signer remove --force ci $gun"; do
  # shellcheck disable=SC2086
  expect_status 3 as ci --trust-server "$hostile" $command
  one_line
  says "root version 1 of $gun has the root keys $(root_id hostile) .*; pinned are $(root_id genuine)"
done
state_of hostile | diff "$world/hostile.before" -
it "whatever server the policy names beside them"
pin "$(root_id genuine)" "$genuine"
expect_status 3 as ci --trust-server "$hostile" trust sign $gun:1
says "pinned are $(root_id genuine)"
it "a name whose root is pinned is not begun by whoever finds nothing there"
expect_status 3 as ci --trust-server "file://$world/empty" trust sign $gun:1
one_line
says "the trust server knows nothing of it, but the policy pins its root"
expect_status 3 as ci --trust-server "file://$world/empty" trust init $gun
[ ! -e "$world/empty" ] || fail "something was published"
[ "$(find "$world/ci/trust/private" -name '*.key' | wc -l)" = 3 ] || fail "a key was made"
it "with the right root the pins let signing go on"
mv "$world/ci/trust/private/$snapshot.key" "$world/ci/trust/private/$timestamp.key" "$world"
for role in snapshot timestamp; do
  id=$(jq -r ".signed.roles.$role.keyids[0]" "$world/genuine/$gun/_trust/tuf/root.json")
  cp "$world/owner/trust/private/$id.key" "$world/ci/trust/private/"
done
expect_status 0 as ci --trust-server "$genuine" trust sign $gun:1
says_not "first use"
it "a policy that cannot be used signs nothing"
echo '{"hallmark": 1' >"$world/config/hallmark/policy.json"
expect_status 2 as ci --trust-server "$genuine" trust sign $gun:1
one_line

it "without a policy a first use is told, with the key and the line that would pin it, once"
rm -rf "$world/config" "$world/ci.store" "$world/ci/trust/tuf"
expect_status 0 as ci --trust-server "$genuine" trust sign $gun:1
says "^warning: first use of $gun: .*\"rootKeyIds\": \[\"$(root_id genuine)\"\]"
[ "$(grep -c "first use" "$err")" = 1 ] || fail "it is told more than once"
expect_status 0 as ci --trust-server "$genuine" trust sign $gun:1
says_not "first use"
expect_status 3 as ci --trust-server "$hostile" trust sign $gun:1
says "is not signed by the trusted root"

it "a root that was never seen is not signed while a key stands in it that is nobody's here"
gun=registry.example/lib/two
DOCKER_CONTENT_TRUST=1 expect_status 0 as two --trust-server "$genuine" trust init --new-root-keys 2 $gun
cp -r "$world/two" "$world/new"
rm "$(grep -l '^role: root$' "$world/new/trust/private"/*.key | head -n 1)"
expect_status 3 as new --trust-server "$genuine" trust rotate targets $gun
one_line
says "$gun: a root that was never seen here is to be signed, and its key [0-9a-f]{12} is not in "
[ "$(jq .signed.version "$world/genuine/$gun/_trust/tuf/root.json")" = 1 ] || fail "a root was signed"
it "but once it was looked at, and where all its keys are here"
expect_status 0 as new --trust-server "$genuine" trust rotate targets $gun
rm -rf "$world/two.store"
expect_status 0 as two --trust-server "$genuine" trust renew --role root $gun

# A server that gives keys from a folder as its own, and does everything else as it should.
rm -rf "$world/images" && unset HALLMARK_REGISTRY
export DOCKER_CONTENT_TRUST=1
start_registry plain
start_notary
make_image app
push_image app lib/app 1
gun=$registry/lib/app
keys=$DOCKER_CONFIG/trust/private
mkdir "$world/lies"
python3 "$tests/support/faulty_server.py" --certificate "$world/server.crt" --key "$world/server.key" \
  --upstream "$notary_server" --old "$world/lies" old@any >"$world/lies.ports" 2>>"$world/faults.log" &
servers+=("$!")
until grep -qs '^ready$' "$world/lies.ports"; do sleep 0.05; done
liar=localhost:$(awk '/^old@any/ { print $2 }' "$world/lies.ports")
trust_ca "$liar"
served() { curl -sf --cacert "$world/ca.crt" "$notary_server/v2/$gun/_trust/tuf/$1.json"; }
# own_key ROLE: the public half of a key of the folder, as the server would send it.
own_key() { served root | jq -c --arg role "$1" '.signed | .keys[.roles[$role].keyids[0]]'; }

it "a trust server that gives a key of the publisher's as its own is refused, and nothing is signed for it"
expect_status 0 env DOCKER_CONTENT_TRUST_SERVER="$notary_server" "$HALLMARK" trust init "$gun"
own_key targets >"$world/lies/snapshot.key"
number=$(find "$keys" -name '*.key' | wc -l)
expect_status 3 hallmark --trust-server "https://$liar" trust init "$registry/lib/second"
one_line
says "the trust server gives key [0-9a-f]{12} as its own for snapshot, but that key is in "
[ "$(find "$keys" -name '*.key' | wc -l)" = "$number" ] || fail "a key was made"
expect_status 3 hallmark --trust-server "https://$liar" trust rotate -r snapshot "$gun"
says "as its own for snapshot, but that key is in"
[ "$(served root | jq .signed.version)" = 1 ] || fail "a root was signed"

it "nor does it pass for a rotation when the server gives the key that it had"
own_key timestamp >"$world/lies/timestamp.key"
expect_status 3 hallmark --trust-server "https://$liar" trust rotate timestamp "$gun"
one_line
says "the trust server gives the key for timestamp that it had before, so nothing was rotated"
[ "$(served root | jq .signed.version)" = 1 ] || fail "a root was signed"
rm "$world/lies"/*.key
expect_status 0 hallmark --trust-server "https://$liar" trust rotate timestamp "$gun"
[ "$(served root | jq .signed.version)" = 2 ]
