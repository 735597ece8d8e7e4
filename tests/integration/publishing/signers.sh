#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Signers come and go: what the owner of a repository says of them counts for hallmark and for notary.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
make_image one --mark one
make_image two --mark two
for repository in lib/app lib/other lib/theirs; do
  push_image one $repository 1
  push_image two $repository 2
done
name=$registry/lib/app
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repository-secret
trust() { with_trust hallmark trust "$@"; }
# delegations REPOSITORY: as the real notary lists them, one line for each key.
delegations() {
  notary -s "$notary_server" -d "$world/reader" --tlscacert "$world/ca.crt" delegation list "$registry/$1" \
    2>>"$world/reader.log" | sed -n 's/ *$//; s/  */ /g; 4,${/./p}'
}
# pulled_as TAG: the digest by which a stranger pulls the tag.
pulled_as() {
  rm -rf "$world/fresh"
  HALLMARK_STORE=$world/fresh with_trust hallmark pull "$name:$1" 2>"$err" | sed -n 's/^Digest: //p'
}
for who in alice bob carol; do person $who; done

it "a signer is added to a repository that is begun with him"
expect_status 0 trust signer add --key "$world/alice.pub" alice "$name"
prints "^Adding signer \"alice\" to $name\.\.\.$"
prints "^Initializing signed repository for $name\.\.\.$"
prints "^Successfully initialized \"$name\"$"
prints "^Successfully added signer: alice to $name$"
delegations lib/app >"$out"
prints "^targets/alice \"\" <all paths> $(key_of alice) 1$"
prints "^targets/releases \"\" <all paths> $(key_of alice) 1$"
[ "$(wc -l <"$out")" = 2 ]
it "and signs with his key alone, what everybody pulls by"
expect_status 0 as alice trust sign "$name:1"
[ "$(pulled_as 1)" = "$(digest_of_image one)" ]
expect_status 0 trust inspect "$name"
jq -e --arg id "$(key_of alice)" '.[0].Signers == [{Name: "alice", Keys: [{ID: $id}]}] and
  .[0].SignedTags[0].Signers == ["alice"]' "$out" >/dev/null || { show_output && fail "he is not shown"; }

it "the same signer added again is no failure"
expect_status 0 trust signer add --key "$world/alice.pub" alice "$name"
[ "$(delegations lib/app | wc -l)" = 2 ]
[ "$(pulled_as 1)" = "$(digest_of_image one)" ]

it "a signer may have several keys, certificates among them, and come to several repositories"
certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$world/$1.key" -out "$world/$1.crt" \
    -subj "/CN=$1" "${@:2}" 2>/dev/null
}
certificate bob -days 30
expect_status 0 trust signer add --key "$world/bob.pub" --key "$world/bob.crt" bob "$name" "$registry/lib/other"
prints "^Successfully added signer: bob to $registry/lib/other$"
for repository in lib/app lib/other; do
  [ "$(delegations $repository | grep -A1 '^targets/bob ' | wc -l)" = 2 ] || fail "notary lists: $(delegations $repository)"
done
expect_status 0 as bob trust key load --name bob "$world/bob.key"
expect_status 0 as bob trust sign "$name:2"
[ "$(pulled_as 2)" = "$(digest_of_image two)" ]

it "the table of signers begins with the first name, as docker's does"
expect_status 0 trust inspect --pretty "$name"
[ "$(awk '/^SIGNER /{ on = 1; next } !NF { on = 0 } on { print $1 }' "$out" | paste -sd' ')" = "alice bob" ]
it "where one repository fails the others are done, and the failure is told"
expect_status 0 as carol trust sign "$registry/lib/theirs:1"
expect_status 5 trust signer add --key "$world/carol.pub" carol "$registry/lib/theirs" "$registry/lib/other"
one_line
says "^hallmark: error: $registry/lib/theirs: to sign targets, expected 1 of the keys "
says "^Failed to add signer to: $registry/lib/theirs$"
delegations lib/other | grep -q "^targets/carol "
[ -z "$(delegations lib/theirs)" ]

it "what is no name, no public key or no repository is refused, and nothing is signed"
before=$(delegations lib/app)
for bad in Alice -alice _a "a b" a.b a/b ä ""; do
  expect_status 2 trust signer add --key "$world/alice.pub" -- "$bad" "$name"
  one_line
done
expect_status 2 trust signer add --key "$world/alice.pub" releases "$name"
says "releases is a reserved keyword"
expect_status 2 trust signer add --key "$world/alice.pub" dave "$name:1"
says "^hint: this counts for the whole repository: leave the tag and the digest out"
expect_status 2 trust signer remove alice "$name:1"
expect_status 2 trust signer add dave "$name"
says "path to a public key must be provided"
expect_status 2 trust signer add --key "$world/nowhere.pub" dave "$name"
says "$world/nowhere.pub"
expect_status 2 trust signer add --key $'no\e[31mwhere\xc2\x9b.pub' dave "$name"
says 'public key: no\\x1b\[31mwhere\\xc2\\x9b\.pub: No such file'
expect_status 2 trust signer add --key "$world/bob.key" dave "$name"
says "could not parse public key from file: $world/bob.key: .*PRIVATE KEY is neither a PUBLIC KEY nor a CERTIFICATE"
one_line
openssl genrsa -out "$world/weak.key" 1024 2>/dev/null
openssl rsa -in "$world/weak.key" -pubout -out "$world/weak.pub" 2>/dev/null
expect_status 2 trust signer add --key "$world/weak.pub" dave "$name"
faketime 2020-01-01 bash -c "$(declare -f certificate); world='$world'; certificate old -days 1"
expect_status 2 trust signer add --key "$world/old.crt" dave "$name"
says "the certificate expired at 2020-01-02"
expect_status 2 trust signer add --key "$world/alice.pub" dave "$name@$(digest_of_image one)"
expect_status 5 trust signer remove dave "$name"
says "no signer dave for repository $name"
expect_status 2 trust signer remove releases "$name"
expect_status 3 trust signer remove alice "$registry/lib/unsigned"
[ "$(delegations lib/app)" = "$before" ]

it "a signer whose leaving leaves the releases unsigned is asked about, and no answer is a no"
expect_status 1 trust signer remove bob "$name" </dev/null
says "^The signer \"bob\" signed the last released version of $name\. Removing this signer will make $name unpullable\. Are you sure you want to continue\? \[y/N\] "
says "^hallmark: error: aborted: bob is still a signer of $name"
[ "$(delegations lib/app)" = "$before" ]
it "with the key of another signer at hand the releases are signed again, and nobody is asked"
mkdir "$world/kept"
cp "$DOCKER_CONFIG"/trust/private/*.key "$world/kept"
cp "$world/alice.docker/trust/private"/*.key "$DOCKER_CONFIG/trust/private/"
expect_status 0 trust signer remove bob "$name" </dev/null
prints "^Successfully removed bob from $name$"
says_not "unpullable"
says "^warning: targets/releases is signed again with your key, as it is"
rm "$DOCKER_CONFIG/trust/private/$(key_of alice).key"
delegations lib/app >"$out"
prints "^targets/alice \"\" <all paths> $(key_of alice) 1$"
prints "^targets/releases \"\" <all paths> $(key_of alice) 1$"
[ "$(wc -l <"$out")" = 2 ]
[ "$(pulled_as 2)" = "$(digest_of_image two)" ]
it "who was removed signs no more"
expect_status 5 as bob trust sign "$name:1"
says "no signing key for one of its delegations"

it "a key that another signer has as well stays good for the releases"
expect_status 0 trust signer add --key "$world/alice.pub" eve "$name"
expect_status 0 trust signer remove eve "$name" </dev/null
[ "$(pulled_as 2)" = "$(digest_of_image two)" ]

it "the last signer goes after a yes, with what only he signed; what the owner signed is pulled again"
expect_status 1 trust signer remove alice "$name" <<<n
expect_status 0 trust signer remove alice "$name" <<<y
[ -z "$(delegations lib/app)" ]
[ -z "$(pulled_as 2)" ]
expect_status 0 trust sign "$name:2"
[ "$(pulled_as 2)" = "$(digest_of_image two)" ]
it "or without a question by force"
expect_status 0 trust signer add --key "$world/alice.pub" alice "$name"
expect_status 0 as alice trust sign "$name:1"
[ "$(pulled_as 1)" = "$(digest_of_image one)" ]
expect_status 0 trust signer remove -f alice "$name" </dev/null
[ -z "$(pulled_as 1)" ]
[ "$(pulled_as 2)" = "$(digest_of_image two)" ]
it "a new signer begins after them, on a machine that never saw the repository"
expect_status 0 trust signer add --key "$world/carol.pub" carol "$name"
expect_status 0 as carol trust sign "$name:1"
says "^warning: targets/releases begins anew: nobody who may sign it now has signed what is there$"
[ "$(pulled_as 1)" = "$(digest_of_image one)" ]
expect_status 0 as carol trust sign "$name:2"
says_not "begins anew"
[ "$(pulled_as 1)" = "$(digest_of_image one)" ]
[ "$(pulled_as 2)" = "$(digest_of_image two)" ]
