#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the gate admitted is given to the real podman, over its service's socket.
. "$(dirname "$0")/../lib.sh"
command -v podman >/dev/null || skip "podman is not installed"
[ "$(id -u)" = 0 ] || skip "the service needs root here"
start_registry plain
start_notary
make_image app --folder /usr/share/doc/bash
make_image other --mark other
push_image app lib/app 1
push_image other lib/app unsigned
sign app lib/app 1
app=$registry/lib/app
command podman --root "$world/podman" --runroot "$world/podman-run" --storage-driver vfs --cgroup-manager cgroupfs \
  system service --time 0 "unix://$world/podman.sock" >"$world/podman.log" 2>&1 </dev/null &
servers+=("$!")
for _ in $(seq 1200); do [ ! -S "$world/podman.sock" ] || break && sleep 0.05; done
[ -S "$world/podman.sock" ] || skip "podman's service does not start here: $(tail -n 1 "$world/podman.log")"
# The client would ask the service, if it knew of it.
export CONTAINER_HOST=unix://$world/podman.sock
podman() {
  env -u CONTAINER_HOST podman --root "$world/podman" --runroot "$world/podman-run" --storage-driver vfs \
    --cgroup-manager cgroupfs "$@"
}
id_of() { podman image inspect -f 'sha256:{{.Id}}' "$1"; }

it "a signed image is pulled and podman has it, under its name and with its id"
expect_status 0 with_trust hallmark pull --to podman "$app:1"
says "podman at $world/podman.sock: has $app:1"
[ "$(id_of "$app:1")" = "$(config_of app)" ]
it "what is there already is not sent"
expect_status 0 with_trust hallmark pull --to podman "$app:1"
says "is already there"
it "a refused image never reaches podman"
before=$(podman images -aq --no-trunc | sort)
expect_status 3 with_trust hallmark pull --to podman "$app:unsigned"
[ "$(podman images -aq --no-trunc | sort)" = "$before" ]
it "load hands over as well"
expect_status 0 hallmark pull "$app:unsigned"
expect_status 0 hallmark save -o "$world/other.tar" "$app:unsigned"
expect_status 0 hallmark load --to podman -i "$world/other.tar"
[ "$(id_of "$app:unsigned")" = "$(config_of other)" ]
it "a service that is away is status 7, and the image stays in the store"
CONTAINER_HOST=unix://$world/nobody.sock expect_status 7 with_trust hallmark pull --to podman "$app:1"
says "is in the local store, but not handed over: podman at $world/nobody.sock"
XDG_RUNTIME_DIR=$world/nothing CONTAINER_HOST="" expect_status 7 hallmark pull --to podman "$app:1"
it "a service on another machine is refused before anything happens"
CONTAINER_HOST=ssh://root@localhost/run/podman.sock expect_status 2 hallmark pull --to podman "$app:1"
