#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command on a terminal of its own, does to the window what it is told, and writes down what is to be seen.

usage: screen.py FOLDER STEP... -- COMMAND...
  ROWSxCOLUMNS  the window gets this size; the first step is one     wait:SECONDS  lets time pass
  until:REGEX   until a row is like this, 30 seconds at most
  see:NAME      FOLDER/NAME.screen: the rows of the window down to the cursor; FOLDER/NAME.all: with those above it
  interrupt     types Ctrl-C                                         end           until the command has ended
Exits as the command did; with 99 when it wrote a sequence that is not among those known here.

The terminal does as today's do: a narrower window wraps lines again, a wider one joins them; a lower one moves rows out
at the top, and a higher one shows them again.
"""

import fcntl
import os
import pathlib
import pty
import re
import select
import struct
import sys
import termios
import time

SEQUENCE = re.compile(r"\x1b\[(\d*)([AJK])")


class Screen:
    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.text, self.goes_on = [""], [False]  # all rows, also those above the window; continued on the next one?
        self.row = self.column = 0

    def top(self):
        return max(0, len(self.text) - self.rows)

    def down(self):
        self.row += 1
        if self.row == len(self.text):
            self.text.append("")
            self.goes_on.append(False)

    def put(self, character):
        if self.column == self.columns:
            self.goes_on[self.row] = True
            self.down()
            self.column = 0
        line = self.text[self.row].ljust(self.column)
        self.text[self.row] = line[: self.column] + character + line[self.column + 1 :]
        self.column += 1

    def erase(self, row, column):
        self.text[row] = self.text[row][:column]
        self.goes_on[row] = False
        if row > 0 and column == 0:
            self.goes_on[row - 1] = False

    def obey(self, number, letter):
        if letter == "A":
            self.row = max(self.top(), self.row - int(number or 1))
        elif letter == "K" and number in ("", "2"):
            self.erase(self.row, 0 if number else self.column)
        elif letter == "J" and number == "":
            for row in range(self.row, len(self.text)):
                self.erase(row, self.column if row == self.row else 0)
        else:
            sys.exit(99)

    def write(self, text):
        while text:
            sequence = SEQUENCE.match(text)
            if sequence:
                self.obey(*sequence.groups())
                text = text[sequence.end() :]
                continue
            if text[0] == "\x1b":
                return text  # the rest of it is still to come
            if text[0] == "\r":
                self.column = 0
            elif text[0] == "\n":
                self.down()
            else:
                self.put(text[0])
            text = text[1:]
        return ""

    def resize(self, rows, columns):
        if columns != self.columns:
            self.wrap_again(columns)
        self.rows, self.columns = rows, columns
        while len(self.text) > rows and len(self.text) - 1 > self.row and not self.text[-1]:
            self.text.pop()
            self.goes_on.pop()

    def wrap_again(self, columns):
        text, goes_on, line, row = [], [], "", 0
        for number, part in enumerate(self.text):
            if number == self.row:
                row = len(text) + len(line) // columns
            line += part
            if self.goes_on[number]:
                continue
            pieces = [line[at : at + columns] for at in range(0, len(line), columns)] or [""]
            text += pieces
            goes_on += [True] * (len(pieces) - 1) + [False]
            line = ""
        self.text, self.goes_on, self.row = text, goes_on, row

    def see(self, folder, name):
        rows = [line.rstrip() for line in self.text[: self.row + 1]]
        (folder / (name + ".all")).write_text("\n".join(rows) + "\n")
        (folder / (name + ".screen")).write_text("\n".join(rows[self.top() :]) + "\n")


def main():
    split = sys.argv.index("--")
    folder, steps, command = pathlib.Path(sys.argv[1]), sys.argv[2:split], sys.argv[split + 1 :]
    screen = Screen(*map(int, steps[0].split("x")))
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", screen.rows, screen.columns, 0, 0))
        os.execvp(command[0], command)
    rest, is_open = "", True

    def take(seconds):
        nonlocal rest, is_open
        until = time.monotonic() + seconds
        while is_open:
            left = max(0, until - time.monotonic())
            if not select.select([terminal], [], [], left)[0]:
                return
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # the other side is gone
                piece = b""
            is_open = piece != b""
            rest = screen.write(rest + piece.decode())

    for step in steps[1:]:
        kind, _, word = step.partition(":")
        if kind == "wait":
            take(float(word))
        elif kind == "until":
            for _ in range(600):
                if any(re.search(word, row) for row in screen.text):
                    break
                take(0.05)
        elif kind == "see":
            screen.see(folder, word)
        elif kind == "interrupt":
            os.write(terminal, b"\x03")
        elif kind == "end":
            take(60)
        else:
            take(0)
            size = [int(number) for number in kind.split("x")]
            screen.resize(*size)
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


main()
