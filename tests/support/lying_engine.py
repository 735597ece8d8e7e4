#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A docker engine that does not do what it says: usage: lying_engine.py SOCKET

The real engine is in the tests beside this; it neither lies nor runs out of disk when asked. Images whose name has
"unsigned" it refuses in the middle of its answer; of all others it says afterwards that it has something else.
"""
import http.server
import json
import socketserver
import sys


class Engine(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = ""
    loaded = set()

    def address_string(self):
        return "socket"

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        Engine.asked = self.path
        if self.path in self.loaded:
            self.answer(200, json.dumps({"Id": "sha256:" + "0" * 64}).encode())
        else:
            self.answer(404, b'{"message": "no such image"}')

    def do_POST(self):
        while True:
            size = int(self.rfile.readline(), 16)
            self.rfile.read(size + 2)
            if size == 0:
                break
        self.loaded.add(Engine.asked)
        lines = [{"status": "Loading layer"}]
        if "unsigned" in Engine.asked:
            lines.append({"errorDetail": {"message": "no space left"}, "error": "no space left"})
        self.answer(200, b"".join(json.dumps(line).encode() + b"\r\n" for line in lines))


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


Server(sys.argv[1], Engine).serve_forever()
