#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Where each user has a group of their own, what that group may write is nobody else's: umask 002 is usual there. Any
# other group is others.
. "$(dirname "$0")/../integration/lib.sh"
[ "$(id -u)" = 0 ] || skip "only root can be other users"
command -v setpriv >/dev/null || skip "setpriv is not installed"
user=54321 other=54322
start_registry plain
make_image app --small
push_image app lib/app 1
app=$registry/lib/app:1
# The way to what is theirs is open to read.
chmod 755 "$world"
install -m 755 "$HALLMARK" "$world/program"
install -d -o $user -g $user -m 775 "$world/theirs" "$world/theirs/home"
export HOME=$world/theirs/home DOCKER_CONFIG=$world/theirs/home/docker TMPDIR=$world/theirs
export HALLMARK_STORE=$world/theirs/store HALLMARK_POLICY=$world/theirs/policy.json
as_user() { (umask 002 && exec setpriv --reuid $user --regid "${group:-$user}" --clear-groups "$world/program" "$@"); }
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$HALLMARK_POLICY"
own() { chown "$1" "$HALLMARK_POLICY" && chmod "$2" "$HALLMARK_POLICY"; }

it "what a user's own group may write is the user's"
own $user:$user 664
expect_status 0 as_user pull -q "$app"
says_not "written by others"
expect_status 0 as_user check

it "what another group may write is not, nor what all may"
for group_and_mode in "$user:$other 664" "0:0 664" "0:$user 664" "$user:$user 666"; do
  # shellcheck disable=SC2086
  own $group_and_mode
  expect_status 2 as_user policy match "$app"
  one_line
  says "$HALLMARK_POLICY can be written by others"
done

it "nor is it when the user runs with another group than their own"
own $user:$user 664
group=$other expect_status 2 as_user policy match "$app"
says "can be written by others"

it "nothing comes in when what was learned of trust cannot be remembered"
own $user:$user 664
start_notary
sign app lib/app 1
chmod -R a+rX "$DOCKER_CONFIG"
signed() { DOCKER_CONTENT_TRUST=1 DOCKER_CONTENT_TRUST_SERVER=$notary_server as_user "$@"; }
expect_status 0 signed verify "$app"
make_image newer --small --mark newer
push_image newer lib/app 1
sign newer lib/app 1
memory=$(find "$HALLMARK_STORE/.hallmark/trust" -name '@tuf')
chmod 555 "$memory"
expect_status 0 signed verify "$app"
says "warning: trust data cannot be remembered"
expect_status 1 signed pull "$app"
says "error: trust data cannot be remembered"
[ "$(jq -r '.manifests[0].digest' "$HALLMARK_STORE/index.json")" = "$(digest_of_image app)" ]
chmod 755 "$memory"
expect_status 0 signed pull "$app"

it "nor for another user, or for root"
expect_status 2 hallmark policy match "$app"
says "belongs to user $user"

it "and a private key of another user signs nothing for root"
mkdir -m 755 "$world/roots"
cp "$HALLMARK_POLICY" "$world/roots/policy.json"
export HOME=$world/roots DOCKER_CONFIG=$world/roots/docker HALLMARK_STORE=$world/roots/store HALLMARK_POLICY=$world/roots/policy.json
expect_status 0 hallmark pull -q "$app"
openssl genpkey -algorithm ed25519 -out "$world/roots/key.pem" 2>/dev/null
chmod 600 "$world/roots/key.pem"
expect_status 0 hallmark save --sign "$world/roots/key.pem" -o "$world/roots/signed.tar" "$app"
chown $user "$world/roots/key.pem"
expect_status 2 hallmark save --sign "$world/roots/key.pem" -o "$world/roots/x.tar" "$app"
says "private key file: $world/roots/key.pem belongs to user $user"
