#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Manual pages of docs/hallmark.1.md: hallmark.1 of the whole, and hallmark-COMMAND.1 of the section of each command.

usage: make_man.py FOLDER VERSION
"""

import pathlib
import re
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


def main(folder, version):
    folder.mkdir(parents=True, exist_ok=True)
    lines = DOCUMENT.read_text().splitlines()[1:]
    (folder / "hallmark.1").write_text(page("hallmark", version, converted(lines)))
    starts = [i for i, line in enumerate(lines) if line.startswith("### ")]
    for start in starts:
        end = next(i for i in range(start + 1, len(lines)) if lines[i].startswith("##"))
        section = lines[start + 1 : end]
        for command in lines[start][4:].split(", "):
            name = "hallmark-" + command.replace(" ", "-")
            usage = [line for line in section if line.startswith("    hallmark")]
            summary = next((line for line in section if line.strip() and not line.startswith((" ", "|"))), "")
            body = ["## NAME", "", f"{name} - {re.split(r'[.:;] |[.]$', summary)[0]}", "", "## SYNOPSIS", "", *usage, ""]
            body += ["## DESCRIPTION", "", *[line for line in section if line not in usage]]
            body += ["## SEE ALSO", "", "hallmark(1) has the options that every command has, exit statuses, variables and files."]
            (folder / f"{name}.1").write_text(page(name, version, converted(body)))


main(pathlib.Path(sys.argv[1]), sys.argv[2])
