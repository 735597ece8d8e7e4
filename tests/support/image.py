#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes small real images out of busybox and folders of this machine, always with the same bytes, and pushes them.

usage: image.py make LAYOUT [--format oci|docker] [--platform OS/ARCH[/VARIANT]] [--folder DIR]... [--mark TEXT]
                            [--small] [--level N] [--created TIME] [--lie WHAT]
       image.py index LAYOUT PART...          an index over images that `make` wrote; parts of one platform each
       image.py push LAYOUT REGISTRY/REPOSITORY TAG [--ca FILE] [--user NAME:PASSWORD]

LAYOUT is an OCI image layout. A lie is told by the manifest or the config, while all blobs are what they are called:
  diff-id, swapped-diff-ids, few-diff-ids, many-diff-ids, layer-size, config-size, not-gzip, cut-gzip, after-gzip,
  bad-crc, foreign-layer, encrypted-layer, two-kinds, no-config, deep-config, twice-config
"""

import argparse
import base64
import gzip
import hashlib
import io
import json
import os
import pathlib
import platform
import ssl
import sys
import tarfile
import urllib.error
import urllib.parse
import urllib.request

MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."
TYPES = {
    "oci": (OCI + "manifest.v1+json", OCI + "config.v1+json", OCI + "layer.v1.tar+gzip", OCI + "index.v1+json"),
    "docker": (DOCKER + "distribution.manifest.v2+json", DOCKER + "container.image.v1+json",
               DOCKER + "image.rootfs.diff.tar.gzip", DOCKER + "distribution.manifest.list.v2+json"),
}


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def packed(plain, level):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="", compresslevel=level) as file:
        file.write(plain)
    return out.getvalue()


def tar_of(entries):
    """entries: (name, bytes or None for a folder, mode or link target)"""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data, extra in entries:
            info = tarfile.TarInfo(name)
            if isinstance(extra, str):
                info.type, info.linkname = tarfile.SYMTYPE, extra
            elif data is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
            else:
                info.size, info.mode = len(data), extra
            tar.addfile(info, io.BytesIO(data or b""))
    return out.getvalue()


def base_layer(mark, small):
    if small:
        return tar_of([("etc", None, 0), ("etc/mark", mark.encode() + b"\n", 0o644)])
    busybox = next((p for p in map(pathlib.Path, ("/bin/busybox", "/usr/bin/busybox")) if p.is_file()), None)
    program = busybox.read_bytes() if busybox else b"#!/bin/false\n"
    links = [("bin/" + name, b"", "busybox") for name in ("cat", "echo", "ls", "sh", "true")]
    return tar_of([("bin", None, 0), ("bin/busybox", program, 0o755), *links, ("etc", None, 0),
                   ("etc/mark", mark.encode() + b"\n", 0o644)])


def folder_layer(folder):
    root = pathlib.Path(folder)
    entries = []
    for path in sorted(root.rglob("*")):
        name = str(path).lstrip("/")
        if path.is_symlink() or len(name) > 99:
            continue
        if path.is_dir():
            entries.append((name, None, 0))
        elif path.is_file() and os.access(path, os.R_OK):
            entries.append((name, path.read_bytes(), 0o644))
    return tar_of(entries)


class Layout:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        (self.path / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
        (self.path / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')

    def blob(self, digest):
        return self.path / "blobs" / "sha256" / digest.removeprefix("sha256:")

    def put(self, data, media_type):
        digest = digest_of(data)
        self.blob(digest).write_bytes(data)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def root(self):
        return json.loads((self.path / "index.json").read_text())["manifests"][0]

    def finish(self, document, media_type):
        root = self.put(document, media_type)
        index = {"schemaVersion": 2, "mediaType": TYPES["oci"][3], "manifests": [root]}
        (self.path / "index.json").write_text(json.dumps(index))
        print(root["digest"], root["size"])


def platform_of(text):
    parts = text.split("/")
    names = ("os", "architecture", "variant")
    return dict(zip(names, parts))


def bend_layer(lie, data):
    if lie == "not-gzip":
        return b"these bytes are no gzip stream at all\n" * 20
    if lie == "cut-gzip":
        return data[:-20]
    if lie == "after-gzip":
        return data + b"more"
    if lie == "bad-crc":
        return data[:-8] + bytes([data[-8] ^ 1]) + data[-7:]
    return data


def bend_config(lie, config):
    diff_ids = config["rootfs"]["diff_ids"]
    if lie == "diff-id":
        diff_ids[-1] = "sha256:" + "a" * 64
    elif lie == "swapped-diff-ids":
        diff_ids[0], diff_ids[1] = diff_ids[1], diff_ids[0]
    elif lie == "few-diff-ids":
        diff_ids.pop()
    elif lie == "many-diff-ids":
        diff_ids.append(diff_ids[0])
    text = json.dumps(config, separators=(",", ":"))
    if lie == "deep-config":
        text = text[:-1] + ',"x":' + "[" * 100000 + "]" * 100000 + "}"
    elif lie == "twice-config":
        text = text[:-1] + ',"rootfs":' + json.dumps(config["rootfs"]) + "}"
    return text.encode()


def bend_manifest(lie, manifest):
    if lie == "layer-size":
        manifest["layers"][-1]["size"] += 1
    elif lie == "config-size":
        manifest["config"]["size"] -= 1
    elif lie == "foreign-layer":
        manifest["layers"][-1]["mediaType"] = DOCKER + "image.rootfs.foreign.diff.tar.gzip"
        manifest["layers"][-1]["urls"] = ["http://localhost/nothing"]
    elif lie == "encrypted-layer":
        manifest["layers"][-1]["mediaType"] = OCI + "layer.v1.tar+gzip+encrypted"
    elif lie == "two-kinds":
        manifest["manifests"] = [dict(manifest["config"], mediaType=manifest["mediaType"])]
    elif lie == "no-config":
        del manifest["config"]


def make(options):
    layout = Layout(options.layout)
    manifest_type, config_type, layer_type, _ = TYPES[options.format]
    plain = [base_layer(options.mark, options.small)] + ([base_layer("", True)] if options.small else []) + [folder_layer(folder) for folder in options.folder]
    layers = []
    for tar in plain:
        data = packed(tar, options.level)
        if tar is plain[-1]:
            data = bend_layer(options.lie, data)
        layers.append(layout.put(data, layer_type))
    config = {**platform_of(options.platform), "created": options.created,
              "config": {"Cmd": ["/bin/sh"], "Env": ["PATH=/bin"], "Labels": {"mark": options.mark}},
              "rootfs": {"type": "layers", "diff_ids": [digest_of(tar) for tar in plain]},
              "history": [{"created": "2026-01-02T03:04:05Z", "created_by": f"layer {i}"} for i in range(len(plain))]}
    manifest = {"schemaVersion": 2, "mediaType": manifest_type,
                "config": layout.put(bend_config(options.lie, config), config_type), "layers": layers}
    bend_manifest(options.lie, manifest)
    layout.finish(json.dumps(manifest, indent=3).encode(), manifest_type)


def index(options):
    layout = Layout(options.layout)
    parts = []
    for path in options.parts:
        part = Layout(path)
        for blob in (part.path / "blobs" / "sha256").iterdir():
            layout.put(blob.read_bytes(), "")
        root = part.root()
        config = json.loads(part.blob(json.loads(part.blob(root["digest"]).read_text())["config"]["digest"]).read_text())
        told = {key: config[key] for key in ("os", "architecture", "variant") if key in config}
        parts.append({**root, "platform": told})
    kind = "docker" if parts[0]["mediaType"].startswith(DOCKER) else "oci"
    document = {"schemaVersion": 2, "mediaType": TYPES[kind][3], "manifests": parts}
    layout.finish(json.dumps(document, indent=3).encode(), TYPES[kind][3])


class Registry:
    def __init__(self, target, options):
        self.host, _, self.repository = target.partition("/")
        self.base = ("https://" if options.ca else "http://") + self.host
        self.context = ssl.create_default_context(cafile=options.ca) if options.ca else None
        self.headers = {}
        if options.user:
            self.headers["Authorization"] = "Basic " + base64.b64encode(options.user.encode()).decode()

    def ask(self, method, url, data=None, headers=None):
        url = urllib.parse.urljoin(self.base, url)
        request = urllib.request.Request(url, data, {**self.headers, **(headers or {})}, method=method)
        return urllib.request.urlopen(request, context=self.context)

    def put_blob(self, digest, data):
        answer = self.ask("POST", f"/v2/{self.repository}/blobs/uploads/", b"")
        location = answer.headers["Location"]
        url = location + ("&" if "?" in location else "?") + "digest=" + urllib.parse.quote(digest)
        self.ask("PUT", url, data, {"Content-Type": "application/octet-stream"})

    def put_manifest(self, name, data, media_type):
        self.ask("PUT", f"/v2/{self.repository}/manifests/{name}", data, {"Content-Type": media_type})


def push(options):
    layout, registry = Layout(options.layout), Registry(options.target, options)
    root = layout.root()
    document = json.loads(layout.blob(root["digest"]).read_text())
    manifests = {one["digest"]: one["mediaType"] for one in document.get("manifests", []) if "platform" in one}
    manifests[root["digest"]] = root["mediaType"]
    for blob in sorted((layout.path / "blobs" / "sha256").iterdir()):
        digest = "sha256:" + blob.name
        if digest not in manifests:
            registry.put_blob(digest, blob.read_bytes())
    for digest, media_type in manifests.items():
        registry.put_manifest(digest, layout.blob(digest).read_bytes(), media_type)
    registry.put_manifest(options.tag, layout.blob(root["digest"]).read_bytes(), root["mediaType"])
    print(root["digest"], root["size"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("make")
    one.add_argument("layout")
    one.add_argument("--format", choices=TYPES, default="oci")
    one.add_argument("--platform", default="linux/" + MACHINES.get(platform.machine(), platform.machine()))
    one.add_argument("--folder", action="append", default=[])
    one.add_argument("--small", action="store_true", help="two layers of a few bytes instead of busybox")
    one.add_argument("--mark", default="hallmark")
    one.add_argument("--level", type=int, default=6)
    one.add_argument("--created", default="2026-01-02T03:04:05Z")
    one.add_argument("--lie", default="")
    one.set_defaults(run=make)
    one = commands.add_parser("index")
    one.add_argument("layout")
    one.add_argument("parts", nargs="+")
    one.set_defaults(run=index)
    one = commands.add_parser("push")
    one.add_argument("layout")
    one.add_argument("target")
    one.add_argument("tag")
    one.add_argument("--ca")
    one.add_argument("--user")
    one.set_defaults(run=push)
    options = parser.parse_args()
    try:
        options.run(options)
    except urllib.error.HTTPError as error:
        sys.exit(f"image.py: {error.code} {error.url}: {error.read(500).decode(errors='replace')}")


main()
