#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks the built program about recorded trust data, each row of an expectations.json as a user would meet it: a
trust server and a registry on loopback, docker's variables, docker's trust folder, and the clock of the row.

usage: run.py [--hallmark FILE] [--only TEXT] [DIR]      DIR has expectations.json; default: tests/vectors/dct

A row is a case folder, a folder of it that the server shows, the name and tag, the cache that the client starts
with, and the verdict. Prints each row that was answered otherwise. Ends with 77 when it cannot run here.
"""

import argparse
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading

# What the words of a verdict are called in a decision record.
CODES = {"no-trust-data": "TUF_NO_TRUST_DATA", "no-target": "TUF_NO_TARGET", "not-released": "TUF_NOT_RELEASED",
         "no-sha256": "TUF_NO_SHA256", "expired": "TUF_EXPIRED", "rollback": "TUF_ROLLBACK",
         "root-cert-expired": "TUF_ROOT_CERT_EXPIRED", "bad-signature": "TUF_BAD_SIGNATURE",
         "hash-mismatch": "TUF_HASH_MISMATCH", "missing": "TUF_MISSING", "malformed": "TUF_MALFORMED",
         "root-not-signed-by-trusted-root": "TUF_ROOT_NOT_SIGNED_BY_TRUSTED_ROOT",
         "snapshot-dropped-role": "TUF_SNAPSHOT_DROPPED_ROLE"}
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\Z")


class Answering(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stage = None  # what the servers show now

    def log_message(self, *words):
        pass

    def send(self, status, body, kind="text/plain"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        body = self.trust_file() if "/_trust/tuf/" in self.path else self.manifest()
        if body is None:
            self.send(404, b'{"errors":[{"code":"METADATA_NOT_FOUND","message":"You have requested metadata that does not exist.","detail":null}]}')
        else:
            self.send(200, body, json.loads(body).get("mediaType", "text/plain") if "/manifests/" in self.path else "text/plain")

    def trust_file(self):
        name = self.path.partition("/_trust/tuf/")[2]
        folder = self.stage["server"]
        by_hash = re.match(r"(.+)\.([0-9a-f]{64})\.json$", name)
        if not by_hash:
            return (folder / name).read_bytes() if (folder / name).is_file() else None
        role, wanted = by_hash.groups()
        parent, leaf = (folder / role).parent, (folder / role).name
        files = [file for file in parent.glob("*.json") if re.match(rf"(\d+\.)?{re.escape(leaf)}\.json$", file.name)]
        for file in files:
            if hashlib.sha256(file.read_bytes()).hexdigest() == wanted:
                return file.read_bytes()
        edited = folder / (role + ".json")
        return edited.read_bytes() if edited.is_file() and self.stage["edited"] else None

    def manifest(self):
        digest = self.path.rpartition("sha256:")[2]
        return self.stage["manifests"].get(digest)


class Tunnel(socketserver.BaseRequestHandler):
    """A proxy that leads every CONNECT to the one server with TLS: so names outside can be played here."""

    target = None

    def handle(self):
        self.request.recv(65536)
        self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with socket.create_connection(self.target) as other:
            back = threading.Thread(target=self.pour, args=(other, self.request), daemon=True)
            back.start()
            self.pour(self.request, other)
            back.join()

    @staticmethod
    def pour(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Quiet(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def serve(handler, port=0, context=None):
    server = Quiet(("127.0.0.1", port), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def certificate(world, names):
    """A self-signed certificate that was valid at the clock of the rows."""
    command = ["faketime", "2020-01-01", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:P-256", "-nodes", "-days", "20000", "-subj", "/CN=test", "-keyout",
               str(world / "key.pem"), "-out", str(world / "ca.crt"), "-addext",
               "subjectAltName=" + ",".join("DNS:" + name for name in sorted(names))]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(world / "ca.crt", world / "key.pem")
    return context


class World:
    def __init__(self, hallmark, rows, root, folder):
        self.hallmark, self.root, self.folder = hallmark, root, folder
        hosts = {row["gun"].partition("/")[0] for row in rows}
        context = certificate(folder, {host.partition(":")[0] for host in hosts} | {"localhost"})
        self.trust_port = serve(Answering, 0, context)
        Tunnel.target = ("127.0.0.1", self.trust_port)
        self.proxy_port = serve(Tunnel)
        self.hosts = hosts
        for host in hosts:
            if host.startswith("localhost:"):
                serve(Answering, int(host.partition(":")[2]))
        self.manifests = {file.stem: file.read_bytes() for file in root.glob("*/manifests/*.json")}

    def ask(self, row):
        home = self.folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        docker = home / ".docker"
        for host in self.hosts | {f"localhost:{self.trust_port}"}:
            (docker / "tls" / host).mkdir(parents=True)
            shutil.copy(self.folder / "ca.crt", docker / "tls" / host / "ca.crt")
        case = self.root / row["case"]
        if row["client_cache"]:
            shutil.copytree(case / row["client_cache"], docker / "trust" / "tuf" / row["gun"] / "metadata")
        Answering.stage = {"server": case / row["server_dir"], "manifests": self.manifests,
                           "edited": "mismatch" in row["server_dir"]}
        environment = {
            "PATH": os.environ["PATH"], "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""), "HOME": str(home), "TZ": "UTC", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "XDG_CONFIG_HOME": str(home), "https_proxy": f"http://127.0.0.1:{self.proxy_port}",
            "DOCKER_CONTENT_TRUST": "1", "DOCKER_CONTENT_TRUST_SERVER": f"https://localhost:{self.trust_port}"}
        clock = row["now"].replace("T", " ").removesuffix("Z")
        command = ["faketime", clock, self.hallmark, "--store", str(home / "store"), "verify", "--json",
                   row["gun"] + ":" + row["tag"]]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def complaint(row, answer, manifests):
    """What is wrong with an answer; None when it is right."""
    record = json.loads(answer.stdout) if answer.stdout.startswith("{") else {}
    if row["verdict"] == "accept":
        true_size = len(manifests.get(row["digest"].removeprefix("sha256:"), b""))
        if row["length"] != true_size:
            return None if answer.returncode in (3, 4) else f"a wrong length was not refused: status {answer.returncode}"
        if answer.returncode != 0 or record.get("decision") != "allow":
            return f"refused with {answer.returncode}"
        found = record["subject"]["top"]["digest"]
        return None if found == row["digest"] else f"found {found}"
    if answer.returncode != 3:
        return f"status {answer.returncode}"
    wanted = CODES[row["verdict"].split(":")[1]]
    return None if wanted in record.get("codes", []) else f"codes {record.get('codes')}, expected {wanted}"


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hallmark", default=os.environ.get("HALLMARK", str(here.parent.parent / "build/hallmark")))
    parser.add_argument("--only", default="")
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=here.parent / "vectors/dct")
    options = parser.parse_args()
    if not shutil.which("faketime"):
        print("SKIP: no faketime (package faketime)")
        return 77
    rows = json.loads((options.folder / "expectations.json").read_text())["rows"]
    rows = [row for row in rows if options.only in json.dumps(row)]
    wrong = asked = 0
    with tempfile.TemporaryDirectory() as folder:
        world = World(str(pathlib.Path(options.hallmark).resolve()), rows, options.folder, pathlib.Path(folder))
        for row in rows:
            if not TAG.match(row["tag"]):
                continue  # no reference can have it
            asked += 1
            answer = world.ask(row)
            fault = complaint(row, answer, world.manifests)
            if fault:
                wrong += 1
                print(f"{row['case']}/{row['server_dir']} cache={row['client_cache']} {row['gun']}:{row['tag']}: "
                      f"expected {row['verdict']}: {fault}\n    {answer.stderr.strip().splitlines()[-2:]}")
    print(f"{asked - wrong} of {asked} rows answered as expected; {len(rows) - asked} have a tag that no reference can have")
    return 1 if wrong or not asked else 0


sys.exit(main())
