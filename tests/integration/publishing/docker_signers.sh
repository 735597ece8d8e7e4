#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The real docker signs as the signer that hallmark added; each takes away and adds what the other did.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
start_dockerd
mkdir -p "$world/docker-cli/trust/private"
make_image app --format docker --mark app
push_image app lib/app start
docker pull -q "$registry/lib/app:start" >/dev/null
name=$registry/lib/app
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=targets-secret
trust() { with_trust hallmark trust "$@"; }
# Keys of people that are not the owner's: each in a folder of its own.
for who in alice bob; do
  DOCKER_CONFIG=$world/$who hallmark trust key generate --dir "$world" $who >/dev/null
done
key_file_of() { echo "$world/$1/trust/private"/*.key; }
# signers_by PROGRAM: what it says of the signers and their keys.
signers_by() { with_trust "$1" trust inspect "$name" 2>>"$world/inspect.log" | jq -c '.[0].Signers'; }
agree() {
  local ours theirs
  ours=$(signers_by hallmark) theirs=$(signers_by docker)
  [ "$ours" = "$theirs" ] && [ "$(jq -r '[.[].Name] | join(" ")' <<<"$ours")" = "$1" ] || fail "$ours, docker: $theirs"
}

it "docker sees the signer that hallmark added, and signs and pushes as him"
expect_status 0 trust signer add --key "$world/alice.pub" alice "$name"
agree alice
cp "$(key_file_of alice)" "$world/docker-cli/trust/private/"
docker tag "$name:start" "$name:1"
expect_status 0 with_trust docker push "$name:1"
prints "Successfully signed $name:1"
expect_status 0 with_trust docker pull "$name:1"
expect_status 0 with_trust hallmark pull "$name:1"
expect_status 0 trust inspect "$name"
jq -e '[.[0].SignedTags[] | [.SignedTag, .Signers[]]] == [["1", "alice"]]' "$out" >/dev/null || { show_output && fail "others signed"; }

it "docker adds a signer with the owner's keys, and hallmark sees and removes him"
cp "$DOCKER_CONFIG"/trust/private/*.key "$world/docker-cli/trust/private/"
expect_status 0 with_trust docker trust signer add --key "$world/bob.pub" bob "$name"
agree "bob alice"
expect_status 0 trust signer remove bob "$name" </dev/null
agree alice
expect_status 0 with_trust docker pull "$name:1"

it "docker removes a signer that hallmark added"
expect_status 0 trust signer add --key "$world/bob.pub" bob "$name"
agree "bob alice"
case $("$docker_program" --version) in
  # These say that they remove a signer, and do not.
  *" version "2[6-9].*) expect_status 0 trust signer remove -f bob "$name" ;;
  *) expect_status 0 with_trust docker trust signer remove -f bob "$name" ;;
esac
agree alice

it "after the last signer was removed docker pulls what the owner signs, with its old cache and with none"
expect_status 0 trust signer remove -f alice "$name"
agree ""
expect_status 1 with_trust docker pull "$name:1"
expect_status 0 trust sign "$name:1"
expect_status 0 with_trust docker pull "$name:1"
rm -rf "$world/docker-cli/trust/tuf"
expect_status 0 with_trust docker pull "$name:1"

it "after docker removed the last signer, a new one begins with what he signs, and docker pulls it"
expect_status 0 trust signer add --key "$world/alice.pub" alice "$name"
cp "$(key_file_of alice)" "$world/docker-cli/trust/private/"
docker tag "$name:1" "$name:2"
expect_status 0 with_trust docker push "$name:2"
echo y >"$world/yes"
expect_status 0 with_trust docker trust signer remove alice "$name" <"$world/yes"  # -f alone is not enough for all of them
expect_status 0 trust signer add --key "$world/bob.pub" bob "$name"
DOCKER_CONFIG=$world/bob
mkdir -p "$world/bob/tls"
cp -r "$world/docker-cli/tls/." "$world/bob/tls/"
HALLMARK_STORE=$world/bob.store expect_status 0 trust sign "$name:2"
DOCKER_CONFIG=$world/docker
says "^warning: targets/releases begins anew"
expect_status 0 with_trust docker pull "$name:2"
rm -rf "$world/docker-cli/trust/tuf"
expect_status 0 with_trust docker pull "$name:2"

it "a repository that docker began gets its signer from hallmark"
docker tag "$name:start" "$registry/lib/theirs:1"
expect_status 0 with_trust docker push "$registry/lib/theirs:1"
name=$registry/lib/theirs
cp -n "$world/docker-cli/trust/private"/*.key "$DOCKER_CONFIG/trust/private/"
rm "$DOCKER_CONFIG/trust/private/$(basename "$(key_file_of alice)")"
expect_status 0 trust signer add --key "$world/alice.pub" alice "$name"
agree alice
docker tag "$name:1" "$name:2"
expect_status 0 with_trust docker push "$name:2"
expect_status 0 with_trust hallmark pull "$name:2"
expect_status 0 with_trust hallmark pull "$name:1"
