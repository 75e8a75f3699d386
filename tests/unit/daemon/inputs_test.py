#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Inputs of avail pass daemon/input.c, or the journal would miss them.

usage: inputs_test.py SOURCE_ROOT
"""
import pathlib
import re
import sys

INPUT = re.compile(r"\bavail_(sample|addresses|watch|load|drill|attack|gate|brake|"
                   r"drain|quiet|undrain|stop|tick)\(b->")


def main():
    folder = pathlib.Path(sys.argv[1], "src/daemon")
    found = [f"{file.name}:{number}: {line.strip()}: use input_...()"
             for file in sorted(folder.glob("*.c"))
             if file.name != "input.c"
             for number, line in enumerate(file.read_text().splitlines(), 1)
             if INPUT.search(line)]
    assert len(list(folder.glob("*.c"))) > 10, "not the sources"
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
