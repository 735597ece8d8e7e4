#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What save writes is taken by the tools that are there, evidence and all, with the digests and ids that it had.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
make_image app --folder /usr/share/doc/bash
make_image docker --format docker --mark docker
make_image here --mark here
make_image s390x --platform linux/s390x --mark s390x
make_index multi here s390x
for image in app docker multi; do
  push_image $image lib/$image 1
  sign $image lib/$image 1
  expect_status 0 with_trust hallmark pull --all-platforms "$registry/lib/$image:1"
  expect_status 0 with_trust hallmark save -o "$world/$image.tar" "$registry/lib/$image:1"
done
expect_status 0 with_trust hallmark save -o "$world/all.tar" "$registry/lib/app:1" "$registry/lib/docker:1" "$registry/lib/multi:1"
policy='{"default": [{"type": "insecureAcceptAnything"}]}'
echo "$policy" >"$world/accept.json"
skopeo() { command skopeo --policy "$world/accept.json" "$@"; }
# digest_in DIR, config_in DIR: of what skopeo copied to dir:
digest_in() { sha256sum <"$1/manifest.json" | sed 's/^/sha256:/; s/ .*//'; }
config_in() { jq -r .config.digest "$1/manifest.json"; }

it "skopeo takes it as an OCI archive, with the digest of the manifest"
for image in app docker multi; do
  expect_status 0 skopeo copy -q --all "oci-archive:$world/$image.tar" "dir:$world/oci-$image"
  [ "$(digest_in "$world/oci-$image")" = "$(digest_of_image $image)" ]
done
[ "$(config_in "$world/oci-app")" = "$(config_of app)" ]

it "skopeo finds each of several images by its name"
# Under a name it looks for manifests of OCI's own type alone.
for image in app multi; do
  expect_status 0 skopeo inspect --raw "oci-archive:$world/all.tar:$registry/lib/$image:1"
  [ "sha256:$(sha256sum <"$out" | cut -d' ' -f1)" = "$(digest_of_image $image)" ]
done

it "skopeo takes it as a docker archive, with the id of the image"
for image in app docker; do
  expect_status 0 skopeo copy -q "docker-archive:$world/$image.tar" "dir:$world/dir-$image"
  [ "$(config_in "$world/dir-$image")" = "$(config_of $image)" ]
done
expect_status 0 skopeo copy -q "docker-archive:$world/all.tar:$registry/lib/docker:1" "dir:$world/dir-all"
[ "$(config_in "$world/dir-all")" = "$(config_of docker)" ]

it "skopeo takes it compressed as well"
for kind in gzip zstd; do
  expect_status 0 hallmark save --compress $kind -o "$world/app.$kind" "$registry/lib/app:1"
  expect_status 0 skopeo inspect "oci-archive:$world/app.$kind"
  [ "$(jq -r .Digest "$out")" = "$(digest_of_image app)" ]
done

it "hallmark itself reads the layout as a store"
mkdir "$world/layout"
tar -C "$world/layout" -xf "$world/app.tar"
expect_status 0 hallmark --store "$world/layout" images --no-trunc -q
prints "$(config_of app)"

it "docker loads it, all images by their names, with their ids and layers"
start_dockerd
for image in app docker; do
  expect_status 0 docker load -i "$world/$image.tar"
  [ "$(docker image inspect -f '{{.Id}}' "$registry/lib/$image:1")" = "$(config_of $image)" ]
  docker rmi "$registry/lib/$image:1" >/dev/null
done
expect_status 0 docker load -i "$world/all.tar"
for image in app docker; do
  [ "$(docker image inspect -f '{{.Id}}' "$registry/lib/$image:1")" = "$(config_of $image)" ]
done
mapfile -t layers < <(docker image inspect -f '{{join .RootFS.Layers "\n"}}' "$registry/lib/app:1")
[ "${layers[*]}" = "$(cat "$world/image-app/blobs/sha256/$(config_of app | cut -d: -f2)" | jq -r '.rootfs.diff_ids | join(" ")')" ]
case $(uname -m) in
  x86_64) [ "$(docker image inspect -f '{{.Id}}' "$registry/lib/multi:1")" = "$(config_of here)" ] ;;
esac
with_trust hallmark save --compress gzip "$registry/lib/app:1" | docker load >"$out"
prints "Loaded image: $registry/lib/app:1"
sentence=""
