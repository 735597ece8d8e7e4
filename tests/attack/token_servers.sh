#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A registry that names another token server than before gets no password sent there, unless somebody can read it.
source "$(dirname "$0")/../integration/lib.sh"
play=$world/play
mkdir "$play"
make_image app
python3 "$tests/attack/token_servers.py" "$play" "$world/image-app" "$(digest_of_image app)" >"$world/play.log" 2>&1 &
servers+=("$!")
for _ in $(seq 1200); do [ -e "$play/ready" ] || sleep 0.05; done
registry=$(cat "$play/REGISTRY") honest=$(cat "$play/HONEST") thief=$(cat "$play/THIEF")
app=$registry/lib/app:1
memory=$DOCKER_CONFIG/hallmark/token-servers.json

# challenge TEXT, with HONEST or THIEF for an address
challenge() { echo "$1" >"$play/challenge"; }
names() { challenge "Bearer realm=\"$1/token\",service=\"x\""; }
keep() { jq -n --arg host "$registry" --argjson entry "$1" '{auths: {($host): $entry}}' >"$DOCKER_CONFIG/config.json"; }
# as_new: nothing is remembered, nobody was shown anything
as_new() { rm -rf "$DOCKER_CONFIG/hallmark" "$play/shown" && touch "$play/shown"; }
was_shown() { [ "$(sort -u "$play/shown" | tr '\n' ' ')" = "$1" ] || fail "shown to: $(cat "$play/shown")"; }
on_terminal() {
  python3 - "$@" <<'PYTHON'
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], sys.argv[1:])
try:
    while piece := os.read(terminal, 1000):
        os.write(1, piece)
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
PYTHON
}
password='{"auth": "YWxpY2U6czNjcmV0"}'
token='{"identitytoken": "RT"}'

it "a token server is remembered, and another one than before gets no password where nobody reads that"
keep "$password"
for command in "verify $app" "pull $app" "resolve $app" "manifest inspect $app"; do
  as_new
  names HONEST
  # shellcheck disable=SC2086
  expect_status 0 hallmark $command
  says "^warning: $registry names http://$honest as its token server: it gets the password of alice; it never got it before$"
  # shellcheck disable=SC2086
  expect_status 0 hallmark $command
  says_not "token server"
  names THIEF
  # shellcheck disable=SC2086
  expect_status 6 hallmark $command
  one_line
  says "$registry names http://$thief as its token server: refused, it does not get the password of alice: that went to http://$honest before"
  says "^hint: .*--token-server $registry=http://$thief or in HALLMARK_TOKEN_SERVERS"
  was_shown "honest "
done
expect_status 6 hallmark push "$app"
was_shown "honest "
names HONEST
expect_status 0 hallmark verify "$app"

it "nor does it get an identity token"
as_new
keep "$token"
expect_status 0 hallmark verify "$app"
names THIEF
expect_status 6 hallmark verify "$app"
says "does not get the identity token"
was_shown "honest "

it "without credentials there is nothing to keep from it"
rm "$DOCKER_CONFIG/config.json"
expect_status 0 hallmark verify "$app"
was_shown "honest "

it "login remembers as pull does, and is refused as pull is"
as_new
names HONEST
log_in() { printf s3cret | hallmark login "$@" -u alice --password-stdin "$registry"; }
expect_status 0 log_in
names THIEF
expect_status 6 hallmark verify "$app"
cp "$DOCKER_CONFIG/config.json" "$world/before.json"
expect_status 6 log_in
says "names http://$thief as its token server: refused"
cmp "$DOCKER_CONFIG/config.json" "$world/before.json"
was_shown "honest "
keep "$password"

it "a registry that asked for the password itself may not send it elsewhere"
as_new
challenge 'Basic realm="x"'
expect_status 0 hallmark verify "$app"
names THIEF
expect_status 6 hallmark verify "$app"
was_shown "registry "

it "on a terminal it is told once, before the password goes there"
as_new
names HONEST
expect_status 0 hallmark verify "$app"
names THIEF
expect_status 0 on_terminal "$HALLMARK" verify "$app"
prints "warning: $registry names http://$thief as its token server: it gets the password of alice; that went to http://$honest before"
expect_status 0 on_terminal "$HALLMARK" verify "$app"
[ "$(grep -c "token server" "$out")" = 0 ] || fail "told twice"
expect_status 0 hallmark verify "$app"

it "a token server that is named may have it, and no other, on a terminal too"
as_new
expect_status 0 hallmark verify --token-server "$registry=http://$thief/token" "$app"
expect_status 0 hallmark verify "$app"
as_new
names HONEST
expect_status 6 hallmark verify --token-server "$registry=http://$thief" "$app"
says "http://$thief is named for $registry"
export HALLMARK_TOKEN_SERVERS="elsewhere.example=https://auth.example,$registry=http://$thief"
expect_status 6 on_terminal "$HALLMARK" verify "$app"
expect_status 6 log_in
was_shown ""
names THIEF
expect_status 0 hallmark verify "$app"
was_shown "thief "

it "a name that is none is an error"
for text in "" x "$registry=" "$registry=http://$honest,,"; do
  HALLMARK_TOKEN_SERVERS=$text expect_status 2 hallmark verify "$app"
  says "HALLMARK_TOKEN_SERVERS"
done
unset HALLMARK_TOKEN_SERVERS
expect_status 2 hallmark verify --token-server "$registry" "$app"

it "a memory that another user could take away is no first time"
as_new
names HONEST
expect_status 0 hallmark verify "$app"
names THIEF
chmod 777 "${memory%/*}"
rm "$memory"
expect_status 2 hallmark verify "$app"
says "the remembered token servers: ${memory%/*} can be written by others"
was_shown "honest "

it "a memory that cannot be read is no first time"
as_new
expect_status 0 hallmark verify "$app"
[ "$(stat -c %a "${memory%/*}")" = 700 ] || fail "others may read $memory"
echo damaged >"$memory"
names HONEST
expect_status 4 hallmark verify "$app"
one_line
says "$memory"
was_shown "thief "
