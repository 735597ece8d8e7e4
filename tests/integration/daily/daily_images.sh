#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A day with docker's commands: images, its columns, templates and filters.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/daily.sh"
start_hub

it "hallmark images, when there are none"
typed 0 'hallmark images'
printed "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE"
store_is_empty

for name in nginx nginx:1.25 nginx:1.24; do expect_status 0 hallmark pull -q "$name"; done
new=$(config_of "$here") old=$(config_of "1.24-$machine")
n=$(short "$new") o=$(short "$old")
# Two layers of 10240 bytes each: a folder and a file in records of 20 blocks.
it "hallmark images, and hallmark image ls"
for line in 'hallmark images' 'hallmark image ls' 'hallmark images nginx' 'hallmark images -a'; do
  typed 0 "$line"
  printed \
    "REPOSITORY   TAG       IMAGE ID       CREATED       SIZE" \
    "nginx        1.25      $n   3 hours ago   20.5kB" \
    "nginx        latest    $n   3 hours ago   20.5kB" \
    "nginx        1.24      $o   2 days ago    20.5kB"
  told
done

it "hallmark images --no-trunc"
typed 0 'hallmark images --no-trunc'
printed \
  "REPOSITORY   TAG       IMAGE ID                                                                  CREATED       SIZE" \
  "nginx        1.25      $new   3 hours ago   20.5kB" \
  "nginx        latest    $new   3 hours ago   20.5kB" \
  "nginx        1.24      $old   2 days ago    20.5kB"
it "hallmark images -q, --digests"
typed 0 'hallmark images -q'
printed "$n" "$n" "$o"
typed 0 'hallmark images --digests nginx:1.24'
printed "REPOSITORY   TAG       DIGEST                                                                    IMAGE ID       CREATED      SIZE" \
  "nginx        1.24      $(digest_of_image nginx-1.24)   $o   2 days ago   20.5kB"

# The line stands here as it does in people's scripts: the shell leaves \t alone.
it 'hallmark images --format "table {{.Repository}}\t{{.Tag}}\t{{.Size}}"'
typed 0 'hallmark images --format "table {{.Repository}}\t{{.Tag}}\t{{.Size}}"'
printed \
  "REPOSITORY   TAG       SIZE" \
  "nginx        1.25      20.5kB" \
  "nginx        latest    20.5kB" \
  "nginx        1.24      20.5kB"
it 'hallmark images --format "{{.Repository}}:{{.Tag}} {{.ID}}"'
typed 0 'hallmark images --format "{{.Repository}}:{{.Tag}} {{.ID}}"'
printed "nginx:1.25 $n" "nginx:latest $n" "nginx:1.24 $o"
typed 0 'hallmark images --format json'
jq -se 'map([.Repository, .Tag, .ID, .Size]) | length == 3' "$out" >/dev/null || { show_output && fail "no JSON"; }

it "hallmark images --filter before=, since="
typed 0 'hallmark images --filter before=nginx:1.25'
printed "REPOSITORY   TAG       IMAGE ID       CREATED      SIZE" "nginx        1.24      $o   2 days ago   20.5kB"
typed 0 'hallmark images --filter before=nginx:1.24'
printed "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE"
typed 0 'hallmark images -q --filter since=nginx:1.24'
printed "$n" "$n"
typed 0 "hallmark images -q --filter before=$n"
printed "$o"

it "hallmark images --filter dangling=true, when the publisher gave the tag to another image"
typed 0 'hallmark images --filter dangling=true'
printed "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE"
push_image nginx-1.25 library/nginx 1.24
expect_status 0 hallmark pull -q nginx:1.24
typed 0 'hallmark images --filter dangling=true'
printed "REPOSITORY   TAG       IMAGE ID       CREATED      SIZE" "nginx        <none>    $o   2 days ago   20.5kB"
typed 0 'hallmark images --filter dangling=false --format "{{.Tag}} {{.ID}}"'
printed "1.24 $n" "1.25 $n" "latest $n"
it "hallmark images --filter label=, reference="
typed 0 "hallmark images --filter 'label=mark=nginx 1.24 $machine' --format '{{.ID}} {{.Tag}}'"
printed "$o <none>"
typed 0 'hallmark images --filter reference=nginx:1.2* --format "{{.Tag}}"'
printed 1.24 1.25

it "a filter or a template that is wrong, or names what is not there, is an error without a table"
remember_store
refused 2 'hallmark images --filter nope=1' "Invalid filter 'nope'$"
says "^hint: there are: before dangling label reference since until$"
refused 2 'hallmark images --filter dangling=maybe' "Invalid filter 'dangling=maybe'$"
refused 2 'hallmark images --filter dangling' '.*bad format of filter.*'
refused 5 'hallmark images --filter before=nosuch' "no such image: nosuch:latest$"
refused 2 'hallmark images --format "{{.Repository"' ".*unclosed action.*"
refused 2 'hallmark images --format "{{.Nope}}"' ".*Nope.*"
refused 2 'hallmark images --nope' "unknown flag: --nope$"
refused 2 'hallmark images one two' ".*"
typed 0 'hallmark images nosuch'
printed "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE"
store_is_untouched
