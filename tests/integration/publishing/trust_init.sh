#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A repository begun by trust init is one that notary reads, with the root keys that were asked for, and stays usable
# with a root threshold above one.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
make_image app
push_image app lib/app 1
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repository-secret
gun=$registry/lib/app
keys=$DOCKER_CONFIG/trust/private
reads() { notary -s "$notary_server" -d "$world/reader" --tlscacert "$world/ca.crt" "$@" >"$out" 2>>"$world/reader.log"; }
served() { curl -sf --cacert "$world/ca.crt" "$notary_server/v2/$1/_trust/tuf/$2.json"; }
keys_of_role() { grep -l "^role: $1$" "$keys"/*.key 2>/dev/null | wc -l; }
no_key_was_made() { [ "$(ls "$keys" 2>/dev/null | wc -l)" = "$1" ] || fail "there are $(ls "$keys" | wc -l) keys, not $1"; }

it "what cannot be is refused before a key is made"
expect_status 2 with_trust hallmark trust init --root-threshold 2 "$gun"
says "a root threshold of 2 needs as many root keys, found 1"
one_line
expect_status 2 with_trust hallmark trust init --new-root-keys two "$gun"
expect_status 2 with_trust hallmark trust init --new-root-keys 0 "$gun"
expect_status 2 with_trust hallmark trust init "$gun:1"
says "expected a repository, found $gun:1"
expect_status 5 with_trust hallmark trust init --root-key 1234567 "$gun"
expect_status 7 env DOCKER_CONTENT_TRUST_SERVER="https://localhost:$(free_port)" "$HALLMARK" trust init "$gun"
no_key_was_made 0

it "a repository is begun with nothing signed in it, and notary reads it"
expect_status 0 with_trust hallmark trust init "$gun"
prints "^Successfully initialized \"$gun\"$"
reads list "$gun"
prints "No targets present in this repository"
[ "$(keys_of_role root) $(keys_of_role targets)" = "1 1" ] || fail "other keys were made"
expect_status 0 with_trust hallmark trust sign "$gun:1"
reads list "$gun"
prints "^1 +$(digest_of_image app | cut -d: -f2) .* targets$"

it "one that is there is not begun again, and no key is made for it"
served "$gun" root >"$world/root.before"
expect_status 1 with_trust hallmark trust init "$gun"
says "is a signed repository already"
one_line
expect_status 1 with_trust hallmark trust init --new-root-keys 2 "$gun"
no_key_was_made 2
served "$gun" root | cmp - "$world/root.before"

it "one that was there and is hidden is not begun anew"
number=$(find "$keys" -name '*.key' | wc -l)
expect_status 3 env DOCKER_CONTENT_TRUST_SERVER="file://$world/empty" "$HALLMARK" trust init "$gun"
says "the trust server knows nothing of it, but it was signed before"
one_line
expect_status 3 env DOCKER_CONTENT_TRUST_SERVER="file://$world/empty" "$HALLMARK" trust sign "$gun:1"
for command in renew status "rotate targets"; do
  mkdir -p "$world/empty"
  # shellcheck disable=SC2086
  expect_status 3 env DOCKER_CONTENT_TRUST_SERVER="file://$world/empty" "$HALLMARK" trust $command "$gun"
  says "the trust server knows nothing of it, but it was signed before"
  says "^hint: asked was file://$world/empty; "
  rmdir "$world/empty"
done
no_key_was_made "$number"
[ ! -e "$world/empty" ] || fail "something was published"

it "a second repository gets the same root key by another certificate"
expect_status 0 with_trust hallmark trust init "$registry/lib/second"
[ "$(keys_of_role root)" = 1 ] || fail "another root key was made"
[ "$(served "$registry/lib/second" root | jq -r '.signed.roles.root.keyids[0]')" != \
  "$(served "$gun" root | jq -r '.signed.roles.root.keyids[0]')" ]

it "named and new root keys, of which two must sign"
root_key=$(basename "$(grep -l '^role: root$' "$keys"/*.key)" .key)
many=$registry/lib/many
expect_status 2 with_trust hallmark trust init --root-key "${root_key:0:8}" --root-key "$root_key" "$many"
says "is named twice"
targets_key=$(basename "$(grep -l "^gun: $gun$" "$keys"/*.key)" .key)
expect_status 2 with_trust hallmark trust init --root-key "$targets_key" "$many"
says "expected a key for root of $many, found one for targets of $gun"
number=$(find "$keys" -name '*.key' | wc -l)
expect_status 2 env DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=wrong-secret DOCKER_CONTENT_TRUST_SERVER="$notary_server" \
  "$HALLMARK" trust init --new-root-keys 1 --root-key "$root_key" "$many"
no_key_was_made "$number"
expect_status 0 with_trust hallmark trust init --root-key "${root_key:0:8}" --new-root-keys 2 --root-threshold 2 "$many"
says "2 of 3 keys must sign"
[ "$(keys_of_role root)" = 3 ]
served "$many" root >"$out"
[ "$(jq -c '[.signed.roles.root.threshold, (.signed.roles.root.keyids | length)]' "$out")" = "[2,3]" ]
push_image app lib/many 1
expect_status 0 with_trust hallmark trust sign "$many:1"
reads list "$many"
prints "^1 +$(digest_of_image app | cut -d: -f2) .* targets$"

it "root keys with passphrases of their own are each asked for"
# new_root_key PASSPHRASE: prints its id.
new_root_key() {
  ls "$keys" >"$world/keys.before"
  rm -f "$world/root.pub"
  DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=$1 hallmark trust key generate --dir "$world" root >/dev/null
  ls "$keys" | comm -13 "$world/keys.before" - | cut -d. -f1
}
first=$(new_root_key first-secret)
other=$(new_root_key other-secret)
typed=$registry/lib/typed
typing() {
  env -u DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE DOCKER_CONTENT_TRUST_SERVER="$notary_server" \
    python3 "$tests/support/typist.py" "$@"
}
expect_status 0 typing first-secret other-secret -- "$HALLMARK" trust init --root-key "$first" \
  --root-key "$other" --root-threshold 2 "$typed"
for key in "$first" "$other"; do prints "Enter passphrase for root key with ID ${key:0:7}: "; done
[ "$(served "$typed" root | jq '.signatures | length')" = 2 ]
expect_status 0 typing first-secret other-secret -- "$HALLMARK" trust rotate targets "$typed"
expect_status 2 typing first-secret wrong-1 wrong-2 wrong-3 wrong-4 -- "$HALLMARK" trust rotate targets "$typed"
[ "$(served "$typed" root | jq .signed.version)" = 2 ]

it "a command that signs the root asks for both keys, and refuses with one"
mkdir "$world/away"
others=$(grep -l '^role: root$' "$keys"/*.key | grep -v "$root_key")
for key in $others; do mv "$key" "$world/away/"; done
served "$many" root >"$world/root.before"
expect_status 5 with_trust hallmark trust rotate targets "$many"
says "to sign root, expected 2 of the keys .*, found 1 in"
one_line
served "$many" root | cmp - "$world/root.before"
mv "$world/away"/*.key "$keys/"
expect_status 0 with_trust hallmark trust rotate targets "$many"
[ "$(served "$many" root | jq '[.signatures[].keyid] | unique | length')" = 2 ]
reads list "$many"
prints "^1 +$(digest_of_image app | cut -d: -f2) .* targets$"
