#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# --json: one shape for the same thing, nothing else on standard output, errors and exit statuses as without it.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"
start_registry plain
make_image app --mark app
make_image other --mark other
push_image app lib/app 1
push_image other lib/app 2
app=$registry/lib/app
digest=$(digest_of_image app)
config=$(config_of app)

# The whole output is JSON for which this is true; a line of its own for each document.
holds() { jq -es "$1" "$out" >/dev/null || { cat "$out" >&2 && fail "not so: $1"; }; }

it "pull prints the decision record, and whether this call committed the image"
expect_status 0 hallmark pull --json "$app:1"
holds "length == 1 and .[0].schema == \"urn:hallmark:decision:1\" and .[0].operation == \"pull\""
holds ".[0].decision == \"allow\" and .[0].committed and .[0].subject.top.digest == \"$digest\""
expect_status 0 hallmark pull --json "$app:1"
holds ".[0].decision == \"allow\" and (.[0].committed | not)"
cat >"$world/other.json" <<POLICY
{"hallmark": 1, "metadata": {"name": "other", "serial": 1}, "default": [{"type": "reject"}],
 "transports": {"docker": {"$registry/lib": [{"type": "insecureAcceptAnything"}]}}}
POLICY
# It is noted that another policy admits it now, and the store gets nothing.
expect_status 0 hallmark pull --json --policy "$world/other.json" "$app:1"
holds ".[0].decision == \"allow\" and (.[0].committed | not)"
expect_status 0 hallmark pull --json -a "$app"
holds "length == 2 and all(.[]; .decision == \"allow\")"

it "what is refused, and what fails after the decision, has its record as well"
echo '{"hallmark": 1, "default": [{"type": "reject"}]}' >"$world/policy.json"
expect_status 3 hallmark pull --json --policy "$world/policy.json" "$app:1"
one_line
holds "length == 1 and .[0].decision == \"deny\" and .[0].codes[0] == \"REJECT\" and (.[0].committed | not)"
expect_status 3 hallmark tag --json --policy "$world/policy.json" "$app:1" "$app:no"
holds "length == 1 and .[0].operation == \"tag\" and .[0].decision == \"deny\""
file=$(blob_file "$(layer_of app 0)") && cp "$file" "$world/layer" && flip_byte "$file"
expect_status 4 hallmark pull --json --store "$world/fresh" "$app:1"
one_line
holds "length == 1 and .[0].decision == \"error\" and (.[0].committed | not)"
cp "$world/layer" "$file"

it "tag and import print theirs"
expect_status 0 hallmark tag --json "$app:1" "$app:stable"
holds "length == 1 and .[0].operation == \"tag\" and .[0].committed and .[0].subject.top.digest == \"$digest\""
mkdir "$world/root" && tar -cf "$world/root.tar" -C "$world" root
expect_status 0 hallmark import --json "$world/root.tar" "$registry/lib/made:1"
holds "length == 1 and .[0].operation == \"import\" and .[0].committed"
[ "$(jq -r '.subject.instances[0].config' "$out")" = "$(hallmark images -q --no-trunc "$registry/lib/made:1")" ]
expect_status 3 hallmark import --json --policy "$world/policy.json" "$world/root.tar" "$registry/lib/made:2"
holds "length == 1 and .[0].decision == \"deny\""

it "so do version, policy check, policy match and check, each one object"
expect_status 0 hallmark version --json
[ "$(jq -r .Version "$out")" = "$(hallmark version | cut -d' ' -f2)" ]
expect_status 0 hallmark policy match --json --policy "$world/policy.json" "$app:1"
holds "length == 1 and .[0].Name == \"$app:1\" and .[0].Scope == null and .[0].Tried == []"
holds "(.[0].Requires | length > 0) and .[0].Policy == \"$world/policy.json\""
cat >"$world/scoped.json" <<POLICY
{"hallmark": 1, "default": [{"type": "reject"}],
 "transports": {"docker": {"$registry/lib": [{"type": "insecureAcceptAnything"}]}}}
POLICY
expect_status 0 hallmark policy match --json --policy "$world/scoped.json" "$app:1"
holds ".[0].Scope == \"$registry/lib\" and .[0].Tried[0] == \"$app:1\" and .[0].Tried[-1] == \"$registry/lib\""
jq '. + {metadata: {name: "site", serial: 7, expires: "2001-01-01T00:00:00Z"}}' "$world/scoped.json" >"$world/over.json"
expect_status 0 hallmark policy check --json --policy "$world/over.json"
holds "length == 1 and .[0].Policy == \"$world/over.json\" and .[0].Digest == \"sha256:$(sha256sum "$world/over.json" | cut -d' ' -f1)\""
holds '.[0] | .Name == "site" and .Serial == 7 and .Expires == "2001-01-01T00:00:00Z" and .HasExpired and .Stores == []'
holds ".[0].Scopes == [{Transport: \"docker\", Scope: \"$registry/lib\", Requires: \"insecureAcceptAnything\"}]"
holds '.[0].Default == "reject" and .[0].Exceptions == [] and .[0].Dialect == "hallmark 1"'
expect_status 0 hallmark policy check --json --policy "$world/policy.json"
holds '.[0] | .Name == null and .Expires == null and .HasExpired == false and .Remarks == []
  and .Freshness == null and .BreakGlass == null and .Audit == null'
openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null | openssl ec -pubout -out "$world/courier.pub" 2>/dev/null
cat >"$world/full.json" <<POLICY
{"hallmark": 1, "default": [{"type": "reject"}],
 "stores": {"site": {"kind": "tuf", "server": "https://trust.example",
                     "pins": [{"gun": "$registry/lib/*", "rootKeyIds": ["$(printf '%064d' 1)"]}]},
            "courier": {"kind": "key", "key": {"path": "$world/courier.pub"}, "validity": {"notAfter": "2002-01-01T00:00:00Z"}},
            "lost": {"kind": "key", "key": {"path": "$world/courier.pub"},
                     "validity": {"distrusted": true, "reason": "stolen"}}},
 "freshness": {"mode": "bundleTime", "maxBundleAge": "P2D", "bundleSigners": "courier"},
 "exceptions": [{"id": "ex-1", "scope": "$registry/lib", "digest": "$digest", "waive": ["size"],
                 "until": "2001-01-01T00:00:00Z", "reason": "until the layers are squashed"}],
 "breakGlass": {"allow": true, "reasonPattern": "^INC-[0-9]+$", "waivable": ["age", "config"]},
 "audit": {"file": "/var/log/hallmark.jsonl", "required": true}}
POLICY
expect_status 0 hallmark policy check --json --policy "$world/full.json"
holds ".[0].Stores[0] == {Name: \"site\", Kind: \"tuf\", Server: \"https://trust.example\", Guns: [\"$registry/lib/*\"]}"
holds '.[0].Stores[1] | .Name == "courier" and .Kind == "key" and (.Id | length == 64) and .NotBefore == null
  and .NotAfter == "2002-01-01T00:00:00Z" and .HasEnded and .Distrusted == false'
holds '.[0].Stores[2] | .Name == "lost" and .Distrusted and .NotAfter == null and .HasEnded == false'
holds '.[0].Freshness == {Mode: "bundleTime", MaxBundleAge: 172800, MaxTransit: null, BundleSigners: ["courier"]}'
holds ".[0].Exceptions == [{Id: \"ex-1\", Digest: \"$digest\", Scope: \"$registry/lib\", Until: \"2001-01-01T00:00:00Z\",
  HasEnded: true}] and .[0].BreakGlass == [\"age\", \"config\"]"
holds '.[0].Audit == {File: "/var/log/hallmark.jsonl", Required: true}'
echo '{"hallmark": 1, "default": [' >"$world/broken.json"
expect_status 2 hallmark policy check --json --policy "$world/broken.json"
[ ! -s "$out" ] || fail "an object for what cannot be read"
expect_status 0 hallmark check
blobs=$(grep -oE '[0-9]+ blobs' "$out")
expect_status 0 hallmark check --json
holds "length == 1 and .[0].Damaged == [] and .[0].Blobs == ${blobs% blobs}"

it "images and history print bytes, times and whole ids"
expect_status 0 hallmark images --json "$app:1"
holds "length == 1 and (.[0] | length == 1)"
holds ".[0][0] == {Name: \"$app:1\", Digest: \"$digest\", Repository: \"$app\", Tag: \"1\", Id: \"$config\",
  Created: .[0][0].Created, Size: .[0][0].Size, Trust: .[0][0].Trust, Dangling: false} and (.[0][0].Size | type == \"number\")"
holds '.[0][0].Created | fromdate > 0'
expect_status 0 hallmark images --json nothing
[ "$(cat "$out")" = "[]" ]
expect_status 0 hallmark history --json "$app:1"
holds "length == 1 and .[0][0].Id == \"$config\" and (.[0][0].Size | type == \"number\")"
expect_status 5 hallmark history --json "$app:none"
[ ! -s "$out" ]

it "images tells who vouched, and takes one form at a time"
cat >"$world/vouch.json" <<POLICY
{"hallmark": 1, "default": [{"type": "reject"}],
 "transports": {"docker": {"$registry": [{"type": "digest", "allow": ["$digest"]}]}}}
POLICY
export HALLMARK_STORE=$world/vouched
expect_status 0 hallmark pull --policy "$world/vouch.json" "$app:1"
expect_status 0 hallmark images --json
holds ".[0][0].Trust | (.At | fromdate > 0) and .By == \"digest\" and .Rule == \"docker:$registry\""
for other in -q '--format={{.ID}}'; do
  expect_status 2 hallmark images --json "$other"
  one_line
  says "exclude each other"
  prints_nothing
done
export HALLMARK_STORE=$store

it "a name is the whole name everywhere"
export HALLMARK_STORE=$world/named
expect_status 0 hallmark import --json "$world/root.tar" made:1
holds '.[0].subject.asked == "docker.io/library/made:1"'
expect_status 0 hallmark images --json
holds '.[0][0] | .Name == "docker.io/library/made:1" and .Repository == "made" and .Trust == null'
expect_status 0 hallmark save --json -o "$world/made.tar" made:1
holds '.[0].Images[0].Name == "docker.io/library/made:1"'
expect_status 0 hallmark bundle ls --json "$world/made.tar"
holds '.[0] | .Name == "docker.io/library/made:1" and (.Platforms | map(startswith("linux/"))) == [true] and .Evidence == null'
expect_status 0 hallmark rmi --json made:1
holds '.[0].Untagged[0] == "docker.io/library/made:1"'
export HALLMARK_STORE=$store

it "push prints an object for each tag"
expect_status 0 hallmark push --json "$app:stable"
holds "length == 1 and (.[0] | .Name == \"$app:stable\" and .Digest == \"$digest\" and .Size == $(size_of_image app) and .Signed == false)"
expect_status 0 hallmark push --json -a "$app"
holds "[.[].Name] == [\"$app:1\", \"$app:2\", \"$app:stable\"]"
expect_status 5 hallmark push --json "$app:none"
[ ! -s "$out" ]

it "save tells what it wrote, and needs a file for it"
expect_status 0 hallmark save --json -o "$world/app.tar" "$app:1" "$app:2"
holds "length == 1 and .[0].Size == $(stat -c %s "$world/app.tar") and .[0].Output == \"$world/app.tar\""
holds "[.[0].Images[].Name] == [\"$app:1\", \"$app:2\"] and .[0].Images[0].Digest == \"$digest\""
[ "$(jq -r .Statement "$out")" = "$(hallmark bundle ls --json "$world/app.tar" | jq -r .Statement | sort -u)" ]
expect_status 0 hallmark save --json --compress gzip -o "$world/app.tgz" "$app:1"
holds ".[0].Size == $(stat -c %s "$world/app.tgz")"
expect_status 2 hallmark save --json "$app:1"
says "needs the name of a file"
[ ! -s "$out" ]

it "load prints a record for each name, and those of a refusal"
expect_status 0 hallmark load --json --store "$world/second" -i "$world/app.tar"
holds "length == 2 and all(.[]; .operation == \"load\" and .decision == \"allow\" and .committed)"
expect_status 3 hallmark load --json --store "$world/third" --policy "$world/policy.json" -i "$world/app.tar"
holds "length == 2 and all(.[]; .decision == \"deny\" and (.committed | not))"

it "rmi and image prune tell names, blobs and bytes, together for all arguments"
expect_status 0 hallmark rmi --json "$app:stable"
holds "length == 1 and .[0] == {Untagged: [\"$app:stable\"], Deleted: [], Freed: 0}"
expect_status 5 hallmark rmi --json "$app:1" "$app:none" "$app:2"
holds "length == 1 and (.[0].Untagged | index(\"$app:1\") and index(\"$app:2\")) and .[0].Freed > 0"
holds ".[0].Deleted | index(\"$config\")"
expect_status 0 hallmark pull -q "$app@$digest"
expect_status 0 hallmark image prune -f --json
holds "length == 1 and .[0].Untagged == [\"$app@$digest\"] and .[0].Freed > 0"
expect_status 0 hallmark image prune -f --json
holds ".[0] == {Untagged: [], Deleted: [], Freed: 0}"

it "keys are listed, none as an empty array"
expect_status 0 hallmark trust key ls --json
[ "$(cat "$out")" = "[]" ]
DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=targets-secret expect_status 0 hallmark trust key generate --dir "$world" alice
expect_status 0 hallmark trust key ls --json
holds "length == 1 and (.[0] | length == 1) and .[0][0].Role == \"alice\" and (.[0][0].Id | length == 64) and .[0][0].Gun == null"
