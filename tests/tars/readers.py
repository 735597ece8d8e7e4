#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever tar hallmark accepts, every other reader reads the same: names, types, targets, bytes.

Tars of real writers are mutated until COUNT of them were accepted; each of those is given to the other readers that
this machine has. Those that run in one process read all of them, programs that are started for each one read the first
PROGRAM_COUNT. A reader that stops with an error is no danger, but there may not be more of that than for what it is known
not to know.

usage: readers.py LISTER [SEED [COUNT [PROGRAM_COUNT]]]
"""
import collections
import hashlib
import io
import os
import posixpath
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile

from corpus import make_corpus
from mutator import headers_of, mutated

HERE = os.path.dirname(os.path.abspath(__file__))
SEED, COUNT, PROGRAM_COUNT = (int(word) for word in (sys.argv[2:] + ["1", "10000", "100"][len(sys.argv) - 2:]))
NO_BYTES = hashlib.sha256(b"").hexdigest()


class Lister:
    """A program that reads many tars, one after the other: lister.cpp says how."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(self, tar):
        self.process.stdin.write(b"%d\n" % len(tar) + tar)
        self.process.stdin.flush()
        found, entries = {}, []
        for line in iter(self.process.stdout.readline, b".\n"):
            words = line.decode("utf-8", "replace").split()
            if not line:
                sys.exit(f"{self.process.args} ended")
            if line.startswith(b"!"):
                found[reader] = (entries, line[1:].decode("utf-8", "replace").strip())
            elif len(words) == 1:
                reader, entries = words[0], []
                found[reader] = (entries, "")
            else:
                name, target = (b"" if word == "-" else bytes.fromhex(word) for word in words[1:3])
                entries.append((name, words[0], target, words[3]))
        return found

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def by_python(tar):
    """Python's tarfile."""
    entries = []
    try:
        with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as archive:
            for member in archive:
                kind = "f" if member.isreg() else "d" if member.isdir() else "l" if member.issym() else "?"
                body = archive.extractfile(member).read() if kind == "f" else b""
                entries.append((os.fsencode(member.name), kind, os.fsencode(member.linkname),
                                hashlib.sha256(body).hexdigest()))
    except (tarfile.TarError, ValueError, OSError, KeyError) as error:
        return entries, f"{type(error).__name__}: {error}"
    return entries, ""


def by_program(command, tar, folder):
    """What a program makes of it on disk."""
    out = os.path.join(folder, "out").encode()
    shutil.rmtree(out, ignore_errors=True)
    os.mkdir(out)
    result = subprocess.run(command, input=tar, cwd=out, capture_output=True, check=False, timeout=60,
                            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "EXTRACT_UNSAFE_SYMLINKS": "1"})
    entries = []
    for where, folders, names in os.walk(out):
        for name in folders + names:
            path = os.path.join(where, name)
            kind = "l" if os.path.islink(path) else "d" if os.path.isdir(path) else "f" if os.path.isfile(path) else "?"
            body = b""
            if kind == "f":
                with open(path, "rb") as file:
                    body = file.read()
            target = os.readlink(path) if kind == "l" else b""
            entries.append((os.path.relpath(path, out), kind, target, hashlib.sha256(body).hexdigest()))
    return entries, "" if result.returncode == 0 else result.stderr.decode("utf-8", "replace").strip() or "it fails"


PROGRAMS = {"GNU tar": ["tar", "--no-same-owner", "-xf", "-"], "busybox": ["busybox", "tar", "-xf", "-"],
            "toybox": ["toybox", "tar", "-xf", "-"]}


def plain(entries, is_on_disk):
    """Sorted, with names and targets as they lead from the root; folders are left out where a reader makes those that
    files need."""
    def cleaned(path):
        return posixpath.normpath(b"/" + path).lstrip(b"/")

    listed = [(cleaned(name), kind, cleaned(posixpath.join(posixpath.dirname(name), target)) if kind == "l" else b"", body)
              for name, kind, target, body in entries]
    return sorted(entry for entry in listed if entry[0] and not (is_on_disk and entry[1] == "d"))


def difference(ours, theirs, is_on_disk=False):
    """A line for what is not the same in both, empty when all is."""
    mine, other = plain(ours, is_on_disk), plain(theirs, is_on_disk)
    if mine == other:
        return ""
    only_here = [entry for entry in mine if entry not in other]
    only_there = [entry for entry in other if entry not in mine]
    return f"hallmark has {only_here[:3]}, it has {only_there[:3]}"


def accepted_tars(lister, corpus):
    """Mutated tars that hallmark accepts, and what it and libarchive make of each; the others are counted."""
    chance = random.Random(SEED)
    names = sorted(corpus)
    refused = collections.Counter()
    accepted = 0
    while accepted < COUNT:
        tar = mutated(chance, corpus[chance.choice(names)], corpus[chance.choice(names)])
        found = lister.read(tar)
        trouble = found["hallmark"][1]
        if trouble:
            refused[trouble.split(":")[0]] += 1
            continue
        accepted += 1
        yield tar, found
    print(f"{accepted} accepted, refused: " + ", ".join(f"{count} {code}" for code, count in sorted(refused.items())))
    if sum(refused.values()) < COUNT // 10 or not refused["E_ARCHIVE_HEADER"]:
        sys.exit("too little is refused for a test of what is")


class Tally:
    """What the readers said, and where they differ."""

    def __init__(self):
        self.asked, self.stopped, self.troubles = collections.Counter(), collections.Counter(), collections.Counter()
        self.differences = 0

    def take(self, who, tar, ours, theirs, is_on_disk=False):
        entries, trouble = theirs
        self.asked[who] += 1
        if trouble:
            self.stopped[who] += 1
            self.troubles[f"{who}: {trouble[:80]}"] += 1
            return
        line = difference(ours, entries, is_on_disk)
        if line:
            self.differences += 1
            if self.differences <= 20:
                with tempfile.NamedTemporaryFile(prefix="hallmark-", suffix=".tar", delete=False) as file:
                    file.write(tar)
                print(f"{who} reads {file.name} otherwise: {line}")


def has_pax(tar):
    return any(tar[at + 156:at + 157] == b"x" for at in headers_of(tar))


def ask_all(lister, go, programs, corpus, folder):
    tally = Tally()
    for number, (tar, found) in enumerate(accepted_tars(lister, corpus)):
        ours = found["hallmark"][0]
        tally.take("libarchive", tar, ours, found["libarchive"])
        tally.take("Python", tar, ours, by_python(tar))
        if go:
            tally.take("Go", tar, ours, go.read(tar)["go"])
        for who, command in programs.items() if number < PROGRAM_COUNT else ():
            # busybox knows no pax: it takes each entry for what its own header calls it.
            if who != "busybox" or not has_pax(tar):
                tally.take(who, tar, ours, by_program(command, tar, folder), is_on_disk=True)
    return tally


def go_lister(folder):
    """Absent where no Go is."""
    program = os.path.join(folder, "lister")
    if shutil.which("go") is None:
        return None
    command = ["go", "build", "-o", program, os.path.join(HERE, "lister.go")]
    environment = {"GOCACHE": os.path.join(folder, "go"), **os.environ, "GO111MODULE": "off"}
    built = subprocess.run(command, env=environment, capture_output=True, check=False)
    return Lister([program]) if built.returncode == 0 else None


def report(tally, absent):
    for who, count in sorted(tally.asked.items()):
        print(f"{who} read {count}, {tally.stopped[who]} of them not to the end")
    for trouble, count in sorted(tally.troubles.items()):
        print(f"  {count} times {trouble}")
    print("not there: " + (", ".join(absent) or "none"))
    print(f"{tally.differences} differences, seed {SEED}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        corpus = make_corpus(folder)
        lister = Lister([sys.argv[1]])
        for name, tar in corpus.items():
            trouble = lister.read(tar)["hallmark"][1]
            if trouble:
                sys.exit(f"what a real writer wrote is refused, {name}: {trouble}")
        go = go_lister(folder)
        programs = {who: command for who, command in PROGRAMS.items() if shutil.which(command[0])}
        tally = ask_all(lister, go, programs, corpus, folder)
        report(tally, sorted(PROGRAMS.keys() - programs.keys()) + ([] if go else ["Go"]))
        lister.end()
        if go:
            go.end()
    return 1 if tally.differences else 0


if __name__ == "__main__":
    sys.exit(main())
