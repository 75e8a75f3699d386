# SPDX-License-Identifier: ISC
"""Programs written for ExaBGP's process API, unchanged."""

import shutil
import textwrap

import pytest

from lab import Basin, Bird, Lab, wait_until

WAIT = 20
PYTHON = "/usr/bin/python3"

NODE = """
node: {{name: one, asn: 65000, router_id: 10.255.1.1, linger: 0s}}
services:
  dns: {{addresses: 192.0.2.53}}
prefixes:
  192.0.2.0/24: {{services: dns}}
peers:
  up: {{address: {peer}, asn: 65001, connect_retry: 1s}}
exabgp:
  script: {{run: {run}, respawn: 1s, max_routes: 50000}}
"""


class Net:
    def __init__(self, lab):
        self.node, self.router = lab.namespace("node"), lab.namespace("router")
        self.link = lab.link(self.node, self.router)
        self.bird = Bird(self.router, 65001)
        self.bird.peer(self.link.v4(self.node), 65000, families=(4,))
        self.bird.start()
        self.node.dir.chmod(0o755)
        self.file = self.node.dir / "script.py"
        self.basin = None

    def config(self, run):
        return NODE.format(peer=self.link.v4(self.router),
                           run="[" + ", ".join(map(str, run)) + "]")

    def start(self, text=None, run=None):
        if text:
            self.file.write_text(textwrap.dedent(text))
            self.file.chmod(0o755)
        self.basin = Basin(self.node,
                           self.config(run or [PYTHON, self.file]))
        self.basin.start()

    def process(self):
        return self.basin.ask("show exabgp")["processes"][0]

    def wait_route(self, prefix, there=True):
        wait_until(lambda: (prefix in self.bird.routes()) == there, WAIT,
                   f"{prefix} is {'there' if there else 'gone'}")
        return self.bird.routes().get(prefix, [None])[0]


@pytest.fixture
def net():
    with Lab() as lab:
        yield Net(lab)


def test_commands_answers_and_death(net):
    """Each command is answered; the routes go when the program ends."""
    net.start("""
        import sys, time
        for line in (
                "announce route 198.18.0.0/24 next-hop self med 5 "
                "community [65000:1 no-export] large-community [1:2:3]",
                "neighbor 203.0.113.9 announce route 198.18.1.0/24 "
                "next-hop self",
                "announce attributes next-hop self origin egp nlri "
                "198.18.2.0/24 198.18.3.0/24",
                "nonsense", "# a comment", "withdraw route 198.18.3.0/24"):
            print(line, flush=True)
            answer = sys.stdin.readline().strip()
            print(answer, line, file=sys.stderr, flush=True)
        while not __import__("os").path.exists(sys.argv[0] + ".end"):
            time.sleep(0.05)
        """)
    route = net.wait_route("198.18.0.0/24")
    assert route.med == 5 and route.large == {"1:2:3"}
    assert route.communities == {"65000:1", "65535:65281"}
    assert net.wait_route("198.18.2.0/24").origin == "egp"
    net.wait_route("198.18.3.0/24", False)
    assert "198.18.1.0/24" not in net.bird.routes()
    wait_until(lambda: net.process()["commands"] == 4, WAIT, "all are taken")
    process = net.process()
    assert process["errors"] == 2 and "nonsense" in process["error"]
    said = net.basin.process.output()
    assert "done announce attributes" in said and "error nonsense" in said
    end = net.file.with_name(net.file.name + ".end")
    end.write_text("")
    net.wait_route("198.18.0.0/24", False)
    end.unlink()
    net.wait_route("198.18.0.0/24")
    assert net.process()["starts"] >= 2


def test_never_waits_for_a_program_that_does_not_read(net):
    """20,000 commands, no answer read: ExaBGP stops at some 13,000."""
    net.start("""
        import sys, time
        for i in range(20000):
            print(f"announce route 10.{i >> 8 & 255}.{i & 255}.0/24 "
                  "next-hop self")
        sys.stdout.flush()
        time.sleep(600)
        """)
    wait_until(lambda: net.process()["routes"] == 20000, 60, "all are taken")
    assert net.process()["errors"] == 0
    wait_until(lambda: net.bird.count() >= 20000, 60, "all are announced")


@pytest.mark.skipif(not shutil.which("exabgp"), reason="no exabgp")
def test_the_healthcheck_of_exabgp(net):
    """`python3 -m exabgp healthcheck`, as it is installed."""
    flag = net.node.dir / "good"
    flag.write_text("")
    net.start(run=[PYTHON, "-m", "exabgp", "healthcheck", "--cmd",
                   f"'test -e {flag}'", "--ip", "198.18.7.7/32", "--interval",
                   "1", "--fast-interval", "1", "--rise", "1", "--fall", "1",
                   "--no-syslog", "--withdraw-on-down", "--no-ip-setup"])
    net.wait_route("198.18.7.7/32")
    flag.unlink()
    net.wait_route("198.18.7.7/32", False)
    flag.write_text("")
    net.wait_route("198.18.7.7/32")


# After the health script of a guide to anycast: the same commands.
GUIDE = """
    import sys
    import time
    import urllib.request
    import json

    ANYCAST_PREFIX = "198.18.8.0/24"
    route_announced = False

    def announce_route():
        global route_announced
        if not route_announced:
            command = f"announce route {ANYCAST_PREFIX} next-hop self"
            print(command)
            sys.stdout.flush()
            route_announced = True

    def withdraw_route():
        global route_announced
        if route_announced:
            command = f"withdraw route {ANYCAST_PREFIX} next-hop self"
            print(command)
            sys.stdout.flush()
            route_announced = False

    announce_route()
    while True:
        time.sleep(0.5)
        withdraw_route()
        time.sleep(0.5)
        announce_route()
"""


def test_a_script_that_never_reads(net):
    """As most scripts do: commands only, the same ones again and again."""
    net.start(GUIDE)
    for _ in range(2):
        net.wait_route("198.18.8.0/24")
        net.wait_route("198.18.8.0/24", False)
    assert net.process()["errors"] == 0
