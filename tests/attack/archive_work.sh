#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a small archive may ask for: work, room on the disk, and to be read to an end that it has.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"
mkdir "$world/root"
head -c 300000 /dev/urandom >"$world/root/noise"
tar -C "$world/root" -cf "$world/root.tar" noise
name=registry.example/lib/app
expect_status 0 hallmark import "$world/root.tar" $name:1
expect_status 0 hallmark save -o "$world/app.tar" $name:1
# docker_archive LAYER FILE NAME...: an archive of docker's, of a layer that inflates to the root file system.
docker_archive() {
  python3 - "$world/root.tar" "$@" <<'END'
import hashlib, io, json, sys, tarfile
root, layer, out, *names = sys.argv[1:]
plain = hashlib.sha256(open(root, "rb").read()).hexdigest()
config = json.dumps({"os": "linux", "architecture": "amd64",
                     "rootfs": {"type": "layers", "diff_ids": ["sha256:" + plain]}}).encode()
listed = [{"Config": "config.json", "RepoTags": names, "Layers": ["layer"]}]
with tarfile.open(out, "w", format=tarfile.USTAR_FORMAT) as tar:
    for name, body in (("manifest.json", json.dumps(listed).encode()), ("config.json", config),
                       ("layer", open(layer, "rb").read())):
        entry = tarfile.TarInfo(name)
        entry.size = len(body)
        tar.addfile(entry, io.BytesIO(body))
END
}

it "a stream that goes on after its end is refused by those who only list it as well"
cat "$world/app.tar" >"$world/stream"
head -c 40000000 /dev/zero >>"$world/stream"
for command in "bundle ls -" "save --base - -o $world/delta.tar $name:1" "load -i -"; do
  # shellcheck disable=SC2086
  expect_status 4 hallmark $command < <(cat "$world/stream")
  says E_ARCHIVE_TRAILING
  # shellcheck disable=SC2086
  [ "$command" = "load -i -" ] || expect_status 0 hallmark $command < <(cat "$world/app.tar")
done

it "nothing is unpacked for a name that the policy refuses whatever the image is"
xz -c "$world/root.tar" >"$world/good.xz"
# Whoever unpacks it says that it is damaged.
head -c 290000 "$world/good.xz" >"$world/damaged.xz"
docker_archive "$world/good.xz" "$world/good.tar" $name:2
docker_archive "$world/damaged.xz" "$world/damaged.tar" $name:2
docker_archive "$world/damaged.xz" "$world/unnamed.tar"
expect_status 4 hallmark load -i "$world/damaged.tar"
says E_COMPRESSION
expect_status 0 hallmark load -i "$world/good.tar"
echo '{"default": [{"type": "reject"}]}' >"$world/reject.json"
for file in damaged good unnamed; do
  expect_status 3 hallmark --policy "$world/reject.json" load -i "$world/$file.tar"
  says REJECT
  says "resolved  nothing: refused before anything was unpacked"
done

it "an image under ten thousand names comes in within a minute"
seq -f "$name:n%g" 10000 >"$world/names"
mapfile -t names <"$world/names"
docker_archive "$world/root.tar" "$world/names.tar" "${names[@]}"
expect_status 0 timeout 60 "$HALLMARK" load -i "$world/names.tar"
[ "$(hallmark images | grep -c ' n[0-9]')" = 10000 ]
