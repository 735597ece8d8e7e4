#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What pull and tag leave in the audit file: each decision, and that nothing came of one after all.
. "$(dirname "$0")/../lib.sh"
start_registry plain
make_image app --folder /usr/share/doc/bash
make_image bad --mark bad
push_image app lib/app 1
push_image bad lib/app 2
app=$registry/lib/app
audit=$world/audit.jsonl
export HALLMARK_POLICY=$world/policy.json
# policy REQUIREMENT
policy() {
  cat >"$HALLMARK_POLICY" <<POLICY
{"hallmark": 1, "default": [{"type": "reject"}], "audit": {"file": "$audit", "required": true},
 "transports": {"docker": {"$registry/lib": [$1]}}}
POLICY
}
new_machine() { export HALLMARK_STORE=$world/inner.$RANDOM.$RANDOM && store=$HALLMARK_STORE && rm -f "$audit"; }
last() { tail -n 1 "$audit" | jq -e "$1" >/dev/null || { cat "$audit" >&2 && fail "the last record is not: $1"; }; }
lines() { [ "$(wc -l <"$audit")" = "$1" ] || { cat "$audit" >&2 && fail "expected $1 records"; }; }

it "a record names the config, the DiffIDs, and how large the layers are"
policy '{"type": "insecureAcceptAnything"}'
new_machine
expect_status 0 hallmark pull "$app:1"
lines 1
config=$(config_of app)
last ".committed and .subject.instances[0].manifest == \"$(digest_of_image app)\" and
      .subject.instances[0].config == \"$config\" and
      .subject.instances[0].diffIds == $(jq -c .rootfs.diff_ids "$store/blobs/sha256/${config#sha256:}") and
      .subject.instances[0].size == $(manifest_of app | jq '[.layers[].size] | add')"

it "a limit that layers break is recorded as a refusal"
policy '{"type": "gates", "size": {"maxUncompressed": "1KiB"}}'
new_machine
expect_status 3 hallmark pull "$app:1"
last '.operation == "pull" and .decision == "deny" and (.committed | not) and .codes == ["SIZE_UNCOMPRESSED"]'
[ ! -e "$store/index.json" ]

it "a layer that is not what was promised is recorded as an error"
policy '{"type": "insecureAcceptAnything"}'
new_machine
flip_byte "$(blob_file "$(layer_of bad 0)")"
expect_status 4 hallmark pull "$app:2"
lines 1
last '.decision == "error" and (.committed | not)'
[ ! -e "$store/index.json" ]

it "a commit that fails behind its record takes the record back"
new_machine
expect_status 0 hallmark pull "$app:1"
expect_status 0 hallmark rmi "$app:1"
rm "$audit" && mkdir "$store/.hallmark/index.json.new"
expect_status 1 hallmark pull "$app:1"
lines 2
head -n 1 "$audit" | jq -e '.decision == "allow" and .committed' >/dev/null
last '.decision == "error" and (.committed | not)'
[ "$(jq -r .id "$audit" | uniq | wc -l)" = 1 ]
rmdir "$store/.hallmark/index.json.new"
expect_status 0 hallmark pull "$app:1"
last '.decision == "allow" and .committed'

it "so it is with another name"
rm "$audit" && mkdir "$store/.hallmark/index.json.new"
expect_status 1 hallmark tag "$app:1" "$app:other"
lines 2
last '.operation == "tag" and .decision == "error" and (.committed | not)'
