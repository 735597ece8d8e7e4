#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Manual pages of docs/hallmark.1.md: hallmark.1 of the whole, and hallmark-COMMAND.1 of the section of each command,
with the examples of its help.

usage: make_man.py FOLDER VERSION PROGRAM
"""

import pathlib
import re
import subprocess
import sys

DOCUMENT = pathlib.Path(__file__).resolve().parent.parent / "docs" / "hallmark.1.md"


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def inline(text):
    """Bold, code and links; what stands in code is bold, too, as manual pages have it."""
    pieces = []
    for piece in re.split(r"(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\))", text):
        if piece.startswith("`"):
            pieces.append(f"\\fB{escaped(piece[1:-1])}\\fR")
        elif piece.startswith("**"):
            pieces.append(f"\\fB{escaped(piece[2:-2].replace('`', ''))}\\fR")
        elif piece.startswith("[") and "](" in piece:
            pieces.append(escaped(piece[1 : piece.index("](")]))
        else:
            pieces.append(escaped(piece).removeprefix("\\&"))
    line = "".join(pieces)
    return "\\&" + line if line.startswith((".", "'")) else line


def cells_of(row):
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def converted(lines):
    out, text = [], []

    def flush():
        if text:
            out.extend([".PP", inline(" ".join(text))])
            text.clear()

    for number, line in enumerate(lines):
        is_code = line.startswith("    ")
        if is_code or not line.strip() or line.startswith(("#", "|", "- ")):
            flush()
        if line.startswith("## "):
            out.append(f'.SH "{escaped(line[3:])}"')
        elif line.startswith("### "):
            out.append(f'.SS "{escaped(line[4:])}"')
        elif is_code:
            if number == 0 or not lines[number - 1].startswith("    "):
                out.extend([".PP", ".nf", ".RS"])
            out.append(escaped(line[4:]))
            if number + 1 == len(lines) or not lines[number + 1].startswith("    "):
                out.extend([".RE", ".fi"])
        elif line.startswith("|"):
            cells = cells_of(line)
            if set("".join(cells)) <= set("-: ") or (len(cells) > 1 and not cells[1]):
                continue
            out.extend([".TP", inline(cells[0]), inline("; ".join(cells[1:]))])
        elif line.startswith("- "):
            out.extend([".IP \\(bu 2", inline(line[2:])])
        elif line.strip():
            text.append(line.strip())
    flush()
    return "\n".join(out) + "\n"


def page(name, version, body):
    return f'.TH "{name.upper()}" "1" "" "hallmark {version}" "hallmark"\n{body}'


def examples_of(program, command):
    """As indented lines; none of the two commands that have no options."""
    if command in ("help", "version"):
        return []
    told = subprocess.run([program, *command.split(" "), "--help"], check=True, capture_output=True, text=True).stdout
    lines = told.partition("\nExample:\n")[2].splitlines()
    if not lines:
        sys.exit(f"{command} --help has no example")
    return ["## EXAMPLES", "", *(f"    {line.strip()}" for line in lines), ""]


def command_page(program, command, section):
    usage = [line for line in section if line.startswith("    hallmark")]
    rest = [line for line in section if line not in usage]
    summary = " ".join("\n".join(rest).strip().partition("\n\n")[0].splitlines())
    if not summary or summary.startswith("|"):
        sys.exit(f"the section of {command} says nothing")
    name = "hallmark-" + command.replace(" ", "-")
    short = re.split(r"[.:;] |[.]$", summary.replace("`", ""))[0]
    body = ["## NAME", "", f"{name} - {short}", "", "## SYNOPSIS", "", *usage, "", "## DESCRIPTION", "", *rest, ""]
    body += examples_of(program, command)
    body += ["## SEE ALSO", "", "hallmark(1) has the options that every command has, exit statuses, variables and files."]
    if any(".md" in line for line in section):
        body += ["Documents whose names end in .md are in share/doc/hallmark, beside share/man."]
    return name, converted(body)


def main(folder, version, program):
    folder.mkdir(parents=True, exist_ok=True)
    lines = DOCUMENT.read_text().splitlines()[1:]
    (folder / "hallmark.1").write_text(page("hallmark", version, converted(lines)))
    starts = [i for i, line in enumerate(lines) if line.startswith("### ")]
    for start in starts:
        end = next(i for i in range(start + 1, len(lines)) if lines[i].startswith("##"))
        section = lines[start + 1 : end]
        for command in lines[start][4:].split(", "):
            name, body = command_page(program, command, section)
            (folder / f"{name}.1").write_text(page(name, version, body))


main(pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3])
