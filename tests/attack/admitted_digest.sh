#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A digest leaves the program only if the gate admitted that digest. An index is a list that anybody can write: the
# hostile registry puts what is admitted into one of its own, beside anything else.
. "$(dirname "$0")/../integration/lib.sh"
start_registry plain
start_notary
make_image good --small
make_image evil --platform linux/arm64 --mark evil --small
make_image twin --mark twin --small
make_index mixed good evil
make_index signed good evil
make_index doubled good twin
push_image mixed lib/app 1
push_image doubled lib/app doubled
push_image signed lib/signed 1
sign signed lib/signed 1
app=$registry/lib/app good=$(digest_of_image good) mixed=$(digest_of_image mixed) signed=$registry/lib/signed
root=$(root_key_id lib/signed)
# policy REQUIREMENTS [MEMBERS]
policy() {
  cat >"$world/policy.json" <<END
{"hallmark": 1, "default": [{"type": "reject"}], "transports": {"docker": {"$registry/lib": $1}}${2:-},
 "stores": {"dct": {"kind": "tuf", "server": "$notary_server", "caFile": "$world/ca.crt",
                    "pins": [{"gun": "$registry/lib/*", "rootKeyIds": ["$root"]}]}}}
END
}
export HALLMARK_POLICY=$world/policy.json
new_machine() { export HALLMARK_STORE=$world/inner.$RANDOM.$RANDOM && store=$HALLMARK_STORE; }
root_in_store() { jq -r '.manifests[0].digest' "$store/index.json"; }
amd64='{"type": "gates", "platforms": ["linux/amd64"]}'
any='{"type": "insecureAcceptAnything"}'
[ "$(uname -m)" = x86_64 ] || skip "the platforms of this test are for amd64"

it "a listed manifest is printed by its own digest, not by that of an index around it"
policy "[{\"type\": \"digest\", \"allow\": [\"$good\"]}]"
expect_status 0 hallmark resolve "$app:1"
[ "$(cat "$out")" = "$app@$good" ]
says "admitted is $good of an index, not the index; --all-platforms judges all of it"
expect_status 0 hallmark resolve "$app:doubled"
[ "$(cat "$out")" = "$app@$good" ]
expect_status 0 hallmark resolve "$app@$mixed"
[ "$(cat "$out")" = "$app@$good" ]
expect_status 0 hallmark pull -q "$app@$mixed"
[ "$(cat "$out")" = "$app@$good" ]
it "and so it is pinned in a file"
echo "FROM $app:1" >"$world/Dockerfile"
expect_status 0 hallmark resolve --rewrite "$world/Dockerfile"
grep -qx "FROM $app:1@$good" "$world/Dockerfile"
printf 'FROM %s\nFROM %s\n' "$app@$mixed" "$app:1" >"$world/Dockerfile"
cp "$world/Dockerfile" "$world/Dockerfile.before"
expect_status 3 hallmark resolve --rewrite "$world/Dockerfile"
says "line 1: admitted is $good of an index, found the digest of the index, $mixed"
cmp "$world/Dockerfile" "$world/Dockerfile.before"
it "and so it is recorded"
expect_status 0 hallmark verify --json "$app:1"
jq -e --arg good "$good" '.decision == "allow" and .subject.top.digest == $good' "$out" >/dev/null
! grep -q "$mixed" "$out"
it "and so it is pulled, stored and told"
new_machine
expect_status 0 hallmark pull "$app:1"
prints "^Digest: $good$"
[ "$(root_in_store)" = "$good" ]
expect_status 0 hallmark check
new_machine
expect_status 0 hallmark pull "$app@$mixed"
prints "^Digest: $good$"
[ "$(root_in_store)" = "$good" ]
expect_status 0 hallmark images --digests
! grep -q "$mixed" "$out"
it "an index of which a manifest is in no list is refused as a whole"
expect_status 3 hallmark resolve --all-platforms "$app:1"
prints_nothing
says DIGEST
one_line
it "an index all of which is listed is admitted, and so is one that is listed itself"
policy "[{\"type\": \"digest\", \"allow\": [\"$good\", \"$(digest_of_image evil)\"]}]"
expect_status 0 hallmark resolve --all-platforms "$app:1"
[ "$(cat "$out")" = "$app@$mixed" ]
policy "[{\"type\": \"digest\", \"allow\": [\"$mixed\"]}]"
expect_status 0 hallmark resolve "$app:1"
[ "$(cat "$out")" = "$app@$mixed" ]

it "gates that looked at one platform do not speak for the others of an index"
policy "[$any, $amd64]"
expect_status 0 hallmark resolve "$app:1"
[ "$(cat "$out")" = "$app@$good" ]
expect_status 3 hallmark resolve --all-platforms "$app:1"
prints_nothing
it "an exception for one manifest lets nothing else out"
policy "[$any, {\"type\": \"gates\", \"platforms\": [\"linux/s390x\"]}]" ", \"exceptions\": [{\"id\": \"one\",
  \"scope\": \"$registry/lib\", \"digest\": \"$good\", \"waive\": [\"platform\"], \"until\": \"2099-01-01T00:00:00Z\", \"reason\": \"for this one\"}]"
expect_status 0 hallmark resolve "$app:1"
[ "$(cat "$out")" = "$app@$good" ]
it "nor does one for a manifest that waives what is asked of the name"
policy "[$any, {\"type\": \"gates\", \"reference\": {\"requireDigest\": true}}]" ", \"exceptions\": [{\"id\": \"one\",
  \"scope\": \"$registry/lib\", \"digest\": \"$good\", \"waive\": [\"reference\"], \"until\": \"2099-01-01T00:00:00Z\", \"reason\": \"for this one\"}]"
expect_status 0 hallmark resolve "$app:1"
[ "$(cat "$out")" = "$app@$good" ]

it "an exception for the index itself is about all of it"
policy "[$any, {\"type\": \"gates\", \"platforms\": [\"linux/s390x\"]}]" ", \"exceptions\": [{\"id\": \"one\",
  \"scope\": \"$registry/lib\", \"digest\": \"$mixed\", \"waive\": [\"platform\"], \"until\": \"2099-01-01T00:00:00Z\", \"reason\": \"for all of it\"}]"
expect_status 0 hallmark resolve "$app:1"
[ "$(cat "$out")" = "$app@$mixed" ]
it "and of the one manifest of it that is admitted because other gates saw it alone"
policy "[$any, {\"type\": \"gates\", \"platforms\": [\"linux/s390x\"], \"size\": {\"maxLayers\": 80}}]" ", \"exceptions\": [{\"id\": \"one\",
  \"scope\": \"$registry/lib\", \"digest\": \"$mixed\", \"waive\": [\"platform\"], \"until\": \"2099-01-01T00:00:00Z\", \"reason\": \"for all of it\"}]"
expect_status 0 hallmark resolve "$app:1"
[ "$(cat "$out")" = "$app@$good" ]
new_machine
expect_status 0 hallmark pull "$app:1"
it "so it is when the index is here already and gets another name"
cp "$HALLMARK_POLICY" "$world/exception.json"
new_machine
policy "[$any]"
expect_status 0 hallmark pull "$app:1"
[ "$(root_in_store)" = "$mixed" ]
cp "$world/exception.json" "$HALLMARK_POLICY"
expect_status 0 hallmark tag "$app:1" "$app:again"
it "an entry that calls itself an attestation and has a platform counts as an image"
python3 - "$world/image-mixed" "$world/image-hidden" <<'END'
import hashlib, json, pathlib, shutil, sys
shutil.copytree(sys.argv[1], sys.argv[2])
layout = pathlib.Path(sys.argv[2])
top = json.loads((layout / "index.json").read_text())["manifests"][0]
index = json.loads((layout / "blobs/sha256" / top["digest"][7:]).read_text())
index["manifests"][1]["annotations"] = {"vnd.docker.reference.type": "attestation-manifest"}
text = json.dumps(index).encode()
top["digest"], top["size"] = "sha256:" + hashlib.sha256(text).hexdigest(), len(text)
(layout / "blobs/sha256" / top["digest"][7:]).write_bytes(text)
(layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [top]}))
(layout.parent / "image-hidden.root").write_text(f"{top['digest']} {top['size']}\n")
END
push_image hidden lib/app hidden
policy "[$any, $amd64]"
expect_status 0 hallmark resolve --all-platforms "$app:hidden"
[ "$(cat "$out")" = "$app@$good" ]

it "of a signed index whose gates saw one platform this manifest is told, and the store keeps what was signed"
policy "[{\"type\": \"tuf\", \"store\": \"dct\"}, $amd64]"
expect_status 0 hallmark resolve "$signed:1"
[ "$(cat "$out")" = "$signed@$good" ]
new_machine
expect_status 0 hallmark pull --json "$signed:1"
jq -e --arg good "$good" '.decision == "allow" and .subject.top.digest == $good and .committed' "$out" >/dev/null
[ "$(root_in_store)" = "$(digest_of_image signed)" ]
it "what tells of the store tells the manifest that was admitted of an index, and knows it by that digest"
told_once() { # told_once COMMAND...: it tells the manifest and nowhere the index
  expect_status 0 hallmark "$@"
  grep -q "$good" "$out"
  ! grep -q "$(digest_of_image signed)" "$out" "$err"
}
told_once images --digests
told_once images --json
told_once images --format '{{.Digest}}' --filter "reference=$signed@$good"
told_once inspect "$signed:1"
told_once save --json -o "$world/told.tar" "$signed:1"
told_once inspect "$signed@$good"
expect_status 0 hallmark save -o "$world/alone.tar" "$signed@$good"
[ "$(tar -xOf "$world/alone.tar" index.json | jq -r '.manifests[0].digest')" = "$good" ]
expect_status 0 hallmark rmi "$signed:1"
prints "Untagged: $signed@$good"
expect_status 5 hallmark inspect "$signed@$good"

it "a pull that fetches nothing changes what is told with what is admitted"
expect_status 0 hallmark pull "$signed:1"
policy '[{"type": "tuf", "store": "dct"}]'
expect_status 0 hallmark pull "$signed:1"
prints "Image is up to date"
expect_status 0 hallmark images --digests
prints "$(digest_of_image signed)"
expect_status 0 hallmark pull --all-platforms "$signed:1"
policy "[{\"type\": \"tuf\", \"store\": \"dct\"}, $amd64]"
expect_status 0 hallmark pull "$signed:1"
told_once images --digests

it "manifests that are listed do not speak for what else is in a signed index"
push_image hidden lib/signed hidden
sign hidden lib/signed hidden
policy "[{\"type\": \"tuf\", \"store\": \"dct\"}, {\"type\": \"digest\", \"allow\": [\"$good\"]}]"
expect_status 0 hallmark resolve --all-platforms "$signed:hidden"
[ "$(cat "$out")" = "$signed@$good" ]
it "a signed index without gates is admitted itself"
policy '[{"type": "tuf", "store": "dct"}]'
expect_status 0 hallmark resolve "$signed:1"
[ "$(cat "$out")" = "$signed@$(digest_of_image signed)" ]

it "an index of the store and one of an archive are judged by the same rule"
new_machine
HALLMARK_POLICY=$world/none.json
echo '{"hallmark": 1, "default": [{"type": "reject"}], "transports": {"docker": {"'"$registry"'": [{"type": "insecureAcceptAnything"}]}}}' >"$world/none.json"
expect_status 0 hallmark pull "$app:1"
[ "$(root_in_store)" = "$mixed" ]
expect_status 0 hallmark save -o "$world/mixed.tar" "$app:1"
HALLMARK_POLICY=$world/policy.json
policy "[{\"type\": \"digest\", \"allow\": [\"$good\"]}]"
expect_status 0 hallmark tag --json "$app:1" "$app:local"
jq -e --arg good "$good" '.subject.top.digest == $good' "$out" >/dev/null
jq -e --arg good "$good" --arg name "$app:local" '.manifests[] | select(.digest == $good)' "$store/index.json" >/dev/null
new_machine
expect_status 0 hallmark load --json -i "$world/mixed.tar"
jq -e --arg good "$good" '.subject.top.digest == $good and .committed' "$out" >/dev/null
[ "$(root_in_store)" = "$good" ]
expect_status 0 hallmark check
it "an archive with several platforms of which nobody vouches for the index is refused"
new_machine
HALLMARK_POLICY=$world/none.json
make_image third --platform linux/s390x --mark third --small
make_index three good evil third
push_image three lib/app three
expect_status 0 hallmark pull "$app:three"
expect_status 0 hallmark pull --platform linux/arm64 "$app:three"
expect_status 0 hallmark save -o "$world/three.tar" "$app:three"
HALLMARK_POLICY=$world/policy.json
policy "[{\"type\": \"digest\", \"allow\": [\"$good\", \"$(digest_of_image evil)\"]}]"
new_machine
expect_status 3 hallmark load -i "$world/three.tar"
says INDEX_IN_PART
store_is_empty
