#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A full disk at any point of a pull: a local failure, the old images whole, and no harm for the next run.
. "$(dirname "$0")/../lib.sh"
start_registry plain
make_image app --folder /usr/share/doc/bash --folder /usr/include/openssl
make_image good --mark good
push_image app lib/app 1
push_image good lib/good 1

disk=$world/disk
mkdir "$disk"
at_end() { umount "$disk" 2>/dev/null; }
mount -t tmpfs -o size=16m tmpfs "$disk" 2>/dev/null || skip "no file system can be mounted here"
export HALLMARK_STORE=$disk/store
store=$HALLMARK_STORE
expect_status 0 hallmark pull "$registry/lib/good:1"
# leave KIBIBYTES: so much room is left, the rest of the disk is filled.
leave() {
  rm -f "$disk/filler"
  local free
  free=$(df --output=avail -k "$disk" | tail -n 1)
  [ "$free" -le "$1" ] || fallocate -l $((free - $1))k "$disk/filler"
}

it "a pull that finds no room fails here and leaves the store as it was"
remember_store
for room in 0 4 8 16 64 256 1000 1400 1600; do
  leave $room
  expect_status 1 hallmark pull "$registry/lib/app:1"
  one_line
  says "[Nn]o space left|too little room"
  store_is_untouched
done

it "what was there stays readable on a full disk"
leave 0
expect_status 0 hallmark images -q
expect_status 0 hallmark check

it "a save that finds no room fails here, leaves no part of a file, and what had the name before"
leave 1000
echo before >"$disk/app.tar"
for room in 0 4 64 400; do
  leave $room
  expect_status 1 hallmark save -o "$disk/app.tar" "$registry/lib/good:1"
  one_line
  says "[Nn]o space left"
  [ "$(cat "$disk/app.tar")" = before ]
  [ -z "$(find "$disk" -maxdepth 1 -name '.*')" ]
done
rm "$disk/app.tar"

it "an image can be removed from a disk with room for one small file, and then there is more"
leave 8
expect_status 0 hallmark rmi "$registry/lib/good:1"

it "the same pull succeeds once there is room"
leave 8000
expect_status 0 hallmark pull "$registry/lib/app:1"
expect_status 0 hallmark check
