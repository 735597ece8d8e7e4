#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Judged again before every commit: what was admitted when a slow transfer began, and is not any more when it ends, does
# not come in. The registry holds the rest of a layer back until it suits it.
. "$(dirname "$0")/../integration/lib.sh"
command -v faketime >/dev/null || skip "faketime is not installed"
start_registry plain
start_notary
start_faults "http://$registry" --hold "$world/hold" held@layer held@config held@manifest
registry=${fault[held@layer]}
app=$registry/lib/app
make_image first --folder /usr/share/doc/bash
make_image second --mark second --small
push_image first lib/app 1
sign first lib/app 1
root=$(root_key_id lib/app)
# policy [REQUIREMENTS [MEMBERS]]
policy() {
  cat >"$world/policy.new" <<END
{"hallmark": 1, "default": [{"type": "reject"}], "audit": {"file": "$world/audit.jsonl"},
 "stores": {"dct": {"kind": "tuf", "server": "${server:-$notary_server}", "caFile": "$world/ca.crt",
                    "pins": [{"gun": "$registry/lib/*", "rootKeyIds": ["${pin:-$root}"]}]}},
 "transports": {"docker": {"$registry/lib": ${1:-[{\"type\": \"tuf\", \"store\": \"dct\"\}]}}}${2:-}}
END
  mv "$world/policy.new" "$world/policy.json"
}
export HALLMARK_POLICY=$world/policy.json
new_machine() { export HALLMARK_STORE=$world/inner.$RANDOM.$RANDOM && store=$HALLMARK_STORE; }
root_in_store() { jq -r '.manifests[0].digest' "$store/index.json"; }
SLOWLY=
# slow_pull COMMAND...: runs while half of a layer has come, long after the image was judged. The status is in $status.
slow_pull() {
  local job
  rm -f "$world/held"
  : >"$world/hold"
  $SLOWLY timeout 60 "$HALLMARK" pull --json "${pulled[@]}" >"$world/slow.out" 2>"$world/slow.err" </dev/null &
  job=$!
  until [ -e "$world/held" ]; do
    kill -0 "$job" 2>/dev/null || { cat "$world/slow.out" "$world/slow.err" >&2 && fail "it ended before its layer was held"; }
    sleep 0.05
  done
  "$@"
  rm "$world/hold"
  status=0
  wait "$job" || status=$?
  cp "$world/slow.out" "$out" && cp "$world/slow.err" "$err"
}
# waits_for LOCK-FILE JOB
waits_for() {
  until grep -e '-> FLOCK' /proc/locks | grep -q ":$(stat -c %i "$1") "; do
    kill -0 "$2" || fail "it did not wait for its turn"
    sleep 0.05
  done
}
# waiting LOCK-FILE COMMAND...: hallmark COMMAND has to wait for its turn until $meanwhile was done. The status is in
# $status.
waiting() {
  exec 9>"$1"
  flock 9
  timeout 60 "$HALLMARK" "${@:2}" >"$out" 2>"$err" </dev/null 9>&- &
  job=$!
  waits_for "$1" "$job"
  "${meanwhile[@]}"
  exec 9>&-
  status=0
  wait "$job" || status=$?
}
ends_with() { [ "$status" = "$1" ] || { show_output && fail "expected status $1, found $status"; }; }
pulled=("$app:1")

it "alone it comes in, however slowly"
policy
slow_pull true
ends_with 0
[ "$(root_in_store)" = "$(digest_of_image first)" ]

it "a policy that refuses it meanwhile is obeyed"
new_machine
slow_pull policy '[{"type": "reject"}]'
ends_with 3
says "it was admitted when this began, and is not any more.*REJECT"
one_line
store_is_empty
jq -e '.decision == "deny" and .committed == false and .codes == ["REJECT"]' "$out" >/dev/null
tail -n 1 "$world/audit.jsonl" | jq -e '.decision == "deny" and .committed == false and .codes == ["REJECT"]' >/dev/null

it "so is one that pins another key, one that has ended, and one that is not there any more"
policy
new_machine
pin=$(printf '1%.0s' {1..64}) slow_pull policy
ends_with 3
says TUF_ROOT_NOT
store_is_empty
policy
slow_pull policy '[{"type": "insecureAcceptAnything"}]' ", \"metadata\": {\"expires\": \"$(date -u -d '-1 hour' +%FT%TZ)\"}"
ends_with 3
says POLICY_EXPIRED
policy
slow_pull rm "$world/policy.json"
ends_with 2
store_is_empty
policy

it "trust data that end while it comes are refused"
new_machine
: >"$world/time"
now=$(date +%s)
SLOWLY="env FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1 FAKETIME_NO_CACHE=1 FAKETIME_FOLLOW_FILE=$world/time faketime -f %"
slow_pull touch -d "@$((now + 20 * 86400))" "$world/time"
SLOWLY=
ends_with 3
says TUF_EXPIRED
store_is_empty

it "a trust server that cannot be asked any more admits nothing"
new_machine
start_faults "$notary_server" none@any
stopped=$started server=https://${fault[none@any]}
policy
slow_pull kill "$stopped"
ends_with 7
store_is_empty
unset server
policy

it "newer trust data that another run learned make the older image one that is not signed any more"
new_machine
newer() {
  push_image second lib/app 1
  sign second lib/app 1
  expect_status 0 hallmark pull "$app:1"
}
slow_pull newer
ends_with 3
says TUF_DIGEST
[ "$(root_in_store)" = "$(digest_of_image second)" ]
expect_status 0 hallmark check

it "newer trust data that nobody here has seen yet do so too"
push_image first lib/app 1
sign first lib/app 1
new_machine
again() {
  push_image second lib/app 1
  sign second lib/app 1
}
slow_pull again
ends_with 3
says TUF_DIGEST
store_is_empty

it "each tag of all is judged with its own time"
push_image first lib/app 1
sign first lib/app 1
push_image second lib/app 2
sign second lib/app 2
new_machine
pulled=(-a "$app")
slow_pull policy "[{\"type\": \"reject\"}]"
ends_with 3
[ "$(jq -r .decision "$out" | tr '\n' ' ')" = "deny deny " ]
store_is_empty
policy
pulled=("$app:1")

it "a policy that comes through a pipe is read once, and obeyed all the way"
new_machine
expect_status 0 hallmark pull --policy <(cat "$world/policy.json") "$app:1"

it "a digest is not printed when it is not admitted any more"
config=${fault[held@config]}
# policy_for_config TYPE
policy_for_config() {
  echo '{"hallmark": 1, "default": [{"type": "reject"}], "transports": {"docker": {"'"$config"'": [{"type": "'"$1"'"}]}}}' >"$world/policy.json"
}
policy_for_config insecureAcceptAnything
rm -f "$world/held"
: >"$world/hold"
timeout 60 "$HALLMARK" resolve --platform "linux/$(python3 -c 'import platform; print({"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()])')" \
  "$config/lib/app:2" >"$out" 2>"$err" &
job=$!
until [ -e "$world/held" ]; do sleep 0.05; done
policy_for_config reject
sleep 6  # what was judged a moment ago may still be told
rm "$world/hold"
status=0
wait "$job" || status=$?
ends_with 3
prints_nothing

it "a clock that is set back while it comes does not undo the time that passes"
policy '[{"type": "insecureAcceptAnything"}]' ", \"metadata\": {\"expires\": \"$(date -u -d '+5 seconds' +%FT%TZ)\"}"
new_machine
: >"$world/time"
SLOWLY="env FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1 FAKETIME_NO_CACHE=1 FAKETIME_FOLLOW_FILE=$world/time faketime -f %"
back() {
  touch -d '-200 seconds' "$world/time"
  sleep 7
}
slow_pull back
SLOWLY=
ends_with 3
says POLICY_EXPIRED
policy

it "an import whose input is slow is judged again"
policy '[{"type": "insecureAcceptAnything"}]'
mkfifo "$world/pipe"
tar -C /usr/share/doc/bash -cf "$world/files.tar" .
timeout 60 "$HALLMARK" import --json "$world/pipe" "$app:made" >"$out" 2>"$err" </dev/null &
job=$!
exec 8>"$world/pipe"
head -c 1024 "$world/files.tar" >&8
policy '[{"type": "reject"}]'
tail -c +1025 "$world/files.tar" >&8
exec 8>&-
status=0
wait "$job" || status=$?
ends_with 3
store_is_empty

it "a commit waits for its turn, and is judged when it has it"
policy
new_machine
expect_status 0 hallmark pull "$app:2"
meanwhile=(policy '[{"type": "reject"}]')
waiting "$store/.hallmark/load.lock" pull "$app:1"
ends_with 3
[ "$(names_in_store)" = "$app:2 " ]

it "an image that is up to date is judged again, too, when others were waited for"
policy
meanwhile=(policy '[{"type": "reject"}]')
waiting "$store/.hallmark/load.lock" pull "$app:2"
ends_with 3
prints_nothing

platform=linux/$(python3 -c 'import platform; print({"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()])')
python3 "$tests/support/lying_engine.py" "$world/engine.sock" 2>"$world/engine.log" &
servers+=("$!")
until [ -S "$world/engine.sock" ]; do sleep 0.02; done
export DOCKER_HOST=unix://$world/engine.sock
policy
new_machine
expect_status 0 hallmark pull -q "$app:2"
expect_status 0 hallmark save -o "$world/second.tar" "$app:2"
# given COMMAND...: COMMAND has to wait with its hand-over until $meanwhile was done. The status is in $status.
given() {
  : >"$world/engine.log"
  waiting "$store/.hallmark/hand-over.lock" "$@"
  policy
}

it "a hand-over that has waited for its turn is judged when it has it, pulled or loaded"
for command in "pull --to docker $app:2" "load --to docker -i $world/second.tar"; do
  meanwhile=(true)
  # shellcheck disable=SC2086
  given $command
  ends_with 4 # the engine says afterwards that it has another one
  grep -q POST "$world/engine.log" || fail "the engine was given nothing"
  meanwhile=(policy '[{"type": "reject"}]')
  # shellcheck disable=SC2086
  given $command
  ends_with 3
  says "is in the local store, but not handed over"
  ! grep POST "$world/engine.log" || fail "the engine was given what is refused"

  # A gate that comes meanwhile is met by what is looked at then; a limit of size would need another look.
  meanwhile=(policy "[{\"type\": \"tuf\", \"store\": \"dct\"}, {\"type\": \"gates\", \"platforms\": [\"$platform\"]}]")
  # shellcheck disable=SC2086
  given $command
  ends_with 4
  meanwhile=(policy '[{"type": "tuf", "store": "dct"}, {"type": "gates", "size": {"maxUncompressed": "1KiB"}}]')
  # shellcheck disable=SC2086
  given $command
  ends_with 3
  says "what the policy admits of it has changed: its layers may inflate to 1024 bytes now"
  ! grep POST "$world/engine.log" || fail "the engine was given what is too large"
done
unset DOCKER_HOST

it "no file is rewritten with a digest that is not admitted any more"
policy_for_config insecureAcceptAnything
printf 'FROM %s/lib/app:2\n' "$config" >"$world/Dockerfile"
cp "$world/Dockerfile" "$world/Dockerfile.before"
rm -f "$world/held"
: >"$world/hold"
timeout 60 "$HALLMARK" resolve --rewrite "$world/Dockerfile" --platform "$platform" >"$out" 2>"$err" &
job=$!
until [ -e "$world/held" ]; do sleep 0.05; done
policy_for_config reject
sleep 6 # what was judged a moment ago may still be told
rm "$world/hold"
status=0
wait "$job" || status=$?
ends_with 3
cmp "$world/Dockerfile" "$world/Dockerfile.before"

it "nor with that of an index of which only a manifest is admitted any more"
other=linux/arm64
[ "$platform" != "$other" ] || other=linux/amd64
make_image foreign --platform "$other" --mark foreign --small
make_index both second foreign
push_image both lib/both 1
sign both lib/both 1
free=${fault[held@manifest]}/lib/app
# policy_for_both REQUIREMENTS
policy_for_both() {
  cat >"$world/policy.json" <<END
{"hallmark": 1, "default": [{"type": "reject"}],
 "stores": {"dct": {"kind": "tuf", "server": "$notary_server", "caFile": "$world/ca.crt",
                    "pins": [{"gun": "$registry/lib/both", "rootKeyIds": ["$(root_key_id lib/both)"]}]}},
 "transports": {"docker": {"$free": [{"type": "insecureAcceptAnything"}], "$registry/lib/both": $1}}}
END
}
policy_for_both '[{"type": "tuf", "store": "dct"}]'
printf 'FROM %s/lib/both:1\nFROM %s:2\n' "$registry" "$free" >"$world/Dockerfile"
cp "$world/Dockerfile" "$world/Dockerfile.before"
rm -f "$world/held"
: >"$world/hold"
timeout 60 "$HALLMARK" resolve --rewrite "$world/Dockerfile" >"$out" 2>"$err" </dev/null &
job=$!
until [ -e "$world/held" ]; do sleep 0.05; done
policy_for_both "[{\"type\": \"tuf\", \"store\": \"dct\"}, {\"type\": \"digest\", \"allow\": [\"$(digest_of_image second)\"]}]"
rm "$world/hold"
status=0
wait "$job" || status=$?
ends_with 3
says "what the policy admits of it has changed: told was $(digest_of_image both)"
cmp "$world/Dockerfile" "$world/Dockerfile.before"
