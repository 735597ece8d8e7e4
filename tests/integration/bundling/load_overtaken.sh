#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A load that waits for its bytes is overtaken by one that brings what is newer: it is judged again before it commits,
# and cannot put the older image back.
. "$(dirname "$0")/../lib.sh"
command -v faketime >/dev/null || skip "faketime is not installed"
start_registry plain
start_notary
app=$registry/lib/app
openssl ecparam -name prime256v1 -genkey -noout -out "$world/courier.pem" 2>/dev/null
openssl ec -in "$world/courier.pem" -pubout -out "$world/courier.pub" 2>/dev/null
chmod 600 "$world/courier.pem"
now=$(date +%s)
# save FILE SECONDS NAME...: packed that long ago
save() { SOURCE_DATE_EPOCH=$((now - $2)) expect_status 0 with_trust hallmark save --sign "$world/courier.pem" -o "$world/$1" "${@:3}"; }
make_image first --folder /usr/share/doc/bash
make_image second --mark second
push_image first lib/app 1
sign first lib/app 1
expect_status 0 with_trust hallmark pull "$app:1"
save older.tar 60 "$app:1"
save repacked.tar 0 "$app:1"
push_image second lib/app 2
sign second lib/app 2
expect_status 0 with_trust hallmark pull "$app:2"
save more.tar 30 "$app:2"
push_image second lib/app 1
sign second lib/app 1
expect_status 0 with_trust hallmark pull "$app:1"
save newer.tar 0 "$app:1"
# policy FRESHNESS
policy() {
  cat >"$world/policy.json" <<POLICY
{"hallmark": 1, "default": [{"type": "reject"}], "audit": {"file": "$world/audit.jsonl"},
 "stores": {"dct": {"kind": "tuf", "server": "https://127.0.0.1:1",
                    "pins": [{"gun": "$registry/lib/*", "rootKeyIds": ["$root"]}]},
            "courier": {"kind": "key", "key": {"path": "$world/courier.pub"}}},
 "freshness": $1, "transports": {"docker": {"$registry/lib": [{"type": "tuf", "store": "dct"}]}}}
POLICY
}
root=$(root_key_id lib/app)
export HALLMARK_POLICY=$world/policy.json
new_machine() { export HALLMARK_STORE=$world/inner.$RANDOM.$RANDOM && store=$HALLMARK_STORE; }
size_of() { stat -c %s "$1"; }

# slow_load FILE COMMAND...: FILE comes through a pipe, and COMMAND runs when all but its end was taken, long after the
# images were judged: a pipe holds 64 KiB. The status is left in $status.
slow_load() {
  local file=$1 job
  shift
  rm -f "$world/pipe" "$world/sent" "$world/go"
  mkfifo "$world/pipe"
  {
    head -c $(($(size_of "$file") - 1024)) "$file" && touch "$world/sent"
    until [ -e "$world/go" ]; do sleep 0.05; done
    tail -c 1024 "$file"
  } >"$world/pipe" 2>/dev/null &
  $SLOWLY timeout 60 "$HALLMARK" load -i "$world/pipe" >"$world/slow.out" 2>"$world/slow.err" </dev/null &
  job=$!
  until [ -e "$world/sent" ]; do kill -0 "$job" && sleep 0.05; done
  "$@"
  touch "$world/go"
  status=0
  wait "$job" || status=$?
  cp "$world/slow.out" "$out" && cp "$world/slow.err" "$err"
}
SLOWLY=
digest_in_store() { jq -r '.manifests[0].digest' "$store/index.json"; }
[ "$(size_of "$world/older.tar")" -gt $((4 * 65536)) ] || fail "the older bundle fits into the pipe"

it "alone it comes in, however slowly"
policy '{"mode": "strict"}'
new_machine
slow_load "$world/older.tar" true
[ "$status" = 0 ] || { show_output && fail "expected status 0, found $status"; }
prints "^Loaded image: $app:1$"

it "newer trust data that came meanwhile make the older image a rollback"
new_machine
slow_load "$world/older.tar" expect_status 0 hallmark load -i "$world/newer.tar"
[ "$status" = 3 ] || { show_output && fail "expected status 3, found $status"; }
says "TUF_ROLLBACK"
[ "$(digest_in_store)" = "$(digest_of_image second)" ]
tail -n 1 "$world/audit.jsonl" | jq -e '.decision == "deny" and .committed == false and .codes == ["TUF_ROLLBACK"]' >/dev/null
expect_status 0 hallmark check

it "a newer bundle of the same signer does so too, with the same trust data"
policy '{"mode": "bundleTime", "maxBundleAge": "P30D", "bundleSigners": "courier"}'
new_machine
slow_load "$world/older.tar" expect_status 0 hallmark load -i "$world/repacked.tar"
[ "$status" = 3 ] || { show_output && fail "expected status 3, found $status"; }
says "BUNDLE_ROLLBACK"
jq -e --arg time "$(date -u -d "@$now" +%FT%TZ)" '.bundles[].created == $time' "$store/.hallmark/freshness.json" >/dev/null

it "newer trust data that still name the image let it in"
policy '{"mode": "strict"}'
new_machine
slow_load "$world/older.tar" expect_status 0 hallmark load -i "$world/more.tar"
[ "$status" = 0 ] || { show_output && fail "expected status 0, found $status"; }
[ "$(names_in_store)" = "$app:1 $app:2 " ]

it "trust data that end while the load waits are refused"
new_machine
: >"$world/time" && touch -d "@$now" "$world/time"
SLOWLY="env FAKETIME_NO_CACHE=1 FAKETIME_FOLLOW_FILE=$world/time faketime -f %"
slow_load "$world/older.tar" touch -d "@$((now + 2000 * 86400))" "$world/time"
SLOWLY=
[ "$status" = 3 ] || { show_output && fail "expected status 3, found $status"; }
says "TUF_EXPIRED"
[ ! -e "$store/index.json" ]

it "a load waits while another one commits"
new_machine
expect_status 0 hallmark load -i "$world/more.tar"
exec 9>"$store/.hallmark/load.lock"
flock 9
timeout 30 "$HALLMARK" load -i "$world/newer.tar" >"$out" 2>"$err" </dev/null 9>&- &
job=$!
until grep -e '-> FLOCK' /proc/locks | grep -q ":$(stat -c %i "$store/.hallmark/load.lock") "; do
  kill -0 "$job" && sleep 0.05
done
[ "$(names_in_store)" = "$app:2 " ]
flock -u 9
wait "$job"
[ "$(names_in_store)" = "$app:1 $app:2 " ]
