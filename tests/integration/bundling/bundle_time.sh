#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Time without a network: a bundle whose statement is signed is taken after its trust data have ended, within what the
# policy allows; and each way around that is refused with a code of its own, and is not remembered.
. "$(dirname "$0")/../lib.sh"
command -v faketime >/dev/null || skip "faketime is not installed"
start_registry plain
start_notary
make_image app --folder /usr/share/doc/bash
push_image app lib/app 1
sign app lib/app 1
app=$registry/lib/app outer=$HALLMARK_STORE
expect_status 0 with_trust hallmark pull "$app:1"
openssl ecparam -name prime256v1 -genkey -noout -out "$world/courier.pem"
openssl ec -in "$world/courier.pem" -pubout -out "$world/courier.pub" 2>/dev/null
openssl genpkey -algorithm ed25519 -out "$world/other.pem" 2>/dev/null
openssl pkey -in "$world/other.pem" -pubout -out "$world/other.pub"
openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out "$world/rsa.pem" 2>/dev/null
openssl pkey -in "$world/rsa.pem" -pubout -out "$world/rsa.pub"
chmod 600 "$world"/*.pem
now=$(date +%s)
# save NAME WHEN KEY: the bundle of that moment, in seconds from now.
save() { SOURCE_DATE_EPOCH=$((now + $2)) expect_status 0 with_trust hallmark save --sign "$3" -o "$world/$1.tar" "$app:1"; }
day=86400
save bundle 0 "$world/courier.pem"
save older -60 "$world/courier.pem"
save future $((2 * day)) "$world/courier.pem"
save early $((-40 * day)) "$world/courier.pem"
save late $((2000 * day)) "$world/courier.pem"
save other 0 "$world/other.pem"
save rsa 0 "$world/rsa.pem"
expect_status 0 with_trust hallmark save -o "$world/unsigned.tar" "$app:1"

# policy FRESHNESS KEYS
policy() {
  cat >"$world/policy.json" <<POLICY
{"hallmark": 1, "default": [{"type": "reject"}],
 "stores": {"dct": {"kind": "tuf", "server": "https://127.0.0.1:1",
                    "pins": [{"gun": "$registry/lib/*", "rootKeyIds": ["$root"]}]},
            "courier": {"kind": "key", "key": {"path": "$world/${2:-courier}.pub"}${3:-}}},
 "freshness": $1,
 "transports": {"docker": {"$registry/lib": [{"type": "tuf", "store": "dct"}]}}}
POLICY
}
root=$(root_key_id lib/app)
packed='{"mode": "bundleTime", "maxBundleAge": "P3000D", "bundleSigners": "courier"}'
export HALLMARK_POLICY=$world/policy.json
new_machine() { export HALLMARK_STORE=$world/inner.$RANDOM.$RANDOM && store=$HALLMARK_STORE; }
memory() { cat "$store/.hallmark/freshness.json"; }
at() { faketime -f "${1}d" "$HALLMARK" "${@:2}"; }
refused() { # CODE FILE: load refuses it, and nothing is stored or remembered
  expect_status 3 hallmark load -i "$2"
  says "($1)"
  [ ! -e "$store/index.json" ] && [ ! -e "$store/.hallmark/freshness.json" ]
}

it "a statement is signed with a key of each kind, and openssl agrees about it"
for kind in bundle:courier other:other rsa:rsa; do
  policy "$packed" "${kind#*:}"
  new_machine
  expect_status 0 hallmark load -i "$world/${kind%:*}.tar"
done
statement=$(tar xOf "$world/bundle.tar" index.json | jq -r '.annotations["vnd.hallmark.bundle.statement"]')
tar xOf "$world/bundle.tar" "blobs/sha256/${statement#sha256:}" >"$world/statement.json"
jq -r .payload "$world/statement.json" | base64 -d >"$world/payload"
jq -r '.signatures[0].sig' "$world/statement.json" | base64 -d >"$world/sig"
{ printf 'DSSEv1 28 application/vnd.in-toto+json %s ' "$(stat -c %s "$world/payload")" && cat "$world/payload"; } >"$world/pae"
openssl dgst -sha256 -verify "$world/courier.pub" -signature "$world/sig" "$world/pae" >/dev/null

it "bundle ls shows when it was packed and by which key"
expect_status 0 hallmark bundle ls "$world/bundle.tar"
prints "says it was packed at $(date -u -d "@$now" +%FT%TZ), signed by key $(jq -r '.signatures[0].keyid' "$world/statement.json")"
expect_status 0 hallmark bundle ls "$world/unsigned.tar"
prints "signed by nobody"

it "trust data that have ended are taken when they were good at the time of packing, and it is told"
policy "$packed"
new_machine
expect_status 0 at +2000 load -i "$world/bundle.tar"
says "note: timestamp of $app expired [0-9]* days ago; accepted: packed at $(date -u -d "@$now" +%FT%TZ) by key"
[ "$(memory | jq -r '.bundles[].created')" = "$(date -u -d "@$now" +%FT%TZ)" ]
expect_status 0 at +2000 verify-bundle --json "$world/bundle.tar"
jq -e '.freshness.mode == "bundleTime" and .freshness.bundleTime == "'"$(date -u -d "@$now" +%FT%TZ)"'" and
       (.freshness.bundleSigners | length) == 1 and .freshness.highWater != null' "$out" >/dev/null

it "without such a policy they are not"
policy '{"mode": "strict"}'
new_machine
expect_status 3 at +2000 load -i "$world/bundle.tar"
says "TUF_EXPIRED"
[ ! -e "$store/.hallmark/freshness.json" ]

it "a clock that was set back is refused in every mode, and the hint is to set it right"
policy '{"mode": "strict"}'
new_machine
expect_status 0 hallmark load -i "$world/bundle.tar"
before=$(memory)
for command in "load -i" verify-bundle; do
  for mode in '{"mode": "strict"}' "$packed"; do
    policy "$mode"
    # shellcheck disable=SC2086
    expect_status 3 at -2 $command "$world/bundle.tar"
    says "the clock says .* \(CLOCK\)"
    says "set the clock"
  done
done
[ "$(memory)" = "$before" ]
policy '{"clockSkew": "P3D"}'
expect_status 0 hallmark load -i "$world/bundle.tar"
expect_status 3 env -u HALLMARK_POLICY faketime -f -2d "$HALLMARK" load -i "$world/bundle.tar"

it "a bundle that nobody signed is refused"
policy "$packed"
new_machine
refused BUNDLE_UNSIGNED "$world/unsigned.tar"
policy '{"mode": "strict", "requireBundleSignature": true, "bundleSigners": ["courier"]}'
refused BUNDLE_UNSIGNED "$world/unsigned.tar"
expect_status 0 hallmark load -i "$world/bundle.tar"

it "so is one that another key signed, or one that does not count any more"
policy "$packed"
new_machine
refused BUNDLE_OTHER_SIGNER "$world/other.tar"
policy "$packed" courier ', "validity": {"notAfter": "2020-01-01T00:00:00Z"}'
refused BUNDLE_KEY_NOT_VALID "$world/bundle.tar"
policy "$packed" courier ', "validity": {"distrusted": true, "reason": "lost in May"}'
refused BUNDLE_KEY_NOT_VALID "$world/bundle.tar"
says "lost in May"

it "one that is said to be packed in the future, too long ago, or was on its way too long"
policy "$packed"
new_machine
refused BUNDLE_FUTURE "$world/future.tar"
policy '{"mode": "bundleTime", "maxBundleAge": "P30D", "bundleSigners": "courier"}'
refused BUNDLE_TOO_OLD "$world/early.tar"
says "40 days ago; at most 30 days"
policy '{"mode": "bundleTime", "maxBundleAge": "P90D", "maxTransit": "P7D", "bundleSigners": "courier"}'
refused BUNDLE_IN_TRANSIT "$world/early.tar"

it "one that is older than a bundle of the same signer that came in before, while the same one is fine"
policy "$packed"
new_machine
expect_status 0 hallmark load -i "$world/bundle.tar"
before=$(memory)
expect_status 3 hallmark load -i "$world/older.tar"
says "(BUNDLE_ROLLBACK)"
[ "$(memory)" = "$before" ]
expect_status 0 hallmark load -i "$world/bundle.tar"

it "trust data that had ended when it was packed are refused, whoever signed it"
policy '{"mode": "bundleTime", "maxBundleAge": "P3000D", "bundleSigners": "courier", "clockSkew": "P2500D"}'
new_machine
refused TUF_EXPIRED "$world/late.tar"

# replaced FILE: the bundle with another envelope as its statement
replaced() {
  python3 - "$world/bundle.tar" "$1" "$2" <<'PY'
import hashlib, io, json, sys, tarfile
source, envelope, target = sys.argv[1:]
new = open(envelope, "rb").read()
name = "blobs/sha256/" + hashlib.sha256(new).hexdigest()
with tarfile.open(source) as old, tarfile.open(target, "w", format=tarfile.USTAR_FORMAT) as out:
    index = json.load(old.extractfile("index.json"))
    before = "blobs/sha256/" + index["annotations"]["vnd.hallmark.bundle.statement"][7:]
    index["annotations"]["vnd.hallmark.bundle.statement"] = "sha256:" + name[13:]
    for member in old:
        data = old.extractfile(member).read()
        if member.name == "index.json": data = json.dumps(index).encode()
        if member.name == before: member.name, data = name, new
        member.size = len(data)
        out.addfile(member, io.BytesIO(data))
PY
}

it "a statement that was changed after it was signed has no good signature"
policy "$packed"
new_machine
jq -c --arg p "$(sed 's/"created":"20/"created":"19/' "$world/payload" | base64 -w0)" '.payload = $p' "$world/statement.json" >"$world/changed.json"
replaced "$world/changed.json" "$world/changed.tar"
refused BUNDLE_OTHER_SIGNER "$world/changed.tar"

it "the signed statement of another bundle is refused as damage"
make_image second --mark second
push_image second lib/app 2
sign second lib/app 2
(unset HALLMARK_POLICY && HALLMARK_STORE=$world/outer expect_status 0 with_trust hallmark pull "$app:2" &&
  HALLMARK_STORE=$world/outer expect_status 0 with_trust hallmark save --sign "$world/courier.pem" -o "$world/two.tar" "$app:2")
two=$(tar xOf "$world/two.tar" index.json | jq -r '.annotations["vnd.hallmark.bundle.statement"]')
tar xOf "$world/two.tar" "blobs/sha256/${two#sha256:}" >"$world/two.json"
replaced "$world/two.json" "$world/mixed.tar"
expect_status 4 hallmark load -i "$world/mixed.tar"
says "E_VIEWS_DISAGREE"
[ ! -e "$store/index.json" ]

it "a key of the key folder signs too, by the beginning of its id; what is no secret key does not"
export DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=alice-secret
person alice
outer() { env -u HALLMARK_POLICY HALLMARK_STORE="$outer" DOCKER_CONFIG="$world/alice.docker" "$HALLMARK" "$@"; }
expect_status 0 outer save --sign "$(key_of alice | cut -c1-12)" -o "$world/alice.tar" "$app:1"
policy "$packed" alice
new_machine
expect_status 3 hallmark load -i "$world/bundle.tar"
says BUNDLE_OTHER_SIGNER
expect_status 0 hallmark load -i "$world/alice.tar"
expect_status 2 outer save --sign "$world/courier.pub" -o "$world/no.tar" "$app:1"
expect_status 5 outer save --sign 0123456 -o "$world/no.tar" "$app:1"
expect_status 2 env SOURCE_DATE_EPOCH=soon "$HALLMARK" --store "$outer" save -o "$world/no.tar" "$app:1"
[ ! -e "$world/no.tar" ]
