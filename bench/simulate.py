# SPDX-License-Identifier: ISC
"""Propagation on CAIDA's AS graph, built for release: whole runs, changes,
every AS as hijacker, loading, and the plain interface as one process.

The graph is no part of the tree: BASIN_DATA, else shared/data/ beside the
checkout. Peers measured on it elsewhere, a run: a C++ simulator 1.5 s and
122 MB, BGPy 4 s and 1.4 GB.
"""

import gzip
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("BASIN_DATA", ROOT.parent / "shared/data"))
GRAPH = DATA / "as-rel/20250901.as-rel2.txt.bz2"
ORIGINS = DATA / "oracle/norov_25_27.anns.csv"
RIBS = DATA / "oracle/norov_25_27.ribs.sorted.csv.gz"
BUILD = ROOT / "build-release"
BASIN = "src/cli/basin"
# Each program prints lines: a name, then these.
PROGRAMS = {
    "sim_run": ("one whole run, one core",
                ["median us", "p90", "p99", "worst", "ASes reached"]),
    "sim_whatif": ("one change, each compared with a whole run",
                   ["median us", "p90", "p99", "worst", "ASes moved, median",
                    "most", "octets of a scenario"]),
    "sim_batch": ("every AS as culprit",
                  ["s", "culprits", "in lanes", "us of one",
                   "share caught, median", "worst", "compared"]),
    "sim_search": ("search: 3 of 20 sites, 2 upstreams each",
                   ["scenarios run", "passed over", "s", "a second",
                    "objective", ""]),
    "sim_load": ("loading a graph, given: bzip2",
                 ["median ms", "p90", "worst", "octets", "peak MB"]),
}


def table(head, rows):
    rows = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width
                               in zip(row, widths)).rstrip())
    sys.stdout.flush()


def build():
    """Folder of a release build of what is measured."""
    quiet = {"stdout": subprocess.DEVNULL, "check": True}
    if not (BUILD / "build.ninja").exists():
        subprocess.run(["meson", "setup", str(BUILD),
                        "--buildtype=release"], **quiet)
    targets = subprocess.run(["ninja", "-C", str(BUILD), "-t", "targets",
                              "all"], capture_output=True, text=True,
                             check=True).stdout
    known = {line.split(":")[0] for line in targets.splitlines()}
    programs = [p for p in PROGRAMS if f"bench/bench_{p}" in known]
    subprocess.run(["ninja", "-C", str(BUILD), BASIN,
                    *(f"bench/bench_{p}" for p in programs)], **quiet)
    return programs


def run_program(name):
    what, head = PROGRAMS[name]
    result = subprocess.run([BUILD / f"bench/bench_{name}", GRAPH],
                            capture_output=True, text=True, check=False)
    if result.returncode:
        print(f"{what}: failed\n{result.stderr}")
        return
    rows = [line.split() for line in result.stdout.splitlines()]
    table([what, *head], [row + [""] * (len(head) + 1 - len(row))
                          for row in rows])


def timed(words):
    """(seconds, MB at most) of a process."""
    start = time.monotonic()
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(words[0], words, os.environ, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.monotonic() - start
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"{' '.join(words)}: failed")
    return seconds, usage.ru_maxrss / 1000


def agreement(out):
    if not RIBS.exists():
        return "not compared"
    with gzip.open(out) as seen, gzip.open(RIBS) as expected:
        mine, theirs = seen.read(), expected.read()
    if mine != theirs:
        return "DIFFERS"
    return f"all {theirs.count(b'(')} paths equal"


def plain_interface(runs):
    """Process start to the last octet: load, propagate, write, compress."""
    with tempfile.TemporaryDirectory() as folder:
        own = pathlib.Path(folder) / "graph"
        out = pathlib.Path(folder) / "ribs.csv.gz"
        words = [str(BUILD / BASIN), "simulate", "--graph"]
        timed([*words, str(GRAPH), "--save-graph", str(own)])
        rows = []
        for name, graph in [("bzip2", GRAPH), ("own format", own)]:
            got = [timed([*words, str(graph), "--origins", str(ORIGINS),
                          "--ribs", str(out)]) for _ in range(runs)]
            seconds = [s for s, _ in got]
            rows.append([name, f"{statistics.median(seconds):.3f}",
                         f"{min(seconds):.3f}", f"{max(seconds):.3f}",
                         f"{max(mb for _, mb in got):.0f}", agreement(out)])
    table(["basin simulate --ribs, from", "median s", "least", "most", "MB",
           "against three other simulators"], rows)


def run(runs):
    if not GRAPH.exists():
        print(f"simulate: {GRAPH} is absent (BASIN_DATA?)")
        return
    for program in build():
        run_program(program)
        print()
    plain_interface(runs)
