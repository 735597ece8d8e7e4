#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# trust key: what is stored here is what docker and notary read, what they stored is what loads here, and no key gets
# lost, written over, or stored in the clear.
. "$(dirname "$0")/../integration/lib.sh"

keys=$DOCKER_CONFIG/trust/private
fixtures=$tests/vectors/dct/25-private-keys
repository=DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE
cd "$world"
type_to() { python3 "$tests/support/typist.py" "$@"; }
with_passphrase() { DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=$1 "${@:2}"; }
# The real notary's list: ROLE ID of each key below a trust folder.
notary_list() { notary -d "$1" key list | awk 'NR > 3 && NF { print $1, $(NF - 1) }' | sort; }
private() {
  local file=$1 mode=600
  [ ! -d "$1" ] || mode=700
  [ "$(stat -c %a "$file")" = "$mode" ] || fail "$file has mode $(stat -c %a "$file")"
}
# A copy of fixture 25 as a person has it: nobody else can read it.
mkdir fixture
cp "$fixtures"/*.pem fixture/
chmod 600 fixture/*

it "a key is generated with docker's words and questions, and is private"
expect_status 0 type_to short longenough1 different1 longenough1 longenough1 -- "$HALLMARK" trust key generate bob
id=$(basename "$keys"/*.key .key)
cat >expected <<EXPECTED
Generating key for bob...
Enter passphrase for new bob key with ID ${id:0:7}: 
Passphrase is too short. Please use a password manager to generate and store a good random passphrase.
Enter passphrase for new bob key with ID ${id:0:7}: 
Repeat passphrase for new bob key with ID ${id:0:7}: 
Passphrases do not match. Please retry.
Enter passphrase for new bob key with ID ${id:0:7}: 
Repeat passphrase for new bob key with ID ${id:0:7}: 
Successfully generated and loaded private key. Corresponding public key available: $world/bob.pub
EXPECTED
diff expected "$out"
private "$keys/$id.key"
private "$keys"
private "$DOCKER_CONFIG/trust"
private bob.pub
grep -q '^role: bob$' bob.pub
[ "$(notary_list "$DOCKER_CONFIG/trust")" = "bob $id" ]

it "the real notary opens it with the passphrase that was typed, and with no other"
change() { NOTARY_DELEGATION_PASSPHRASE=$1 notary -d "$DOCKER_CONFIG/trust" key passwd "$id"; }
expect_status 0 type_to longenough1 longenough2 longenough2 -- notary -d "$DOCKER_CONFIG/trust" key passwd "$id"
! type_to longenough1 longenough1 longenough1 longenough1 -- notary -d "$DOCKER_CONFIG/trust" key passwd "$id" >"$out" || fail "notary took a wrong passphrase"

it "nothing is generated where something would be written over, or under a name that is none"
cp -r "$keys" before
expect_status 2 with_passphrase repopass1 hallmark trust key generate bob
says 'public key file already exists: "'"$world"'/bob.pub"'
expect_status 2 with_passphrase repopass1 hallmark trust key generate Bob
says 'key name "Bob" must start with lowercase alphanumeric characters'
expect_status 2 with_passphrase repopass1 hallmark trust key generate --dir /nowhere al
says 'public key path does not exist: "/nowhere"'
expect_status 2 hallmark trust key generate al </dev/null
one_line
says "standard input is no terminal"
says "$repository"
[ ! -e al.pub ]
expect_status 99 type_to -- "$HALLMARK" trust key generate al # which ends the input instead of an answer
grep -q '^hallmark: error: no passphrase was typed$' "$out"
expect_status 130 type_to $'\x03' -- "$HALLMARK" trust key generate al # as Ctrl-C
diff -r before "$keys"
rm -r before

it "every container of a private key loads under its id, and is stored encrypted"
for file in fixture/*.pem; do
  rm -rf "$DOCKER_CONFIG/trust"
  expect_status 0 with_passphrase repopass1 hallmark trust key load "$file"
  wanted=$(jq -r ".key_ids[\"${file#fixture/}\"]" "$fixtures/key-ids.json")
  prints "^Successfully imported key from $file$"
  prints "  $wanted "
  grep -q '^-----BEGIN ENCRYPTED PRIVATE KEY-----$' "$keys/$wanted.key"
  private "$keys/$wanted.key"
  role=signer
  case $file in */ed25519*) role=eddie ;; esac
  [ "$(notary_list "$DOCKER_CONFIG/trust")" = "$role $wanted" ] || fail "notary sees: $(notary_list "$DOCKER_CONFIG/trust")"
  expect_status 0 with_passphrase repopass1 hallmark trust key load "$file"
  prints "was here already"
done

it "a loaded key is asked for in docker's words, with three more tries"
rm -rf "$DOCKER_CONFIG/trust"
expect_status 0 type_to wrong wrong wrong repopass1 -- "$HALLMARK" trust key load fixture/ecdsa-pkcs8-enc-sha1prf.pem
[ "$(grep -c '^Enter passphrase for encrypted key: $' "$out")" = 4 ]
[ "$(grep -c '^Passphrase incorrect. Please retry.$' "$out")" = 3 ]
rm -rf "$DOCKER_CONFIG/trust"
expect_status 2 type_to wrong wrong wrong wrong -- "$HALLMARK" trust key load fixture/ecdsa-pkcs8-enc-sha1prf.pem
[ -z "$(find "$DOCKER_CONFIG" -name '*.key')" ]
expect_status 0 type_to longenough1 longenough1 -- "$HALLMARK" trust key load --name carol fixture/ecdsa-sec1-plain.pem
[ "$(grep -c '^Repeat passphrase for new carol key with ID 6111d93: $' "$out")" = 1 ]
! grep -q longenough1 "$out" || fail "the terminal showed the passphrase"

it "a key that cannot be loaded is a failure, and changes nothing"
cp -r "$keys" before
refused() {
  expect_status "$@"
  one_line
  says_not "repopass|wrongpass"
  diff -r before "$keys" || fail "the keys changed"
}
refused 2 with_passphrase wrongpass hallmark trust key load fixture/ecdsa-pkcs8-enc-aes128.pem
says "$repository is wrong"
refused 2 hallmark trust key load fixture/ecdsa-pkcs8-enc-aes128.pem </dev/null
refused 2 with_passphrase repopass1 hallmark trust key load --name dave fixture/ecdsa-sec1-plain.pem
says "is here already, as a key of carol"
refused 2 with_passphrase repopass1 hallmark trust key load --name dave fixture/ed25519-legacy.pem
says "eddie"
refused 2 with_passphrase repopass1 hallmark trust key load --name Dave fixture/rsa-pkcs1-plain.pem
refused 5 with_passphrase repopass1 hallmark trust key load nothing.pem
refused 2 with_passphrase repopass1 hallmark trust key load bob.pub
says "signer add"
chmod 640 fixture/rsa-pkcs1-plain.pem
refused 2 with_passphrase repopass1 hallmark trust key load fixture/rsa-pkcs1-plain.pem
says "refusing to load key from .* must not be readable or writable by others"
chmod 600 fixture/rsa-pkcs1-plain.pem
head -c 400 fixture/rsa-pkcs1-plain.pem >cut.pem
chmod 600 cut.pem
refused 2 with_passphrase repopass1 hallmark trust key load cut.pem

it "keys that notary made are listed, exported, and load elsewhere"
rm -rf "$DOCKER_CONFIG/trust"
NOTARY_DELEGATION_PASSPHRASE=dorapass1 notary -d "$DOCKER_CONFIG/trust" key generate ecdsa --role dora >notary.log
NOTARY_ROOT_PASSPHRASE=rootpass1 notary -d "$DOCKER_CONFIG/trust" key generate ecdsa >notary.log
expect_status 0 hallmark trust key ls
[ "$(awk 'NR > 1 { for (i = 2; i <= NF; ++i) if (length($i) == 64) { print $1, $i; next } }' "$out" | sort)" = \
  "$(notary_list "$DOCKER_CONFIG/trust")" ]
prints "^dora "
prints "^root "
dora=$(notary_list "$DOCKER_CONFIG/trust" | awk '$1 == "dora" { print $2 }')
expect_status 0 hallmark trust key export -o dora.pem "${dora:0:7}"
private dora.pem
expect_status 2 hallmark trust key export -o dora.pem "$dora"
expect_status 5 hallmark trust key export aaaaaaa
cp -r "$DOCKER_CONFIG/trust" imported-from
expect_status 0 hallmark trust key backup all.pem
private all.pem
prints "^Backed up 2 keys to all.pem"
mkdir -m 700 elsewhere
elsewhere() { DOCKER_CONFIG=$world/elsewhere with_passphrase dorapass1 hallmark trust key load "$1"; }
expect_status 0 elsewhere dora.pem
[ "$(notary_list "$world/elsewhere/trust")" = "dora $dora" ]

it "a backup loads in a script where each role has a passphrase of its own"
rm -rf "$DOCKER_CONFIG/trust"
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=rootpass1
mkdir trustdir
expect_status 0 with_passphrase repopass1 hallmark --trust-server "file://$world/trustdir" trust init registry.example/app
expect_status 0 with_passphrase alicepass1 hallmark trust key generate alice
openssl req -x509 -newkey rsa:2048 -nodes -keyout delegate.key -out delegate.crt -days 9 -subj /CN=x 2>openssl.log
NOTARY_DELEGATION_PASSPHRASE=alicepass1 notary -d "$DOCKER_CONFIG/trust" key import delegate.key --role targets/releases >notary.log
expect_status 0 hallmark trust key backup mixed.pem
prints "^Backed up 6 keys"
for variables in "DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repopass1 NOTARY_DELEGATION_PASSPHRASE=alicepass1" \
  "DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=wrong NOTARY_ROOT_PASSPHRASE=rootpass1 DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repopass1 NOTARY_DELEGATION_PASSPHRASE=alicepass1" \
  "DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=alicepass1 NOTARY_TARGETS_PASSPHRASE=repopass1 NOTARY_SNAPSHOT_PASSPHRASE=repopass1 NOTARY_DELEGATION_PASSPHRASE=repopass1"; do
  rm -rf restored
  # Both tools' variables in each: what does not open a key gives way to the next.
  # shellcheck disable=SC2086
  expect_status 0 env $variables DOCKER_CONFIG="$world/restored" "$HALLMARK" trust key load mixed.pem
  [ "$(notary_list "$world/restored/trust")" = "$(notary_list "$DOCKER_CONFIG/trust")" ]
done
it "keys that no passphrase opens are named, and keep none of the others out"
rm -rf restored
expect_status 2 env DOCKER_CONFIG="$world/restored" DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repopass1 "$HALLMARK" trust key load mixed.pem
[ "$(grep -c '^hallmark: error: ' "$err")" = 2 ]
says "the passphrase in $repository is wrong for the alice key with ID [0-9a-f]{7}$"
says "is wrong for the targets/releases key with ID [0-9a-f]{7}$"
[ "$(notary_list "$world/restored/trust" | cut -d' ' -f1 | paste -sd' ')" = "root snapshot targets timestamp" ]
it "a question names the key"
rm -rf restored
ask() { DOCKER_CONFIG=$world/restored env -u DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE python3 "$tests/support/typist.py" "$@"; }
root=$(notary_list "$DOCKER_CONFIG/trust" | awk '$1 == "root" { print $2 }')
expect_status 0 hallmark trust key export -o root.pem "$root"
expect_status 0 ask rootpass1 -- "$HALLMARK" trust key load root.pem
prints "^Enter passphrase for root key with ID ${root:0:7}: "
targets=$(notary_list "$DOCKER_CONFIG/trust" | awk '$1 == "targets" { print $2 }')
cp "$DOCKER_CONFIG/trust/private/$targets.key" .
expect_status 0 ask repopass1 -- "$HALLMARK" trust key load "$targets.key"
prints "^Enter passphrase for repository key with ID ${targets:0:7} of registry.example/app: "
it "docker's own root key loads as it lies in its folder, and hint and error speak of it"
rm -rf restored
cp "$DOCKER_CONFIG/trust/private/$root.key" docker-root.key
there() { DOCKER_CONFIG=$world/restored with_passphrase repopass1 "$@"; }
expect_status 0 there hallmark trust key load docker-root.key
prints "  $root \(root\)"
rm -rf restored
expect_status 2 there env DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=wrong "$HALLMARK" trust key load docker-root.key
says "the passphrase in DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE is wrong for the root key$"
expect_status 2 there env -u DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE "$HALLMARK" trust key load docker-root.key </dev/null
says "^hint: set DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE or NOTARY_ROOT_PASSPHRASE,"

it "a file with text around the key loads, and a public one is told from one that others read"
rm -rf restored
{ echo "Bag Attributes" && echo "    localKeyID: 01" && cat fixture/rsa-pkcs1-plain.pem && cat delegate.crt; } >bag.pem
chmod 600 bag.pem
expect_status 0 there hallmark trust key load bag.pem
for public in delegate.crt bob.pub; do
  chmod 644 "$public"
  expect_status 2 there hallmark trust key load "$public"
  says "$public is not a supported private key: it holds public keys alone$"
  says "^hint: .*trust signer add"
done

it "keys in docker's older folders are listed, used, backed up and found again"
rm -rf older restored
mkdir -m 700 older older/trust
cp -r "$DOCKER_CONFIG/trust/private" older/trust/private
(cd older/trust/private && mkdir -m 700 root_keys tuf_keys tuf_keys/registry.example tuf_keys/registry.example/app &&
  mv "$root.key" "root_keys/${root}_root.key" && mv "$targets.key" tuf_keys/registry.example/app/ &&
  sed -i '/^gun: /d' "tuf_keys/registry.example/app/$targets.key" && sed -i '/^role: /d' "root_keys/${root}_root.key")
older() { DOCKER_CONFIG=$world/older with_passphrase repopass1 "$@"; }
expect_status 0 hallmark trust key ls -q
cp "$out" ids
expect_status 0 older hallmark trust key ls -q
diff ids "$out"
expect_status 0 older hallmark trust key ls
prints "^targets +registry.example/app +$targets +$world/older/trust/private/tuf_keys/registry.example/app"
prints "^root +$root +$world/older/trust/private/root_keys"
expect_status 0 older hallmark --trust-server "file://$world/trustdir" trust rotate snapshot registry.example/app
expect_status 0 older hallmark --trust-server "file://$world/trustdir" trust init registry.example/other
[ "$(older hallmark trust key ls | grep -c '^root ')" = 1 ]
expect_status 0 older hallmark trust key backup older.pem
expect_status 0 env DOCKER_CONFIG="$world/restored" DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repopass1 NOTARY_DELEGATION_PASSPHRASE=alicepass1 "$HALLMARK" trust key load older.pem
prints "  $targets \(targets\)"
unset DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE
rm -rf "$DOCKER_CONFIG/trust"
cp -r imported-from "$DOCKER_CONFIG/trust"

it "notary imports a backup as it is"
notary -d "$world/imported" key import all.pem >notary.log
[ "$(notary_list "$world/imported")" = "$(notary_list "$DOCKER_CONFIG/trust")" ]

it "a damaged or readable key file is named by ls, and the others are listed"
chmod 644 "$keys/$dora.key"
expect_status 2 hallmark trust key ls
says "$dora.key must not be readable or writable by others"
prints "^root "
chmod 600 "$keys/$dora.key"
expect_status 0 hallmark trust key ls -q
[ "$(wc -l <"$out")" = 2 ]

it "a key that is stored in the clear does not leave so"
awk '/^-----BEGIN/ { print; print "role: signer"; print ""; next } { print }' fixture/ecdsa-pkcs8-plain.pem \
  >"$keys/6111d937bcc458a8a138b0c66a21068fba7c6834a99d2460a733cd6111b9f89c.key"
chmod 600 "$keys"/6111d93*.key
expect_status 2 hallmark trust key export 6111d93
prints_nothing
says "without a passphrase"
expect_status 2 hallmark trust key backup clear.pem
[ ! -e clear.pem ]

it "docker takes keys that were stored here, and its own are listed here"
docker_program=$(type -P docker) || skip "no docker is installed (package docker.io)"
"$docker_program" trust --help >/dev/null 2>&1 || skip "this docker has no content trust any more"
rm -rf "$DOCKER_CONFIG/trust"
with_passphrase dockerpass1 "$docker_program" trust key generate dora >docker.log
expect_status 0 hallmark trust key ls
prints "^dora "
expect_status 0 with_passphrase dockerpass1 hallmark trust key generate hal
start_registry plain
start_notary
make_image app --small
push_image app lib/app 1
sign_with_docker() {
  DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=rootpass1 DOCKER_CONTENT_TRUST_SERVER=$notary_server \
    with_passphrase dockerpass1 "$docker_program" trust signer add --key hal.pub hal "$registry/lib/app"
}
expect_status 0 sign_with_docker
hal=$(hallmark trust key ls | awk '$1 == "hal" { print $2 }')
expect_status 0 with_trust hallmark trust inspect "$registry/lib/app"
jq -e --arg id "$hal" '.[0].Signers[0] == {Name: "hal", Keys: [{ID: $id}]}' "$out" >/dev/null || fail "no signer $hal"
