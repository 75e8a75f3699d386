# SPDX-License-Identifier: ISC
"""80 columns, colour only on a terminal."""

import itertools
import os
import sys

# Colours of the nodes in a strip, and of a lost query.
LETTERS = {"T": "35", "L": "33", "N": "36", "x": "1;31"}


class Screen:
    def __init__(self, stream=sys.stdout):
        self.stream = stream
        self.colour = stream.isatty() and not os.environ.get("NO_COLOR")
        self.failed = []
        self.step_number = 0

    def _paint(self, text, code):
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def bold(self, text):
        return self._paint(text, "1")

    def green(self, text):
        return self._paint(text, "32")

    def red(self, text):
        return self._paint(text, "1;31")

    def dim(self, text):
        return self._paint(text, "2")

    def line(self, text=""):
        print(text, file=self.stream, flush=True)

    def title(self, text):
        self.line(self.bold(text))
        self.line()

    def step(self, text):
        self.step_number += 1
        self.line()
        self.line(self.bold(f"{self.step_number}. {text}"))

    def command(self, text):
        self.line(self.dim(f"   $ {text}"))

    def quote(self, text):
        for line in text.rstrip().splitlines():
            self.line(("   " + line).rstrip())

    def table(self, head, rows):
        widths = [max(len(str(row[i])) for row in [head, *rows])
                  for i in range(len(head))]
        for row in [head, *rows]:
            cells = "  ".join(str(cell).ljust(width)
                              for cell, width in zip(row, widths))
            line = "   " + cells.rstrip()
            self.line(self.dim(line) if row is head else line)

    def strip(self, answers, started, before=0.1, slice_ms=10, slices=60):
        """Who answered when: a letter is the node, `x` is a lost query.

        `answers` is {family: [(time sent, family, node or "-", ms)]}; one
        character is one slice of time, 0 is `started`.
        """
        scale = [" "] * slices
        for at in range(0, slices - 3, 10):
            label = str(round(at * slice_ms - before * 1000))
            scale[at:at + len(label)] = label
        self.line(self.dim("   ms    " + "".join(scale).rstrip()))
        for family, asked in answers.items():
            cells = [" "] * slices
            for sent, _, node, _ in asked:
                at = int((sent - started + before) * 1000 // slice_ms)
                if 0 <= at < slices and cells[at] != "x":
                    cells[at] = "x" if node == "-" else node[0].upper()
            self.line(f"   {family}  " + "".join(
                self._paint("".join(run), LETTERS.get(letter, "0"))
                for letter, run in itertools.groupby(cells)))

    def check(self, good, text):
        """Says whether it happened as told; remembers when it did not."""
        mark = self.green("ok") if good else self.red("NO")
        self.line(f"   {mark}  {text}")
        if not good:
            self.failed.append(text)
        return good
