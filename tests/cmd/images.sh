#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hallmark images: docker's table of what is in the store.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"

# What it prints two hours after the images "old" were made.
images() { faketime -f '@2026-01-02 05:04:05' "$HALLMARK" images "$@"; }
# The sizes depend on the busybox of this machine.
shows() { sed -E 's/[0-9.]+[kM]?B$/SIZE/' "$out" | diff "$world/expected" - >&2 || fail "another table"; }
expected() { cat >"$world/expected"; }

it "an empty store shows the header alone"
expect_status 0 images
expected <<END
REPOSITORY   TAG       IMAGE ID   CREATED   SIZE
END
shows
[ ! -e "$store" ] || fail "looking made a store"

start_registry plain
make_image old --mark old
make_image new --mark new --created 2026-01-02T05:03:00Z
push_image old lib/app 1
push_image old lib/app 1.1
push_image new lib/app 2
push_image old another/app 1
for name in lib/app:1 lib/app:1.1 lib/app:2 another/app:1; do expect_status 0 hallmark pull -q "$registry/$name"; done
old=$(config_of old) new=$(config_of new)
o=${old:7:12} n=${new:7:12} r=$registry

it "the newest image comes first, then names in their order"
expect_status 0 images
expected <<END
REPOSITORY                    TAG       IMAGE ID       CREATED              SIZE
$r/lib/app       2         $n   About a minute ago   SIZE
$r/another/app   1         $o   2 hours ago          SIZE
$r/lib/app       1         $o   2 hours ago          SIZE
$r/lib/app       1.1       $o   2 hours ago          SIZE
END
shows
[ ! -s "$err" ] || fail "standard error is not empty"

it "--digests shows the digests that were verified, --no-trunc whole ids"
expect_status 0 images --digests --no-trunc "$r/lib/app:2"
expected <<END
REPOSITORY                TAG       DIGEST                                                                    IMAGE ID                                                                  CREATED              SIZE
$r/lib/app   2         $(digest_of_image new)   $new   About a minute ago   SIZE
END
shows

it "-q prints one id for each name"
expect_status 0 images -q
printf '%s\n' "$n" "$o" "$o" "$o" | diff - "$out" || fail "other ids"
expect_status 0 images --quiet --no-trunc "$r/lib/app:2"
[ "$(cat "$out")" = "$new" ] || fail "no whole id"

it "a repository, a name, a digest or a pattern chooses; what matches nothing leaves the header"
expect_status 0 images -a "$r/lib/app"
[ "$(wc -l <"$out")" = 4 ] || fail "not three images"
expect_status 0 images "$r/lib/app:1"
[ "$(wc -l <"$out")" = 2 ] || fail "not one image"
expect_status 0 images "$r/*/app:1*"
[ "$(wc -l <"$out")" = 4 ] || fail "not three images"
expect_status 0 images "$r/lib/app@$(digest_of_image new)"
[ "$(wc -l <"$out")" = 2 ] || fail "not one image"
for nothing in app "$r/*" nosuch 'A/b'; do
  expect_status 0 images "$nothing"
  [ "$(wc -l <"$out")" = 1 ] || fail "$nothing matches something"
done

it "an image pulled by digest has no tag, and needs no line beside a tag that means it"
expect_status 0 hallmark pull -q "$r/another/app@$(digest_of_image old)"
expect_status 0 images "$r/another/app"
[ "$(wc -l <"$out")" = 2 ] || fail "not one line"
expect_status 0 env HALLMARK_STORE="$world/second" "$HALLMARK" pull -q "$r/lib/app@$(digest_of_image old)"
expect_status 0 env HALLMARK_STORE="$world/second" faketime -f '@2026-01-02 05:04:05' "$HALLMARK" images
expected <<END
REPOSITORY                TAG       IMAGE ID       CREATED       SIZE
$r/lib/app   <none>    $o   2 hours ago   SIZE
END
shows

it "one image that cannot be read does not hide the others"
rm "$store/blobs/sha256/${new#sha256:}"
expect_status 4 images
says "$r/lib/app:2"
[ "$(wc -l <"$out")" = 4 ] || fail "the others are hidden"

it "what is no flag, and a second pattern, are usage errors"
expect_status 2 images --nope
one_line
expect_status 2 images a b
one_line
