#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Archives of images that real tools wrote, and hostile ones, given to `hallmark load`.

tests/vectors/archives/expected.json says of each what must become of it: OK, or the word of the refusal and, where it
is not plain, the reason. A refusal is exit status 4 with that word, and leaves neither a name nor a blob nor anything
of the quarantine; nothing may appear beside the store; no archive may take long or much memory.
"""
import glob
import io
import json
import lzma
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORS = os.path.join(HERE, "..", "vectors", "archives")
HALLMARK = os.environ["HALLMARK"]
MOST_SECONDS = 5
# The sanitizer keeps what was freed.
IS_SANITIZED = "libasan" in subprocess.run(["ldd", HALLMARK], capture_output=True, text=True, check=False).stdout
MOST_KIB = (1024 if IS_SANITIZED else 64) << 10


def named_file(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def big_document(name):
    """60 MB of JSON where a few hundred bytes are expected."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        named_file(tar, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        named_file(tar, name, b"[" + b'"a",' * 15_000_000 + b'"a"]')
    return out.getvalue()


def bomb():
    """Zeros that are small when they are compressed."""
    squeezed = lzma.LZMACompressor(preset=1)
    data = b"".join(squeezed.compress(bytes(1 << 20)) for _ in range(400)) + squeezed.flush()
    return data


def cases():
    with open(os.path.join(VECTORS, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)
    seen = set()
    for packed in sorted(glob.glob(os.path.join(VECTORS, "*.tar.xz"))):
        with tarfile.open(packed, "r:xz") as tar:
            for member in tar:
                name = member.name.removesuffix(".tar")
                if member.isfile() and member.name.endswith(".tar"):
                    seen.add(name)
                    yield name, expected[name], tar.extractfile(member).read()
    if seen != set(expected):
        sys.exit(f"expected.json and the archives differ: {sorted(seen ^ set(expected))}")
    yield "made/large-manifest", ["E_JSON_LIMIT"], big_document("manifest.json")
    yield "made/large-index", ["E_JSON_LIMIT"], big_document("index.json")
    yield "made/empty", ["E_NO_IMAGE"], b""
    yield "made/zeros-in-xz", ["E_ARCHIVE_TRAILING"], bomb()


def load(folder, data):
    path = os.path.join(folder, "archive.tar")
    with open(path, "wb") as file:
        file.write(data)
    begun = time.monotonic()
    result = subprocess.run(
        ["/usr/bin/env", "time", "-f", "%M", "-o", os.path.join(folder, "memory"),
         HALLMARK, "--store", os.path.join(folder, "store"), "load", "-i", path],
        capture_output=True, text=True, errors="replace", check=False,
        env={"HOME": folder, "PATH": os.environ["PATH"]})
    seconds = time.monotonic() - begun
    with open(os.path.join(folder, "memory"), encoding="utf-8") as file:
        memory = int(file.read().split()[-1])
    return result, seconds, memory


def left_behind(folder):
    """What a refused load may not leave: anything but the store's lock and empty folders."""
    left = [os.path.join(where, name) for where, _, names in os.walk(folder) for name in names]
    allowed = ("archive.tar", "memory", "store/.hallmark/lock")
    return [path for path in left if os.path.relpath(path, folder) not in allowed]


def trouble(folder, expected, result, seconds, memory):
    code = expected[0]
    if seconds > MOST_SECONDS:
        return f"it took {seconds:.1f} s"
    if memory > MOST_KIB:
        return f"it took {memory} KiB"
    if code == "OK":
        if result.returncode != 0 or "Loaded image" not in result.stdout:
            return f"status {result.returncode}: {result.stderr.strip()}"
        check = subprocess.run([HALLMARK, "--store", os.path.join(folder, "store"), "check"],
                               capture_output=True, text=True, check=False)
        return "" if check.returncode == 0 else f"what was loaded is damaged: {check.stdout}{check.stderr}"
    if result.returncode != 4 or not re.search(rf": {code}: ", result.stderr):
        return f"expected {code}, status {result.returncode}: {result.stderr.strip()}"
    left = left_behind(folder)
    return f"it left {left}" if left else ""


def main():
    failed = 0
    count = 0
    marks = set(os.listdir(tempfile.gettempdir()))
    for name, expected, data in cases():
        count += 1
        with tempfile.TemporaryDirectory() as folder:
            wrong = trouble(folder, expected, *load(folder, data))
        if wrong:
            failed += 1
            print(f"{name}: {wrong}")
    escaped = [entry for entry in set(os.listdir(tempfile.gettempdir())) - marks
               if "escape-target" in entry or "EVIL" in entry]
    if escaped:
        failed += 1
        print(f"something came out of an archive: {escaped}")
    print(f"{count} archives, {failed} wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
