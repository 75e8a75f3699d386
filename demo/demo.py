#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Three anycast nodes on a small Internet: who answers whom, and what a
client notices when a service dies and when a node is drained.

Needs root, or a kernel that permits user namespaces. Everything happens in
network namespaces of its own; nothing is left behind.
"""

import argparse
import os
import pathlib
import signal
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "net"))

from internet import PREFIXES, Internet  # noqa: E402
from lab import Lab, LabError, missing_tools, wait_until  # noqa: E402
from lab import WaitTimeout  # noqa: E402
from lab.basin import daemon_path  # noqa: E402
from lab.rootless import become_root  # noqa: E402
from screen import Screen  # noqa: E402

CALM, BUSY = 400, 1000  # queries per second of a city

MAP = """\
   Tokyo               New York              London      clients, and a node
     |                    |                    |         each: basind + NSD
   asia --- pacific --- america ------------ europe
     |                                         |         BIRD: america europe
     +--------------- mideast -----------------+               mideast
                                                         FRR:  asia pacific
"""


class Demo:
    def __init__(self, lab, screen):
        self.screen = screen
        self.net = Internet(lab)
        self.cities = self.net.cities

    def run(self):
        self.build()
        self.look()
        self.status()
        self.kill()
        self.recover()
        self.drain()
        self.undrain()

    # ---- the steps -------------------------------------------------------

    def build(self):
        self.screen.step("Five networks start, then three nodes")
        started = time.monotonic()
        self.net.start()
        for city in self.cities.values():
            city.nsd.start()
            city.basin.start(wait=False)
        for city in self.cities.values():
            wait_until(city.basin.answers, 5, city.basin.log,
                       alive=city.basin.process.check)
        self.net.wait_converged()
        for city in self.cities.values():
            city.ask(CALM)
        self.settle({name: city.node for name, city in self.cities.items()})
        self.screen.check(True, "every client is served, "
                          f"{time.monotonic() - started:.1f} s after the "
                          "first process was started")

    def look(self):
        self.screen.step("Who answers whom (the servers tell by NSID)")
        rows = []
        for name, city in self.cities.items():
            rows.append([name, *(city.queries.last(f) for f in PREFIXES),
                         f"{city.network}, AS {city.router.asn}",
                         type(city.router).__name__.upper()])
        self.screen.table(["client in", *PREFIXES, "its network",
                           "routed by"], rows)
        home = all(city.queries.last(family) == city.node
                   for city in self.cities.values() for family in PREFIXES)
        self.screen.check(home, "each city is answered by its own node")

    def status(self):
        self.screen.step("What the operator sees in London")
        self.screen.command("basin status")
        self.screen.quote(self.cities["London"].basin.cli("status"))

    def kill(self):
        self.screen.step("London's name server dies: kill -9")
        london = self.cities["London"]
        with london.watch() as wire:
            started = time.time()
            london.nsd.kill()
            self.settle({"London": "newyork"})
            answers = self.answers("London", started - 0.1,
                                   time.time() + 0.5)
        self.screen.strip(answers, started)
        self.screen.line("         each letter: who answered in that 10 ms; "
                         "x: a query was lost")
        self.withdrawals(wire, started)
        for family, asked in answers.items():
            lost = count_lost(asked)
            self.screen.check(silence(asked) < 1000,
                              f"{family}: {lost} queries lost, silence of "
                              f"{silence(asked):.0f} ms, then New York "
                              "answers")
        elsewhere = sum(
            count_lost(asked) for name in ("Tokyo", "New York")
            for asked in self.answers(name, started,
                                      time.time() - 1.2).values())
        self.screen.check(elsewhere == 0,
                          "nobody lost a query in Tokyo and New York")

    def recover(self):
        self.screen.step("It is started again")
        started = time.time()
        self.cities["London"].nsd.start()
        self.settle({"London": "london"})
        took = (time.time() - started) * 1000
        answers = self.answers("London", started - 0.1, time.time() + 0.5)
        self.screen.strip(answers, started)
        self.none_lost(answers, f"at home again after {took:.0f} ms (two "
                       "good checks)")

    def drain(self):
        city = self.cities["New York"]
        self.screen.step(f"New York is drained under {BUSY:,} queries a "
                         "second")
        city.ask(BUSY)
        time.sleep(1)
        self.screen.command('basin drain node --reason "new disks"')
        with city.watch() as wire:
            started = time.time()
            said = city.basin.cli("drain", "node", "--reason", "new disks")
            self.screen.quote(said.splitlines()[-1])
            self.settle({"New York": "london"})
            answers = self.answers("New York", started - 0.5,
                                   time.time() + 1)
        self.screen.strip(answers, started)
        self.withdrawals(wire, started)
        self.none_lost(answers, "New York is answered by London")

    def undrain(self):
        city = self.cities["New York"]
        self.screen.step("And is brought back")
        self.screen.command("basin undrain node")
        started = time.time()
        city.basin.cli("undrain", "node")
        self.settle({"New York": "newyork"})
        answers = self.answers("New York", started - 0.5, time.time() + 1)
        self.screen.strip(answers, started)
        self.none_lost(answers, "New York is answered at home again")

    # ---- their parts -----------------------------------------------------

    def settle(self, expected):
        """Until these cities are answered by these nodes, both families."""
        def settled():
            return all(self.cities[city].queries.last(family) == node
                       for city, node in expected.items()
                       for family in PREFIXES)
        wait_until(settled, 15, lambda: f"{expected}; seen: " + str({
            (name, family): city.queries.last(family)
            for name, city in self.cities.items() for family in PREFIXES}))

    def answers(self, city, start, end):
        """{family: what became of the queries sent in that time}"""
        queries = self.cities[city].queries
        return {family: sorted(queries.between(start, end, family))
                for family in PREFIXES}

    def none_lost(self, answers, text):
        asked = sum(len(of) for of in answers.values())
        lost = sum(count_lost(of) for of in answers.values())
        self.screen.check(asked and not lost,
                          f"{text}: {lost} of {asked:,} queries lost")

    def withdrawals(self, wire, started):
        """When the router was told, by what was on the wire."""
        for prefix in PREFIXES.values():
            times = [m.time for m in wire.updates() if prefix in m.withdrawn]
            after = (f" after {(times[0] - started) * 1000:.1f} ms"
                     if times else "")
            self.screen.check(times, f"the router heard WITHDRAW {prefix}"
                              + after)


def count_lost(asked):
    return sum(node == "-" for _, _, node, _ in asked)


def silence(asked):
    """Longest time without a query that was answered, in milliseconds."""
    longest, since = 0.0, None
    for sent, _, node, _ in asked:
        if node == "-":
            since = since if since is not None else sent
        elif since is not None:
            longest, since = max(longest, sent - since), None
    if since is not None and asked:
        longest = max(longest, asked[-1][0] - since)
    return longest * 1000


def options():
    parser = argparse.ArgumentParser(
        description="Three anycast nodes on a small Internet, in namespaces.")
    parser.add_argument("--build-dir", default=str(ROOT / "build"),
                        help="where meson has built basin [build]")
    return parser.parse_args()


def main():
    os.environ["BASIN_BUILD"] = os.path.abspath(options().build_dir)
    become_root()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    lacking = missing_tools()
    if lacking:
        sys.exit(f"demo: {lacking}; `make deps` installs what is needed")
    if not daemon_path().exists():
        sys.exit(f"demo: {daemon_path()} is not there; `make build` first")
    screen = Screen()
    started = time.monotonic()
    screen.title("basin: anycast nodes that announce what is healthy")
    screen.line(MAP.rstrip("\n"))
    try:
        with Lab() as lab:
            Demo(lab, screen).run()
            screen.step("Everything is taken down")
    except (WaitTimeout, LabError, OSError) as problem:
        screen.check(False, str(problem))
    except KeyboardInterrupt:
        screen.check(False, "interrupted")
    screen.check(not leftovers(lab), "no process and no file is left")
    screen.line()
    if screen.failed:
        screen.line(screen.red(f"{len(screen.failed)} things did not happen "
                               "as told."))
        return 1
    screen.line(f"All of it happened as told, in "
                f"{time.monotonic() - started:.0f} s.")
    screen.line("A node of your own begins with examples/minimal.yaml.")
    return 0


def leftovers(lab):
    return lab.dir.exists() or any(p.running() for p in lab.processes)


if __name__ == "__main__":
    sys.exit(main())
