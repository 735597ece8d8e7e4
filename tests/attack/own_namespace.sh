#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# In a user namespace the folders of the machine's root belong to a user who is not told; files of others still do not
# count.
. "$(dirname "$0")/../integration/lib.sh"
[ "$(id -u)" = 0 ] || skip "only root can be other users"
command -v setpriv >/dev/null || skip "setpriv is not installed"
user=54321 other=54322
chmod 755 "$world"
install -m 755 "$HALLMARK" "$world/program"
chown $user:$user "$world"
install -d -o $user -g $user -m 755 "$world/theirs"
export HOME=$world/theirs DOCKER_CONFIG=$world/theirs/docker TMPDIR=$world/theirs
export HALLMARK_STORE=$world/theirs/store HALLMARK_POLICY=$world/theirs/policy.json
inside() { setpriv --reuid $user --regid $user --clear-groups unshare --user --map-root-user "$@"; }
[ "$(inside stat -c %u / 2>/dev/null)" = 65534 ] || skip "this machine lets nobody make such a namespace"
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$HALLMARK_POLICY"
app=registry.example/lib/app:1

it "a file of the user counts below folders of the machine's root"
chown $user:$user "$HALLMARK_POLICY"
expect_status 0 inside "$world/program" policy match "$app"

it "not below a folder of somebody else"
install -d -o $other -g $other -m 755 "$world/other"
cp -p "$HALLMARK_POLICY" "$world/other/policy.json"
HALLMARK_POLICY=$world/other/policy.json expect_status 2 inside "$world/program" policy match "$app"
says "$world/other belongs to user 65534"

it "one of somebody else does not"
chown $other:$other "$HALLMARK_POLICY"
expect_status 2 inside "$world/program" policy match "$app"
says "$HALLMARK_POLICY belongs to user 65534"
