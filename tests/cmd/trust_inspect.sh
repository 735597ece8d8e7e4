#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# trust inspect prints what docker prints, and only what was verified.
. "$(dirname "$0")/../integration/lib.sh"
start_registry plain
start_notary
make_image app --small
make_image other --small --mark other
push_image app lib/app 1
sign app lib/app 1
add_delegation lib/app targets/alice
add_delegation lib/app targets/releases
for tag in 2 10; do
  sign other lib/app $tag targets/alice
  sign other lib/app $tag targets/releases
done
sign app lib/app only-alice targets/alice
name=$registry/lib/app

it "the JSON has each signed tag with its digest and signers, in natural order"
expect_status 0 with_trust hallmark trust inspect "$name"
jq -e --arg one "$(digest_of_image app)" --arg other "$(digest_of_image other)" '.[0].SignedTags == [
  {SignedTag: "1", Digest: ($one | ltrimstr("sha256:")), Signers: ["Repo Admin"]},
  {SignedTag: "2", Digest: ($other | ltrimstr("sha256:")), Signers: ["alice"]},
  {SignedTag: "10", Digest: ($other | ltrimstr("sha256:")), Signers: ["alice"]}]' "$out" >/dev/null ||
  { show_output && fail "the signed tags are others"; }
jq -e --arg root "$(root_key_id lib/app)" '.[0].AdministrativeKeys[0] == {Name: "Root", Keys: [{ID: $root}]}' "$out" \
  >/dev/null || { show_output && fail "the root key is another"; }

it "one tag can be asked about alone"
expect_status 0 with_trust hallmark trust inspect "$name:2"
jq -e '[.[0].SignedTags[].SignedTag] == ["2"]' "$out" >/dev/null

it "tables have the same"
expect_status 0 with_trust hallmark trust inspect --pretty "$name"
prints "^Signatures for $name$"
prints "^10 +$(digest_of_image other | cut -d: -f2) +alice$"
prints "^List of signers and their keys for $name$"

it "a repository without trust data is an error, and the others are printed all the same"
expect_status 3 with_trust hallmark trust inspect "$registry/lib/nothing"
one_line
expect_status 3 with_trust hallmark trust inspect "$registry/lib/nothing" "$name"
jq -e 'length == 1' "$out" >/dev/null

it "data that do not verify are not shown"
start_faults "$notary_server" flip@targets
trust_ca "${fault[flip@targets]}"
rm -rf "$store"
notary_server=https://${fault[flip@targets]} expect_status 3 with_trust hallmark trust inspect "$name"

it "docker prints the same"
start_dockerd
for words in "" --pretty; do
  # shellcheck disable=SC2086
  with_trust hallmark trust inspect $words "$name" >"$out" 2>"$err"
  # shellcheck disable=SC2086
  with_trust docker trust inspect $words "$name" >"$world/theirs" 2>&1
  diff "$world/theirs" "$out" >&2 || fail "docker prints otherwise"
done
