#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The documents against the tree: links lead somewhere, and every attack in docs/threats.md names tests that exist.

usage: check_docs.py [ROOT]
"""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
faults = []


def names_of_tests():
    names = set()
    for file in (root / "tests").rglob("*.cpp"):
        for pieces in re.findall(r'TEST_CASE\(((?:\s*"(?:[^"\\]|\\.)*")+)', file.read_text()):
            names.add("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', pieces)))
    for file in (root / "tests").rglob("*.sh"):
        names.update(re.findall(r'^\s*it "(.*)"$', file.read_text(), re.M))
    for folder in ("integration", "cmd", "compile_fail"):
        names.update(f"{folder}.{file.stem}" for file in (root / "tests" / folder).rglob("*.*"))
    names.update(re.findall(r"add_test\(NAME ([a-z_.]+)", "".join(f.read_text() for f in (root / "tests").rglob("*.cmake"))))
    names.update(re.findall(r"add_test\(NAME ([a-z_.]+)", "".join(f.read_text() for f in (root / "tests").rglob("CMakeLists.txt"))))
    return names


def check_links(file):
    for target in re.findall(r"\]\(([^)#]+)\)", file.read_text()):
        if "://" not in target and not (file.parent / target).exists():
            faults.append(f"{file.relative_to(root)}: the link {target} leads nowhere")


def check_threats(file):
    tests, rows = names_of_tests(), 0
    for number, line in enumerate(file.read_text().splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if not line.startswith("|") or line.startswith("|---") or cells[0] == "attack":
            continue
        rows += 1
        named = re.findall(r"`([^`]+)`", cells[-1])
        if len(cells) != 3 or not named:
            faults.append(f"docs/threats.md:{number}: a row has an attack, what stops it, and the names of its tests")
        faults.extend(f"docs/threats.md:{number}: no test is called: {name}" for name in named if name not in tests)
    return rows


documents = [root / "README.md", *sorted((root / "docs").rglob("*.md")), *sorted((root / "bench").glob("*.md"))]
for document in documents:
    check_links(document)
threats = root / "docs" / "threats.md"
attacks = check_threats(threats) if threats.exists() else faults.append("there is no docs/threats.md")
if len((root / "README.md").read_text().splitlines()) > 80:
    faults.append("README.md is longer than 80 lines")
print("\n".join(faults) or f"docs: {len(documents)} documents, {attacks} attacks, each with a test that exists")
sys.exit(1 if faults else 0)
