#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes an archive of 1,000 small images that share a layer, each with a config as builders write them.

usage: many_images.py FILE [COUNT [oci|docker]]
"""

import gzip
import hashlib
import io
import json
import sys
import tarfile

kind = sys.argv[3] if len(sys.argv) > 3 else "oci"
count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
index = []


def add(archive, name, data):
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o644
    archive.addfile(info, io.BytesIO(data))


def put(archive, data, media_type):
    hexadecimal = hashlib.sha256(data).hexdigest()
    add(archive, "blobs/sha256/" + hexadecimal, data)
    return {"mediaType": media_type, "digest": "sha256:" + hexadecimal, "size": len(data)}


def layer_bytes():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        add(archive, "etc/motd", b"hello\n" * 100)
    return out.getvalue()


def config_of(number, diff_id):
    steps = [{"created": "2026-01-02T03:04:05Z", "created_by": f"/bin/sh -c #(nop)  step {step} " + "x" * 120,
              "empty_layer": step > 0} for step in range(8)]
    day, minute = divmod(number, 1440)
    config = {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", f"NUMBER={number}"],
              "Cmd": ["/bin/sh"], "Labels": {"org.example.number": str(number), "org.example.parity": str(number % 2)}}
    return json.dumps({"architecture": "amd64", "os": "linux", "config": config, "history": steps,
                       "created": f"2026-01-{day + 1:02}T{minute // 60:02}:{minute % 60:02}:00Z",
                       "rootfs": {"type": "layers", "diff_ids": [diff_id]}}).encode()


with tarfile.open(sys.argv[1], "w", format=tarfile.USTAR_FORMAT) as archive:
    plain = layer_bytes()
    diff_id = "sha256:" + hashlib.sha256(plain).hexdigest()
    add(archive, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
    if kind == "docker":
        add(archive, "layer.tar", plain)
        for number in range(count):
            data = config_of(number, diff_id)
            name = hashlib.sha256(data).hexdigest() + ".json"
            add(archive, name, data)
            index.append({"Config": name, "RepoTags": [f"registry.example/team/app-{number % 50}:{number}"],
                          "Layers": ["layer.tar"]})
        add(archive, "manifest.json", json.dumps(index).encode())
    else:
        layer = put(archive, gzip.compress(plain, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip")
        for number in range(count):
            config = put(archive, config_of(number, diff_id), "application/vnd.oci.image.config.v1+json")
            manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                        "config": config, "layers": [layer]}
            root = put(archive, json.dumps(manifest).encode(), manifest["mediaType"])
            root["annotations"] = {"org.opencontainers.image.ref.name": f"registry.example/team/app-{number % 50}:{number}"}
            index.append(root)
        add(archive, "index.json", json.dumps({"schemaVersion": 2, "manifests": index}).encode())
