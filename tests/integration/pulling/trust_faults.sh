#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Trust data that is old, bent, or cannot be had: refused or explained, and never taken for "no trust data".
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
make_image app
make_image other --mark other
push_image app lib/app 1
push_image other lib/app 2
sign app lib/app 1
gun=$registry/lib/app
root_server=$notary_server

# save_trust FOLDER: the files as the server has them now.
save_trust() {
  local role
  mkdir -p "$world/$1"
  for role in root targets snapshot timestamp; do
    curl -sf --cacert "$world/ca.crt" "$root_server/v2/$gun/_trust/tuf/$role.json" -o "$world/$1/$role.json"
  done
}
# through FAULT COMMAND...: with the faulty trust server of that name.
through() {
  local notary_server=https://${fault[$1]}
  trust_ca "${fault[$1]}"
  shift
  with_trust "$@"
}
# refused STATUS FAULT TAG
refused() {
  remember_store
  expect_status "$1" through "$2" hallmark pull "$gun:$3"
  one_line
  prints_nothing
  store_is_untouched
}
forget() { rm -rf "$store"; }

save_trust first
sign other lib/app 2
save_trust second
for role in timestamp snapshot targets root; do faults+=("flip@$role" "status-404@$role" "status-500@$role"); done
start_faults "$notary_server" none@any status-500@any status-404@any status-401@any status-403@any status-400@timestamp \
  text@timestamp endless@timestamp deep@targets twice@targets hangup@any loop@timestamp "${faults[@]}"
start_old() {
  python3 "$tests/support/faulty_server.py" --certificate "$world/server.crt" --key "$world/server.key" \
    --upstream "$notary_server" --old "$world/$1" old@any >"$world/old.ports" 2>>"$world/faults.log" &
  servers+=("$!")
  until grep -q ready "$world/old.ports"; do sleep 0.05; done
  fault[$1]=localhost:$(sed -n 's/^old@any //p' "$world/old.ports")
}
start_old first

it "a registry that is no trust server, asked because none is named: the variable is told"
unset DOCKER_CONTENT_TRUST_SERVER
DOCKER_CONTENT_TRUST=1 expect_status 7 hallmark pull "$gun:1"
one_line
says "DOCKER_CONTENT_TRUST_SERVER"

it "without a memory, trust data that cannot be had is a network failure and no refusal"
meanwhile refused 7 status-500@any 1
meanwhile refused 7 status-500@timestamp 1
meanwhile refused 7 hangup@any 1
all_done
refused 6 status-401@any 1
refused 6 status-403@any 1
it "a server that says there is no trust data is a refusal"
refused 3 status-404@any 1
says "trust data"
it "an answer that is no trust data is refused"
refused 3 text@timestamp 1
refused 3 status-400@timestamp 1
refused 3 endless@timestamp 1
refused 3 deep@targets 1
refused 3 twice@targets 1
it "a redirect of a trust server is not followed"
refused 7 loop@timestamp 1
it "a tampered file of any role is refused"
for role in root timestamp snapshot targets; do refused 3 "flip@$role" 1; done
it "a file that the server lost is refused"
refused 3 status-404@targets 1
refused 3 status-404@snapshot 1

it "a role whose data expired is refused"
remember_store
expect_status 3 with_trust faketime -f +4y "$HALLMARK" pull "$gun:1"
says "TUF_EXPIRED"
expect_status 3 with_trust faketime -f +20y "$HALLMARK" pull "$gun:1"
says "TUF_ROOT_CERT_EXPIRED"
store_is_untouched

it "a server that shows an older state than before is refused"
forget
expect_status 0 with_trust hallmark pull "$gun:2"
refused 3 first 1
says "TUF_ROLLBACK"
it "the older state is a first use like any other where nothing newer was seen"
forget
expect_status 0 through first hallmark pull "$gun:1"
it "and the newer state is admitted after it"
expect_status 0 with_trust hallmark pull "$gun:2"

it "with a memory, a server that is down does no harm while the timestamp is fresh, and one line says so"
expect_status 0 through status-500@any hallmark pull "$gun:1"
says "timestamp"
expect_status 0 through hangup@any hallmark pull "$gun:1"
it "with a memory, a tag that was never seen signed stays refused while the server is down"
refused 3 status-500@any 3
it "with a memory, a tampered timestamp is refused all the same"
refused 3 flip@timestamp 1
it "with a memory, a timestamp that expired meanwhile is no substitute for a server"
remember_store
expect_status 7 through status-500@any faketime -f +20d "$HALLMARK" pull "$gun:1"
store_is_untouched

it "a trust server whose certificate nobody vouches for is a network failure, on loopback too"
forget
rm -r "$DOCKER_CONFIG/tls"
expect_status 7 with_trust hallmark pull "$gun:1"
one_line
says "certificate"
store_is_empty
trust_ca "${root_server#https://}"

it "a trust server without TLS is a wrong setting"
notary_server=http://localhost:1 expect_status 2 with_trust hallmark pull "$gun:1"

it "keys that were made anew are refused where the old ones are known"
expect_status 0 with_trust hallmark pull "$gun:1"
publisher delete "$gun" --remote
rm -rf "$world/publisher"
sign other lib/app 1
remember_store
expect_status 3 with_trust hallmark pull "$gun:1"
says "root"
store_is_untouched
