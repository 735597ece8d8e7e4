#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The registries of the world, acted out on loopback under their own names: a proxy (CONNECT) that answers itself for
each of their hosts, over TLS, with what is special about that registry, and has docker-registry behind it.

usage: registry_kinds.py --token URL --basic URL --open URL --certificate FILE --key FILE --signer FILE --signer-key FILE

The three URLs are docker-registry on the same storage: asking for tokens of --signer (issuer "iss", service "svc"),
asking for a password, and open. "ready PORT" goes to standard output, one line a request to standard error.
"""

import argparse
import base64
import http.client
import http.server
import json
import os
import socketserver
import ssl
import sys
import urllib.parse

sys.dont_write_bytecode = True
import world_registries  # noqa: E402

HOP_BY_HOP = ("content-length", "connection", "transfer-encoding", "date", "server", "keep-alive")
options = None


def write_line(*words):
    """In one piece: print() writes the end of a line by itself, and another thread comes between on a busy machine."""
    os.write(2, (" ".join(map(str, words)) + "\n").encode())


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = ""
    read = cut = False
    length = None  # of what a HEAD asks about

    def log_message(self, *words):
        pass

    def note(self, status):
        told = [name for name in ("Authorization", "Range", "X-Test") if self.headers.get(name)]
        write_line(self.asked, self.command, self.path, status, *told)

    def size(self):
        return int(self.headers.get("Content-Length") or 0)

    def body(self):
        if self.read:
            return b""
        self.read = True
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(self.size())
        pieces = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def user(self, users):
        """None without a password, False with a wrong one."""
        kind, _, text = (self.headers.get("Authorization") or "").partition(" ")
        if kind != "Basic":
            return None
        name, _, password = base64.b64decode(text).decode().partition(":")
        return name if users.get(name) == password else False

    def user_of_token(self):
        claims = (self.headers.get("Authorization") or "").split(".")
        return json.loads(base64.urlsafe_b64decode(claims[1] + "=="))["sub"] if len(claims) == 3 else None

    def answer(self, status, body, headers, length=None):
        self.note(status)
        self.body()  # where it is left unread, the connection is reset and the answer may be lost
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(self.length or len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def ask(self, path):
        url = urllib.parse.urlsplit(getattr(options, self.kind.upstream))
        connection = http.client.HTTPConnection(url.hostname, url.port)
        headers = {name: ", ".join(self.headers.get_all(name)) for name in self.headers.keys()
                   if name.lower() not in ("connection", "expect", "transfer-encoding")}
        if self.kind.upstream == "open":
            headers.pop("Authorization", None)
        headers["X-Forwarded-Proto"] = "https"
        connection.request(self.command, path, self.body() or None, headers)
        reply = connection.getresponse()
        told = [pair for pair in reply.getheaders() if pair[0].lower() not in HOP_BY_HOP]
        if self.command == "HEAD":
            self.length = reply.getheader("Content-Length")
        return reply.status, told, reply.read()

    def do_CONNECT(self):
        self.asked = self.path
        write_line("CONNECT", self.path)
        self.send_response(200)
        self.end_headers()
        self.connection = options.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = socketserver._SocketWriter(self.connection)
        self.close_connection = False

    def serve(self):
        self.read, self.cut, self.length = False, False, None
        self.asked = self.asked.removesuffix(":443")
        for kind in world_registries.KINDS:
            realm = urllib.parse.urlsplit(kind.realm or "")
            if self.asked == realm.netloc and self.path.partition("?")[0] == realm.path:
                return kind.give_token(self)
            if self.asked == kind.host:
                self.kind = kind
                return self.registry()
            if kind.cdn and self.asked == kind.cdn:
                self.kind = kind
                return self.data()
        return self.answer(502, b"no such host here", [])

    def data(self):
        """Where blobs are: signed addresses, and no patience with anybody who shows a password besides."""
        if self.headers.get("Authorization"):
            return self.answer(400, b"<Error><Code>InvalidArgument</Code></Error>", [])
        kind, self.kind = self.kind, world_registries.Nexus
        status, headers, body = self.ask(self.path.partition("?")[0])
        self.kind = kind
        return self.answer(status, body, headers)

    def registry(self):
        if self.kind.before(self):
            return
        status, headers, body = self.ask(self.path)
        headers = [(name, self.kind.challenge(value) if name.lower() == "www-authenticate" else value)
                   for name, value in headers]
        if self.kind.cdn and self.command == "GET" and "/blobs/sha256:" in self.path and status in (200, 206):
            return self.answer(307, b"", [("Location", f"https://{self.kind.cdn}{self.path}?X-Amz-Signature=abc")])
        status, headers, body = self.kind.after(self, status, headers, body)
        if self.cut:
            self.close_connection = True
            return self.answer(status, body[: len(body) // 2], headers, len(body))
        return self.answer(status, body, headers)

    def do_GET(self):
        try:
            self.serve()
        except OSError:
            self.close_connection = True

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def main():
    global options
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("token", "basic", "open", "certificate", "key", "signer", "signer-key"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    world_registries.signer, world_registries.signer_key = options.signer, options.signer_key
    options.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    options.tls.load_cert_chain(options.certificate, options.key)
    server = Server(("127.0.0.1", 0), Handler)
    print("ready", server.server_port, flush=True)
    server.serve_forever()


main()
