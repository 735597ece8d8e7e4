#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# umoci unpacks what save writes.
. "$(dirname "$0")/../lib.sh"
command -v umoci >/dev/null || skip "umoci is not installed"
start_registry plain
make_image app --folder /usr/share/doc/bash
push_image app lib/app 1
expect_status 0 hallmark pull "$registry/lib/app:1"
expect_status 0 hallmark save -o "$world/app.tar" "$registry/lib/app:1"

it "umoci unpacks the layout"
mkdir "$world/layout"
tar -C "$world/layout" -xf "$world/app.tar"
expect_status 0 umoci unpack --rootless --image "$world/layout:1" "$world/unpacked"
[ -e "$world/unpacked/rootfs/bin" ]
sentence=""
