#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An image that is removed, or whose name is given away, while another run still works on it: that is what is said, no
# name is given, and nothing is called damaged.
. "$(dirname "$0")/../integration/lib.sh"
start_registry plain
start_notary
notary=$started
make_image app --small
make_image other --small --mark other
push_image app lib/app 1
push_image app lib/free 1
push_image other lib/other 1
sign app lib/app stable
cat >"$world/policy.json" <<END
{"hallmark": 1,
 "stores": {"dct": {"kind": "tuf", "server": "$notary_server",
                    "pins": [{"gun": "$registry/lib/app", "rootKeyIds": ["$(root_key_id lib/app)"]}]}},
 "default": [{"type": "reject"}],
 "transports": {"docker": {"$registry/lib/app": [{"type": "tuf", "store": "dct"}],
                           "$registry/lib": [{"type": "insecureAcceptAnything"}]}}}
END
export HALLMARK_POLICY=$world/policy.json
free=$registry/lib/free:1 target=$registry/lib/app:stable

# held COMMAND -- MEANWHILE...: hallmark COMMAND has found its image and waits for the trust server, which is held;
# MEANWHILE runs, and the server goes on. The status is left in $status.
held() {
  local job held=()
  while [ "$1" != -- ]; do held+=("$1") && shift; done
  shift
  kill -STOP "$notary"
  timeout 60 "$HALLMARK" "${held[@]}" >"$world/tag.out" 2>"$world/tag.err" </dev/null &
  job=$!
  until find "/proc/$(pgrep -P "$job" || echo "$job")/fd" -lname 'socket:*' 2>/dev/null | grep -q .; do
    kill -0 "$job" || fail "it did not wait for the trust server"
    sleep 0.02
  done
  expect_status 0 "$@"
  kill -CONT "$notary"
  status=0
  wait "$job" || status=$?
  cp "$world/tag.err" "$err" && cp "$world/tag.out" "$out"
}
meanwhile_tagged() { held tag "${options[@]}" "$free" "$target" -- "$@"; }
begin() { expect_status 0 hallmark pull -q "$free"; }
options=()

it "without a race the name is given"
begin
meanwhile_tagged true
[ "$status" = 0 ] || { show_output && fail "status $status"; }
expect_status 0 hallmark rmi "$target"

it "an image that is removed meanwhile is said to be removed, and gets no name"
begin
meanwhile_tagged hallmark rmi "$free"
[ "$status" = 5 ] || { show_output && fail "status $status"; }
one_line
says "error: .*$free was removed meanwhile: expected $(digest_of_image app), found nothing"
says_not "damage|corrupt|check tells"
prints_nothing
[ -z "$(names_in_store)" ] || fail "the store has: $(names_in_store)"
expect_status 0 hallmark check

it "so it is in the record, which says that nothing was committed"
begin
options=(--json)
meanwhile_tagged hallmark rmi "$free"
[ "$status" = 5 ] || { show_output && fail "status $status"; }
jq -e '.committed == false' "$out" >/dev/null || { show_output && fail "another record"; }
options=()

it "the name of the image is given to another one meanwhile: what was found and judged gets the name, and nothing else"
begin
expect_status 0 hallmark pull -q "$registry/lib/other:1"
meanwhile_tagged hallmark tag "$registry/lib/other:1" "$free"
[ "$status" = 0 ] || { show_output && fail "status $status"; }
[ "$(hallmark inspect --format '{{index .RepoDigests 0}}' "$target")" = "$registry/lib/app@$(digest_of_image app)" ]
expect_status 0 hallmark check
expect_status 0 hallmark rmi "$target" "$registry/lib/other:1" "$free" "$registry/lib/free@$(digest_of_image app)"

it "an image that is removed while it is saved is said to be removed, and there is no bundle"
expect_status 0 hallmark pull -q "$target"
held save -o "$world/kept.tar" "$target" -- true
[ "$status" = 0 ] || { show_output && fail "status $status"; }
held save -o "$world/none.tar" "$target" -- hallmark rmi "$target"
[ "$status" = 5 ] || { show_output && fail "status $status"; }
one_line
says "error: .*$target was removed meanwhile: expected $(digest_of_image app), found nothing"
[ ! -e "$world/none.tar" ] || fail "there is a bundle"
