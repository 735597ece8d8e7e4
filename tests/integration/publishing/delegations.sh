#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Delegations with paths, thresholds and others below them: as hallmark says it, notary lists it, and it counts.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
make_image one --mark one
make_image two --mark two
name=$registry/lib/app
for tag in 1 nightly-1 nightly-arm-1; do push_image one lib/app $tag; done
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repository-secret
trust() { with_trust hallmark trust "$@"; }
# theirs: role, paths, keys and threshold as the real notary lists them, each list on one line.
theirs() {
  notary -s "$notary_server" -d "$world/reader" --tlscacert "$world/ca.crt" delegation list "$name" \
    2>>"$world/reader.log" | sed -n '4,${/./p}' | python3 -c '
import re, sys
roles = {}
for line in sys.stdin:
    name = re.match(r"targets/\S+", line)
    if name:
        role = roles.setdefault(name[0], ([], [], line.split()[-1]))
    role[0].extend(path.rstrip(",").strip("\"") for path in re.findall(r"\"\"|\b[a-z]+-[a-z-]*,?", line.split(name[0] if name else "\0", 1)[-1]) )
    role[1].extend(re.findall(r"\b[0-9a-f]{64}\b", line))
for name, (paths, keys, threshold) in sorted(roles.items()):
    print(name, ",".join(sorted(paths)), ",".join(sorted(keys)), threshold)'
}
ours() {
  trust delegation ls --json "$name" 2>>"$world/ours.log" |
    jq -r '.[] | "\(.role) \(.paths | sort | join(",")) \(.keys | sort | join(",")) \(.threshold)"'
}
agree() { diff <(theirs) <(ours) >&2 || fail "notary lists other delegations"; }
# roles_of TAG: the roles that have it.
roles_of() {
  rm -rf "$world/reader"
  notary -s "$notary_server" -d "$world/reader" --tlscacert "$world/ca.crt" list "$name" 2>>"$world/reader.log" |
    awk -v tag="$1" '$1 == tag { print $NF }'
}
for who in alice bob carol; do person $who; done
expect_status 0 trust sign "$name:1"

it "a repository without delegations has an empty list"
expect_status 0 trust delegation ls "$name"
[ "$(cat "$out")" = "ROLE      PATHS     KEY IDS   THRESHOLD" ] || { show_output && fail "not empty"; }
expect_status 0 trust delegation ls --json "$name"
[ "$(jq -c . "$out")" = "[]" ]

it "a delegation is made with keys and paths, and may sign nothing else"
expect_status 0 trust delegation add --key "$world/alice.pub" --key "$world/bob.pub" --path nightly- targets/night "$name"
prints "^Successfully added delegation targets/night to $name$"
expect_status 0 trust delegation ls "$name"
prints "^targets/night +nightly- +($(key_of alice)|$(key_of bob)) +1$"
prints "^ +($(key_of alice)|$(key_of bob)) *$"
[ "$(ours)" = "targets/night nightly- $(printf '%s\n%s' "$(key_of alice)" "$(key_of bob)" | sort | paste -sd,) 1" ]
agree
expect_status 0 as alice trust sign "$name:nightly-1"
[ "$(roles_of nightly-1)" = targets/night ]
expect_status 5 as alice trust sign "$name:1"
says "the tag 1 is outside of what may be signed in targets/night"
[ "$(roles_of 1)" = targets ]

it "it gets more paths; a threshold above the keys that are here is refused, for nobody could sign"
expect_status 0 trust delegation add --path weekly- targets/night "$name"
prints "^Successfully changed delegation targets/night of $name$"
says_not "warning: what"
agree
for force in "" --force; do
  # shellcheck disable=SC2086
  expect_status 2 trust delegation add $force --threshold 2 targets/night "$name"
  one_line
  says "targets/night of $name: a threshold of 2 needs as many of its keys in .*, found 0$"
  says "^hint: signatures of several machines cannot be collected: .* a policy ask for several of them \\(its requirement threshold, \"distinct\": \"requirement\"\\)$"
done
expect_status 2 trust delegation add --threshold 2 --key "$world/alice.pub" --key "$world/bob.pub" --all-paths targets/prod "$name"
[ "$(roles_of nightly-1)" = targets/night ]
it "where the keys are, another threshold of a role that is signed is asked about, and no answer is a no"
cp "$world/alice.docker/trust/private"/*.key "$world/bob.docker/trust/private"/*.key "$DOCKER_CONFIG/trust/private/"
expect_status 1 trust delegation add --threshold 2 targets/night "$name" </dev/null
says "^targets/night of $name is signed and read with a threshold of 1\. Are you sure you want to change it to 2\? \[y/N\] "
says "^hallmark: error: aborted: the threshold of targets/night of $name stays$"
ours | grep -q ' nightly-,weekly- .* 1$'
it "one key of two does not sign, both do, and nothing of before is lost"
expect_status 0 trust delegation add --force --threshold 2 targets/night "$name"
says_not "warning: what"
agree
ours | grep -q ' nightly-,weekly- .* 2$'
expect_status 5 as alice trust sign "$name:nightly-arm-1"
says "to sign targets/night, expected 2 of the keys .*, found 1"
says "^hint: signatures of several machines cannot be collected"
expect_status 0 trust sign "$name:nightly-arm-1"
[ "$(roles_of nightly-1) $(roles_of nightly-arm-1)" = "targets/night targets/night" ]
it "a signer signs as himself, whatever other roles ask for, and in the role that is named"
expect_status 0 trust signer add --key "$world/alice.pub" alice "$name"
expect_status 0 as alice trust sign "$name:nightly-arm-1"
says "^warning: nightly-arm-1 is not signed in targets/night: it needs 2 of its keys, and so many are not here$"
trust inspect "$name:nightly-arm-1" | jq -e '.[0].SignedTags[0].Signers | index("alice") != null' >/dev/null
push_image two lib/app nightly-1
expect_status 0 as alice trust sign --role targets/alice "$name:nightly-1"
says_not "warning: nightly-1"
trust inspect "$name:nightly-1" | jq -e '.[0].SignedTags | length == 0' >/dev/null || fail "it is released"
expect_status 5 as alice trust sign --role targets/bob "$name:nightly-1"
says "\"targets/bob\" is no role of $name that signs tags"
expect_status 5 as alice trust sign --role targets/night "$name:nightly-1"
expect_status 5 as bob trust sign --role targets/alice "$name:nightly-1"
says "to sign targets/alice, expected 1 of the keys"
expect_status 5 as alice trust sign --role targets "$name:nightly-1"
says "^hint: .* who has the root key replaces a lost one with hallmark trust rotate targets $name$"
expect_status 5 trust sign --role targets/night "$name:1"
says "the tag 1 is outside of what may be signed in targets/night"
push_image one lib/app nightly-1
expect_status 0 trust signer remove --force alice "$name"
# It stays with a key that another role has as well.
expect_status 0 trust delegation remove targets/releases "$name"

it "a key goes only where the threshold can still be met"
expect_status 2 trust delegation remove --key "$(key_of bob)" targets/night "$name"
says "would need 2 signatures and has 1 keys"
one_line
expect_status 0 trust delegation add --force --threshold 1 targets/night "$name"
it "what remains signed by a key that is here is signed again without it"
expect_status 0 trust delegation remove --key "$(key_of bob | cut -c1-7)" --path weekly- targets/night "$name"
says_not "warning: what"
agree
[ "$(ours)" = "targets/night nightly- $(key_of alice) 1" ]
[ "$(roles_of nightly-1)" = targets/night ]
expect_status 5 as bob trust sign "$name:nightly-1"

it "a delegation goes deeper, within the paths of the one above it, and its owner says so"
expect_status 2 trust delegation add --key "$world/carol.pub" --path release- targets/night/arm "$name"
says "targets/night/arm: the path \"release-\" is outside of what targets/night may sign"
expect_status 2 trust delegation add --key "$world/carol.pub" --all-paths targets/night/arm "$name"
expect_status 0 as alice trust delegation add --key "$world/carol.pub" --path nightly-arm- targets/night/arm "$name"
agree
[ "$(ours | wc -l)" = 2 ]
expect_status 0 trust delegation add --key "$world/bob.pub" --path nightly- targets/day "$name"
expect_status 0 as bob trust delegation add --key "$world/carol.pub" --path nightly-arm- targets/day/arm "$name"
agree
[ "$(ours | cut -d' ' -f1 | paste -sd' ')" = "targets/day targets/day/arm targets/night targets/night/arm" ]

it "what is not there, not complete or no role is refused, and nothing changes"
expect_status 2 trust delegation add --threshold 1 targets/night "$name:1"
says "expected a repository, found $name:1"
before=$(theirs)
refused() { expect_status "$1" trust delegation "${@:2}" "$name" && one_line; }
refused 2 add --key "$world/carol.pub" targets/new
says "targets/new is no delegation of $name yet: a new one needs a path"
refused 2 add --all-paths targets/new
says "a new one needs a key"
refused 2 add targets/night
says "nothing to add"
refused 2 add --key "$world/carol.pub" --path "" targets/new
says "--path needs a value"
for bad in targets root snapshot releases targets/New targets/ "targets/a b" targets/nobody/a; do
  refused 2 add --key "$world/carol.pub" --all-paths "$bad"
done
for bad in 0 -1 two 1x 99999999999999999999; do refused 2 add "--threshold=$bad" targets/night; done
refused 2 add --threshold 2 targets/night
refused 2 add --key "$world/ca.key" --all-paths targets/new
refused 5 remove targets/nobody
refused 5 remove --key 0123456 targets/night
refused 5 remove --path other- targets/night
refused 2 remove --path nightly- targets/night
says "would have no path left"
refused 2 add --key "$world/carol.pub" --path $'a\tb' targets/night
expect_status 3 trust delegation add --key "$world/carol.pub" --all-paths targets/a "$registry/lib/unsigned"
expect_status 3 trust delegation ls "$registry/lib/unsigned"
expect_status 5 as carol trust delegation add --key "$world/carol.pub" --all-paths targets/carol "$name"
says "to sign targets, expected 1 of the keys"
[ "$(theirs)" = "$before" ]

it "a delegation goes with all that is below it, or with its last key"
expect_status 0 trust delegation remove targets/day "$name"
prints "^Successfully removed delegation targets/day from $name$"
agree
[ "$(ours | cut -d' ' -f1 | paste -sd' ')" = "targets/night targets/night/arm" ]
# The last key and the last path: nothing is left that would need one.
expect_status 0 trust delegation remove --key "$(key_of alice)" --path nightly- targets/night "$name"
prints "^Successfully removed delegation targets/night from $name$"
[ -z "$(theirs)" ]
[ -z "$(ours)" ]
[ -z "$(roles_of nightly-1)" ]
[ "$(roles_of 1)" = targets ]
