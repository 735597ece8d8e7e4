#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Commands that show, name and take away images do not load OpenSSL; one that hashes what passes, or signs, or verifies,
# says what is missing when it is not there, and admits nothing.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"

break_library libcrypto.so.3
mkdir "$world/root"
echo content >"$world/root/file"
tar -C "$world/root" -cf "$world/root.tar" file
name=registry.example/lib/app
expect_status 0 hallmark import "$world/root.tar" $name:1
expect_status 0 hallmark save -o "$world/app.tar" $name:1
export HALLMARK_REGISTRY=file://$world/folder  # libcurl brings libcrypto along
export DOCKER_CONTENT_TRUST_SERVER=file://$world/trust DOCKER_CONTENT_TRUST_{ROOT,REPOSITORY}_PASSPHRASE=correct-horse
expect_status 0 hallmark push $name:1
expect_status 0 hallmark trust sign $name:1
keys=$(find "$DOCKER_CONFIG" -name '*.key' | sort)
[ -n "$keys" ]
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$world/ecdsa.pem"
chmod 600 "$world/ecdsa.pem"
openssl pkey -in "$world/ecdsa.pem" -pubout -out "$world/ecdsa.pub"
jq -n --arg path "$world/ecdsa.pub" '{hallmark: 1, stores: {courier: {kind: "key", key: {path: $path}}},
  default: [{type: "reject"}]}' >"$world/policy.json"

it "what shows, names and takes away images needs no cryptography library"
expect_status 0 without_library hallmark version
expect_status 0 without_library hallmark --help
expect_status 0 without_library hallmark tag $name:1 $name:2
expect_status 0 without_library hallmark tag $name:1 $name:3
expect_status 0 without_library hallmark images --digests
prints "^$name +2 "
expect_status 0 without_library hallmark inspect $name:1
expect_status 0 without_library hallmark history $name:1
expect_status 0 without_library hallmark policy check
expect_status 0 without_library hallmark trust key ls
expect_status 0 without_library hallmark rmi $name:2
expect_status 0 without_library hallmark image prune -f

refused_without() {
  expect_status 1 without_library "$@"
  says "^hallmark: error: .*the cryptography library cannot be used: $world/broken/libcrypto.so.3: file too short$"
  says 'libssl3'
  store_is_untouched
}

it "without it all that hashes a layer is a fault of this machine that names the library, the file and the package"
remember_store
refused_without hallmark load -i "$world/app.tar"
refused_without hallmark check
refused_without hallmark import "$world/root.tar" $name:4
echo kept >"$world/kept"
refused_without hallmark save -o "$world/kept" $name:1
[ "$(cat "$world/kept")" = kept ]
refused_without hallmark --store "$world/other" pull $name:1
[ -z "$(find "$world/other" -type f -path '*blobs*' 2>/dev/null)" ] || fail "a blob was committed"

it "the same for keys, for a repository that begins to be signed, and for an image that is signed"
refused_without hallmark trust key generate alice
refused_without hallmark trust key load "$world/ecdsa.pem"
refused_without hallmark trust init registry.example/lib/new
refused_without hallmark trust signer add --key "$world/ecdsa.pub" alice $name
refused_without hallmark --policy "$world/policy.json" policy check
refused_without hallmark --policy "$world/policy.json" load -i "$world/app.tar"
refused_without env DOCKER_CONTENT_TRUST=1 "$HALLMARK" pull $name:1
[ "$(find "$DOCKER_CONFIG" -name '*.key' | sort)" = "$keys" ] || fail "a key was written"
[ ! -e "$world/trust/registry.example/lib/new" ] || fail "metadata were written"

it "a library that lacks a function is refused before anything is done with it"
echo 'extern "C" int RAND_bytes(unsigned char*, int) { return 1; }' |
  "${CXX:-c++}" -shared -fPIC -x c++ - -o "$world/broken/libcrypto.so.3"
for command in "load -i $world/app.tar" "trust init registry.example/lib/new" "trust key generate alice"; do
  # shellcheck disable=SC2086
  expect_status 1 without_library hallmark $command
  says "^hallmark: error: .*the cryptography library cannot be used: $world/broken/libcrypto.so.3: undefined symbol: [A-Za-z0-9_]+$"
  says 'libssl3'
  store_is_untouched
done
[ "$(find "$DOCKER_CONFIG" -name '*.key' | sort)" = "$keys" ] || fail "a key was written"
[ ! -e "$world/trust/registry.example/lib/new" ] || fail "metadata were written"

it "and with it all of them work"
expect_status 0 hallmark load -i "$world/app.tar"
expect_status 0 hallmark import "$world/root.tar" $name:4
expect_status 0 hallmark save -o "$world/kept" $name:1
expect_status 0 hallmark --store "$world/other" pull $name:1
expect_status 0 hallmark check
expect_status 0 hallmark trust key load "$world/ecdsa.pem"
expect_status 0 hallmark --policy "$world/policy.json" policy check
expect_status 0 hallmark trust signer add --key "$world/ecdsa.pub" alice $name
expect_status 0 env DOCKER_CONTENT_TRUST=1 "$HALLMARK" pull $name:1
