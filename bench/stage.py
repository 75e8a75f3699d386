# SPDX-License-Identifier: ISC
"""The stage every contestant plays on: a node, a link, a BIRD router, and a
clock on the wire."""

import os
import pathlib
import random
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "net"))

from lab import Bird, Capture, Lab, bgp, wait_until  # noqa: E402

ASN, ROUTER_ASN = 65010, 65000
ADDRESS, PREFIX = "192.0.2.1", "192.0.2.0/24"


class Stage:
    """`with Stage() as stage:` gives node, router (BIRD, waiting for the
    node's session) and wire (a capture of it)."""

    def __init__(self, address=ADDRESS, families=(4,)):
        self.address, self.families = address, families
        self.lab = Lab()

    def __enter__(self):
        self.lab.__enter__()
        self.node = self.lab.namespace("node")
        self.box = self.lab.namespace("router")
        self.link = self.lab.link(self.node, self.box)
        self.local = self.link.v4(self.node)
        self.remote = self.link.v4(self.box)
        self.router = Bird(self.box, ROUTER_ASN)
        self.router.peer(self.local, ASN, passive=True,
                         families=self.families)
        if self.address:
            self.node.ip(f"addr add {self.address}/32 dev lo")
        self.wire = Wire(self)
        return self

    def __exit__(self, *error):
        self.wire.close()
        self.lab.__exit__(*error)

    def open(self):
        self.router.start()

    def wait_prefix(self, there=True, timeout=60):
        wait_until(lambda: (self.router.count() > 0) == there, timeout,
                   f"the prefix is {'' if there else 'not '}at the router")


class Wire:
    """When did an UPDATE leave the node? Wall clock, from the kernel."""

    def __init__(self, stage):
        self.stage = stage
        self.restart()

    def restart(self):
        self.close()
        self.capture = Capture(self.stage.box,
                               self.stage.link.interface(self.stage.box))

    def close(self):
        if getattr(self, "capture", None):
            self.capture.close()
            self.capture = None

    def first(self, after, wanted, timeout):
        """Time of the first UPDATE from the node that `wanted` likes."""
        def seen():
            for message in self.capture.updates(self.stage.local):
                if message.time >= after and wanted(message):
                    return message.time
            return None
        return wait_until(seen, timeout, "an UPDATE on the wire", every=0.01)

    def withdrawal(self, after, timeout=30):
        return self.first(after, lambda m: m.withdrawn, timeout)

    def announcement(self, after, timeout=30):
        return self.first(after, lambda m: m.announced, timeout)


def pss(pids):
    """Proportional set size of processes together, in octets."""
    total = 0
    for pid in pids:
        try:
            text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in text.splitlines()
                     if line.startswith("Pss:"))
    return total


def cpu(pids):
    """User and system seconds of processes and their ended children."""
    tick = os.sysconf("SC_CLK_TCK")
    total = 0
    for pid in pids:
        try:
            text = pathlib.Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            continue
        fields = text.rpartition(")")[2].split()
        total += sum(int(n) for n in fields[11:15])
    return total / tick


def family(pid):
    """A process and all its descendants."""
    found = [pid]
    try:
        text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return found
    for child in text.split():
        found += family(int(child))
    return found


def spread(values, scale=1.0, digits=2):
    """"median [min..max]" as text."""
    if not values:
        return "-"
    v = [x * scale for x in values]
    return (f"{statistics.median(v):.{digits}f} "
            f"[{min(v):.{digits}f}..{max(v):.{digits}f}]")


def median(values):
    return statistics.median(values) if values else float("nan")


def table(head, rows):
    """Prints an aligned table."""
    rows = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for number, row in enumerate(rows):
        print("  " + "  ".join(cell.ljust(width) for cell, width
                               in zip(row, widths)).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))
    sys.stdout.flush()


def settle(interval, phase):
    """Waits until `phase` (0 to 1) of the interval's clock; None: anywhere."""
    time.sleep(0.3)
    now = time.time() / interval
    time.sleep((random.random() if phase is None else (phase - now) % 1) *
               interval)
