#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command on a terminal of its own and types an answer whenever it asks something ("Enter ...: ", "Repeat ...: ").
Prints what the terminal showed; exits as the command did, or with 99 when it asked more, or less, than was expected.

usage: typist.py [ANSWER...] -- COMMAND...
"""

import os
import pty
import re
import sys

split = sys.argv.index("--")
answers, command = sys.argv[1:split], sys.argv[split + 1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
shown, asked = b"", 0
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:  # the other side is gone
        break
    if not piece:
        break
    shown += piece
    if re.search(rb"(Enter|Repeat) [^\n]*: $", shown[asked:]):
        asked = len(shown)
        if not answers:
            os.write(terminal, b"\x04")  # end of input
            answers = None
            continue
        os.write(terminal, answers.pop(0).encode() + b"\n")
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.stdout.write(shown.decode().replace("\r\n", "\n"))
sys.exit(status if answers == [] else 99)
