#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A file whose mode is its owner's may have a list of rights (acl(5)) that lets another user write it.
. "$(dirname "$0")/../integration/lib.sh"
[ "$(id -u)" = 0 ] || skip "only root can be other users"
command -v setpriv >/dev/null || skip "setpriv is not installed"
user=54321 other=54322
chmod 755 "$world"
install -m 755 "$HALLMARK" "$world/program"
install -d -o $user -g $user -m 775 "$world/theirs"
export HOME=$world/theirs DOCKER_CONFIG=$world/theirs/docker TMPDIR=$world/theirs
export HALLMARK_STORE=$world/theirs/store HALLMARK_POLICY=$world/theirs/policy.json
as_user() { (umask 002 && exec setpriv --reuid $user --regid $user --clear-groups "$world/program" "$@"); }
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$HALLMARK_POLICY"
own() { chown $user:$user "$HALLMARK_POLICY" && chmod 664 "$HALLMARK_POLICY"; }
app=registry.example/lib/app:1
# give_list USER: in the form of the kernel, since setfacl is not everywhere.
give_list() {
  python3 - "$HALLMARK_POLICY" "$1" <<'PYTHON'
import os, struct, sys
nobody = 0xffffffff
entries = [(1, 6, nobody), (2, 6, int(sys.argv[2])), (4, 4, nobody), (16, 6, nobody), (32, 4, nobody)]
os.setxattr(sys.argv[1], "system.posix_acl_access", struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *e) for e in entries))
PYTHON
}
own
expect_status 0 as_user policy match "$app"
give_list "$other" 2>/dev/null || skip "this file system has no lists of rights"

it "a file is not its owner's alone where a list gives another user the right to write"
expect_status 2 as_user policy match "$app"
says "$HALLMARK_POLICY can be written by others"
expect_status 2 as_user --policy /dev/stdin policy match "$app" <"$HALLMARK_POLICY"
says "/dev/stdin can be written by others"

it "without the list it is"
python3 -c 'import os, sys; os.removexattr(sys.argv[1], "system.posix_acl_access")' "$HALLMARK_POLICY"
own
expect_status 0 as_user policy match "$app"
