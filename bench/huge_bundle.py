#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a bundle of one image whose layer is a hole of 10 GB: huge to read, quick to make.

usage: huge_bundle.py FILE NAME
"""
import hashlib
import json
import sys
import tarfile

LAYER = 10_000_000_000


def document(value):
    data = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(data).hexdigest(), data


def described(kind, hexadecimal, size):
    return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": "sha256:" + hexadecimal, "size": size}


def main(path, name):
    layer = hashlib.sha256(b"nobody comes to read it").hexdigest()
    config, config_data = document({"architecture": "amd64", "os": "linux",
                                    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + layer]}})
    manifest, manifest_data = document({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": described("config.v1+json", config, len(config_data)),
        "layers": [described("layer.v1.tar", layer, LAYER)]})
    entry = described("manifest.v1+json", manifest, len(manifest_data))
    entry["annotations"] = {"io.containerd.image.name": name}
    _, index_data = document({"schemaVersion": 2, "manifests": [entry]})
    with open(path, "wb") as out:
        for file, data, size in [("oci-layout", b'{"imageLayoutVersion":"1.0.0"}', None), ("index.json", index_data, None),
                                 ("blobs/sha256/" + manifest, manifest_data, None),
                                 ("blobs/sha256/" + config, config_data, None), ("blobs/sha256/" + layer, b"", LAYER)]:
            info = tarfile.TarInfo(file)
            info.size = size or len(data)
            # A size of ten digits does not fit the octal field of ustar; pax says it beside.
            out.write(info.tobuf(tarfile.PAX_FORMAT))
            out.write(data)
            out.seek((out.tell() + (size or 0) + 511) // 512 * 512)
        out.truncate(out.tell() + 1024)


main(*sys.argv[1:])
