#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""BFD: from silent loss to routes gone, and false alarms under load.

    bench/bfd.py [--runs N] [NAME ...]     basin, bird, frr: 3 x 10 ms each
    bench/bfd.py --alarms 30m              pairs side by side, cores all busy

The loss is made on a bridge between the two routers: interfaces stay up. The
clock starts before the command is given and stops when the kernel of the
detecting side tells that the route is gone.
"""

import argparse
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from stage import ROOT, table  # noqa: E402
from lab import Bird, Frr, Lab, wait_until  # noqa: E402
from lab.basin import Basin  # noqa: E402

PREFIX = "192.0.2.0/24"
LEFT, RIGHT = "10.0.9.1", "10.0.9.2"
ASNS = {LEFT: 65001, RIGHT: 65002}
RTM_DELROUTE = 25

NODE = """\
node: {{name: n{asn}, asn: {asn}, router_id: {ip}, counters: off}}
services:
  static: {{}}
prefixes:
  {own}: {{services: [static]}}
peers:
  other:
    address: {other}
    asn: {other_asn}
    connect_retry: 1s
    import: [{wanted}]
    install: true
    bfd: {{interval: 10ms, multiplier: 3}}
"""

BIRD_BFD = """\
protocol bfd {
	interface "*" { interval 10 ms; multiplier 3; };
}
"""

FRR_BFD = """\
bfd
 profile fast
  receive-interval 10
  transmit-interval 10
  detect-multiplier 3
 !
!
"""


class BasinSide:
    def __init__(self, namespace, ip, other, announces):
        prefixes = [PREFIX, "198.51.100.0/24"]
        own, wanted = prefixes if announces else reversed(prefixes)
        self.basin = Basin(namespace, NODE.format(
            asn=ASNS[ip], ip=ip, other=other, other_asn=ASNS[other],
            own=own, wanted=wanted))

    def start(self):
        self.basin.start()

    def session(self):
        return self.basin.ask("show bfd")["sessions"][0]

    def up(self):
        return self.session()["status"] == "up"

    def fast(self):
        return self.up() and self.session()["detection_seconds"] == 0.03

    def downs(self):
        return self.session()["downs"]

    def pids(self):
        return [self.basin.process.pid]


class BirdSide:
    def __init__(self, namespace, ip, other, announces):
        self.router = Bird(namespace, ASNS[ip], kernel=True, extra=BIRD_BFD)
        if announces:
            self.router.static(PREFIX)
        self.router.peer(other, ASNS[other], families=(4,),
                         export="where source = RTS_STATIC",
                         options="bfd on;")

    def start(self):
        self.router.start()

    def up(self):
        return " Up " in self.router.ask("show bfd sessions")

    def fast(self):
        return "0.030" in self.router.ask("show bfd sessions")

    def downs(self):
        return len(re.findall(r"changed state from Up to",
                              self.router.log()))

    def pids(self):
        return [self.router.process.pid]


class FrrSide:
    def __init__(self, namespace, ip, other, announces):
        self.other = other
        self.router = Frr(namespace, ASNS[ip], bfd=FRR_BFD)
        if announces:
            self.router.network(PREFIX)
        self.router.peer(other, ASNS[other], families=(4,),
                         export=True,
                         options=["bfd", "bfd profile fast"])

    def start(self):
        self.router.start()

    def _peers(self):
        import json
        return json.loads(self.router.ask("show bfd peers json",
                                          daemon="bfdd") or "[]")

    def up(self):
        return any(p.get("status") == "up" for p in self._peers())

    def fast(self):
        return any(p.get("status") == "up" and
                   p.get("remote-transmit-interval") == 10
                   for p in self._peers())

    def downs(self):
        import json
        peers = json.loads(self.router.ask("show bfd peers counters json",
                                           daemon="bfdd") or "[]")
        return sum(p.get("session-down", 0) for p in peers)

    def pids(self):
        return [p.pid for p in self.router.processes]


SIDES = {"basin": BasinSide, "bird": BirdSide, "frr": FrrSide}


class Pair:
    """Two routers of one kind, a bridge between them."""

    def __init__(self, lab, kind):
        self.lab, self.kind = lab, kind
        self.left = lab.namespace(f"{kind}l")
        self.right = lab.namespace(f"{kind}r")
        self.middle = lab.namespace(f"{kind}m")
        self.middle.ip("link add br0 type bridge")
        for side, ip in ((self.left, LEFT), (self.right, RIGHT)):
            link = lab.link(side, self.middle)
            near = link.interface(side)
            side.ip(f"addr flush dev {near}")
            side.ip(f"addr add {ip}/24 dev {near}")
            self.middle.ip(f"link set {link.interface(self.middle)} "
                           "master br0")
        self.middle.ip("link set br0 up")
        self.middle.run("nft", "add table bridge b; add chain bridge b c "
                        "{ type filter hook forward priority 0; }")
        self.nft = self.middle.popen("nft", "-i", name="nft",
                                     stdin=subprocess.PIPE)
        self.detector = SIDES[kind](self.left, LEFT, RIGHT, False)
        self.victim = SIDES[kind](self.right, RIGHT, LEFT, True)

    def start(self):
        self.victim.start()
        self.detector.start()

    def ready(self):
        return self.detector.fast() and self.victim.fast() and \
            PREFIX in self.left.routes()

    def wait_ready(self):
        wait_until(self.ready, 60, f"{self.kind} is ready", every=0.1)

    def lose(self):
        self.nft.write("add rule bridge b c drop\n")

    def heal(self):
        self.nft.write("flush chain bridge b c\n")


class Watcher(threading.Thread):
    """Tells when the kernel of a namespace says that a route went."""

    def __init__(self, namespace):
        super().__init__(daemon=True)
        with namespace:
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.socket.bind((0, 1 << 6))  # RTNLGRP_IPV4_ROUTE
        self.gone = None
        self.event = threading.Event()
        self.start()

    def run(self):
        try:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(2))
        except OSError:
            pass
        want = socket.inet_aton(PREFIX.split("/", maxsplit=1)[0])
        while True:
            octets = self.socket.recv(65536)
            now = time.monotonic()
            kind = struct.unpack_from("=H", octets, 4)[0]
            if kind == RTM_DELROUTE and want in octets and not self.gone:
                self.gone = now
                self.event.set()

    def arm(self):
        self.gone = None
        self.event.clear()


def detection(kind, runs):
    """Seconds from the loss to the route gone, `runs` times."""
    times = []
    with Lab() as lab:
        pair = Pair(lab, kind)
        watcher = Watcher(pair.left)
        pair.start()
        for run in range(runs):
            pair.wait_ready()
            time.sleep(0.2 + 0.0137 * (run % 17))
            watcher.arm()
            begun = time.monotonic()
            pair.lose()
            if not watcher.event.wait(10):
                times.append(float("inf"))
            else:
                times.append(watcher.gone - begun)
            pair.heal()
    return times


def percentile(times, part):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def compare(kinds, runs):
    for kind in kinds:
        times = detection(kind, runs)
        yield [kind, str(len(times))] + [
            f"{percentile(times, p) * 1e3:.1f}" for p in (0.5, 0.9, 0.99)] + [
            f"{max(times) * 1e3:.1f}"]


def measure(kinds, runs):
    print("Silent loss to route gone, 3 x 10 ms, ms")
    table(
        ["who", "runs", "p50", "p90", "p99", "max"],
        compare(kinds, runs))


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(s|m|h)", text).groups()
    return int(number) * {"s": 1, "m": 60, "h": 3600}[unit]


def alarms(kinds, duration, load):
    """Sessions that end though nothing was lost."""
    burners = []
    with Lab() as lab:
        pairs = [Pair(lab, kind) for kind in kinds]
        for pair in pairs:
            pair.start()
        for pair in pairs:
            pair.wait_ready()
        before = {p.kind: (p.detector.downs(), p.victim.downs())
                  for p in pairs}
        try:
            burners += [subprocess.Popen([sys.executable, "-c",
                                          "while True: pass"])
                        for _ in range(load)]
            end = time.monotonic() + duration
            while time.monotonic() < end:
                time.sleep(min(60, max(0.1, end - time.monotonic())))
                line = " ".join(
                    f"{p.kind}:{p.detector.downs() - before[p.kind][0]}"
                    f"+{p.victim.downs() - before[p.kind][1]}"
                    for p in pairs)
                print(f"{time.strftime('%H:%M:%S')} load "
                      f"{os.getloadavg()[0]:.1f} {line}", flush=True)
        finally:
            for burner in burners:
                burner.kill()
                burner.wait()
        for pair in pairs:
            lost = (pair.detector.downs() - before[pair.kind][0],
                    pair.victim.downs() - before[pair.kind][1])
            print(f"{pair.kind}: false alarms {lost[0]} + {lost[1]} in "
                  f"{duration} s, {load} busy loops on "
                  f"{os.cpu_count()} cores")
            if pair.kind == "basin":
                for side in (pair.detector, pair.victim):
                    print("  thread", side.basin.ask("show bfd")["thread"])


def run(runs):
    """For bench/run.py."""
    measure(list(SIDES), max(runs, 20))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build-dir", default=ROOT / "build",
                        type=pathlib.Path)
    parser.add_argument("--runs", default=100, type=int)
    parser.add_argument("--alarms", metavar="TIME", type=seconds)
    parser.add_argument("--load", default=os.cpu_count(), type=int)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    os.environ["BASIN_BUILD"] = str(options.build_dir.resolve())
    kinds = options.names or list(SIDES)
    if options.alarms:
        alarms(kinds, options.alarms, options.load)
    else:
        measure(kinds, options.runs)


if __name__ == "__main__":
    main()
