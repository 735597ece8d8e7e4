#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Where no thread is to be had, one does all the work.
. "$(dirname "$0")/../lib.sh"
[ "$(id -u)" = 0 ] || skip "giving up root needs root"
command -v prlimit >/dev/null || skip "prlimit is not installed (package util-linux)"
start_registry plain
mkdir "$world/more"
head -c 3000000 /dev/urandom >"$world/more/noise"
make_image app --level 1 --folder "$world/more"
push_image app lib/app 1

cp "$HALLMARK" "$world/hallmark"
chmod 755 "$world" "$world/home" "$world/docker"
mkdir -m 777 "$world/theirs"
# A user of whom nothing else runs. A leak sanitizer would want a thread of its own.
alone() {
  ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 setpriv --reuid=64123 --regid=64123 --clear-groups \
    prlimit --nproc=1:1 "$world/hallmark" --store "$world/theirs/$1" "${@:2}"
}

it "an image of several layers is pulled, and loaded from an archive"
expect_status 0 alone pulled pull "$registry/lib/app:1"
expect_status 0 hallmark pull -q "$registry/lib/app:1"
expect_status 0 hallmark save -o "$world/app.tar" "$registry/lib/app:1"
chmod 644 "$world/app.tar"
expect_status 0 alone loaded load -i "$world/app.tar"
expect_status 0 alone loaded check
expect_status 0 alone loaded save -o "$world/theirs/again.tar" "$registry/lib/app:1"
cmp "$world/app.tar" "$world/theirs/again.tar"

it "what is damaged is found all the same"
python3 - "$world" <<'END'
import pathlib, sys
tar = pathlib.Path(sys.argv[1]) / "app.tar"
text = bytearray(tar.read_bytes())
text[len(text) // 2] ^= 1
tar.write_bytes(text)
END
expect_status 4 alone damaged load -i "$world/app.tar"
one_line
