#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts tar files and their gzip forms (FILE and FILE.gz) together to an OCI image layout; prints digest and size.

usage: big_image.py LAYOUT FILE.tar...
"""

import hashlib
import json
import os
import pathlib
import sys

OCI = "application/vnd.oci.image."


def digest_of_file(path):
    with open(path, "rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def main(layout, tars):
    blobs = pathlib.Path(layout) / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    (pathlib.Path(layout) / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')

    def put(data, media_type):
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        (blobs / digest[7:]).write_bytes(data)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    layers = []
    for tar in tars:
        digest = digest_of_file(tar + ".gz")
        layers.append({"mediaType": OCI + "layer.v1.tar+gzip", "digest": digest, "size": os.path.getsize(tar + ".gz")})
        os.rename(tar + ".gz", blobs / digest[7:])
    machines = {"x86_64": "amd64", "aarch64": "arm64"}
    config = {"os": "linux", "architecture": machines.get(os.uname().machine, os.uname().machine), "config": {},
              "rootfs": {"type": "layers", "diff_ids": [digest_of_file(tar) for tar in tars]}}
    manifest = {"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
                "config": put(json.dumps(config).encode(), OCI + "config.v1+json"), "layers": layers}
    root = put(json.dumps(manifest).encode(), OCI + "manifest.v1+json")
    (pathlib.Path(layout) / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [root]}))
    print(root["digest"], root["size"])


main(sys.argv[1], sys.argv[2:])
