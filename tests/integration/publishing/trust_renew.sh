#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What has expired is told by trust status and signed again by trust renew: on a trust server, where docker and notary
# are at their end, and in a directory, where the publisher's scheduled job keeps the timestamp good.
. "$(dirname "$0")/../lib.sh"
command -v faketime >/dev/null || skip "no faketime (package faketime)"
# Certificates that were good years ago: this test's clock goes back.
openssl() { faketime -f -5y "$(type -P openssl)" "$@"; }
start_registry plain
start_notary
make_image app
push_image app lib/app 1
push_image app lib/app 2
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repository-secret
gun=$registry/lib/app
keys=$DOCKER_CONFIG/trust/private
reads() {
  local folder=$1
  shift
  notary -s "$notary_server" -d "$world/$folder" --tlscacert "$world/ca.crt" "$@" >"$out" 2>"$err"
}
# at OFFSET COMMAND...: hallmark with a clock that is so far from now.
at() { faketime -f "$1" "$HALLMARK" "${@:2}"; }

it "a repository whose targets are about to end: signed three years ago, but for a few seconds"
three_years=$((3 * 365 * 24 * 3600))
signed_at=$SECONDS
expect_status 0 with_trust at "-$((three_years - 25))" trust sign "$gun:1"
reads old list "$gun"
prints "^1 .* targets$"
expect_status 0 with_trust hallmark trust status "$gun"
prints "^targets +1 +20.* 0 +1 +[0-9a-f]{12}$"
expect_status 3 with_trust hallmark trust status --within 1 "$gun"
says "$gun: targets expires at .*, in 0 days$"
while [ $((SECONDS - signed_at)) -lt 28 ]; do sleep 0.5; done

it "when they have ended, notary can neither read nor sign, and hallmark does not believe them"
! reads old list "$gun" || fail "notary reads what has expired"
says "targets expired"
! reads new witness -p "$gun" targets || fail "notary signs"
expect_status 3 with_trust hallmark verify "$gun:1"
says "targets of $gun has expired"
expect_status 3 with_trust hallmark trust sign "$gun:2"
says "hint: hallmark trust renew $gun signs it again"
it "status tells it, in words, in JSON and by its exit status"
expect_status 3 with_trust hallmark trust status "$gun"
one_line
says "$gun: targets has expired at "
prints "^targets +1 .* -1 +1 "
expect_status 3 with_trust hallmark trust status --json "$gun"
[ "$(jq -c '.[0] | [.Name, (.Roles[] | select(.Role == "targets") | .DaysLeft, .Version, (.Keys | length))]' "$out")" = \
  "[\"$gun\",-1,1,1]" ]
it "without the key it is not renewed"
mv "$keys" "$world/away"
expect_status 5 with_trust hallmark trust renew "$gun"
one_line
expect_status 0 with_trust hallmark trust renew --within 0 "$gun"
says "^warning: $gun: targets has expired at .*, and its keys are not here$"
prints "^Nothing to renew for $gun$"
mv "$world/away" "$keys"
it "renewed, everybody reads it again, with an old cache and with a new one, and signing goes on"
expect_status 0 with_trust hallmark trust renew "$gun"
prints "^Renewed targets: version 2, expires 20"
for folder in old new; do
  reads $folder list "$gun"
  prints "^1 .* targets$"
done
expect_status 0 with_trust hallmark verify "$gun:1"
expect_status 0 with_trust hallmark trust status "$gun"
expect_status 0 with_trust hallmark trust sign "$gun:2"
it "nothing to do is success, and changes nothing"
expect_status 0 with_trust hallmark trust renew --within 30 "$gun"
prints "^Nothing to renew for $gun$"
expect_status 0 with_trust hallmark trust status "$gun"
prints "^targets +3 "
it "the timestamp of a server counts only when it has expired, since the server renews it by itself"
expect_status 0 with_trust hallmark trust status --within 30 "$gun"
expect_status 3 with_trust hallmark trust status --within 3000 "$gun"
says "root expires at"
says_not "timestamp"
it "the root is renewed when it is named"
expect_status 0 with_trust hallmark trust renew --role root "$gun"
prints "^Renewed root: version 2, "
says "warning: $gun: the certificates of its root keys end at .*; hallmark trust rotate root makes new ones"
reads old list "$gun"
it "or when it is among what is to end"
expect_status 0 with_trust hallmark trust renew --within 3000 "$gun"
! grep -q "Renewed root" "$out" || fail "the root was renewed"
expect_status 0 with_trust hallmark trust renew --within 3700 "$gun"
prints "^Renewed root: version 3, "
reads old list "$gun"
it "what cannot be renewed is refused"
expect_status 2 with_trust hallmark trust renew --role targets/nobody "$gun"
says "has no role \"targets/nobody\""
expect_status 5 with_trust hallmark trust renew --role timestamp "$gun"
says "hint: a trust server that holds it signs again by itself"
expect_status 3 with_trust at +20d trust sign "$gun:2"
says "timestamp of $gun has expired"
says "hint: the trust server must sign a new timestamp"
expect_status 2 with_trust hallmark trust renew --within soon "$gun"
expect_status 2 with_trust hallmark trust renew --within -1 "$gun"
expect_status 3 with_trust hallmark trust renew "$registry/lib/nothing"
expect_status 3 with_trust hallmark trust status "$registry/lib/nothing"
expect_status 3 with_trust at +11y trust renew "$gun"
says "is not signed by enough certificates that are valid"
it "several repositories are each told, and the exit status speaks for all"
expect_status 3 with_trust hallmark trust status --json "$registry/lib/nothing" "$gun"
[ "$(jq length "$out")" = 1 ]

it "a signer's delegation that has expired is renewed with his key alone"
gun=$registry/lib/theirs
push_image app lib/theirs 1
sign app lib/theirs 1
add_delegation lib/theirs targets/alice
publisher key rotate "$gun" snapshot -r
expect_status 0 hallmark trust key load --name alice "$world/targets-alice.key"
expect_status 0 with_trust hallmark trust sign "$gun:1"
expect_status 0 with_trust at +2y trust renew --within 400 "$gun"
prints "^Renewed targets/alice: version 2"
says "warning: $gun: targets expires at .*, and its keys are not here"
expect_status 3 with_trust at +6y trust status "$gun"
says "targets/alice has expired at"
prints "^targets/alice +2 "
expect_status 0 with_trust at +6y trust renew --role targets/alice "$gun"
prints "^Renewed targets/alice: version 3"
reads new list -r targets/alice "$gun"
prints "^1 .* targets/alice$"

gun=$registry/lib/shared
for tag in 1 2; do push_image app lib/shared $tag; done
for who in alice bob carol; do expect_status 0 hallmark trust key generate --dir "$world" shared-$who; done
key_called() { basename "$(grep -l "^role: shared-$1$" "$keys"/*.key)" .key; }
bob=$(key_called bob) carol=$(key_called carol)
expect_status 0 with_trust at -1090d trust sign "$gun:1"
expect_status 0 with_trust hallmark trust delegation add --all-paths --key "$world/shared-alice.pub" --key "$world/shared-bob.pub" \
  --key "$world/shared-carol.pub" targets/releases "$gun"
expect_status 0 with_trust hallmark trust sign "$gun:1"
it "a delegation that too few of its keys signed is told, and the other roles are renewed"
mv "$keys/$carol.key" "$world"
expect_status 0 with_trust hallmark trust delegation add --force --threshold 2 targets/releases "$gun"
says_not "warning: what"
expect_status 0 with_trust hallmark trust delegation remove --key "$bob" targets/releases "$gun"
says "warning: what targets/releases signed counts no more until 2 of its keys sign it again"
mv "$world/$carol.key" "$keys"
expect_status 8 with_trust hallmark trust renew "$gun"
prints "^Renewed targets: version 5"
says "^hallmark: error: $gun: not renewed: targets/releases, which was signed before, but not by enough of its keys"
expect_status 8 with_trust hallmark trust renew --role targets/releases --role targets "$gun"
prints "^Renewed targets: version 6"
says "not renewed: targets/releases"
expect_status 8 with_trust hallmark trust renew --within 0 "$gun"
prints "^Nothing to renew"
expect_status 0 with_trust hallmark trust renew --role targets "$gun"
it "nothing is signed in its place that would lose its tags"
expect_status 2 with_trust hallmark trust sign "$gun:2"
says "targets/releases of $gun was signed before, but its document is not at hand"
it "a tag is revoked elsewhere, and whoever revokes it is told where it may be left"
expect_status 8 with_trust hallmark trust revoke "$gun:1"
says "$gun:1 may still be signed in targets/releases, which nobody reads now"
expect_status 3 with_trust hallmark verify "$gun:1"
it "when its threshold is met again all of it counts"
# Nobody reads it, so nobody is asked.
expect_status 0 with_trust hallmark trust delegation add --threshold 1 targets/releases "$gun" </dev/null
expect_status 0 with_trust at -1090d trust renew --role targets/releases "$gun"
prints "^Renewed targets/releases: version 3"
expect_status 0 with_trust hallmark verify "$gun:1"
it "nor is anything signed in the place of a delegation that has expired"
expect_status 2 with_trust at +10d trust sign "$gun:2"
says "targets/releases of $gun was signed before, but its document is not at hand"
expect_status 0 with_trust at +10d trust renew --role targets/releases "$gun"
expect_status 0 with_trust at +10d trust sign "$gun:2"
reads new list -r targets/releases "$gun"
prints "^1 .* targets/releases$"

export DOCKER_CONTENT_TRUST=1 DOCKER_CONTENT_TRUST_SERVER=file://$world/trust
gun=$registry/lib/carried
folder=$world/trust/$gun/_trust/tuf
push_image app lib/carried 1
push_image app lib/carried 2
version() { jq .signed.version "$folder/$1.json"; }
it "a directory: the scheduled job renews the timestamp before it ends, and nothing else"
expect_status 0 at -4y trust sign "$gun:1"
expect_status 0 at -1455d trust renew --within 7 "$gun"
prints "^Nothing to renew"
expect_status 0 at -1450d trust renew --within 7 "$gun"
prints "^Renewed timestamp: version 2, "
[ "$(version root) $(version targets) $(version snapshot) $(version timestamp)" = "1 1 1 2" ]
expect_status 0 at -1440d trust status "$gun"
expect_status 3 at -1440d trust status --within 7 "$gun"
says "timestamp expires at .*, in [0-9] days"
it "when everything but the root has expired, all of it is renewed at once"
cp -r "$world/trust" "$world/trust.before"
expect_status 3 hallmark trust status "$gun"
says "targets has expired at .*; snapshot has expired at .*; timestamp has expired at "
expect_status 3 hallmark trust sign "$gun:2"
expect_status 0 hallmark trust renew "$gun"
[ "$(version root) $(version targets) $(version snapshot) $(version timestamp)" = "1 2 2 3" ]
expect_status 0 hallmark trust status "$gun"
expect_status 0 hallmark trust sign "$gun:2"
it "an older state that is put back is not renewed"
mv "$world/trust" "$world/trust.newest" && cp -r "$world/trust.before" "$world/trust"
expect_status 3 hallmark trust renew "$gun"
says "timestamp of $gun has version 2, version 4 was accepted before"
expect_status 3 hallmark trust status "$gun"
[ "$(version timestamp)" = 2 ] || fail "something was signed"
it "nor is one that somebody else signed, expired or not"
export HALLMARK_STORE=$world/other.store
printf '%s' "$(jq -c '.signed.targets["1"].length = 7' "$folder/targets.json")" >"$world/forged"
cp "$world/forged" "$(find "$folder" -name "targets.$(sha256sum "$folder/targets.json" | cut -d' ' -f1).json")"
expect_status 3 hallmark trust renew "$gun"
says "is not the file that was signed for"
[ "$(version timestamp)" = 2 ] || fail "something was signed"
rm -rf "$world/trust" && cp -r "$world/trust.before" "$world/trust"
it "a lost key is replaced also after its last signature has expired"
mkdir "$world/lost"
grep -l "^gun: $gun$" "$keys"/*.key | xargs grep -l "^role: targets$" | xargs mv -t "$world/lost"
expect_status 0 hallmark trust renew --within 0 "$gun"
says "warning: $gun: targets has expired at .*, and its keys are not here"
expect_status 0 hallmark trust rotate targets "$gun"
expect_status 0 hallmark trust status "$gun"
