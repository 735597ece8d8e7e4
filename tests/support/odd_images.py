#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Images as they are met outside of tests, and some that are wrong in their config alone: odd_images.py FOLDER makes a
folder of images, registry.example/odd/NAME:1 for each. Needs zstd for one of them."""
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile

OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."
DOCKER_MANIFEST = DOCKER + "distribution.manifest.v2+json"


def tar_of(name):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.size = 4
        tar.addfile(info, io.BytesIO(b"text"))
    return out.getvalue()


PLAIN = tar_of("file")
DIFF_ID = "sha256:" + hashlib.sha256(PLAIN).hexdigest()


class Repository:
    def __init__(self, folder, name):
        self.path = os.path.join(folder, "registry.example", "odd", name)
        os.makedirs(os.path.join(self.path, "blobs", "sha256"))

    def blob(self, media_type, data, **more):
        if isinstance(data, (dict, list)):
            data = json.dumps(data).encode()
        digest = hashlib.sha256(data).hexdigest()
        with open(os.path.join(self.path, "blobs", "sha256", digest), "wb") as file:
            file.write(data)
        return {"mediaType": media_type, "digest": "sha256:" + digest, "size": len(data), **more}

    def image(self, platform=("linux", "amd64"), diff_ids=(DIFF_ID,), config_type=OCI + "config.v1+json",
              layers=None, manifest_type=OCI + "manifest.v1+json", **more):
        config = {"rootfs": {"type": "layers", "diff_ids": list(diff_ids)}, "config": {}}
        if platform is not None:
            config["os"], config["architecture"] = platform
        layers = layers or [self.blob(OCI + "layer.v1.tar+gzip", gzip.compress(PLAIN, mtime=0))]
        return self.blob(manifest_type, {"schemaVersion": 2, "mediaType": manifest_type,
                                         "config": self.blob(config_type, config), "layers": layers}, **more)

    def index(self, entries, **more):
        return self.blob(OCI + "index.v1+json", {"schemaVersion": 2, "mediaType": OCI + "index.v1+json",
                                                 "manifests": entries}, **more)

    def done(self, root):
        root["annotations"] = {"org.opencontainers.image.ref.name": "1"}
        with open(os.path.join(self.path, "index.json"), "w", encoding="utf-8") as file:
            json.dump({"schemaVersion": 2, "manifests": [root]}, file)
        with open(os.path.join(self.path, "oci-layout"), "w", encoding="utf-8") as file:
            file.write('{"imageLayoutVersion": "1.0.0"}')


def zstd(data):
    return subprocess.run(["zstd", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def artifact(one):
    return one.blob(OCI + "manifest.v1+json", {
        "schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "artifactType": "application/x-sbom",
        "config": one.blob("application/vnd.oci.empty.v1+json", {}), "layers": []})


MAKERS = {
    "no-platform": lambda one: one.image(platform=None),
    "empty-platform": lambda one: one.image(platform=("", "")),
    "no-os": lambda one: one.image(platform=("", "amd64")),
    "zstd": lambda one: one.image(
        manifest_type=DOCKER_MANIFEST, config_type=DOCKER + "container.image.v1+json",
        layers=[one.blob(DOCKER + "image.rootfs.diff.tar.zstd", zstd(PLAIN))]),
    "octets": lambda one: one.image(manifest_type=DOCKER_MANIFEST, config_type="application/octet-stream"),
    "oci-octets": lambda one: one.image(config_type="application/octet-stream"),
    "index-without-platforms": lambda one: one.index(
        [artifact(one), one.image(platform=("linux", "s390x")), one.image()]),
    "index-of-nothing-said": lambda one: one.index([artifact(one), one.image(platform=None)]),
    "index-with-empty-platforms": lambda one: one.index(
        [one.image() | {"platform": {"os": "", "architecture": ""}}]),
    "index-of-indexes": lambda one: one.index([one.index([one.image()])]),
    # Wrong in the config alone.
    "no-diff-ids": lambda one: one.image(diff_ids=()),
    "two-diff-ids": lambda one: one.image(diff_ids=(DIFF_ID, DIFF_ID)),
    "other-system": lambda one: one.image(platform=("windows", "amd64")),
    "no-rootfs": lambda one: one.blob(OCI + "manifest.v1+json", {
        "schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
        "config": one.blob(OCI + "config.v1+json", {"os": "linux", "architecture": "amd64"}), "layers": []}),
    "two-things": lambda one: one.image(
        diff_ids=(DIFF_ID, "sha256:" + "0" * 64),
        layers=2 * [one.blob(OCI + "layer.v1.tar+gzip", gzip.compress(PLAIN, mtime=0))]),
    "false-platform": lambda one: one.index(
        [one.image(platform=("linux", "s390x")) | {"platform": {"os": "linux", "architecture": "amd64"}}]),
    "chart": artifact,
}

for name, make in MAKERS.items():
    repository = Repository(sys.argv[1], name)
    repository.done(make(repository))
