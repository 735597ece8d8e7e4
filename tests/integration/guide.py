#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of a guide, one after the other in one shell, and looks for what it says they print.

usage: guide.py GUIDE.md FOLDER

In an indented block a line "$ COMMAND" is run; lines "> MORE" go on with it; what follows must be among the lines it
prints, in that order. "…" stands for anything. "# status 3" at the end of a command says how it must end, otherwise 0.
"""
import re
import subprocess
import sys


def steps(path):
    found = []
    is_open = False  # the block that the last command stands in
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.startswith("    "):
                is_open = is_open and not line.strip()
                continue
            line = line[4:].rstrip("\n")
            if line.startswith("$ "):
                found.append({"line": number, "command": line[2:], "prints": []})
                is_open = True
            elif line.startswith("> ") and is_open:
                found[-1]["command"] += "\n" + line[2:]
            elif is_open and line.strip():
                found[-1]["prints"].append(line)
    return found


def missing(wanted, printed):
    """The first wanted line that is not there, after those before it."""
    rest = iter(printed)
    for line in wanted:
        pattern = re.compile(".*".join(re.escape(part) for part in line.strip().split("…")))
        if not any(pattern.fullmatch(one.strip()) for one in rest):
            return line
    return None


def main(guide, folder):
    done = steps(guide)
    with subprocess.Popen(["bash", "-s"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          cwd=folder, text=True, encoding="utf-8") as shell:
        for step in done:
            status = re.search(r"# status (\d+)$", step["command"])
            wanted = int(status.group(1)) if status else 0
            # All in one shell, so that variables stay; nothing may read the commands that follow.
            shell.stdin.write("{ " + step["command"] + "\n} </dev/null\necho \"== done $?\"\n")
            shell.stdin.flush()
            printed = []
            while True:
                line = shell.stdout.readline()
                if not line or line.startswith("== done "):
                    break
                printed.append(line.rstrip("\n"))
            found = int(line.split()[2]) if line else None
            lost = missing(step["prints"], printed)
            if found != wanted or lost is not None:
                print(f"{guide}:{step['line']}: $ {step['command']}", *printed, sep="\n")
                sys.exit(f"expected status {wanted}, found {found}" if lost is None or found != wanted
                         else f"it does not print: {lost}")
        shell.stdin.close()
    if len(done) < 10:
        sys.exit(f"only {len(done)} commands in {guide}")
    print(f"{len(done)} commands of {guide}")


main(*sys.argv[1:])
