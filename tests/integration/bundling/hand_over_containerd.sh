#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the gate admitted is given to the real containerd, by its own program.
. "$(dirname "$0")/../lib.sh"
[ "$(id -u)" = 0 ] || skip "containerd needs root"
command -v containerd >/dev/null && command -v ctr >/dev/null || skip "containerd is not installed"
start_registry plain
start_notary
make_image app --folder /usr/share/doc/bash
make_image other --mark other
make_image foreign --platform linux/s390x --mark foreign
make_index multi app foreign
push_image app lib/app 1
push_image other lib/app unsigned
push_image multi lib/multi 1
sign app lib/app 1
app=$registry/lib/app
# Only what keeps images: no snapshots of a kernel's own, no containers.
cat >"$world/containerd.toml" <<END
version = 2
root = "$world/containerd"
state = "$world/containerd-run"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs",
                    "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper"]
[grpc]
address = "$world/containerd.sock"
END
export CONTAINERD_ADDRESS=$world/containerd.sock CONTAINERD_SNAPSHOTTER=native
containerd --config "$world/containerd.toml" >"$world/containerd.log" 2>&1 </dev/null &
servers+=("$!")
for _ in $(seq 1200); do ! ctr version >/dev/null 2>&1 || break && sleep 0.05; done
ctr version >/dev/null 2>&1 || skip "containerd does not start here: $(grep -E 'level=(fatal|error)' "$world/containerd.log" | tail -n 1)"
# digest_there NAMESPACE NAME
digest_there() { ctr -n "$1" images ls "name==\"$2\"" | awk -v name="$2" '$1 == name { print $3 }'; }
blobs_of() { digest_of_image "$1" && manifest_of "$1" | jq -r '.config.digest, .layers[].digest'; }
# is_there IMAGE: its content, whole.
is_there() {
  local blob
  for blob in $(blobs_of "$1"); do
    [ "$(ctr content get "$blob" | sha256sum)" = "${blob#sha256:}  -" ] || fail "$blob of $1 is not there"
  done
}

it "a signed image is pulled and containerd has it, under its name and with its digest"
expect_status 0 with_trust hallmark pull --to containerd "$app:1"
says "containerd \(namespace default\): has $app:1"
[ "$(digest_there default "$app:1")" = "$(digest_of_image app)" ]
it "what is there already is not sent"
expect_status 0 with_trust hallmark pull --to containerd "$app:1"
says "is already there"
it "of what lost its content there the name alone is not enough, and it is sent again"
mapfile -t content < <(ctr content ls -q)
ctr content rm "${content[@]}" >/dev/null
expect_status 0 with_trust hallmark pull --to containerd "$app:1"
says "has $app:1"
is_there app
it "another namespace is another place"
CONTAINERD_NAMESPACE=k8s.io expect_status 0 with_trust hallmark pull --to containerd "$app:1"
[ "$(digest_there k8s.io "$app:1")" = "$(digest_of_image app)" ]
it "a refused image never reaches containerd"
expect_status 3 with_trust hallmark pull --to containerd "$app:unsigned"
[ -z "$(digest_there default "$app:unsigned")" ]
it "an index is there as an index, with this machine's platform, another one, or all of them"
expect_status 0 hallmark pull --to containerd "$registry/lib/multi:1"
[ "$(digest_there default "$registry/lib/multi:1")" = "$(digest_of_image multi)" ]
for choice in --platform=linux/s390x --all-platforms; do
  ctr images rm "$registry/lib/multi:1" >/dev/null
  expect_status 0 hallmark pull $choice --to containerd "$registry/lib/multi:1"
  [ "$(digest_there default "$registry/lib/multi:1")" = "$(digest_of_image multi)" ]
done
it "a platform that is not there yet is sent, whatever else of the index is there under the name, and it stays"
ctr images rm --sync "$registry/lib/multi:1" >/dev/null
expect_status 0 hallmark pull --to containerd "$registry/lib/multi:1"
for choice in --platform=linux/s390x --all-platforms; do
  expect_status 0 hallmark pull $choice --to containerd "$registry/lib/multi:1"
  says "has $registry/lib/multi:1"
  # Whatever nothing refers to goes now.
  ctr images tag "$registry/lib/multi:1" localhost/none:1 >/dev/null
  ctr images rm --sync localhost/none:1 >/dev/null
  is_there foreign
done
is_there app
it "an image that is asked for by its digest is there under it"
expect_status 0 with_trust hallmark pull --to containerd "$app@$(digest_of_image app)"
[ "$(digest_there default "$app@$(digest_of_image app)")" = "$(digest_of_image app)" ]
it "load hands over as well"
expect_status 0 hallmark pull "$app:unsigned"
expect_status 0 hallmark save -o "$world/other.tar" "$app:unsigned"
expect_status 0 hallmark load --to containerd -i "$world/other.tar"
[ "$(digest_there default "$app:unsigned")" = "$(digest_of_image other)" ]
it "a containerd that is away is status 7, and the image stays in the store"
CONTAINERD_ADDRESS=$world/nobody.sock expect_status 7 with_trust hallmark pull --to containerd "$app:1"
says "not handed over: containerd .namespace default.: it cannot be asked: ctr says: failed to dial"
one_line
it "without its program nothing is handed over, and that is said"
mkdir "$world/bin"
PATH=$world/bin expect_status 1 "$HALLMARK" pull --to containerd "$app:1"
says "ctr is not in PATH"
