#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server that lies or fails in one chosen way: a proxy before a real registry or trust server, on loopback.

usage: faulty_server.py --upstream URL [--certificate FILE --key FILE] [--old DIR] [--hold FILE] FAULT...

A FAULT is ACTION@TARGET and gets a port of its own; "FAULT PORT" lines and then "ready" go to standard output, one
line a request to standard error. All else passes through unchanged.

TARGET  any, manifest, blob, layer (a blob over 4000 bytes), config (a smaller one), or a trust file by its role;
        the lists "tags" and "list" (of referrers); what is sent: upload (of a blob), tag, publish (of trust files)
ACTION  none                                         nothing is wrong
        status-N, status-N-twice                     answers N, always or for the first two requests of a path
        late-N                                       does what it was asked to, and answers N all the same
        cut, cut-once, cut-norange                   ends the connection half-way; -norange: and knows no Range
        cut-flip, cut-flip-once                      cut, and one bit of the rest is another: always; the first time
        unended, reset                               all of an answer, which announces 500 bytes more; or is reset
        longer, longer-chunked, shorter              100 bytes more (announced or not) or less than there are
        flip, edit                                   one bit of the body; white space after it and no digest header
        false-digest                                 Docker-Content-Digest tells something else
        loop, hangup, endless                        redirects to itself; closes at once; a body without an end
        deep, twice, huge, text, schema1             answers nested, doubled, large JSON; HTML; a schema 1 manifest
        slow                                         sends half of a body, and the rest 20 seconds later
        held                                         sends half of a body, and the rest when FILE is not there any more
                                                     or another file; while it waits there is a file "held" beside FILE
        trickle                                      sends a body in pieces of 2000 bytes, about 50 a second
        moved                                        asked again, the tag is that of the tag "other"
        moved-late                                   the same of a tag that was put and looked at once
        quota                                        takes the first blob only
        swallow                                      says yes to a manifest, and keeps nothing
        referrers                                    has the list of referrers that clients keep under a tag, one a page
        old                                          trust files come from DIR/ROLE.json, whatever hash is asked for, and
                                                     the server's keys from DIR/ROLE.key, where there is such a file
"""

import argparse
import collections
import http.client
import http.server
import json
import os
import pathlib
import re
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse

HOP_BY_HOP = ("content-length", "connection", "transfer-encoding", "date", "server", "keep-alive")
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
SCHEMA1 = {"schemaVersion": 1, "name": "x", "tag": "1", "architecture": "amd64", "fsLayers": [], "history": []}


def tar_pit():
    while True:
        yield b" " * 65536


class Fault(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    action = target = upstream = old = hold = None
    asked_length = None  # of what a HEAD asks about

    def log_message(self, *words):
        pass

    def holder(self):
        try:
            held = os.stat(self.hold)
            return held.st_ino, held.st_mtime_ns
        except FileNotFoundError:
            return None

    def note(self, status):
        told = {name: self.headers.get(name) for name in ("Range", "Authorization") if self.headers.get(name)}
        # In one piece: print() writes the end of a line by itself, and another thread comes between on a busy machine.
        os.write(2, f"{self.action}@{self.target} {self.command} {self.path} {status} {told or ''}\n".encode())

    def meant(self, body_size):
        if self.target == "any":
            return True
        if self.target in ("blob", "layer", "config"):
            size_fits = {"blob": True, "layer": body_size > 4000, "config": body_size <= 4000}
            return "/blobs/" in self.path and size_fits[self.target]
        if self.target == "tags":
            return self.path.partition("?")[0].endswith("/tags/list")
        if self.target == "list":
            return "/referrers/" in self.path
        if self.target == "upload":
            return self.command == "PUT" and "/blobs/uploads/" in self.path
        if self.target == "tag":
            return self.command == "PUT" and re.search("/manifests/[^:]+$", self.path) is not None
        if self.target == "publish":
            return self.command == "POST" and self.path.endswith("/_trust/tuf/")
        if self.target == "manifest":
            return "/manifests/" in self.path
        return re.search(r"/_trust/tuf/(\d+\.)?" + re.escape(self.target) + r"\.", self.path) is not None

    def answer(self, status, body, headers=(), length=None):
        self.note(status)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(self.asked_length or len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def answer_chunked(self, pieces, headers):
        self.note(200)
        self.send_response(200)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for piece in pieces:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True

    def ask_upstream(self):
        url = self.upstream
        if url.scheme == "https":
            connection = http.client.HTTPSConnection(url.hostname, url.port, context=ssl._create_unverified_context())
        else:
            connection = http.client.HTTPConnection(url.hostname, url.port)
        headers = {name: ", ".join(self.headers.get_all(name)) for name in self.headers.keys()
                   if name.lower() not in ("host", "connection")}
        if self.action == "cut-norange":
            headers.pop("Range", None)
        headers["Host"] = self.headers["Host"]
        size = int(self.headers.get("Content-Length") or 0)
        connection.request(self.command, self.path, self.rfile.read(size) if size else None, headers)
        answer = connection.getresponse()
        body = answer.read()
        self.asked_length = answer.getheader("Content-Length") if self.command == "HEAD" else None
        return answer.status, body, [pair for pair in answer.getheaders() if pair[0].lower() not in HOP_BY_HOP]

    def referrers(self):
        """The answer of a registry that has the API, out of what clients left in one that has not."""
        asked = self.path
        path, _, page = asked.partition("?page=")
        repository, _, subject = path.rpartition("/referrers/")
        self.path = f"{repository}/manifests/{subject.replace(':', '-')}"
        status, body, _ = self.ask_upstream()
        listed = json.loads(body)["manifests"] if status == 200 else []
        number = int(page or 0)
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": listed[number : number + 1]}
        headers = [("Content-Type", INDEX)]
        if number + 1 < len(listed):
            headers.append(("Link", f'<{path}?page={number + 1}>; rel="next"'))
        self.path = asked
        self.answer(200, json.dumps(index).encode(), headers)

    def before_upstream(self):
        """Faults that need no true answer. True when it was given."""
        words = self.action.split("-")
        if self.action == "quota":
            with self.lock:
                self.counts["all"] += 1
                if self.counts["all"] == 1:
                    return False
            words = ["status", "403"]
        if words[0] == "status" and (len(words) == 2 or self.count <= 2):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))  # or it would be taken for the next request
            code = {"429": "TOOMANYREQUESTS", "404": "MANIFEST_UNKNOWN", "401": "UNAUTHORIZED"}.get(words[1], "DENIED")
            body = json.dumps({"errors": [{"code": code, "message": "as \x1b[31mordered\x1b[0m"}]}).encode()
            headers = [("Content-Type", "application/json"), ("Retry-After", "1")][: 2 if words[1] == "429" else 1]
            self.answer(int(words[1]), body, headers)
        elif self.action == "referrers" and "/referrers/" in self.path:
            self.referrers()
        elif self.action == "swallow" and self.command == "PUT" and "/manifests/" in self.path:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.answer(201, b"")
        elif self.action == "loop":
            self.answer(307, b"", [("Location", self.path)])
        elif self.action == "hangup":
            self.note("hangup")
            self.close_connection = True
        elif self.action == "endless":
            self.answer_chunked(tar_pit(), [("Content-Type", MANIFEST)])
        elif self.action == "schema1":
            kind = "application/vnd.docker.distribution.manifest.v1+prettyjws"
            self.answer(200, json.dumps(SCHEMA1).encode(), [("Content-Type", kind)])
        elif self.action == "text":
            self.answer(200, b"<html>please log in</html>", [("Content-Type", "text/html")])
        elif self.action == "old":
            found = re.search(r"/_trust/tuf/(\d+\.)?([a-z/]+)\.([0-9a-f]+\.)?(json|key)$", self.path)
            file = pathlib.Path(self.old) / (found.group(2) + "." + found.group(4)) if found else None
            if file is None or not file.is_file():
                return False
            self.answer(200, file.read_bytes())
        else:
            return False
        return True

    def bent(self, body, headers):
        without_digest = [pair for pair in headers if pair[0].lower() != "docker-content-digest"]
        if self.flips():
            middle = len(body) // 2
            return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1:], headers
        if self.action == "edit":
            return body + b" \n", without_digest
        if self.action == "false-digest":
            return body, without_digest + [("Docker-Content-Digest", "sha256:" + "a" * 64)]
        if self.action == "longer":
            return body + b"x" * 100, headers
        if self.action == "shorter":
            return body[:-100], headers
        if self.action == "deep":
            return body.rstrip()[:-1] + b',"x":' + b"[" * 100000 + b"]" * 100000 + b"}", without_digest
        if self.action == "twice":
            first = re.search(rb'"[A-Za-z]+":\s*("[^"]*"|\d+)', body)
            return body.rstrip()[:-1] + b"," + first.group(0) + b"}", without_digest
        if self.action == "huge":
            return body.rstrip()[:-1] + b',"x":"' + b"x" * (120 << 20) + b'"}', without_digest
        return body, headers

    def serve(self):
        self.asked_length = None
        with self.lock:
            self.counts[self.path] += 1
            self.count = self.counts[self.path]
        is_late = self.action == "moved-late" and self.count > 2 and ":" not in self.path
        if (self.action == "moved" and self.count > 1 or is_late) and self.meant(0):
            self.path = self.path.rsplit("/", 1)[0] + "/other"
        if self.target not in ("layer", "config") and self.meant(0) and self.before_upstream():
            return
        status, body, headers = self.ask_upstream()
        if self.action in ("unended", "reset") and self.command == "GET" and self.meant(len(body)):
            self.close_connection = True
            self.answer(status, body, headers, len(body) + 500)
            if self.action == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif status >= 300 or not self.meant(len(body)) or (self.path == "/v2/" and self.target != "any"):
            self.answer(status, body, headers)
        elif self.target in ("layer", "config") and self.before_upstream():
            return
        elif self.action.startswith("late-"):
            self.answer(int(self.action[5:]), b"too late", headers)
        elif self.action == "longer-chunked":
            self.answer_chunked([body, b"x" * 100], headers)
        elif self.action == "slow":
            self.answer(status, body[: len(body) // 2], headers, len(body))
            self.wfile.flush()
            time.sleep(20)
            self.wfile.write(body[len(body) // 2 :])
        elif self.action == "held":
            self.answer(status, body[: len(body) // 2], headers, len(body))
            self.wfile.flush()
            holder = self.holder()
            if holder:
                pathlib.Path(self.hold).with_name("held").touch()
            while holder and self.holder() == holder:
                time.sleep(0.05)
            self.wfile.write(body[len(body) // 2 :])
        elif self.action == "trickle":
            self.answer(status, b"", headers, len(body))
            for start in range(0, len(body), 2000):
                self.wfile.write(body[start : start + 2000])
                self.wfile.flush()
                time.sleep(0.02)
        elif self.cuts():
            self.close_connection = True
            self.answer(status, body[: len(body) // 2], headers, len(body))
        else:
            self.answer(status, *self.bent(body, headers))

    def cuts(self):
        first = self.count == 1
        always = self.action in ("cut", "cut-norange") or (self.action == "cut-flip" and self.count % 2 == 1)
        return always or (first and self.action in ("cut-once", "cut-flip-once"))

    def flips(self):
        rest = self.count == 2 or (self.action == "cut-flip" and self.count % 2 == 0)
        return self.action == "flip" or (rest and self.action.startswith("cut-flip"))

    def do_GET(self):
        try:
            self.serve()
        except OSError:
            self.close_connection = True

    do_HEAD = do_POST = do_PUT = do_GET


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--old")
    parser.add_argument("--hold")
    parser.add_argument("faults", nargs="+")
    options = parser.parse_args()
    for name in options.faults:
        action, _, target = name.partition("@")
        handler = type("Handler", (Fault,), {
            "action": action, "target": target or "any", "upstream": urllib.parse.urlsplit(options.upstream),
            "old": options.old, "hold": options.hold, "counts": collections.Counter(), "lock": threading.Lock()})
        server = Server(("127.0.0.1", 0), handler)
        if options.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(options.certificate, options.key)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(name, server.server_port)
    print("ready", flush=True)
    threading.Event().wait()


main()
