#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# --json of the commands that change what is signed: one line for each repository, with its roles as the server has them.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"
start_registry plain
start_notary
make_image app --mark app
push_image app lib/app 1
app=$registry/lib/app
digest=$(digest_of_image app)
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repository-secret
trust() { with_trust hallmark trust "$@"; }
person alice

# All of the output is one line of JSON, of this name, for which this is true; and trust status tells the same roles.
holds() { jq -es "length == 1 and (.[0] | $1)" "$out" >/dev/null || { cat "$out" >&2 && fail "not so: $1"; }; }
changed() {
  [ "$(wc -l <"$out")" = 1 ] || { show_output && fail "not one line"; }
  holds ".Name == \"$1\" and ($2)"
  jq -S '.Roles | map(del(.DaysLeft))' "$out" >"$world/roles.told"
  trust status --json "$app" 2>/dev/null | jq -S '.[0].Roles | map(del(.DaysLeft))' >"$world/roles.shown"
  diff "$world/roles.shown" "$world/roles.told" >&2 || fail "other roles than trust status tells"
}

it "init, sign and revoke"
expect_status 0 trust init --json "$app"
changed "$app" '[.Roles[].Role] == ["root", "targets", "snapshot", "timestamp"] and (has("Digest") | not)'
expect_status 0 trust sign --json "$app:1"
changed "$app:1" ".Digest == \"$digest\" and .Roles[1].Version == 2"
expect_status 0 trust revoke --json "$app:1"
changed "$app:1" '(has("Digest") | not) and .Roles[1].Version == 3'

it "sign --local has no line of push before it"
expect_status 0 hallmark pull "$app:1"
expect_status 0 hallmark tag "$app:1" "$app:2"
expect_status 0 trust sign --json --local "$app:2"
changed "$app:2" ".Digest == \"$digest\" and .Roles[1].Version == 4"

it "delegations and signers, one line for each repository"
expect_status 0 trust delegation add --json --key "$world/alice.pub" --path night- targets/night "$app"
changed "$app" ".Roles[4] == {\"Role\": \"targets/night\", \"Keys\": [\"$(key_of alice)\"]}"
expect_status 0 trust delegation remove --json targets/night "$app"
changed "$app" '.Roles | length == 4'
expect_status 0 trust signer add --json --key "$world/alice.pub" alice "$app" "$registry/lib/other"
jq -es "map(.Name) == [\"$app\", \"$registry/lib/other\"] and all(.[]; .Roles[4].Role == \"targets/alice\")" "$out" >/dev/null ||
  { show_output && fail "not a line for each repository"; }
expect_status 0 trust signer remove --json alice "$app"
changed "$app" '.Roles | length == 4'

it "a repository that fails has no line, and keeps none from the others"
expect_status 0 trust signer add --json --key "$world/alice.pub" alice "$app" "$registry/lib/other"
expect_status 3 trust signer remove --json alice "$registry/lib/none" "$app" "$registry/lib/nothing" "$registry/lib/other"
jq -es "map(.Name) == [\"$app\", \"$registry/lib/other\"] and all(.[]; .Roles | length == 4)" "$out" >/dev/null ||
  { show_output && fail "not a line for each that went"; }
[ "$(grep -c "^hallmark: error: $registry/lib/no.*: nothing is signed there$" "$err")" = 2 ] || { show_output && fail "not both errors"; }

it "renew and rotate"
expect_status 0 trust renew --json "$app"
changed "$app" '.Roles[1].Version > 4 and .Roles[0].Version == 1'
cp "$world/roles.told" "$world/before"
expect_status 0 trust renew --json --within 1 "$app"
changed "$app" true
cmp "$world/before" "$world/roles.told"
expect_status 0 trust rotate --json targets "$app"
changed "$app" '.Roles[0].Version == 2'
[ "$(jq -c '.[1].Keys' "$world/before")" != "$(jq -c '.[1].Keys' "$world/roles.told")" ] || fail "the same key of targets"

it "what was published is told also when it does not go all the way"
expect_status 0 trust sign --json "$app:1"
expect_status 0 trust signer add --key "$world/alice.pub" alice "$app"
expect_status 0 as alice with_trust hallmark trust sign "$app:1"
expect_status 8 trust revoke --json "$app:1"
one_line
changed "$app:1" '.Roles[1].Version > 6'
expect_status 0 as alice with_trust hallmark trust revoke --json "$app:1"
changed "$app:1" '.Roles[4].Role == "targets/alice"'
expect_status 0 trust revoke --json -y "$app"
changed "$app" 'has("Digest") | not'

it "what fails prints no JSON"
expect_status 5 trust revoke --json "$app:none"
[ ! -s "$out" ]
expect_status 1 trust init --json "$app"
[ ! -s "$out" ]
