#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every key of a repository is given away to another, one after the other, and docker and notary go on with it: with
# what they remember from before, and as who comes for the first time.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
make_image one --format docker --mark one
make_image two --format docker --mark two
push_image one lib/app 1
push_image two lib/app 2
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repository-secret
gun=$registry/lib/app
keys=$DOCKER_CONFIG/trust/private
# reads FOLDER: the tags that the real notary finds, going on from what it remembers in that folder.
reads() {
  notary -s "$notary_server" -d "$1" --tlscacert "$world/ca.crt" list "$gun" 2>>"$world/reader.log" |
    awk 'NR > 2 { print $1 }' | sort | tr '\n' ' '
}
# Who remembers the first state of all, who remembers the last one, who remembers nothing; and hallmark itself.
readers_accept() {
  local folder
  rm -rf "$world/fresh" "$world/first" && cp -r "$world/first.kept" "$world/first"
  for folder in first last fresh; do
    [ "$(reads "$world/$folder")" = "$1" ] || fail "notary in $folder finds: $(reads "$world/$folder")"
  done
  expect_status 0 env HALLMARK_STORE="$world/last.store" DOCKER_CONTENT_TRUST=1 \
    DOCKER_CONTENT_TRUST_SERVER="$notary_server" "$HALLMARK" verify "$gun:1"
  expect_status 0 env HALLMARK_STORE="$world/$RANDOM.store" DOCKER_CONTENT_TRUST=1 \
    DOCKER_CONTENT_TRUST_SERVER="$notary_server" "$HALLMARK" verify "$gun:1"
}
served() { curl -sf --cacert "$world/ca.crt" "$notary_server/v2/$gun/_trust/tuf/$1.json"; }
ids_of() { served root | jq -r ".signed.roles.$1.keyids | join(\" \")"; }
count_keys() { find "$keys" -name '*.key' | wc -l; }

expect_status 0 with_trust hallmark trust sign "$gun:1"
it "whoever begins a repository is told how it is pinned, by its keys and by its document"
says "^Policies pin it by \{\"gun\":\"$gun\",\"rootKeyIds\":\[\"$(ids_of root)\"\]\},$"
says "^or across rotations by its document: hallmark trust inspect --root $gun > root.json$"
expect_status 0 with_trust hallmark trust inspect --root "$gun"
cp "$out" "$world/pinned.json"
served root | cmp - "$world/pinned.json"
# policy_with FILE PIN
policy_with() {
  printf '{"hallmark": 1, "default": [{"type": "tuf", "store": "dct"}], "stores": {"dct": {"kind": "tuf",
    "server": "%s", "pins": [{"gun": "%s", %s}]}}}' "$notary_server" "$gun" "$2" >"$1"
}
policy_with "$world/by-id.json" "\"rootKeyIds\": [\"$(ids_of root)\"]"
policy_with "$world/by-root.json" "\"root\": {\"path\": \"$world/pinned.json\"}"
for pin in by-id by-root; do expect_status 0 hallmark verify --policy "$world/$pin.json" "$gun:1"; done
reads "$world/first.kept" >"$out"
reads "$world/last" >"$out"
readers_accept "1 "

for role in root targets snapshot timestamp; do
  it "$role gets another key"
  before=$(ids_of $role)
  expect_status 0 with_trust hallmark trust rotate $role "$gun"
  prints "^Successfully rotated $role of $gun: 1 of 1 key signs it$"
  [ "$(ids_of $role)" != "$before" ] || fail "$role has the key that it had"
  readers_accept "1 "
done
it "the file of a former key stays, and that is said"
key=$(ids_of targets)
expect_status 0 with_trust hallmark trust rotate targets "$gun"
prints "^The former key ${key:0:12} signs it no more; its file stays in $keys$"
[ -f "$keys/$key.key" ]
it "a root is signed by the old and the new keys"
[ "$(served root | jq '.signed.version')" = 6 ]
expect_status 0 with_trust hallmark trust rotate root "$gun"
says "^Pins of its root keys change to \{\"gun\":\"$gun\",\"rootKeyIds\":\[\"$(ids_of root)\"\]\}$"
says "^Pins of an earlier root document go on; hallmark trust inspect --root $gun prints this one$"
[ "$(served root | jq '[.signatures[].keyid] | unique | length')" = 2 ]
readers_accept "1 "
it "what pins change to is told; a pinned document goes on, pinned keys do not, and are told that it was a rotation"
expect_status 0 env HALLMARK_STORE="$world/pin.store" "$HALLMARK" verify --policy "$world/by-root.json" "$gun:1"
for seen in pin.store new.store; do
  expect_status 3 env HALLMARK_STORE="$world/$seen" "$HALLMARK" verify --policy "$world/by-id.json" "$gun:1"
  says "the pinned root vouches for it: root version 1, signed by the pinned keys, leads to it"
  says "the publisher has rotated the root key: change the pin to \"rootKeyIds\": \[\"$(ids_of root)\"\]"
  says_not "attack"
done
policy_with "$world/foreign.json" "\"rootKeyIds\": [\"$(printf 0%.0s {1..64})\"]"
expect_status 3 hallmark verify --policy "$world/foreign.json" "$gun:1"
says "no pinned root vouches for it"
it "the list of keys tells those in force from those that were replaced, and joins a root key with its certificate"
expect_status 0 hallmark trust key ls
grep -q "root of $gun as $(ids_of root)$" "$out"
[ "$(awk '$1 == "root" && $NF == "nothing"' "$out" | wc -l)" = 2 ]
grep -q "^targets .* $key .* nothing$" "$out"
grep -q "^targets .* $(ids_of targets) .* targets of $gun$" "$out"
expect_status 0 hallmark trust key ls --json
[ "$(jq -c '[.[] | select(.Role == "root") | .Signs[]]' "$out")" = "[{\"Gun\":\"$gun\",\"Role\":\"root\",\"Id\":\"$(ids_of root)\"}]" ]
it "signing goes on with the new keys"
expect_status 0 with_trust hallmark trust sign "$gun:2"
readers_accept "1 2 "

it "the snapshot key goes back to the server, and signing goes on"
prints_server() { prints "^  [0-9a-f]{64} \(held by the trust server\)$"; }
expect_status 0 with_trust hallmark trust rotate -r snapshot "$gun"
prints_server
expect_status 0 with_trust hallmark trust rotate --server-managed timestamp "$gun"
prints_server
expect_status 0 with_trust hallmark trust sign "$gun:2"
readers_accept "1 2 "

it "more keys and a threshold, and both stay at the next rotation"
expect_status 0 with_trust hallmark trust rotate --threshold 2 targets "$gun"
prints "2 of 2 keys sign it"
expect_status 0 with_trust hallmark trust rotate --threshold 2 root "$gun"
expect_status 0 with_trust hallmark trust rotate root "$gun"
expect_status 0 with_trust hallmark trust rotate targets "$gun"
[ "$(served root | jq -c '[.signed.roles[] | [.threshold, (.keyids | length)]]')" = "[[2,2],[1,1],[2,2],[1,1]]" ]
[ "$(served targets | jq '.signatures | length')" = 2 ]
expect_status 0 with_trust hallmark trust sign "$gun:2"
readers_accept "1 2 "

it "keys that are named: one that is in use stays, the lost one goes"
kept=$(ids_of targets | cut -d' ' -f1)
lost=$(ids_of targets | cut -d' ' -f2)
mv "$keys/$lost.key" "$world/"
expect_status 5 with_trust hallmark trust sign "$gun:2"
expect_status 2 with_trust hallmark trust rotate --key "$kept" targets "$gun"
says "targets needs 2 keys to sign it, found 1 with --key"
expect_status 0 with_trust hallmark trust rotate --key "$kept" --threshold 1 targets "$gun"
[ "$(ids_of targets)" = "$kept" ]
expect_status 0 with_trust hallmark trust sign "$gun:2"
readers_accept "1 2 "

it "what cannot be done is refused, and neither a key nor a root is made"
number=$(count_keys)
served root >"$world/root.before"
expect_status 2 with_trust hallmark trust rotate targets/alice "$gun"
says "expected root, targets, snapshot or timestamp"
expect_status 2 with_trust hallmark trust rotate -r targets "$gun"
expect_status 2 with_trust hallmark trust rotate -r --threshold 2 snapshot "$gun"
expect_status 2 with_trust hallmark trust rotate --threshold 0 root "$gun"
expect_status 2 with_trust hallmark trust rotate --key "$kept" --threshold 1 root "$gun"
says "expected a key for root of $gun, found one for targets of $gun"
expect_status 2 with_trust hallmark trust rotate --key "$kept" timestamp "$gun"
says "signs timestamps with a key of its own"
expect_status 2 with_trust hallmark trust rotate targets "$gun:1"
expect_status 3 with_trust hallmark trust rotate targets "$registry/lib/nothing"
expect_status 2 env DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=wrong-secret DOCKER_CONTENT_TRUST_SERVER="$notary_server" \
  "$HALLMARK" trust rotate targets "$gun"
says "DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE is wrong"
mkdir "$world/away"
grep -l '^role: root$' "$keys"/*.key | xargs mv -t "$world/away"
for role in root targets snapshot; do
  expect_status 5 with_trust hallmark trust rotate $role "$gun"
  one_line
done
mv "$world/away"/*.key "$keys/"
[ "$(count_keys)" = "$number" ] || fail "keys were made: $number before, $(count_keys) now"
served root | cmp - "$world/root.before"

it "two who rotate at once: none is lost"
with_trust "$HALLMARK" trust rotate targets "$gun" >"$world/rotate-1.log" 2>&1 &
first=$!
with_trust "$HALLMARK" trust rotate snapshot "$gun" >"$world/rotate-2.log" 2>&1 &
wait $! || { cat "$world/rotate-2.log" >&2 && fail "the second failed"; }
wait $first || { cat "$world/rotate-1.log" >&2 && fail "the first failed"; }
[ "$(served root | jq .signed.version)" = "$(($(jq .signed.version "$world/root.before") + 2))" ]
readers_accept "1 2 "

it "a directory: the publisher holds the timestamp, and no server can"
export DOCKER_CONTENT_TRUST_SERVER=file://$world/trust
gun=$registry/lib/carried
push_image one lib/carried 1
folder=$world/trust/$gun/_trust/tuf
expect_status 0 hallmark trust init "$gun"
for role in root targets snapshot timestamp; do
  before=$(jq -r ".signed.roles.$role.keyids[0]" "$folder/root.json")
  expect_status 0 hallmark trust rotate $role "$gun"
  [ "$(jq -r ".signed.roles.$role.keyids[0]" "$folder/root.json")" != "$before" ]
done
expect_status 2 hallmark trust rotate -r snapshot "$gun"
says "a directory of trust data holds no keys"
expect_status 0 hallmark trust sign "$gun:1"
[ "$(jq -r '.signed.targets | keys[0]' "$folder/targets.json")" = 1 ]

it "a root whose certificates have ended gets new ones, and is read again"
if command -v faketime >/dev/null; then
  old=$registry/lib/old
  expect_status 0 faketime -f -3651d "$HALLMARK" trust init "$old"
  for command in "status" "rotate targets" "renew"; do
    # shellcheck disable=SC2086
    expect_status 3 hallmark trust $command "$old"
    says "^hint: only the publisher can help, who has the root key: hallmark trust rotate root $old$"
  done
  expect_status 0 hallmark trust rotate root "$old"
  expect_status 0 hallmark trust status "$old"
fi

it "a lost key of a listing is replaced there too, but the other one is needed"
for role in snapshot timestamp; do
  [ $role = snapshot ] && other=timestamp || other=snapshot
  for lost in $role $other; do
    cp "$folder/root.json" "$world/root.before"
    key=$DOCKER_CONFIG/trust/private/$(jq -r ".signed.roles.$lost.keyids[0]" "$folder/root.json").key
    mv "$key" "$world/away.key"
    if [ $lost = $role ]; then
      expect_status 5 hallmark trust sign "$gun:1"
      says "^hint: .* replaces a lost one with hallmark trust rotate $role $gun$"
      expect_status 0 hallmark trust rotate $role "$gun"
      rm "$world/away.key"
    else
      expect_status 5 hallmark trust rotate $role "$gun"
      says "to sign $lost, expected 1 of the keys"
      cmp "$folder/root.json" "$world/root.before"
      mv "$world/away.key" "$key"
    fi
  done
done
expect_status 0 hallmark trust sign "$gun:1"
expect_status 0 with_trust hallmark pull "$gun:1"
