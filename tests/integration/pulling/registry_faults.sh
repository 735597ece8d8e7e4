#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A registry that fails or lies: one line, its exit status, and a store as it was.
. "$(dirname "$0")/../lib.sh"
start_registry plain
make_image app --folder /usr/share/doc/bash
make_image good --mark good
push_image app lib/app 1
push_image good lib/good 1
start_faults "http://$registry" none@any status-401@any status-403@any status-404@manifest status-404@layer \
  status-429@layer status-429-twice@layer status-500@manifest status-500@layer status-503-twice@manifest \
  cut@layer cut-once@layer cut-norange@layer cut-flip@layer cut-flip-once@layer shorter@layer longer@layer longer-chunked@layer longer@config \
  flip@layer flip@config flip@manifest edit@manifest false-digest@manifest loop@manifest loop@layer hangup@manifest \
  endless@manifest endless@layer deep@manifest twice@manifest huge@manifest text@manifest schema1@manifest
expect_status 0 hallmark pull "$registry/lib/good:1"

# refused STATUS FAULT [NAME]
refused() {
  local name=${3:-lib/app:1}
  remember_store
  expect_status "$1" timeout 60 "$HALLMARK" pull "${fault[$2]}/$name"
  one_line
  prints_nothing
  store_is_untouched
  ! grep -q $'\e' "$err" || fail "control characters reach the terminal"
}
by_digest=lib/app@$(digest_of_image app)

# not_reached FAULT: 7, after as many tries as it takes.
not_reached() { meanwhile refused 7 "$@"; }
succeeds() { expect_status 0 hallmark pull "${fault[$1]}/lib/app:1"; }

it "401 and 403 are a matter of credentials, and say where they were looked for"
refused 6 status-401@any
refused 6 status-403@any
it "404 is not found"
refused 5 status-404@manifest
refused 5 status-404@layer
it "429 is waited for, and given up in the end"
not_reached status-429@layer
meanwhile succeeds status-429-twice@layer
it "500 is the registry's fault, tried again and given up"
not_reached status-500@manifest
not_reached status-500@layer
meanwhile succeeds status-503-twice@manifest

it "a body that was cut is resumed by Range"
meanwhile succeeds cut-once@layer
all_done
grep "^cut-once@layer GET .* 206 .*'Range'" "$world/faults.log" >/dev/null || fail "no Range was asked for"
it "a body that was put together wrongly is fetched once more, and refused when that does not help"
meanwhile succeeds cut-flip-once@layer
meanwhile refused 4 cut-flip@layer
it "a body that is cut again and again is given up"
not_reached cut-norange@layer
it "a body that is too short or too long is refused"
refused 4 shorter@layer
refused 4 longer@layer
refused 4 longer-chunked@layer
refused 4 longer@config

it "wrong bytes in layer, config and manifest are refused"
refused 4 flip@layer
refused 4 flip@config
refused 4 flip@manifest "$by_digest"
it "a manifest that was changed on the way is refused when its digest was asked for"
refused 4 edit@manifest "$by_digest"
it "a false Docker-Content-Digest is refused"
refused 4 false-digest@manifest

it "a redirect loop ends"
refused 7 loop@manifest
refused 7 loop@layer
it "a connection that closes at once is no answer"
not_reached hangup@manifest
it "an endless body is cut at its limit"
refused 4 endless@manifest
refused 4 endless@layer

it "hostile JSON is refused: deep, doubled, huge, none at all"
refused 4 deep@manifest
refused 4 twice@manifest
refused 4 huge@manifest
refused 4 text@manifest
it "schema 1 is refused in its own words"
refused 4 schema1@manifest
says "[sS]chema 1"

it "an unknown host and a closed port are network failures"
fault[unknown]=no-such-host.invalid fault[closed]=localhost:$(free_port)
not_reached unknown
not_reached closed
all_done

it "memory stays small whatever a server sends"
most=64
! ldd "$HALLMARK" | grep libasan >/dev/null || most=1024 # which keeps what was freed
for lie in huge@manifest endless@manifest endless@layer; do
  expect_status 4 python3 "$tests/../bench/measure.py" run "$world/peak" peak "$HALLMARK" pull "${fault[$lie]}/lib/app:1"
done
jq -se --argjson most $most 'all(.peak < $most)' "$world/peak" >/dev/null || fail "too much memory: $(cat "$world/peak")"

it "the same image comes in through a proxy that does nothing"
expect_status 0 hallmark pull "${fault[none@any]}/lib/app:1"
