# SPDX-License-Identifier: Apache-2.0
"""A registry with one image, and two token servers beside it. What the registry answers to strangers stands in
FOLDER/challenge, with HONEST and THIEF for the addresses of the token servers; FOLDER/shown has who was shown a password.

usage: token_servers.py FOLDER IMAGE ROOT_DIGEST"""
import http.server
import json
import os
import sys
import threading

folder, image, root = sys.argv[1:]
names = {}


def shown(server):
    with open(os.path.join(folder, "shown"), "a") as file:
        file.write(server + "\n")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def tell(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def ask(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = ask


class Registry(Handler):
    def answer(self):
        given = self.headers.get("Authorization", "")
        if given.startswith("Basic "):
            shown("registry")
        elif given != "Bearer good":
            with open(os.path.join(folder, "challenge")) as file:
                challenge = file.read().strip()
            for name, address in names.items():
                challenge = challenge.replace(name, address)
            return self.tell(401, b"{}", WWW_Authenticate=challenge)
        last = self.path.rsplit("/", 1)[1]
        if self.path == "/v2/":
            return self.tell(200, b"{}")
        if self.command not in ("GET", "HEAD"):
            return self.tell(405, b"{}")
        digest = last if ":" in last else root
        path = os.path.join(image, "blobs", *digest.split(":"))
        if not os.path.exists(path):
            return self.tell(404, b"{}")
        with open(path, "rb") as file:
            body = file.read()
        kind = json.loads(body)["mediaType"] if "/manifests/" in self.path else "application/octet-stream"
        self.tell(200, body, Content_Type=kind)


def token_server(name):
    class TokenServer(Handler):
        def answer(self):
            if self.headers.get("Authorization") or self.command == "POST":
                shown(name)
            self.tell(200, b'{"token":"good"}')

    return TokenServer


def start(handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever).start()
    return f"localhost:{server.server_address[1]}"


names["HONEST"] = "http://" + start(token_server("honest"))
names["THIEF"] = "http://" + start(token_server("thief"))
names["REGISTRY"] = "http://" + start(Registry)
for name, address in names.items():
    with open(os.path.join(folder, name), "w") as file:
        file.write(address.removeprefix("http://"))
with open(os.path.join(folder, "ready"), "w"):
    pass
