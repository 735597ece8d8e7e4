#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A trust server that shows the trust data of one repository for another one: their documents do not name it, only the
# root certificate does, and it may name many.
. "$(dirname "$0")/../integration/lib.sh"
start_registry plain
start_notary
make_image tool --small
push_image tool lib/tool 1
push_image tool lib/app 1
app=$registry/lib/app:1 tool=$registry/lib/tool:1

# One root key and one certificate for all repositories of lib: what the server has of one is what it shows of another.
openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null | openssl pkcs8 -topk8 -nocrypt -out "$world/root.pem"
openssl pkcs8 -topk8 -in "$world/root.pem" -v2 aes-256-cbc -v2prf hmacWithSHA1 -passout pass:root-secret -out "$world/encrypted.pem"
openssl req -x509 -new -key "$world/root.pem" -out "$world/root.crt" -days 3650 -subj "/CN=$registry\\/lib\\/*" -addext basicConstraints=critical,CA:FALSE -addext extendedKeyUsage=codeSigning 2>/dev/null
sed 's/^-----BEGIN ENCRYPTED PRIVATE KEY-----$/&\nrole: root\n/' "$world/encrypted.pem" >"$world/root.key"
publisher init -p --rootkey "$world/root.key" --rootcert "$world/root.crt" "$registry/lib/tool"
sign tool lib/tool 1
publisher list "$registry/lib/tool"  # what it has on disk is then what the server has
root=$(root_key_id lib/tool)
shown=$world/shown
mkdir -p "$shown/$registry/lib/app/_trust/tuf" "$shown/$registry/lib/tool"
cp "$world/publisher/tuf/$registry/lib/tool/metadata"/*.json "$shown/$registry/lib/app/_trust/tuf/"
for role in snapshot targets; do
  file=$shown/$registry/lib/app/_trust/tuf/$role.json
  cp "$file" "${file%.json}.$(sha256sum "$file" | cut -d' ' -f1).json"
done
cp -r "$shown/$registry/lib/app/_trust" "$shown/$registry/lib/tool/_trust"
# policy GUN [MEMBER]
policy() {
  cat >"$world/policy.json" <<END
{"hallmark": 1, "default": [{"type": "reject"}],
 "stores": {"dct": {"kind": "tuf", "server": "file://$shown", "pins": [{"gun": "$1", ${2:-}"rootKeyIds": ["$root"]}]}},
 "transports": {"docker": {"$registry/lib": [{"type": "tuf", "store": "dct"}]}}}
END
}
export HALLMARK_POLICY=$world/policy.json

it "what was signed for one repository is no other one's under a pin, though its certificate names both"
for gun in "$registry/lib/*" "$registry/lib/app"; do
  policy "$gun"
  expect_status 3 hallmark verify "$app"
  says "TUF_ROOT_CERT_MISMATCH"
  says "certificates for several repositories, .$registry/lib/\*"
  policy "$gun" '"wildcardCertificates": "refuse", '
  expect_status 3 hallmark pull "$app"
done
store_is_empty

it "a pin may say that all of them stand for each other; then it is remarked, and told with --verbose"
policy "$registry/lib/*" '"wildcardCertificates": "accept", '
expect_status 0 hallmark verify "$app"
expect_status 0 hallmark pull --verbose "$tool"
says "trust data of $registry/lib/tool: root version 1, key $root, certificate for \"$registry/lib/\*\""
expect_status 0 hallmark policy check
prints "^remark .*/stores/dct/pins/0: \"$registry/lib/\*\".* are accepted"
expect_status 0 hallmark policy check --json
jq -e '.Remarks[0] | contains("/stores/dct/pins/0") and contains("are accepted")' "$out" >/dev/null
policy "$registry/lib/*"
expect_status 0 hallmark policy check
prints "^remark .*/stores/dct/pins/0: \"$registry/lib/\*\".* are refused"

it "a word that is neither makes the policy unusable"
policy "$registry/lib/*" '"wildcardCertificates": "maybe", '
expect_status 2 hallmark policy check

it "without a pin it is told on every use"
unset HALLMARK_POLICY
export HALLMARK_STORE=$world/new.store DOCKER_CONTENT_TRUST=1 DOCKER_CONTENT_TRUST_SERVER=file://$shown
for _ in first again; do
  expect_status 0 hallmark verify "$app"
  says "^warning: .*certificates for several repositories, .$registry/lib/\*"
done
