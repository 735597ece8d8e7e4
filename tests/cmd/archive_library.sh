#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Commands that neither compress nor read bzip2 or lz4 do not load the archive library, and only those that read xz load
# that one; one that does says what is missing when it is not there, and leaves nothing behind.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"

break_library libarchive.so.13
mkdir "$world/root"
echo content >"$world/root/file"
tar -C "$world/root" -cf "$world/root.tar" file
name=registry.example/lib/app
expect_status 0 hallmark import "$world/root.tar" $name:1

it "what neither compresses nor reads bzip2 or lz4 needs no archive library"
expect_status 0 without_library hallmark version
expect_status 0 without_library hallmark tag $name:1 $name:2
expect_status 0 without_library hallmark images
prints "^$name +2 "
expect_status 0 without_library hallmark inspect $name:1
expect_status 0 without_library hallmark save -o "$world/app.tar" $name:1
expect_status 0 without_library hallmark rmi $name:2
for store_name in pushed pulled; do
  export HALLMARK_REGISTRY=file://$world/folder
  [ $store_name = pulled ] || expect_status 0 without_library hallmark push $name:1
  [ $store_name = pushed ] || expect_status 0 without_library hallmark --store "$world/$store_name" pull $name:1
  unset HALLMARK_REGISTRY
done

it "neither does load, of an image as save writes it, and in gzip, zstd and xz"
gzip -k "$world/app.tar"
zstd -q "$world/app.tar"
xz -k "$world/app.tar"
for suffix in tar tar.gz tar.zst tar.xz; do
  expect_status 0 without_library hallmark --store "$world/$suffix" load -i "$world/app.$suffix"
done

refused_without() {
  expect_status 1 without_library "$@"
  says "^hallmark: error: .*the $library library cannot be used: $world/broken/$file: file too short$"
  says "$package"
  store_is_untouched
}

it "without it another compression and an import are faults of this machine that name the library, the file, the package"
bzip2 -k "$world/app.tar"
remember_store
library=archive file=libarchive.so.13 package=libarchive13
refused_without hallmark load -i "$world/app.tar.bz2"
refused_without hallmark import "$world/root.tar" $name:3
refused_without hallmark import - $name:3 <"$world/app.tar.gz"
echo kept >"$world/kept"
refused_without hallmark save --compress gzip -o "$world/kept" $name:1
[ "$(cat "$world/kept")" = kept ]

it "the same in the middle of a load, when only the layers are compressed otherwise"
mkdir "$world/image"
bzip2 -k "$world/root.tar"
cp "$world/root.tar.bz2" "$world/image/layer.tar"
diff_id=sha256:$(sha256sum <"$world/root.tar" | cut -d' ' -f1)
jq -nc --arg id "$diff_id" '{architecture: "amd64", os: "linux", rootfs: {type: "layers", diff_ids: [$id]}}' \
  >"$world/image/config.json"
jq -nc --arg name $name:4 '[{Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]}]' \
  >"$world/image/manifest.json"
tar -C "$world/image" -cf "$world/docker.tar" manifest.json config.json layer.tar
refused_without hallmark load -i "$world/docker.tar"

it "without the xz library it is the same with xz"
echo "no library" >"$world/broken/liblzma.so.5"
library=xz file=liblzma.so.5 package=liblzma5
refused_without hallmark load -i "$world/app.tar.xz"

it "and with them all works"
expect_status 0 hallmark --store "$world/bzip2" load -i "$world/app.tar.bz2"
expect_status 0 hallmark import "$world/root.tar" $name:3
expect_status 0 hallmark load -i "$world/docker.tar"
expect_status 0 hallmark save --compress gzip -o "$world/kept" $name:1
