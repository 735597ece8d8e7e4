#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The architecture as a test: every #include of the house against scripts/layers.txt.

usage: check_layers.py [--self-test] [ROOT]
"""

import pathlib
import re
import sys
import tempfile

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
FOLDERS = ("trust", "policy", "store", "registry", "cmd", "tests", "bench")


def regex(pattern):
    parts = re.split(r"(\*\*|\*)", pattern)
    words = {"**": ".*", "*": "[^/]*"}
    return re.compile("".join(words.get(part, re.escape(part)) for part in parts) + r"\Z")


class Rules:
    def __init__(self, path):
        self.files, self.closed, self.pure, self.open, self.only = [], [], set(), [], []
        self.doors = set()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            words = line.split("#")[0].split()
            if not words:
                continue
            kind, rest = words[0], words[1:]
            if kind in ("files", "only") and len(rest) >= 2 and rest[1] == ":":
                getattr(self, kind).append((regex(rest[0]), [regex(word) for word in rest[2:]]))
            elif kind in ("closed", "open"):
                getattr(self, kind).extend(regex(word) for word in rest)
            elif kind in ("pure", "doors"):
                getattr(self, kind).update(rest)
            else:
                sys.exit(f"{path}:{number}: not understood: {line}")

    def is_shut(self, file, header):
        """Whether the header is inside a room that others enter by its doors alone."""
        room = header.partition("/")[0]
        is_at_home = file.startswith((room + "/", "tests/"))
        return not is_at_home and header not in self.doors and any(door.startswith(room + "/") for door in self.doors)

    def fault_of_own(self, file, header, root):
        """Why `file` may not include the header of this house; None if it may."""
        if not (root / header).is_file():
            return "is no file of the house, written from its root"
        for pattern, allowed in self.only:
            if pattern.match(header) and not any(one.match(file) for one in allowed):
                return "belongs to another file"
        if file.rpartition("/")[0] == header.rpartition("/")[0]:
            return None
        for pattern, allowed in self.files:
            if pattern.match(file) and not any(one.match(header) for one in allowed):
                return "lies above or beside, not below"
            if pattern.match(file):
                return "is no door of its room" if self.is_shut(file, header) else None
        return f"has no rule: {file} fits no `files` line"

    def fault_of_foreign(self, file, header):
        for pattern, allowed in self.only:
            if pattern.match(header):
                return None if any(one.match(file) for one in allowed) else "belongs to another file"
        if any(pattern.match(file) for pattern in self.closed):
            return None if header in self.pure else "is not pure, and this room has no doors"
        if header in self.pure or any(pattern.match(header) for pattern in self.open):
            return None
        return "is not known to scripts/layers.txt"


def trespasses(root, rules):
    found = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".h", ".cpp"):
                continue
            file = path.relative_to(root).as_posix()
            for number, line in enumerate(path.read_text().splitlines(), 1):
                include = INCLUDE.match(line)
                if not include:
                    continue
                header = include.group(2)
                if include.group(1) == '"':
                    fault = rules.fault_of_own(file, header, root)
                else:
                    fault = rules.fault_of_foreign(file, header)
                if fault:
                    found.append(f"{file}:{number}: {header} {fault}")
    return found


PLANTED = {  # file: (include, whether it must be refused)
    "trust/digest.cpp": ("<openssl/evp.h>", False),
    "trust/error.cpp": ("<openssl/evp.h>", True),
    "trust/time.cpp": ('"policy/approval.h"', True),
    "trust/json.cpp": ("<nlohmann/json.hpp>", False),
    "trust/bytes.cpp": ("<fstream>", True),
    "trust/reference.cpp": ("<unistd.h>", True),
    "trust/tuf/update.cpp": ('"trust/crypto/key.h"', False),
    "trust/crypto/key.cpp": ('"trust/tuf/update.h"', True),
    "policy/gate.cpp": ("<thread>", True),
    "policy/policy.cpp": ('"store/store.h"', True),
    "policy/report.cpp": ('"trust/tuf/update.h"', True),
    "policy/systems.cpp": ('"trust/tuf/policy/system.h"', False),
    "policy/file/native.cpp": ("<openssl/evp.h>", True),
    "trust/dsse.cpp": ("<openssl/evp.h>", True),
    "trust/crypto/openssl.h": ("<openssl/evp.h>", False),
    "trust/crypto/pem.cpp": ("<openssl/pem.h>", True),
    "store/stream/libarchive.cpp": ("<archive.h>", True),
    "store/store.cpp": ('"policy/approval.h"', False),
    "store/image/image.cpp": ('"policy/gate.h"', True),
    "store/tar/tar.cpp": ("<sys/stat.h>", False),
    "store/stream/inflate.cpp": ("<archive.h>", True),
    "store/image/source.h": ("<isa-l.h>", True),
    "store/disk/file.cpp": ('"trust/crypto/key.h"', True),
    "registry/http/http.cpp": ("<curl/curl.h>", False),
    "registry/oci/client.cpp": ("<curl/curl.h>", True),
    "registry/server/login.cpp": ('"cmd/cli/options.h"', True),
    "registry/metadata/notary.cpp": ('"trust/tuf/update.h"', False),
    "registry/source.cpp": ('"trust/tuf/update.h"', True),
    "cmd/commands/pull.cpp": ('"registry/oci/client.h"', False),
    "cmd/main.cpp": ("<boost/program_options.hpp>", True),
    "cmd/cli/options.cpp": ("<boost/program_options.hpp>", False),
    "cmd/commands/tag.cpp": ("<surprise/x.h>", True),
    "cmd/commands/rmi.cpp": ('"store/store.cpp"', True),
    "cmd/commands/check.cpp": ('"store.h"', True),
    "store/stream/unpack.cpp": ('"store/tar/tar_reader.h"', True),
    "store/tar/pax.cpp": ('"store/stream/archive_refusal.h"', False),
    "store/layout/layout.cpp": ('"store/store.h"', True),
    "registry/config/toml.cpp": ('"registry/oci/client.h"', True),
    "registry/server/token.cpp": ('"registry/config/credentials.h"', False),
    "cmd/admission/records.cpp": ('"cmd/bundling/bundle_base.h"', True),
    "cmd/terminal/bars.cpp": ('"cmd/cli/options.h"', True),
    "cmd/bundling/hand_over.cpp": ('"cmd/admission/desk.h"', False),
    "cmd/commands/save.cpp": ('"store/archive/tar_entries.h"', True),
    "tests/store/archive/archive_test.cpp": ('"store/archive/tar_entries.h"', False),
}


def self_test(rules):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for file, (include, _) in PLANTED.items():
            names = [file] + ([include.strip('"')] if include.startswith('"') and "/" in include else [])
            for name in names:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).touch()
        for file, (include, _) in PLANTED.items():
            (root / file).write_text(f"#include {include}\n")
        found = {line.partition(":")[0] for line in trespasses(root, rules)}
    wrong = [file for file, (_, refused) in PLANTED.items() if (file in found) != refused]
    for file in wrong:
        print(f"self-test: {file} with {PLANTED[file][0]} was{' not' if PLANTED[file][1] else ''} refused")
    return len(wrong), len(PLANTED)


def main(arguments):
    testing = "--self-test" in arguments
    rest = [word for word in arguments if word != "--self-test"]
    root = pathlib.Path(rest[0]) if rest else pathlib.Path(__file__).resolve().parent.parent
    rules = Rules(pathlib.Path(__file__).resolve().parent / "layers.txt")
    if testing:
        wrong, planted = self_test(rules)
        print(f"layers: {planted - wrong} of {planted} planted includes were judged rightly")
        return 1 if wrong else 0
    found = trespasses(root, rules)
    print("\n".join(found + [f"layers: {len(found)} trespasses"]))
    return 1 if found else 0


sys.exit(main(sys.argv[1:]))
