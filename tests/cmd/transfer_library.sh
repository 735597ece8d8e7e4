#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Commands that ask no server do not load the transfer library; one that does says what is missing when it is not there.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"

break_library libcurl.so.4
mkdir "$world/root"
echo content >"$world/root/file"
tar -C "$world/root" -cf "$world/root.tar" file

it "what stays on this machine needs no transfer library"
expect_status 0 without_library hallmark version
expect_status 0 without_library hallmark import "$world/root.tar" registry.example/lib/app:1
expect_status 0 without_library hallmark tag registry.example/lib/app:1 registry.example/lib/app:2
expect_status 0 without_library hallmark images
prints '^registry.example/lib/app +2 '
expect_status 0 without_library hallmark inspect registry.example/lib/app:1
expect_status 0 without_library hallmark history registry.example/lib/app:1
expect_status 0 without_library hallmark rmi registry.example/lib/app:2

it "neither does a folder that stands in for a registry"
export HALLMARK_REGISTRY=file://$world/folder
expect_status 0 without_library hallmark push registry.example/lib/app:1
expect_status 0 without_library hallmark pull registry.example/lib/app:1
unset HALLMARK_REGISTRY

start_registry plain
make_image one --small
push_image one lib/one 1

it "without it a pull is a fault of this machine that names the library, the file and the package"
remember_store
expect_status 1 without_library hallmark pull "$registry/lib/one:1"
says "^hallmark: error: .*the transfer library cannot be used: $world/broken/libcurl.so.4: file too short$"
says 'libcurl4'
store_is_untouched

it "and with it the pull works"
expect_status 0 hallmark pull "$registry/lib/one:1"
