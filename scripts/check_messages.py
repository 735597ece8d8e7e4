#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every message that docs/troubleshooting.md quotes in the first column of a table is one that the program has.

usage: check_messages.py ROOT | --self-test

A message is cut at its `…`; each piece must stand in a string of the sources, as the compiler sees it, or be what the
system says of an errno.
"""

import errno
import os
import pathlib
import re
import sys

ROOMS = ("trust", "policy", "store", "registry", "cmd")
OF_THE_SYSTEM = tuple(os.strerror(number) for number in (errno.ENOSPC, errno.EROFS, errno.EACCES))
LITERAL = r'"(?:[^"\\\n]|\\.)*"'


def strings_of(text):
    """The literals of a source, those beside each other joined; comments left out."""
    text = re.sub(rf"({LITERAL})|//[^\n]*", lambda found: found[1] or "", text)
    for joined in re.findall(rf"{LITERAL}(?:\s*{LITERAL})*", text):
        yield "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', joined)).replace('\\"', '"')


def pieces_of(document):
    """(line, piece) of each message; a row without a message is a fault of its own."""
    for number, line in enumerate(document.splitlines(), 1):
        if not line.startswith("| ") or line.startswith("| message |"):
            continue
        messages = re.findall(r"`([^`]+)`", re.split(r"(?<!\\) \| ", line[2:])[0])
        pieces = [piece.strip() for message in messages for piece in message.split("…")]
        pieces = [piece for piece in pieces if re.search(r"\w", piece) and piece != "--to"]
        yield from ((number, piece) for piece in pieces)
        if not pieces:
            yield number, ""


def faults_of(document, strings):
    everything = "\n".join(strings) + "\n" + "\n".join(f": {words}" for words in OF_THE_SYSTEM)
    for number, piece in pieces_of(document):
        if not piece:
            yield f"docs/troubleshooting.md:{number}: a row begins with the message"
        elif piece not in everything:
            yield f"docs/troubleshooting.md:{number}: no source says: {piece}"


def self_test():
    strings = list(strings_of('fail("it is "\n  "cut off", x, " bytes"); // "never said"\nf("say \\"no\\"");'))
    assert strings == ["it is cut off", " bytes", 'say "no"'], strings
    good = "| message | means | do |\n|---|---|---|\n| `it is cut off … bytes` | x | y |\n| `say \"no\"` | x | y |\n"
    assert not list(faults_of(good, strings))
    for bad in ("| `never said` | x | y |", "| `it is cut` … `off bytes` | x | y |", "| no message | x | `bytes` |"):
        assert list(faults_of(bad, strings)), bad
    print("messages: each fault is found")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root = pathlib.Path(sys.argv[1])
    sources = [file for room in ROOMS for file in sorted((root / room).rglob("*.*")) if file.suffix in (".cpp", ".h")]
    strings = [string for file in sources for string in strings_of(file.read_text())]
    document = (root / "docs" / "troubleshooting.md").read_text()
    faults = list(faults_of(document, strings))
    print("\n".join(faults) or f"messages: {len(list(pieces_of(document)))} pieces, each said by a source")
    return 1 if faults else 0


sys.exit(main())
