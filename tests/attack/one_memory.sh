#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One memory of time and of versions, asked by every way in: what was certain once counts for pull, verify, resolve, tag,
# import and load alike, whatever the policy calls its store.
. "$(dirname "$0")/../integration/lib.sh"
command -v faketime >/dev/null || skip "faketime is not installed"
start_registry plain
start_notary
app=$registry/lib/app
make_image first --small
push_image first lib/app 1
sign first lib/app 1
root=$(root_key_id lib/app)
# policy STORE [MEMBERS [SERVER]]
policy() {
  cat >"$world/policy.json" <<END
{"hallmark": 1, "default": [{"type": "reject"}],
 "stores": {"$1": {"kind": "tuf", "server": "${3:-$notary_server}", "caFile": "$world/ca.crt",
                   "pins": [{"gun": "$registry/lib/*", "rootKeyIds": ["$root"]}]}}${2:-},
 "transports": {"docker": {"$registry/lib": [{"type": "tuf", "store": "$1"}],
                           "$registry/free": [{"type": "insecureAcceptAnything"}]}}}
END
}
export HALLMARK_POLICY=$world/policy.json
new_machine() { export HALLMARK_STORE=$world/inner.$RANDOM.$RANDOM && store=$HALLMARK_STORE; }
refuses_all_by_clock() {
  for command in "pull $app:1" "verify $app:1" "resolve $app:1" "tag $app:1 $registry/free/app:1" \
    "import $world/files.tar $registry/free/made:1" "load -i $world/image.tar"; do
    # shellcheck disable=SC2086
    expect_status 3 faketime -f -30d "$HALLMARK" $command
    grep -q "CLOCK" "$err" "$out" || { show_output && fail "$command does not say CLOCK"; }
  done
}
mkdir "$world/files"
tar -C "$world/files" -cf "$world/files.tar" .

it "after a pull no command takes a clock that was set back"
policy dct
expect_status 0 hallmark pull "$app:1"
jq -e .highWater "$store/.hallmark/freshness.json" >/dev/null
expect_status 0 hallmark save -o "$world/image.tar" "$app:1"
remember_store
refuses_all_by_clock
store_is_untouched
it "with the clock right they go on"
expect_status 0 hallmark verify "$app:1"
expect_status 0 hallmark tag "$app:1" "$registry/free/app:1"
it "nor after a load or an import alone"
for command in "load -i $world/image.tar" "import $world/files.tar $registry/free/made:1"; do
  new_machine
  # shellcheck disable=SC2086
  expect_status 0 hallmark $command
  expect_status 3 faketime -f -30d "$HALLMARK" resolve "$app:1"
  says CLOCK
done
it "a policy that keeps the memory elsewhere does not forget, and neither does one that comes after it"
new_machine
policy dct
expect_status 0 hallmark pull "$app:1"
policy dct ", \"freshness\": {\"mode\": \"strict\", \"state\": \"$world/elsewhere.json\"}"
expect_status 3 faketime -f -30d "$HALLMARK" verify "$app:1"
prints CLOCK
new_machine
expect_status 0 hallmark pull "$app:1"
jq -e .highWater "$world/elsewhere.json" >/dev/null
policy dct
expect_status 3 faketime -f -30d "$HALLMARK" verify "$app:1"
prints CLOCK
it "each memory of time is raised for itself, however short the other's is ago"
policy dct ", \"freshness\": {\"mode\": \"strict\", \"state\": \"$world/shared.json\"}"
new_machine
expect_status 0 hallmark pull -q "$app:1"
new_machine
expect_status 0 hallmark pull -q "$app:1"
policy dct
expect_status 3 faketime -f -30d "$HALLMARK" verify "$app:1"
prints CLOCK
new_machine
expect_status 0 hallmark pull -q "$app:1"
policy dct ", \"freshness\": {\"mode\": \"strict\", \"state\": \"$world/later.json\"}"
expect_status 0 hallmark pull -q "$app:1"
new_machine
expect_status 3 faketime -f -30d "$HALLMARK" verify "$app:1"
prints CLOCK

it "a memory of time whose lock would be the store's own is refused"
policy dct ", \"freshness\": {\"mode\": \"strict\", \"state\": \"$store/.hallmark/load\"}"
expect_status 2 timeout 60 "$HALLMARK" pull "$app:1"
says "freshness.state: .*is a name that the store has for itself"
policy dct
expect_status 0 hallmark pull -q "$app:1"

it "a memory of time that cannot be read is not an empty one"
echo "{" >"$store/.hallmark/freshness.json"
expect_status 4 hallmark verify "$app:1"
says "freshness.json"

it "a store by another name, with another server, knows the versions that were seen"
new_machine
mkdir "$world/old"
cp "$world/publisher/tuf/$app/metadata/"*.json "$world/old/"
make_image second --mark second --small
push_image second lib/app 1
# What the server says now is kept, to be served again when it is old.
policy before
expect_status 0 hallmark pull "$app:1" || true
served=$HALLMARK_STORE/.hallmark/trust/$app/@tuf-before
for role in timestamp snapshot targets; do
  digest=$(jq -r ".files.$role" "$served/state.json")
  cp "$served/${digest#sha256:}.json" "$world/old/$role.json"
done
cp "$served/$(jq -r .files.root "$served/state.json" | cut -d: -f2).json" "$world/old/root.json"
sign second lib/app 1
expect_status 0 hallmark pull "$app:1"
start_faults "$notary_server" --old "$world/old" old@any
policy renamed "" "https://${fault[old@any]}"
for command in "pull $app:1" "verify $app:1" "resolve $app:1"; do
  # shellcheck disable=SC2086
  expect_status 3 hallmark $command
  grep -q TUF_ROLLBACK "$err" "$out" || { show_output && fail "$command does not say TUF_ROLLBACK"; }
done
it "and so does content trust without any policy"
trust_ca "${fault[old@any]}"
expect_status 3 env -u HALLMARK_POLICY DOCKER_CONTENT_TRUST=1 \
  DOCKER_CONTENT_TRUST_SERVER="https://${fault[old@any]}" "$HALLMARK" pull "$app:1"
says TUF_ROLLBACK
it "another spelling of the host asks under the same memory"
expect_status 3 env -u HALLMARK_POLICY DOCKER_CONTENT_TRUST=1 \
  DOCKER_CONTENT_TRUST_SERVER="https://${fault[old@any]}" "$HALLMARK" pull "${app/localhost/LocalHost}:1"
says TUF_ROLLBACK
