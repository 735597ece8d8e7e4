#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times commands and sums them up.

usage: measure.py run RESULTS LABEL COMMAND...     runs it, appends a line of JSON to RESULTS; passes its failure on
       measure.py repeat RESULTS TIMES LABEL COMMAND...   the same so many times in a row, after one that does not count
       measure.py piped FILE COMMAND...            runs it with FILE in a pipe as its input; passes its status on
       measure.py ratio RESULTS LABEL OTHER        median of LABEL's wall time over OTHER's, round by round
       measure.py median RESULTS LABEL             "WALL-SECONDS CPU-SECONDS PEAK-MIB", medians; the peak is the largest
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time


def timed(label, command):
    began = time.monotonic()
    child = os.posix_spawnp(command[0], command, os.environ)  # the fork of an interpreter takes milliseconds
    _, status, usage = os.wait4(child, 0)
    line = {"label": label, "wall": time.monotonic() - began, "cpu": usage.ru_utime + usage.ru_stime,
            "peak": usage.ru_maxrss / 1024}
    return os.waitstatus_to_exitcode(status), json.dumps(line) + "\n"


def run(results, label, command):
    with open(results, "a") as file:
        status, line = timed(label, command)
        file.write(line)
    return status


def repeat(results, times, label, command):
    outcomes = [timed(label, command) for _ in range(times + 1)]
    with open(results, "a") as file:
        file.writelines(line for _, line in outcomes[1:])
    return next((1 for status, _ in outcomes if status != 0), 0)


def piped(path, command):
    with subprocess.Popen(["cat", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as cat:
        status = subprocess.run(command, stdin=cat.stdout, check=False).returncode
        cat.stdout.close()  # cat ends where the reader did
    return status


def rows(results, label):
    found = [json.loads(line) for line in pathlib.Path(results).read_text().splitlines()]
    return [row for row in found if row["label"] == label]


def main(words):
    if words[0] == "run":
        return run(words[1], words[2], words[3:])
    if words[0] == "repeat":
        return repeat(words[1], int(words[2]), words[3], words[4:])
    if words[0] == "piped":
        return piped(words[1], words[2:])
    mine = rows(words[1], words[2])
    if words[0] == "ratio":
        other = rows(words[1], words[3])
        print(f"{statistics.median(a['wall'] / b['wall'] for a, b in zip(mine, other)):.2f}")
    else:
        wall, cpu = (statistics.median(row[key] for row in mine) for key in ("wall", "cpu"))
        print(f"{wall:.4f} {cpu:.2f} {max(row['peak'] for row in mine):.0f}")
    return 0


sys.exit(main(sys.argv[1:]))
