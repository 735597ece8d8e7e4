#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A day with docker's commands: image inspect, history and manifest inspect.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/daily.sh"
start_hub
for name in nginx nginx:1.25; do expect_status 0 hallmark pull -q "$name"; done
new=$(config_of "$here")
# refused STATUS LINE REGEX
refused() {
  typed "$1" "$2"
  one_line
  says "^hallmark: error: $3"
}

it "hallmark image inspect nginx"
for line in 'hallmark image inspect nginx' 'hallmark inspect nginx:1.25' "hallmark image inspect $(short "$new")"; do
  typed 0 "$line"
  told
  jq -S . "$world/image-$here/blobs/sha256/${new#sha256:}" >"$world/config.json"
  jq -e --slurpfile config "$world/config.json" --arg id "$new" --arg digest "nginx@$(digest_of_image nginx-1.25)" '
    length == 1 and (.[0] | .Id == $id and .RepoTags == ["nginx:1.25", "nginx:latest"] and .RepoDigests == [$digest]
      and .Architecture == $config[0].architecture and .Os == "linux" and .Created == $config[0].created and .Size == 20480
      and .RootFS == {"Type": "layers", "Layers": $config[0].rootfs.diff_ids}
      and .Config.Cmd == ["/bin/sh"] and .Config.Env == ["PATH=/bin"] and .Config.Labels == $config[0].config.Labels)' "$out" >/dev/null ||
    { show_output && fail "another document: $line"; }
  [ "$(sed -n 2,3p "$out" | tr -d '\n')" = "    {        \"Id\": \"$new\"," ] || fail "not in docker's form"
done
typed 0 'hallmark image inspect --format "{{.Id}} {{.Os}}/{{.Architecture}} {{json .Config.Cmd}}" nginx'
printed "$new linux/$machine [\"/bin/sh\"]"

it "hallmark image inspect tells what is there, and the rest is an error"
refused 5 'hallmark image inspect nosuch' "no such image: nosuch:latest$"
printed "[]"
refused 5 'hallmark image inspect nosuch nginx' "no such image: nosuch:latest$"
[ "$(jq -r '.[].Id' "$out")" = "$new" ] || { show_output && fail "what is there is not told"; }
refused 2 'hallmark image inspect -f "{{.Nope}}" nginx' ".*Nope"
refused 2 'hallmark image inspect' ""

it "hallmark history nginx, and --no-trunc"
# Steps of this test's images are as old as January 2026.
ages() { sed -E 's/[0-9]+ (weeks|months|years) ago/A while ago  /; s/ +$//' "$out"; }
for line in 'hallmark history nginx' 'hallmark image history nginx:1.25' "hallmark history $(short "$new")"; do
  typed 0 "$line"
  told
  ages | sed -E 's/ {3,}/|/g' | diff <(printf '%s\n' "IMAGE|CREATED|CREATED BY|SIZE|COMMENT" "$(short "$new")|A while ago|layer 1|10.2kB" \
    "<missing>|A while ago|layer 0|10.2kB") - || fail "other rows: $line"
done
typed 0 'hallmark history --no-trunc nginx'
ages | sed -E 's/ {3,}/|/g' | diff <(printf '%s\n' "IMAGE|CREATED|CREATED BY|SIZE|COMMENT" "$new|A while ago|layer 1|10.2kB" \
  "<missing>|A while ago|layer 0|10.2kB") - || fail "other rows"
typed 0 'hallmark history -q nginx'
printed "$(short "$new")" "<missing>"
typed 0 'hallmark history --human=false --format "{{.CreatedAt}} {{.Size}} {{.CreatedBy}}" nginx'
printed "2026-01-02T03:04:05Z 10240 layer 1" "2026-01-02T03:04:05Z 10240 layer 0"
refused 5 'hallmark history nosuch' "no such image: nosuch:latest$"
prints_nothing
refused 2 'hallmark history' ""

it "hallmark manifest inspect nginx:1.25 asks the registry, and brings nothing in"
remember_store
index=$world/image-nginx-1.25/blobs/sha256/$(digest_of_image nginx-1.25 | cut -d: -f2)
typed 0 'hallmark manifest inspect nginx:1.25'
diff <(jq -S . "$index") <(jq -S . "$out") || fail "another document"
typed 0 'hallmark manifest inspect nginx:1.24'
jq -e '.manifests | map(.platform.architecture) == ["amd64", "arm64"]' "$out" >/dev/null || fail "other platforms"
typed 0 "hallmark manifest inspect nginx@$(digest_of_image "$here")"
diff <(manifest_of "$here" | jq -S .) <(jq -S . "$out") || fail "another manifest"
typed 0 'hallmark manifest inspect -v nginx:1.25'
for number in 0 1; do
  part=1.25-$([ $number = 0 ] && echo amd64 || echo arm64)
  jq -j ".[$number].Raw" "$out" | base64 -d | cmp - <(manifest_of $part) || fail "not the bytes that were signed"
  [ "$(jq -r ".[$number] | .Descriptor.digest, .Ref" "$out" | tr '\n' ' ')" = "$(digest_of_image $part) docker.io/library/nginx:1.25@$(digest_of_image $part) " ] ||
    fail "another descriptor"
done
it "hallmark manifest inspect of what is not there, or is not what it should be, is an error"
refused 5 'hallmark manifest inspect nginx:9' "nginx:9: .*HTTP 404"
prints_nothing
refused 5 'hallmark manifest inspect nosuch' "nosuch:latest: .*HTTP 404"
flip_byte "$(blob_file "$(digest_of_image "1.24-$machine")")"
refused 4 "hallmark manifest inspect nginx@$(digest_of_image "1.24-$machine")" ".*$(digest_of_image "1.24-$machine")"
prints_nothing
store_is_untouched
