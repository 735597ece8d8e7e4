#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# crane and oras take what save writes. CRANE and ORAS may name the programs.
. "$(dirname "$0")/../lib.sh"
read -ra crane <<<"${CRANE:-crane}"
read -ra oras <<<"${ORAS:-oras}"
command -v "${crane[0]}" >/dev/null && command -v "${oras[0]}" >/dev/null || skip "crane or oras is not installed"
start_registry plain
start_notary
make_image app --folder /usr/share/doc/bash
push_image app lib/app 1
sign app lib/app 1
expect_status 0 with_trust hallmark pull "$registry/lib/app:1"
expect_status 0 with_trust hallmark save -o "$world/app.tar" "$registry/lib/app:1"

it "crane pushes it, with the config and the layers that it had"
expect_status 0 "${crane[@]}" push --insecure "$world/app.tar" "$registry/crane/app:1"
expect_status 0 "${crane[@]}" config --insecure "$registry/crane/app:1"
[ "sha256:$(sha256sum <"$out" | cut -d' ' -f1)" = "$(config_of app)" ]

it "oras copies it out of the archive, with the digest of the manifest"
mkdir "$world/layout"
tar -C "$world/layout" -xf "$world/app.tar"
expect_status 0 "${oras[@]}" cp --from-oci-layout --to-plain-http "$world/layout:1" "$registry/oras/app:1"
expect_status 0 "${oras[@]}" manifest fetch --plain-http --descriptor "$registry/oras/app:1"
[ "$(jq -r .digest "$out")" = "$(digest_of_image app)" ]
expect_status 0 "${oras[@]}" manifest fetch --oci-layout --descriptor "$world/app.tar:1"
[ "$(jq -r .digest "$out")" = "$(digest_of_image app)" ]
