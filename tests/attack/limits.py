#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What asks for more than it may have.

usage: limits.py window FILE MIB OUT       FILE, an .xz or a .zst from a pipe, with a header that asks for so much
       limits.py archive KIND OUT          an archive: tiny, small, values, manifests, names, folders
       limits.py layer FILE OUT            a docker archive whose only layer is FILE, a compressed tar
       limits.py serve                     a registry; prints its port, and lies under lib/KIND
       limits.py peak COMMAND...           runs it and prints the most memory it mapped (VmPeak) when its input was read
       limits.py pulled COMMAND...         the same of a pull of lib/good, before its last blob has come
"""

import hashlib
import http.server
import io
import json
import os
import random
import subprocess
import struct
import sys
import tarfile
import time
import zlib

OCI = "application/vnd.oci.image."
MANIFEST, INDEX, CONFIG = (OCI + kind + "+json" for kind in ("manifest.v1", "index.v1", "config.v1"))
LAYER = OCI + "layer.v1.tar"


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def described(data, kind, **more):
    return {"mediaType": kind, "digest": digest_of(data), "size": len(data), **more}


def with_window(data, mebibytes):
    data, size = bytearray(data), mebibytes << 20
    if data[:4] == b"\x28\xb5\x2f\xfd":
        if data[4] & 0x20:
            raise SystemExit("the zstd frame is one segment; make it from a pipe")
        data[5] = (size.bit_length() - 1 - 10) << 3
        return data
    code = next(code for code in range(41) if (2 | code & 1) << (code // 2 + 11) >= size)
    end = 12 + (data[12] + 1) * 4
    header = data[12:end]
    header[header.index(0x21) + 2] = code
    header[-4:] = struct.pack("<I", zlib.crc32(bytes(header[:-4])))
    return data[:12] + header + data[end:]


def add(tar, name, data, kind=tarfile.REGTYPE):
    info = tarfile.TarInfo(name)
    info.size, info.type = len(data), kind
    tar.addfile(info, io.BytesIO(data))


def small_image(mark, filler=""):
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        add(tar, "mark", mark.encode())
    layer = layer.getvalue()
    config = json.dumps({"os": "linux", "architecture": "amd64", "config": {"Labels": {"filler": filler}},
                         "rootfs": {"type": "layers", "diff_ids": [digest_of(layer)]}}).encode()
    manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": described(config, CONFIG),
                           "layers": [described(layer, LAYER)]}).encode()
    return manifest, config, layer


def listed(entries):
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()


def named(manifest, name):
    return described(manifest, MANIFEST, annotations={"io.containerd.image.name": name})


def archive(kind, path):
    noise = random.Random(1)
    blobs, entries, extra = {}, [], []
    for number in range(40 if kind == "manifests" else 1):
        image = small_image(str(number), "x" * (200000 if kind == "manifests" else 0))
        blobs.update({digest_of(data): data for data in image})
        entries.append(named(image[0], f"registry.example/app:{number}"))
    if kind == "names":
        entries = [named(image[0], f"registry.example/app:{'t' * 100}{number}") for number in range(5000)]
    if kind == "tiny":
        tiny = [str(number).encode() for number in range(15000)]
        extra = [("blobs/" + digest_of(data).replace(":", "/"), data, tarfile.REGTYPE) for data in tiny]
    if kind == "small":
        extra = [(f"extra/{number}", noise.randbytes(256 << 10), tarfile.REGTYPE) for number in range(240)]
    if kind == "folders":
        extra = [("d/" * 8 + str(number), b"", tarfile.DIRTYPE) for number in range(15000)]
    index = listed(entries)
    if kind == "values":
        index = index[:-1] + b',"x":[' + b",".join([b"[]"] * 1300000) + b"]}"
    with tarfile.open(path, "w") as tar:
        for name, data, entry in extra:
            add(tar, name, data, entry)
        for digest, data in blobs.items():
            add(tar, "blobs/" + digest.replace(":", "/"), data)
        add(tar, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        add(tar, "index.json", index)


def docker_archive(path, out):
    with open(path, "rb") as file:
        layer = file.read()
    tool = {b"\x28\xb5": "zstd", b"\xfd7": "xz"}[layer[:2]]
    plain = subprocess.run([tool, "-dc", "--memlimit-decompress=4GiB" if tool == "xz" else "--long=31"], input=layer,
                           stdout=subprocess.PIPE, check=True).stdout
    config = json.dumps({"os": "linux", "architecture": "amd64",
                         "rootfs": {"type": "layers", "diff_ids": [digest_of(plain)]}}).encode()
    with tarfile.open(out, "w") as tar:
        add(tar, "layer.tar", layer)
        add(tar, "config.json", config)
        add(tar, "manifest.json", json.dumps([{"Config": "config.json", "RepoTags": ["registry.example/packed:1"],
                                               "Layers": ["layer.tar"]}]).encode())


IMAGE = small_image("served")
MANY = [small_image(str(number), "x") for number in range(60)]


def padded(manifest, number):
    document = json.loads(manifest)
    document["annotations"] = {"filler": "x" * 200000, "number": str(number)}
    return json.dumps(document).encode()


PADDED = [padded(image[0], number) for number, image in enumerate(MANY)]
BLOBS = {digest_of(data): data for image in [IMAGE, *MANY] for data in image}
BLOBS.update({digest_of(data): data for data in PADDED})
PLATFORM = {"platform": {"os": "linux", "architecture": "amd64"}}
ROOTS = {
    "good": IMAGE[0],
    "values": IMAGE[0][:-1] + b',"x":[' + b",".join([b"[]"] * 1300000) + b"]}",
    "many": listed([described(data, MANIFEST, **PLATFORM) for data in PADDED]),
    "claims": json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": described(IMAGE[1], CONFIG), "layers": [
        {"mediaType": LAYER, "digest": "sha256:" + "0" * 64, "size": 1 << 39}]}).encode(),
}


class Liar(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def say(self, status, body, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def endless(self, piece):
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        while True:
            self.wfile.write(piece)

    def page(self, kind):
        number = int(self.path.partition("page=")[2].partition("&")[0] or 0)
        tags = [] if kind == "links" else [f"{number:08}{tag:04}" + "t" * 116 for tag in range(1000)]
        far = "&far=" + "x" * 15000 if kind == "links" else ""
        self.say(200, json.dumps({"name": "lib/" + kind, "tags": tags}).encode(),
                 Link=f'</v2/lib/{kind}/tags/list?page={number + 1}{far}>; rel="next"')

    def do_GET(self):
        place = self.path.partition("?")[0]
        kind = place.split("/")[3] if place.count("/") > 3 else ""
        if place == "/v2/":
            self.say(200, b"{}")
        elif place == "/token":
            self.endless(b" " * 65536)
        elif kind == "token":
            self.say(401, b"{}", WWW_Authenticate=f'Bearer realm="http://{self.headers["Host"]}/token",service="s"')
        elif kind == "errors":
            body = b'{"errors":[' + b",".join([b'{"code":"DENIED","message":"m","detail":[[[[]]]]}'] * 20000) + b"]}"
            self.say(403, body)
        elif kind == "headers":
            self.send_response(200)
            for number in range(100000):
                self.wfile.write(b"X-%d: %s\r\n" % (number, b"x" * 100))
        elif "/tags/list" in place:
            self.page(kind)
        elif "/manifests/" in place:
            wanted = place.split("/manifests/")[1]
            data = BLOBS.get(wanted) or ROOTS[kind]
            self.say(200, data, Content_Type=json.loads(data)["mediaType"])
        elif kind == "claims" and place.endswith("0" * 64):
            self.send_response(200)
            self.send_header("Content-Length", str(1 << 39))
            self.end_headers()
            self.wfile.write(b"x" * (200 << 10))
            self.close_connection = True
        elif "/blobs/" in place:
            if kind == "good":
                time.sleep(1)
            self.say(200, BLOBS[place.split("/blobs/")[1]])
        else:
            self.say(404, b"{}")

    do_HEAD = do_GET


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *words):
        pass


def serve():
    server = Server(("127.0.0.1", 0), Liar)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def status_of(process):
    with open(f"/proc/{process}/status") as file:
        return dict(line.split(":", 1) for line in file)


def peak(command):
    """The program waits for the last byte of its input when it is looked at."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as child:
        data = sys.stdin.buffer.read()
        child.stdin.write(data[:-1])
        child.stdin.flush()
        for _ in range(200):
            with open(f"/proc/{child.pid}/wchan") as file:
                if "pipe" in file.read():
                    break
            time.sleep(0.02)
        most = status_of(child.pid)["VmPeak"].split()[0]
        child.stdin.write(data[-1:])
        child.stdin.close()
    print(most)
    return child.returncode


def peak_of_pull(command):
    """The registry lets it wait for a blob, when all that it needs is loaded."""
    most = "0"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        while child.poll() is None:
            try:
                most = status_of(child.pid)["VmPeak"].split()[0]
            except (KeyError, OSError, ValueError):
                pass  # it has just ended
            time.sleep(0.01)
    print(most)
    return child.returncode


def main(words):
    if words[0] == "window":
        with open(words[1], "rb") as file, open(words[3], "wb") as out:
            out.write(with_window(file.read(), int(words[2])))
    elif words[0] == "archive":
        archive(words[1], words[2])
    elif words[0] == "layer":
        docker_archive(words[1], words[2])
    elif words[0] == "serve":
        serve()
    elif words[0] == "pulled":
        return peak_of_pull(words[1:])
    else:
        return peak(words[1:])
    return 0


os.environ.setdefault("LC_ALL", "C.UTF-8")
sys.exit(main(sys.argv[1:]))
