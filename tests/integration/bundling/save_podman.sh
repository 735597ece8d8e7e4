#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# podman loads what save writes.
. "$(dirname "$0")/../lib.sh"
command -v podman >/dev/null || skip "podman is not installed"
start_registry plain
make_image app --folder /usr/share/doc/bash
push_image app lib/app 1
expect_status 0 hallmark pull "$registry/lib/app:1"
expect_status 0 hallmark save -o "$world/app.tar" "$registry/lib/app:1"

it "podman loads it, with the digest of the manifest and the id of the image"
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$world/accept.json"
podman() {
  command podman --root "$world/podman" --runroot "$world/podman-run" --storage-driver vfs --cgroup-manager cgroupfs "$@"
}
expect_status 0 podman load --signature-policy "$world/accept.json" -i "$world/app.tar"
[ "$(podman image inspect -f '{{.Digest}} sha256:{{.Id}}' "$registry/lib/app:1")" = "$(digest_of_image app) $(config_of app)" ]
sentence=""
