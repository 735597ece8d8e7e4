#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An environment or an option that says less than it seems to say: what is set and empty gives way to nothing weaker, and
# the folder in which one stands never says what is trusted.
. "$(dirname "$0")/../integration/lib.sh"
accept='{"default": [{"type": "insecureAcceptAnything"}]}'
mkdir -p "$XDG_CONFIG_HOME/hallmark" "$world/here/hallmark" "$world/here/.config/hallmark"
for folder in "$XDG_CONFIG_HOME/hallmark" "$world/here/hallmark" "$world/here/.config/hallmark"; do
  echo "$accept" >"$folder/policy.json"
done
mkdir "$world/rootfs" && echo hello >"$world/rootfs/file" && tar -C "$world/rootfs" -cf "$world/rootfs.tar" .
app=reg.example/lib/app:1
expect_status 0 hallmark import "$world/rootfs.tar" "$app"
remember_store

# empty VARIABLE COMMAND...: is refused, and the hint says how to go on.
empty() {
  expect_status 2 env "$1=" "$HALLMARK" "${@:2}"
  one_line
  says "^hallmark: error: ([a-z].*: )?$1 is set, but empty: expected "
  says "^hint: .*unset $1"
  prints_nothing
  store_is_untouched
}

it "a variable that decides and is empty gives way to nothing weaker"
empty HALLMARK_POLICY policy match "$app"
empty HALLMARK_POLICY tag "$app" reg.example/lib/app:2
empty HALLMARK_STORE images
empty HALLMARK_REGISTRY pull "$app"
empty DOCKER_CONTENT_TRUST pull "$app"
empty DOCKER_CONTENT_TRUST_SERVER pull "$app"
empty DOCKER_CONFIG pull "$app"
empty CONTAINERS_REGISTRIES_CONF pull "$app"
empty DOCKER_DEFAULT_PLATFORM pull "$app"
empty SSL_CERT_FILE pull "$app"
empty SSL_CERT_DIR pull "$app"
empty SOURCE_DATE_EPOCH import "$world/rootfs.tar" reg.example/lib/app:2
empty DOCKER_HOST pull --to docker "$app"
empty DOCKER_CONTEXT pull --to docker "$app"
empty CONTAINER_HOST pull --to podman "$app"
empty CONTAINERD_NAMESPACE pull --to containerd "$app"
empty CONTAINERD_ADDRESS pull --to containerd "$app"
(unset XDG_CONFIG_HOME DOCKER_CONFIG && empty HOME pull "$app")

it "a flag that says it better goes before an empty variable"
expect_status 0 env HALLMARK_POLICY= HALLMARK_STORE= "$HALLMARK" --store "$store" policy match \
  --policy "$XDG_CONFIG_HOME/hallmark/policy.json" "$app"

it "a registry that is named by nothing is not Docker Hub"
for server in "" https:// http:// / https:///path; do
  expect_status 2 hallmark login -u alice --password-stdin "$server" <<<s3cret
  says "is no registry"
  expect_status 2 hallmark logout "$server"
done

it "an option whose value is empty is refused as what it is"
for option in policy store registry registries-conf trust-server; do
  expect_status 2 hallmark "--$option" "" policy check
  one_line
  says "^hallmark: error: --$option is empty"
  says_not internal
  expect_status 2 hallmark policy check "--$option="
done
expect_status 2 hallmark pull --platform "" "$app"
expect_status 2 hallmark pull --break-glass "" "$app"
expect_status 2 hallmark save -o "" "$app"
expect_status 2 hallmark --config "" pull "$app"
says "DOCKER_CONFIG is set, but empty"

it "texts may be empty"
expect_status 0 hallmark import --message "" "$world/rootfs.tar" reg.example/lib/text:1
expect_status 0 hallmark images --format ""
expect_status 0 hallmark inspect --format "" "$app"

it "an empty proxy is none, and an empty base folder is the usual one, as those who made them say"
expect_status 0 env http_proxy= https_proxy= no_proxy= XDG_DATA_HOME= "$HALLMARK" policy match "$app"
mkdir -p "$HOME/.config/hallmark" && echo "$accept" >"$HOME/.config/hallmark/policy.json"
expect_status 0 env XDG_CONFIG_HOME= "$HALLMARK" policy match "$app"
prints "$HOME/.config/hallmark/policy.json"

it "a relative base folder is no base folder: the folder in which one stands decides nothing"
for relative in . ./ here/.. hallmark/..; do
  (cd "$world/here" && expect_status 0 env "XDG_CONFIG_HOME=$relative" "$HALLMARK" policy match "$app")
  prints "$HOME/.config/hallmark/policy.json"
done
(cd "$world/here" && expect_status 0 env -u HALLMARK_STORE XDG_DATA_HOME=. "$HALLMARK" images -q)
[ ! -e "$world/here/hallmark/index.json" ] || fail "a store was looked for in the current folder"

it "nor does a relative home"
(cd "$world/here" && expect_status 2 env -u XDG_CONFIG_HOME HOME=. "$HALLMARK" policy match "$app")
says "HOME: expected an absolute path, found \."
