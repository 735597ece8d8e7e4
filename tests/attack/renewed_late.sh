#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Nothing is waited for between the last judgement and what rests on it: neither a lock that another program holds nor a
# server that is slow again. And what is good all the time is not refused because something else was slow.
. "$(dirname "$0")/../integration/lib.sh"
start_registry plain
start_notary
start_faults "$notary_server" --hold "$world/hold" held@timestamp
slow=https://${fault[held@timestamp]}
mkdir "$world/images"
start_faults "http://$registry" --hold "$world/images/hold" held@manifest
registry=${fault[held@manifest]}
a=$registry/lib/a b=$registry/lib/b
make_image first --small
for name in a b; do push_image first "lib/$name" 1 && sign first "lib/$name" 1; done
root_a=$(root_key_id lib/a) root_b=$(root_key_id lib/b)
# policy [REQUIREMENTS-OF-A [SERVER-OF-A [STORE-OF-A]]]: the server of b is slow
policy() {
  local quick=${3:-quick}
  cat >"$world/policy.new" <<END
{"hallmark": 1, "default": [{"type": "reject"}], "audit": {"file": "$world/audit.jsonl"},
 "stores": {"$quick": {"kind": "tuf", "server": "${2:-$notary_server}", "caFile": "$world/ca.crt",
                       "pins": [{"gun": "$a", "rootKeyIds": ["$root_a"]}]},
            "slow": {"kind": "tuf", "server": "$slow", "caFile": "$world/ca.crt",
                     "pins": [{"gun": "$b", "rootKeyIds": ["$root_b"]}]}},
 "transports": {"docker": {"$a": ${1:-[{\"type\": \"tuf\", \"store\": \"$quick\"\}]},
                           "$b": [{"type": "tuf", "store": "slow"}]}}}
END
  mv "$world/policy.new" "$world/policy.json"
}
rejects='[{"type": "reject"}]' takes='[{"type": "insecureAcceptAnything"}]'
export HALLMARK_POLICY=$world/policy.json
new_machine() { export HALLMARK_STORE=$world/inner.$RANDOM.$RANDOM && store=$HALLMARK_STORE; }
# begin COMMAND...: in the background, without the locks of this script
begin() {
  timeout 100 "$HALLMARK" "$@" >"$out" 2>"$err" </dev/null 8>&- 9>&- &
  job=$!
}
still_runs() { kill -0 "$job" 2>/dev/null || { show_output && fail "it ended before: $*"; }; }
ends_with() {
  status=0
  wait "$job" || status=$?
  [ "$status" = "$1" ] || { show_output && fail "expected status $1, found $status"; }
}
until_waits_for() {
  until grep -e '-> FLOCK' /proc/locks | grep -q ":$(stat -c %i "$1") "; do still_runs "it waits for $1" && sleep 0.05; done
}
until_held() {
  until [ -e "$world/held" ]; do still_runs "its answer is held" && sleep 0.05; done
  rm "$world/held"
}
# hold_next: what is held goes on, and the next answer is held
hold_next() { : >"$world/hold.next" && mv "$world/hold.next" "$world/hold"; }
tar -C "$tests/support" -cf "$world/files.tar" .
mkfifo "$world/pipe"
# An import has begun, its quarantine is made; then another program takes the lock of the store, and the rest comes.
import_late() {
  policy "$takes"
  new_machine
  begin import "$world/pipe" "$a:made"
  exec 8>"$world/pipe"
  head -c 1024 "$world/files.tar" >&8
  until [ -n "$(ls "$store/.hallmark/staging" 2>/dev/null)" ]; do still_runs "it makes its quarantine" && sleep 0.05; done
  exec 9>"$store/.hallmark/lock"
  flock 9
  tail -c +1025 "$world/files.tar" >&8
  exec 8>&-
  until_waits_for "$store/.hallmark/lock"
}

it "a commit that has to wait for the store is judged when it has it"
import_late
exec 9>&-
ends_with 0
import_late
policy "$rejects"
exec 9>&-
ends_with 3
says "it was admitted when this began, and is not any more.*REJECT"
store_is_empty

# record_late: an import waits for the file of the records, which this script holds
record_late() {
  policy "$takes"
  new_machine
  exec 9>>"$world/audit.jsonl"
  flock 9
  begin import "$world/files.tar" "$a:made"
  until_waits_for "$world/audit.jsonl"
}

it "one that has to wait for the file of the records is judged again"
record_late
policy "$rejects"
sleep 6 # what was judged a moment ago may still be committed
exec 9>&-
ends_with 3
[ ! -e "$store/index.json" ] || fail "it came in"
tail -n 1 "$world/audit.jsonl" | jq -e '.decision == "deny" and .committed == false' >/dev/null

it "who is told to end while it waits for that file ends, and nothing comes in"
record_late
kill -TERM "$job"
ends_with 143
exec 9>&-
[ ! -e "$store/index.json" ] || fail "it came in"

# late COMMAND...: has to wait for its turn to commit, which turn_comes gives it
late() {
  mkdir -p "$store/.hallmark"
  exec 9>"$store/.hallmark/load.lock"
  flock 9
  begin "$@"
  until_waits_for "$store/.hallmark/load.lock"
}
turn_comes() { exec 9>&-; }

it "what a trust server said before a long wait for the turn is asked for again"
policy
new_machine
late pull "$a:1"
publisher remove -p "$a" 1
sleep 6
turn_comes
ends_with 3
says "TUF_NO_TARGET"
store_is_empty
sign first lib/a 1
late pull "$a:1"
sleep 6
turn_comes
ends_with 0

it "an image that is removed while its pull waits is brought in again"
late pull "$a:1"
"$HALLMARK" rmi "$a:1" >/dev/null
turn_comes
ends_with 0
expect_status 0 hallmark inspect "$a:1"
expect_status 0 hallmark check

it "nothing comes in on what was learned during a wait and cannot be remembered"
policy
new_machine
expect_status 0 hallmark verify "$a:1"
exec 9>>"$world/audit.jsonl"
flock 9
begin pull "$a:1"
until_waits_for "$world/audit.jsonl"
sign first lib/a 2
lock=$(find "$store/.hallmark/trust" -path '*@tuf*' -name lock -path "*lib/a*")
rm "$lock" && mkdir "$lock"
sleep 6
exec 9>&-
ends_with 1
says "error: .*trust data cannot be remembered"
[ ! -e "$store/index.json" ] || fail "it came in"

it "a policy that renames its trust store while a pull waits for its turn is asked again, and obeyed"
policy
new_machine
expect_status 0 hallmark pull -q "$a:1"
expect_status 0 hallmark rmi "$a:1"
exec 9>"$store/.hallmark/load.lock"
flock 9
begin pull "$a:1"
until_waits_for "$store/.hallmark/load.lock"
policy "" "" other
exec 9>&-
ends_with 0

it "a policy at its usual place that is gone before the commit is no reason to take another, or none"
new_machine
usual=$XDG_CONFIG_HOME/hallmark/policy.json
mkdir -p "${usual%/*}"
policy "$takes"
# usual_late COMMAND...: runs while the pull waits for its turn; the policy at its usual place admits the image
usual_late() {
  cp "$world/policy.json" "$usual"
  mkdir -p "$store/.hallmark"
  exec 9>"$store/.hallmark/load.lock"
  flock 9
  HALLMARK_POLICY='' && unset HALLMARK_POLICY
  begin pull "$a:1"
  export HALLMARK_POLICY=$world/policy.json
  until_waits_for "$store/.hallmark/load.lock"
  "$@"
  exec 9>&-
}
usual_late rm "$usual"
ends_with 2
store_is_empty
usual_late true
ends_with 0
rm "$usual"

it "two good images are pinned though the trust server of one is slow"
policy
new_machine
printf 'FROM %s\nFROM %s\n' "$a:1" "$b:1" >"$world/Dockerfile"
cp "$world/Dockerfile" "$world/Dockerfile.plain"
: >"$world/hold"
begin resolve --rewrite "$world/Dockerfile"
until_held
sleep 6
rm "$world/hold"
ends_with 0
[ "$(grep -c '@sha256' "$world/Dockerfile")" = 2 ]

it "so are names whose servers are slow, one after the other, for longer than an answer is new"
cp "$world/Dockerfile.plain" "$world/Dockerfile"
policy "" "$slow"
new_machine
hold_next
begin resolve --rewrite "$world/Dockerfile"
for answer in $(seq 8); do
  until [ -e "$world/held" ] || ! kill -0 "$job" 2>/dev/null; do sleep 0.05; done
  [ -e "$world/held" ] || break
  rm "$world/held"
  sleep 5.5
  hold_next
done
rm "$world/hold"
ends_with 0
[ "$(grep -c '@sha256' "$world/Dockerfile")" = 2 ]
[ "$answer" -lt 8 ] || fail "it asks again and again"

it "no file is rewritten with a name that was refused while the last look at another one was slow"
policy
new_machine
printf 'FROM %s\nFROM %s\n' "$a:1" "$b:1" >"$world/Dockerfile"
cp "$world/Dockerfile" "$world/Dockerfile.before"
hold_next
begin resolve --rewrite "$world/Dockerfile"
for pass in first second; do
  until_held
  sleep 6 # what this pass judged before is old by then, and judged once more
  [ "$pass" = first ] || policy "$rejects"
  hold_next
done
rm "$world/hold"
ends_with 3
cmp "$world/Dockerfile" "$world/Dockerfile.before"

it "policy and time are those after the last answer of a trust server, however often it is slow"
policy "" "$slow"
new_machine
rm -f "$world/held"
: >"$world/images/hold"
begin resolve "$a:1"
until [ -e "$world/images/held" ]; do still_runs "its manifest is held" && sleep 0.05; done
: >"$world/hold"
sleep 6 # its first answer is old then, and it asks again
rm "$world/images/hold"
until_held
policy "$rejects" "$slow"
sleep 6
rm "$world/hold"
ends_with 3
prints_nothing
