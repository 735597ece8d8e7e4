#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hallmark images: docker's table of what is in the store.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"

# What it prints two hours after the images "old" were made.  Files keep their times: by them the store knows its own.
images() { NO_FAKE_STAT=1 faketime -f '@2026-01-02 05:04:05' "$HALLMARK" images "$@"; }
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

it "filters choose by age, by label and by name"
names() { awk 'NR > 1 { print $1 ":" $2 }' "$out" | sed "s|$r/||" | sort | tr '\n' ' '; }
chosen() {
  local expected=$1
  shift
  expect_status 0 images "$@"
  [ "$(names)" = "$expected" ] || { show_output && fail "chosen: $(names)"; }
}
all="another/app:1 lib/app:1 lib/app:1.1 lib/app:2 "
chosen "another/app:1 lib/app:1 lib/app:1.1 " --filter "before=$r/lib/app:2"
chosen "lib/app:2 " -f "since=$o"
chosen "" -f "since=$r/lib/app:2"
chosen "lib/app:2 " -f label=mark=new
chosen "$all" -f label=mark
chosen "" -f label=mark=new -f label=mark=old
chosen "another/app:1 lib/app:1 lib/app:1.1 " -f 'label!=mark=new'
chosen "" -f 'label!=mark'
chosen "another/app:1 lib/app:2 " -f "reference=$r/another/*" -f "reference=$r/*/app:2"
chosen "lib/app:2 " "$r/lib/app" -f label=mark=new
chosen "another/app:1 lib/app:1 lib/app:1.1 " -f until=1h
chosen "$all" -f until=30s
chosen "another/app:1 lib/app:1 lib/app:1.1 " -f until=2026-01-02T04:00:00
chosen "$all" -f until=2026-01-02T07:03:00+02:00
chosen "another/app:1 lib/app:1 lib/app:1.1 " -f until=1767330000
chosen "$all" -f dangling=false
chosen "" -f dangling=true
it "what is no filter is refused in docker's words"
for pair in "nope=1:Invalid filter 'nope'" "dangling=maybe:Invalid filter 'dangling=maybe'" \
  'dangling:invalid argument "dangling" for "--filter" flag: bad format of filter' "until=soon:no point in time: soon"; do
  expect_status 2 images -f "${pair%%:*}"
  says "^hallmark: error: ${pair#*:}"
  one_line
done
for word in t TRUE yes ''; do
  expect_status 2 images -f "dangling=$word"
  says "^hint: expected true or 1, false or 0$"
done
for words in "true 1" "false 0"; do
  diff <(images -q -f "dangling=${words% *}") <(images -q -f "dangling=${words#* }") || fail "$words are not the same"
done
expect_status 5 images -f before=nosuch
says "no such image: nosuch:latest"

it "formats: a template for each image, a table of one's own, JSON, raw"
expect_status 0 images --format '{{.Repository}}:{{.Tag}} {{.ID}} {{.CreatedSince}} {{.CreatedAt}} {{.Digest}}' "$r/lib/app:2"
[ "$(cat "$out")" = "$r/lib/app:2 $n About a minute ago 2026-01-02 05:03:00 +0000 UTC $(digest_of_image new)" ] || { show_output && fail "other fields"; }
expect_status 0 images --format 'table {{.Tag}}\t{{.ID}}\t{{upper .Tag}}' "$r/lib/app"
diff - "$out" <<END || fail "another table"
TAG       IMAGE ID       TAG
2         $n   2
1         $o   1
1.1       $o   1.1
END
expect_status 0 images --format json --digests "$r/lib/app:2"
[ "$(jq -r 'keys | join(" ")' "$out")" = "Containers CreatedAt CreatedSince Digest ID Repository SharedSize Size Tag UniqueSize VirtualSize" ] || fail "other keys"
[ "$(jq -r .Digest "$out")" = "$(digest_of_image new)" ] || fail "another digest"
expect_status 0 images --format json "$r/lib/app:2"
prints '"Digest":"\\u003cnone\\u003e"'
expect_status 0 images --format raw "$r/lib/app:2"
prints "^image_id: $n$"
expect_status 0 images --format table -q
printf '%s\n' "$n" "$o" "$o" "$o" | diff - "$out" || fail "other ids"
for wrong in '{{.Nope}}' '{{.ID' '{{nope .ID}}'; do
  expect_status 2 images --format "$wrong"
  says '^hallmark: error: template: 1:'
  one_line
  prints_nothing
done
it "imagesFormat of docker's config.json counts, unless -q or a format says more"
echo '{"imagesFormat": "table {{.Tag}}"}' >"$DOCKER_CONFIG/config.json"
expect_status 0 images "$r/lib/app:2"
[ "$(cat "$out")" = "$(printf 'TAG\n2')" ] || fail "not that format"
expect_status 0 images -q "$r/lib/app:2"
[ "$(cat "$out")" = "$n" ] || fail "not the id"
expect_status 0 images --format '{{.ID}}' "$r/lib/app:2"
[ "$(cat "$out")" = "$n" ] || fail "not the id"
rm "$DOCKER_CONFIG/config.json"

it "--trust tells who vouched, when, and by which rule; a store that was carried here tells nothing"
policy=$world/policy.json
cat >"$policy" <<END
{"hallmark": 1, "default": [{"type": "reject"}],
 "transports": {"docker": {"$r/lib": [{"type": "digest", "allow": ["$(digest_of_image new)"]}]}}}
END
export HALLMARK_STORE=$world/trusting
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$world/accept.json"
expect_status 0 env NO_FAKE_STAT=1 faketime -f '@2026-01-02 02:04:05' "$HALLMARK" pull -q --policy "$world/accept.json" "$r/lib/app:1"
expect_status 0 env NO_FAKE_STAT=1 faketime -f '@2026-01-02 04:03:00' "$HALLMARK" pull -q --policy "$policy" "$r/lib/app:2"
expect_status 0 images --trust --format '{{.Tag}}|{{.Trust}}'
diff - "$out" <<END || fail "another account"
2|digest, About an hour ago, docker:$r/lib
1|nobody, 3 hours ago, default
END
expect_status 0 images --trust "$r/lib/app:2"
prints "SIZE +TRUST$"
prints " digest, About an hour ago, docker:$r/lib$"
expect_status 0 images --trust --format json "$r/lib/app:2"
[ "$(jq -r .Trust "$out")" = "digest, About an hour ago, docker:$r/lib" ] || fail "not in JSON"
cp -r "$HALLMARK_STORE" "$world/carried"
export HALLMARK_STORE=$world/carried
expect_status 0 images --format '{{.Tag}}|{{.Trust}}|{{.ID}}'
diff - "$out" <<END || fail "a claim is told as a fact"
2|-|$n
1|-|$o
END
export HALLMARK_STORE=$world/trusting
expect_status 0 hallmark pull --policy "$world/accept.json" "$r/lib/app:1"
prints "up to date"
expect_status 0 images --format '{{.Trust}}' "$r/lib/app:1"
prints "^nobody, .* ago, default$"
! grep -q "seconds\|moment" "$out" || fail "the same grounds were noted anew"
cat >"$policy" <<END
{"hallmark": 1, "default": [{"type": "reject"}],
 "transports": {"docker": {"$r/lib": [{"type": "digest", "allow": ["$(digest_of_image old)"]}]}}}
END
expect_status 0 hallmark pull --policy "$policy" "$r/lib/app:1"
prints "up to date"
expect_status 0 images --format '{{.Trust}}' "$r/lib/app:1"
prints "^digest, .*, docker:$r/lib$"
expect_status 0 hallmark check
export HALLMARK_STORE=$store

it "what a pattern chooses is listed, though a tag that it does not choose has the same image"
export HALLMARK_STORE=$world/twins
jq -c '.annotations.twin = "yes"' <(manifest_of old) | tr -d '\n' >"$world/twin"
twin=sha256:$(sha256sum "$world/twin" | cut -d' ' -f1)
curl -sSf -o /dev/null -X PUT -H "Content-Type: $(jq -r .mediaType "$world/twin")" --data-binary "@$world/twin" \
  "http://$r/v2/lib/app/manifests/twin"
expect_status 0 hallmark pull -q "$r/lib/app:1"
expect_status 0 hallmark pull -q "$r/lib/app@$twin"
expect_status 0 images -q
[ "$(cat "$out")" = "$o" ] || fail "one image has two rows"
for words in "$r/lib/app@$twin" "--filter reference=$r/lib/app@$twin"; do
  # shellcheck disable=SC2086
  expect_status 0 images $words --format '{{.Tag}} {{.ID}}'
  [ "$(cat "$out")" = "<none> $o" ] || fail "it is denied"
done
expect_status 0 images --trust --format '{{.Tag}} {{.Trust}}'
[ "$(wc -l <"$out")" = 2 ] || fail "what vouches for one of them is not told"
export HALLMARK_STORE=$store

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

it "a pattern that does not come to its end is refused, a reader that has read enough is not told off"
for pattern in 'app[' 'app\'; do
  expect_status 2 hallmark images "$pattern"
  says "syntax error in pattern"
  expect_status 2 hallmark images -f "reference=$pattern"
done
{ sleep 0.3 && hallmark help || echo "status $?" >"$world/status"; } 2>"$err" | true
grep -qx "status 141" "$world/status"
[ ! -s "$err" ] || { show_output && fail "something was said"; }
