#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What load and verify-bundle leave in the audit file and tell: a record of each decision, also of a refusal that comes
# while layers are taken, and of a commit that did not happen.
. "$(dirname "$0")/../lib.sh"
make_image small --mark small
make_image large --folder /usr/share/doc/bash
registry=registry.example
app=$registry/lib/app
audit=$world/audit.jsonl
export HALLMARK_POLICY=$world/policy.json
# policy REQUIREMENT [STORES]
policy() {
  cat >"$HALLMARK_POLICY" <<POLICY
{"hallmark": 1, "default": [{"type": "reject"}], "audit": {"file": "$audit", "required": true}${2:-},
 "transports": {"docker": {"$registry/lib": [$1]}}}
POLICY
}
new_machine() { export HALLMARK_STORE=$world/inner.$RANDOM.$RANDOM && store=$HALLMARK_STORE && rm -f "$audit"; }
last() { tail -n 1 "$audit" | jq -e "$1" >/dev/null || { cat "$audit" >&2 && fail "the last record is not: $1"; }; }
lines() { [ "$(wc -l <"$audit")" = "$1" ] || { cat "$audit" >&2 && fail "expected $1 records"; }; }

new_machine
tar -cf "$world/large.fs" -C /usr/share/doc bash
head -c 3000000 /dev/zero >"$world/zeros" && tar -cf "$world/bomb.fs" -C "$world" zeros
expect_status 0 env -u HALLMARK_POLICY "$HALLMARK" import "$world/large.fs" "$app:good"
expect_status 0 env -u HALLMARK_POLICY "$HALLMARK" import "$world/bomb.fs" "$app:bomb"
expect_status 0 env -u HALLMARK_POLICY "$HALLMARK" save -o "$world/good.tar" "$app:good"
expect_status 0 env -u HALLMARK_POLICY "$HALLMARK" save -o "$world/both.tar" "$app:good" "$app:bomb"
statement=$(tar xOf "$world/good.tar" index.json | jq -r '.annotations["vnd.hallmark.bundle.statement"]')
anything='{"type": "insecureAcceptAnything"}'

it "a record names the bundle, the config and the DiffIDs, and how large the layers are"
policy "$anything"
new_machine
expect_status 0 hallmark load -i "$world/good.tar"
lines 1
manifest=$(jq -r '.manifests[0].digest' "$store/index.json")
config=$(jq -r .config.digest "$store/blobs/sha256/${manifest#sha256:}")
last ".committed and .archive == {statement: \"$statement\", hasManifest: true, tied: false}"
last ".subject.instances[0] | .manifest == \"$manifest\" and .config == \"$config\" and
      .diffIds == $(jq -c .rootfs.diff_ids "$store/blobs/sha256/${config#sha256:}") and
      .size == $(jq '[.layers[].size] | add' "$store/blobs/sha256/${manifest#sha256:}")"

it "a refusal that comes while layers are taken is recorded and told like any other"
policy '{"type": "gates", "size": {"maxUncompressed": "2MiB"}}'
new_machine
expect_status 3 hallmark load -i "$world/both.tar"
says "^DENY  $app:bomb"
says "SIZE_UNCOMPRESSED"
last '.operation == "load" and .decision == "deny" and (.committed | not) and .codes == ["SIZE_UNCOMPRESSED"]'
[ ! -e "$store/index.json" ]
expect_status 3 hallmark verify-bundle "$world/both.tar"
prints "^DENY  $app:bomb"
prints "SIZE_UNCOMPRESSED: .*inflates to"
expect_status 3 hallmark verify-bundle --json "$world/both.tar"
jq -es 'any(.decision == "deny" and .codes == ["SIZE_UNCOMPRESSED"])' "$out" >/dev/null

it "so is a layer that is not what it is called, as an error"
policy "$anything"
new_machine
python3 - "$world/good.tar" "$world/bad.tar" <<'PY'
import io, sys, tarfile
with tarfile.open(sys.argv[1]) as old, tarfile.open(sys.argv[2], "w", format=tarfile.USTAR_FORMAT) as new:
    largest = max(old.getmembers(), key=lambda one: one.size)
    for member in old.getmembers():
        data = bytearray(old.extractfile(member).read()) if member.isfile() else b""
        if member is largest: data[len(data) // 2] ^= 1
        new.addfile(member, io.BytesIO(data))
PY
expect_status 4 hallmark load -i "$world/bad.tar"
lines 1
last '.decision == "error" and (.committed | not) and (.codes | length) == 1'
expect_status 4 hallmark verify-bundle --json "$world/bad.tar"
jq -e '.decision == "error" and (.committed | not)' "$out" >/dev/null
expect_status 4 hallmark verify-bundle "$world/bad.tar"
prints "^ERROR  $app:good"

it "a refusal of the judgement is told by verify-bundle as a table or as a record"
policy '{"type": "reject"}'
expect_status 3 hallmark verify-bundle "$world/good.tar"
prints "^DENY  $app:good"
expect_status 3 hallmark verify-bundle --json "$world/good.tar"
jq -e '.decision == "deny" and .codes == ["REJECT"] and .operation == "verify-bundle"' "$out" >/dev/null

it "a load that fails behind its record takes it back"
policy "$anything"
new_machine
expect_status 0 hallmark load -i "$world/good.tar"
rm "$audit" && mkdir "$store/.hallmark/freshness.json.new"
rm "$store/.hallmark/freshness.json"
status=0 && hallmark rmi "$app:good" >"$out" 2>"$err"
hallmark load -i "$world/good.tar" >"$out" 2>"$err" </dev/null || status=$?
[ "$status" -ne 0 ] || fail "it was loaded"
lines 2
head -n 1 "$audit" | jq -e '.decision == "allow" and .committed' >/dev/null
last '.decision == "error" and (.committed | not)'
[ "$(jq -r .id "$audit" | uniq | wc -l)" = 1 ]
[ "$(names_in_store)" = "" ]

it "it is said of an image of a docker archive that nobody can have signed it, also when it comes in"
python3 - "$world/large.fs" "$world/docker.tar" "$app:made" <<'PY'
import hashlib, io, json, sys, tarfile
layer = open(sys.argv[1], "rb").read()
config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers",
                     "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]}}).encode()
manifest = json.dumps([{"Config": "config.json", "RepoTags": [sys.argv[3]], "Layers": ["layer.tar"]}]).encode()
with tarfile.open(sys.argv[2], "w", format=tarfile.USTAR_FORMAT) as out:
    for name, data in ("manifest.json", manifest), ("config.json", config), ("layer.tar", layer):
        member = tarfile.TarInfo(name)
        member.size = len(data)
        out.addfile(member, io.BytesIO(data))
PY
policy "$anything"
new_machine
expect_status 0 hallmark load -i "$world/docker.tar"
says "note: $app:made: a docker archive has no manifest, so no signature can cover it"
last '.archive == {statement: null, hasManifest: false, tied: false} and (.subject.instances[0].diffIds | length) == 1'
expect_status 0 hallmark verify-bundle "$world/docker.tar"
prints "note: $app:made: a docker archive has no manifest, so no signature can cover it"
policy '{"type": "reject"}'
new_machine
expect_status 3 hallmark load -i "$world/docker.tar"
says "no signature can cover it"

it "what is advised fits an archive"
policy '{"type": "tuf", "store": "dct"}' ", \"stores\": {\"dct\": {\"kind\": \"tuf\", \"server\": \"https://127.0.0.1:1\",
  \"pins\": [{\"gun\": \"$registry/lib/*\", \"rootKeyIds\": [\"$(printf '0%.0s' {1..64})\"]}]}}"
expect_status 3 hallmark load -i "$world/good.tar"
says "TUF_NO_TRUST_DATA"
says "pack it with hallmark save where the trust data are at hand"
policy '{"type": "gates", "platforms": ["linux/s390x"], "reference": {"requireDigest": true}}'
expect_status 3 hallmark load -i "$world/good.tar"
says "hallmark save --platform"
says "hallmark save NAME@DIGEST"
