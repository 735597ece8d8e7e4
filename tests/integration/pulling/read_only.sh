#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A store that this user may read and not write.
. "$(dirname "$0")/../lib.sh"
[ "$(id -u)" = 0 ] || skip "giving up root needs root"
start_registry plain
make_image app
make_image other --mark other
push_image app lib/app 1
push_image other lib/other 1

# The build folder may lie where nobody else can look.
cp "$HALLMARK" "$world/hallmark"
chmod 755 "$world" "$world/home" "$world/docker"
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$world/hallmark" "$@"; }
expect_status 0 hallmark pull "$registry/lib/app:1"

it "reading commands work on a store that cannot be written"
for words in "images" "inspect $registry/lib/app:1" "check"; do
  # shellcheck disable=SC2086
  expect_status 0 as_nobody $words
done

it "a pull is a local failure and changes nothing"
remember_store
expect_status 1 as_nobody pull "$registry/lib/other:1"
one_line
says "[Pp]ermission denied"
store_is_untouched

it "removing and tagging are local failures and change nothing"
expect_status 1 as_nobody rmi "$registry/lib/app:1"
store_is_untouched
expect_status 1 as_nobody tag "$registry/lib/app:1" "$registry/lib/app:2"
store_is_untouched

it "a place where no folder can be made is a local failure"
expect_status 1 as_nobody --store "$world/home/new" pull "$registry/lib/other:1"
one_line
expect_status 1 hallmark --store "$HALLMARK/x" pull "$registry/lib/other:1"

it "a folder that is something else is left alone"
mkdir "$world/home/notes"
echo keep >"$world/home/notes/diary"
expect_status 1 hallmark --store "$world/home/notes" pull "$registry/lib/other:1"
one_line
[ "$(ls -A "$world/home/notes")" = diary ]

it "a folder of images that may only be read is pulled from, and a push says who may write"
chmod -R a+rX "$store"
expect_status 0 hallmark --registry "file://$world/images" push "$registry/lib/app:1"
(cd "$world/images" && find . -type f -print0 | sort -z | xargs -0 sha256sum) >"$world/images.before"
mkdir -m 777 "$world/nobody"
expect_status 0 as_nobody --store "$world/nobody/store" --registry "file://$world/images" pull "$registry/lib/app:1"
for name in "$registry/lib/new:1" "$registry/lib/app:2"; do
  expect_status 0 hallmark tag "$registry/lib/app:1" "$name"
  expect_status 1 as_nobody --registry "file://$world/images" push "$name"
  one_line
  says "[Pp]ermission denied"
  says "^hint: check who may write there"
done
(cd "$world/images" && find . -type f -print0 | sort -z | xargs -0 sha256sum) | cmp - "$world/images.before"
