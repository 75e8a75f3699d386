# SPDX-License-Identifier: ISC
"""80 columns, colour only on a terminal."""

import os
import sys

WIDTH = 78


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
            self.line("   " + line)

    def table(self, head, rows):
        widths = [max(len(str(row[i])) for row in [head, *rows])
                  for i in range(len(head))]
        for row in [head, *rows]:
            cells = "  ".join(str(cell).ljust(width)
                              for cell, width in zip(row, widths))
            line = "   " + cells.rstrip()
            self.line(self.dim(line) if row is head else line)

    def check(self, good, text):
        """Says whether it happened as told; remembers when it did not."""
        mark = self.green("ok") if good else self.red("NO")
        self.line(f"   {mark}  {text}")
        if not good:
            self.failed.append(text)
        return good
