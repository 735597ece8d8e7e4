#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A full disk at any point of a pull: a local failure, the old images whole, and no harm for the next run.
. "$(dirname "$0")/lib.sh"
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
used=$(df --output=used -k "$disk" | tail -n 1)

it "a pull that finds no room fails here and leaves the store as it was"
remember_store
for room in 0 4 8 16 64 256 1000 1400 1600; do
  mount -o "remount,size=$((used + room))k" "$disk"
  expect_status 1 hallmark pull "$registry/lib/app:1"
  one_line
  says "[Nn]o space left|too little room"
  store_is_untouched
done

it "what was there stays readable on a full disk"
mount -o "remount,size=${used}k" "$disk"
expect_status 0 hallmark images -q
expect_status 0 hallmark check

it "an image can be removed from a full disk, and then there is room"
expect_status 0 hallmark rmi "$registry/lib/good:1"

it "the same pull succeeds once there is room"
mount -o "remount,size=16m" "$disk"
expect_status 0 hallmark pull "$registry/lib/app:1"
expect_status 0 hallmark check
