# SPDX-License-Identifier: Apache-2.0
"""Small tars of real writers, made when they are needed: what hallmark must go on to read, and what is mutated."""
import io
import os
import shutil
import subprocess
import tarfile

LONG = "blobs/sha512/" + "0123456789abcdef" * 8
DEEP = "d" * 90 + "/" + "e" * 120 + "/f"


def make_tree(folder):
    """An image layout in small, with names that need every kind of header."""
    files = {"index.json": b"{}", "blobs/sha256/" + "ab" * 32: bytes(range(256)) * 3, LONG: b"long", "empty": b"",
             "block": b"b" * 512, "caf\u00e9": b"not ASCII"}
    for name, content in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        os.utime(path, (1_700_000_000, 1_700_000_000))
    os.symlink("../" + "index.json", os.path.join(folder, "blobs", "link"))


def by_python(folder, kind, headers=None):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind, pax_headers=headers) as tar:
        tar.add(folder, arcname=".", recursive=False)
        for where, folders, names in sorted(os.walk(folder)):
            for name in sorted(folders + names):
                path = os.path.join(where, name)
                try:
                    tar.add(path, arcname=os.path.relpath(path, folder), recursive=False)
                except ValueError:
                    continue  # ustar has no room for the name
    return out.getvalue()


def deep_tar(kind):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as tar:
        info = tarfile.TarInfo(DEEP)
        info.size = 4
        info.mtime = 1_700_000_000.25 if kind == tarfile.PAX_FORMAT else 1_700_000_000
        if kind == tarfile.PAX_FORMAT:
            info.pax_headers = {"SCHILY.xattr.user.note": "kept", "comment": "no comment"}
        tar.addfile(info, io.BytesIO(b"deep"))
    return out.getvalue()


def by_program(command, folder):
    result = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return result.stdout if result.stdout and len(result.stdout) > 1024 else None


def make_corpus(folder):
    """By name; a writer that this machine has not is left out."""
    tree = os.path.join(folder, "tree")
    os.mkdir(tree)
    make_tree(tree)
    tars = {"python-ustar": by_python(tree, tarfile.USTAR_FORMAT), "python-gnu": by_python(tree, tarfile.GNU_FORMAT),
            "python-pax": by_python(tree, tarfile.PAX_FORMAT),
            "python-global": by_python(tree, tarfile.PAX_FORMAT, {"comment": "of all"}),
            "python-deep-gnu": deep_tar(tarfile.GNU_FORMAT), "python-deep-pax": deep_tar(tarfile.PAX_FORMAT)}
    programs = {f"gnu-{kind}": ["tar", f"--format={kind}", "-cf", "-", "."]
                for kind in ("v7", "oldgnu", "gnu", "ustar", "posix")}
    programs |= {f"bsdtar-{kind}": ["bsdtar", f"--format={kind}", "-cf", "-", "."]
                 for kind in ("v7", "ustar", "gnutar", "pax", "paxr")}
    programs["busybox"] = ["busybox", "tar", "-cf", "-", "."]
    for name, command in programs.items():
        if shutil.which(command[0]):
            made = by_program(command, tree)
            if made:
                tars[name] = made
    return tars
