#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# login and logout against a real registry with passwords.
source "$(dirname "$0")/../integration/lib.sh"
command -v docker-registry >/dev/null || skip "no docker-registry is installed"
command -v htpasswd >/dev/null || skip "no htpasswd is installed (package apache2-utils)"
start_registry htpasswd
config=$DOCKER_CONFIG/config.json

log_in() { printf '%s\n' "$1" | hallmark login -u alice --password-stdin "$registry"; }

it "a wrong password is refused, and nothing is kept"
expect_status 6 log_in wr0ng
says "password of alice was refused"
says "^hint: check the user name and the password; .* access token"
says_not "log in with"
says_not "wr0ng"
[ ! -e "$config" ] || fail "something was kept"

it "a right password is kept for this user only"
expect_status 0 log_in s3cret
prints "^Login Succeeded$"
says_not .
[ "$(stat -c %a "$config")" = 600 ] || fail "others may read $config"
[ "$(jq -r ".auths[\"$registry\"].auth" "$config" | base64 -d)" = alice:s3cret ] || fail "not docker's form"

it "logout forgets it, and says when there was nothing"
expect_status 0 hallmark logout "$registry"
prints "^Removing login credentials for $registry$"
[ "$(jq -c .auths "$config")" = "{}" ] || fail "still there"
expect_status 0 hallmark logout "$registry"
prints "^Not logged in to $registry$"

it "a folder in the place of registries needs no login, and nobody is asked for a password"
cp "$config" "$world/config.before"
for command in login logout; do
  expect_status 2 hallmark --registry "file://$world/images" $command "$registry" </dev/null
  one_line
  says "$world/images is a folder, which needs no $command"
  expect_status 2 env HALLMARK_REGISTRY="file://$world/images" "$HALLMARK" $command </dev/null
  says "hint: for a registry on the network leave out --registry and HALLMARK_REGISTRY"
done
cmp "$config" "$world/config.before"

it "what cannot be asked for is said"
expect_status 2 hallmark login --password-stdin "$registry"
says "requires --username to be set"
expect_status 2 hallmark login -u alice "$registry" </dev/null
says "non TTY device"
expect_status 2 hallmark login -u alice --password-stdin "$registry" </dev/null
says "found nothing"

it "a terminal shows no password"
python3 - "$HALLMARK" "$registry" >"$out" <<'END'
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], [sys.argv[1], "login", sys.argv[2]])
seen = b""
def wait(text):
    global seen
    while text not in seen:
        seen += os.read(terminal, 1000)
wait(b"Username: ")
os.write(terminal, b"alice\n")
wait(b"Password: ")
os.write(terminal, b"s3cret\n")
wait(b"Login Succeeded")
print(seen.decode())
assert b"s3cret" not in seen
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
END
