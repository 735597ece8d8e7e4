#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The order inside the rooms: no circle of includes, no crowded folder, each function in the file of its header's name,
each document that a comment cites in the repository.

usage: check_house.py [--self-test | --figures] [ROOT]

--figures prints what the house is measured by.
"""

import collections
import pathlib
import re
import sys
import tempfile

ROOMS = ("trust", "policy", "store", "registry", "cmd", "bench")
MOST_FILES = 30
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
CLASS = re.compile(r"^(?:class|struct) (?:\[\[\w+\]\] )?(\w+)(?: final)?(?: : [^;{]*)?\s*\{", re.M)
# At the left edge a declaration or a definition of a function, with the class before its name if it has one.
FUNCTION = re.compile(r"^(?!using|class|struct|enum|return|template|namespace|static_assert)"
                      r"(?:\[\[\w+\]\] )?[A-Za-z_][\w:<>,&*\s]*?[\s&*](?:(\w+)::)?(?:\w+::)*(~?\w+)\(", re.M)
MEMBER = re.compile(r"^(\w+)(?:::\w+)*::~?\w+\(", re.M)  # constructors
CITED = re.compile(r"^\s*//.*?([\w./-]+\.md)\b", re.M)
PUBLIC = ("image-spec", "distribution-spec")  # whose files may be cited by their names, on the same line
# The functions of these headers come together from many files.
APART = {"cmd/commands/entry_points.h"}


def parts_of(root):
    """Of each file without its ending: its files."""
    parts = collections.defaultdict(list)
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in (".h", ".cpp"):
                parts[path.relative_to(root).with_suffix("").as_posix()].append(path)
    return parts


def circles(parts):
    """Strongly connected parts, by Tarjan's algorithm."""
    uses = {part: sorted({name.rsplit(".", 1)[0] for path in paths for name in INCLUDE.findall(path.read_text())}
                         & parts.keys() - {part}) for part, paths in parts.items()}
    order, low, stack, found = {}, {}, [], []

    def visit(part):
        order[part] = low[part] = len(order)
        stack.append(part)
        for other in uses[part]:
            if other not in order:
                visit(other)
            if other in stack:
                low[part] = min(low[part], low[other])
        if low[part] == order[part]:
            circle = stack[stack.index(part):]
            del stack[stack.index(part):]
            if len(circle) > 1:
                found.append("these include each other: " + ", ".join(sorted(circle)))

    sys.setrecursionlimit(10_000)
    for part in uses:
        if part not in order:
            visit(part)
    return found


def crowded(root):
    found = []
    for room in ROOMS + ("tests",):
        for folder in [root / room, *sorted(path for path in (root / room).rglob("*") if path.is_dir())]:
            count = sum(path.suffix in (".h", ".cpp", ".sh", ".py") for path in folder.glob("*"))
            if count > MOST_FILES:
                found.append(f"{folder.relative_to(root).as_posix()} has {count} files, at most {MOST_FILES} have room")
    return found


def without_hidden(text):
    """Nothing of unnamed namespaces, which nobody else can call."""
    return re.sub(r"^namespace \{\n.*?^\}  // namespace\n", "", text, flags=re.M | re.S)


def is_of(part, header):
    return part == header or part.startswith(header + "_")


def misplaced(root, parts):
    declared, classes = collections.defaultdict(set), collections.defaultdict(set)
    for part, paths in parts.items():
        for path in paths:
            if path.suffix != ".h" or path.relative_to(root).as_posix() in APART:
                continue
            text = path.read_text()
            for name in CLASS.findall(text):
                classes[part.split("/")[0], name].add(part)
            for owner, name in FUNCTION.findall(text):
                if not owner:
                    declared[part.split("/")[0], name].add(part)
    found = []
    for part, paths in parts.items():
        room = part.split("/")[0]
        for path in paths:
            if path.suffix != ".cpp":
                continue
            text = without_hidden(path.read_text())
            owners = {owner for owner, _ in FUNCTION.findall(text) if owner} | set(MEMBER.findall(text))
            names = {name for owner, name in FUNCTION.findall(text) if not owner}
            wanted = [("class " + owner, classes.get((room, owner))) for owner in sorted(owners)]
            wanted += [(name, declared.get((room, name))) for name in sorted(names)]
            for what, headers in wanted:
                if headers and not any(is_of(part, header) for header in headers):
                    found.append(f"{part}.cpp: {what} is declared in {', '.join(sorted(headers))}.h")
    return found


def missing(root, parts):
    found = []
    for paths in parts.values():
        for path in paths:
            for cited in CITED.finditer(path.read_text()):
                is_public = any(name in cited.group(0) for name in PUBLIC)
                if not is_public and not (root / cited.group(1)).is_file():
                    found.append(f"{path.relative_to(root).as_posix()} cites {cited.group(1)}, which is not here")
    return found


def faults(root):
    parts = parts_of(root)
    return circles(parts) + crowded(root) + misplaced(root, parts) + missing(root, parts)


PLANTED = {  # files that are wrong together, and a word of what must be said of them; no word: they are right
    "a circle through a source": ({"store/a.h": "", "store/a.cpp": '#include "store/b.h"\n',
                                   "store/b.h": '#include "store/a.h"\n'}, "include each other"),
    "a line of includes": ({"store/a.h": "", "store/b.h": '#include "store/a.h"\n',
                            "store/b.cpp": '#include "store/b.h"\n#include "store/a.h"\n'}, None),
    "a crowded folder": ({f"cmd/x/{number}.h": "" for number in range(31)}, "31 files"),
    "a full folder": ({f"cmd/x/{number}.h": "" for number in range(30)}, None),
    "a crowded folder of tests": ({f"tests/x/{number}.sh": "" for number in range(31)}, "31 files"),
    "a function elsewhere": ({"policy/a.h": "int count(int x);\n", "policy/b.cpp": "int count(int x) {\n}\n"}, "count"),
    "a method elsewhere": ({"policy/a.h": "class A {\n  void f();\n};\n", "policy/b.cpp": "void A::f() {\n}\n"}, "class A"),
    "a constructor elsewhere": ({"policy/a.h": "class A {\n  A();\n};\n", "policy/b.cpp": "A::A() {\n}\n"}, "class A"),
    "a part of a class": ({"policy/a.h": "class A {\n  void f();\n};\n", "policy/a_rest.cpp": "void A::f() {\n}\n"}, None),
    "a document of nobody": ({"trust/a.h": "// As dct.md says.\n"}, "dct.md"),
    "a document of ours": ({"trust/a.h": "// As docs/a.md says.\n", "docs/a.md": ""}, None),
    "a document of all": ({"trust/a.h": "// OCI image-spec, config.md\n"}, None),
    "a function of one file": ({"policy/a.h": "int count(int x);\n",
                                "policy/b.cpp": "namespace {\nint count(int x) {\n}\n}  // namespace\n"}, None),
}


def self_test():
    wrong = 0
    for name, (files, word) in PLANTED.items():
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for file, text in files.items():
                (root / file).parent.mkdir(parents=True, exist_ok=True)
                (root / file).write_text(text)
            said = "\n".join(faults(root))
        if (word is None and said) or (word is not None and word not in said):
            wrong += 1
            print(f"self-test: {name}: {said or 'nothing was said'}")
    return wrong


def figures(root, parts):
    """What it is called, and the number."""
    texts = {path.relative_to(root).as_posix(): path.read_text() for paths in parts.values() for path in paths}
    lines = [line.strip() for text in texts.values() for line in text.splitlines() if line.strip()]
    comments = sum(line.startswith("//") for line in lines)
    tests = "".join(path.read_text() for path in (root / "tests/cmd/admission").glob("*.cpp"))

    def files_with(pattern, folders, but=()):
        return [name for name, text in texts.items()
                if name.startswith(folders) and not name.startswith(but) and re.search(pattern, text)]

    for room in ROOMS:
        yield f"files in {room}", sum(name.startswith(room + "/") for name in texts)
    yield "most files in a folder", max(len([name for name in texts if name.rpartition("/")[0] == folder])
                                        for folder in {name.rpartition("/")[0] for name in texts})
    yield "include circles", len(circles(parts))
    yield "files of policy that name a trust system, but the table", len(
        files_with(r"\btuf::", ("policy/",), ("policy/systems.cpp",)))
    yield "files of cmd/admission that name a trust system", len(files_with(r"\btuf::", ("cmd/admission/",)))
    yield "owners of a descriptor", len(files_with(r"[^.\w]::close\(", ROOMS))
    yield "files that rename by themselves", len(files_with(r"(::|std::|fs::)rename\(", ROOMS))
    yield "structs for a judgement", len(re.findall(r"^struct (?:Judgement|Judged|Decided|JudgedName|Admitting)\b",
                                                    "".join(texts.values()), re.M))
    yield "unit tests of cmd/admission", tests.count("TEST_CASE(")
    yield "comments that cite what is not here", len(missing(root, parts))
    yield "whole comment lines for a line of code", round(comments / (len(lines) - comments), 3)


def main(arguments):
    if "--self-test" in arguments:
        wrong = self_test()
        print(f"house: {len(PLANTED) - wrong} of {len(PLANTED)} planted houses were judged rightly")
        return 1 if wrong else 0
    folders = [argument for argument in arguments if not argument.startswith("--")]
    root = pathlib.Path(folders[0]) if folders else pathlib.Path(__file__).resolve().parent.parent
    if "--figures" in arguments:
        for what, number in figures(root, parts_of(root)):
            print(f"{number:>6}  {what}")
        return 0
    found = faults(root)
    print("\n".join(found + [f"house: {len(found)} faults"]))
    return 1 if found else 0


sys.exit(main(sys.argv[1:]))
