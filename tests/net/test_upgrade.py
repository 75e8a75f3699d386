# SPDX-License-Identifier: ISC
"""Hot upgrade: another basind takes over and no neighbour notices."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from lab import Capture, Frr, bgp, wait_until
from lab.network import LabError
from lab.services import UdpService
from lab.site import PREFIX4, SERVICE4

FAST = "hold_time: 3s"

OPENBGPD = """\
AS 65001
router-id 10.255.0.9
socket "{dir}/bgpd.sock"
fib-update no
neighbor {node} {{
	remote-as 65000
	announce IPv4 unicast
	announce IPv6 unicast
}}
allow from any
"""

# Which records (upgrade_wire.h), how, and what is said.
SPOILED = (
    (1, "flipped", "restart it instead"),  # HELLO: its format
    (3, "flipped", "did not come whole"),  # BEGIN: the format of the state
    (4, "flipped", "listening sockets are malformed"),
    (4, "cut", "listening sockets are malformed"),
    (5, "flipped", "listening sockets are malformed"),
    (5, "cut", "listening sockets are malformed"),
    (5, "lost", "did not come whole"),
    (6, "flipped", "checks and prefixes is malformed"),
    (6, "cut", "checks and prefixes is malformed"),
    (7, "flipped", "sessions is malformed"),
    (7, "cut", "sessions is malformed"),
    (9, "flipped", "did not come whole"),
)

# Who goes on when a process is killed at a step of its own.
POINTS = {
    "new:hello": "old", "new:received": "old", "new:filled": "old",
    "new:taken": None, "old:begin": None, "old:middle": None,
    "old:end": None, "old:written": "new", "old:committed": "new",
    "old:released": "new",
}


def ask(basin, **arguments):
    try:
        return basin.ask("upgrade", **arguments)
    except LabError as error:
        raise AssertionError(f"{error}\n{basin.log()}") from error


def pid_of(basin):
    return basin.ask("version")["pid"]


@pytest.fixture
def successors(request):
    """Whoever took over is not a child of the laboratory: ended here."""
    pids = []
    yield pids
    for pid in pids:
        assert pid > 1
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def upgrade(basin, successors, path=None):
    """The pid and what `version` says afterwards."""
    before = pid_of(basin)
    answer = ask(basin, **({"path": str(path)} if path else {}))
    assert answer["pid"] > 1 and answer["pid"] != before
    successors.append(answer["pid"])
    wait_until(lambda: basin.answers() and pid_of(basin) == answer["pid"], 10,
               "the new process answers")
    wait_until(lambda: gone(before), 10, "the old process has ended")
    return answer["pid"]


def gone(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().split(")")[1]
    except FileNotFoundError:
        return True
    return state.split()[0] == "Z"


def daemons(site):
    """Main processes and helpers that live in the node's namespace."""
    found = []
    for pid in site.node.pids():
        with contextlib.suppress(OSError):
            name = pathlib.Path(f"/proc/{pid}/comm").read_text()
            if name.startswith("basind") and not gone(pid):
                found.append(pid)
    return found


def quiet(wire, upstream, n=2):
    """So many more KEEPALIVEs of ours, and nothing else on the wire."""
    for _ in range(n):
        last = wire.messages(upstream.node4)
        wire.wait(bgp.KEEPALIVE, upstream.node4, timeout=10,
                  after=last[-1].time if last else 0.0)
    assert not wire.disturbances()


def established(site, *upstreams, **options):
    basin = site.basind(*(u.peer(FAST) for u in upstreams)).start(**options)
    for upstream in upstreams:
        upstream.wait_routes()
    return basin


def test_neighbours_notice_nothing(site, successors):
    bird = site.upstream("bird", 65001).expect(hold=3).start()
    frr = site.upstream("frr", 65002, kind=Frr).expect(hold=3).start()
    basin = established(site, bird, frr)
    with (Capture(bird.namespace, bird.interface) as one,
          Capture(frr.namespace, frr.interface) as two):
        for _ in range(2):
            upgrade(basin, successors)
        quiet(one, bird)
        quiet(two, frr)
        # What is decided afterwards arrives, by the second successor.
        assert basin.command("drain", "service", "web", "--reason", "x",
                             "--limit", "0s")[0] == 0
        bird.wait_gone()
        assert basin.command("undrain", "service", "web")[0] == 0
        bird.wait_routes()
        frr.wait_routes()
        basin.configure(site.config(bird.peer(FAST + "\nmed: 7"),
                                    frr.peer(FAST)))
        assert basin.ask("reload")["generation"] == 2
        wait_until(lambda: any(route.med == 7 for route in
                               bird.router.routes()[PREFIX4]),
                   10, "the new MED")
        assert not one.notifications() and not one.opens()
    assert SERVICE4 in site.node.addresses()
    os.kill(successors[-1], signal.SIGTERM)
    bird.wait_gone()
    wait_until(lambda: not daemons(site), 10, "everything has ended")
    assert SERVICE4 not in site.node.addresses()


def test_an_installed_route_stays(site, successors):
    transit = site.upstream()
    transit.router.static("0.0.0.0/0")
    transit.expect(hold=3, export="all").start()
    basin = site.basind(transit.peer(
        FAST + "\nimport: default\ninstall: true")).start()
    transit.wait_routes()

    def default():
        return "default" in site.node.ip("-4 route show proto 179")

    wait_until(default, 10, "the default route")
    with site.node:
        watch = subprocess.Popen(["ip", "-4", "monitor", "route"],
                                 stdout=subprocess.PIPE, text=True)
    upgrade(basin, successors)
    wait_until(lambda: basin.ask("status"), 10, "it answers")
    time.sleep(1.5)  # one look of what compares wanted and there
    watch.terminate()
    assert "Deleted" not in watch.communicate()[0]
    assert default()


@pytest.mark.skipif(not shutil.which("bgpctl"), reason="no OpenBGPD")
def test_openbgpd_notices_nothing(site, successors):
    transit = site.upstream()
    space = transit.namespace
    config = space.dir / "bgpd.conf"
    config.write_text(OPENBGPD.format(dir=space.dir, node=transit.node4))
    config.chmod(0o600)
    os.makedirs("/run/openbgpd", exist_ok=True)
    space.popen("/usr/sbin/bgpd", "-d", "-f", config, name="openbgpd")
    basin = site.basind(transit.peer(FAST)).start()
    wait_until(lambda: PREFIX4 in space.run(
        "bgpctl", "-s", space.dir / "bgpd.sock", "show", "rib", check=False),
        15, "the route")
    with Capture(space, transit.interface) as wire:
        upgrade(basin, successors)
        quiet(wire, transit)


@pytest.mark.parametrize("point", POINTS)
def test_killed_in_the_middle(site, successors, point):
    goes_on = POINTS[point]
    bird = site.upstream("bird", 65001).expect(hold=3).start()
    basin = established(site, bird,
                        env={**os.environ, "BASIN_UPGRADE_CRASH": point})
    before = pid_of(basin)
    with Capture(bird.namespace, bird.interface) as wire:
        try:
            answer = basin.ask("upgrade")
            successors.append(answer["pid"])
        except (LabError, OSError, ValueError):
            answer = None
        if goes_on is None:
            wait_until(lambda: not daemons(site), 10, "nobody is left")
            assert SERVICE4 not in site.node.addresses()
            bird.wait_gone()
            return
        wait_until(lambda: len(daemons(site)) == 2, 10, "one is left")
        wait_until(basin.answers, 10, "it answers")
        successors.append(pid_of(basin))
        assert (pid_of(basin) == before) == (goes_on == "old")
        quiet(wire, bird)
    assert goes_on == "new" or answer is None
    wait_until(lambda: SERVICE4 in site.node.addresses(), 10, "the address")


@pytest.mark.parametrize("point", ["new:received", "new:filled"])
def test_one_that_hangs_is_killed(site, point):
    bird = site.upstream("bird", 65001).expect(hold=3).start()
    basin = established(site, bird,
                        env={**os.environ, "BASIN_UPGRADE_HANG": point})
    before = pid_of(basin)
    with Capture(bird.namespace, bird.interface) as wire:
        with pytest.raises(LabError, match="goes on"):
            basin.ask("upgrade")
        assert pid_of(basin) == before
        wait_until(lambda: len(daemons(site)) == 2, 10, "one is left")
        quiet(wire, bird)


def test_what_is_refused(site, tmp_path):
    bird = site.upstream("bird", 65001).expect(hold=3).start()
    basin = established(site, bird)
    before = pid_of(basin)
    program = tmp_path / "basind"
    for content, mode, why in (
            ("", 0o755, "goes on"),
            ("no program", 0o755, "goes on"),
            ("#!/bin/sh\nexit 0\n", 0o777, "writable by nobody else"),
            ("x", 0o644, "no program")):
        program.write_text(content)
        program.chmod(mode)
        status, said = basin.command("upgrade", program)
        assert status == 1 and why in said
    with Capture(bird.namespace, bird.interface) as wire:
        text = basin.path.read_text()
        basin.path.write_text(text + "log: {level: debug}\n")
        status, said = basin.command("upgrade")
        assert status == 1 and "not the one in force" in said
        basin.path.write_text("node: [")
        assert basin.command("upgrade")[0] == 78
        quiet(wire, bird, 1)
    assert pid_of(basin) == before
    wait_until(lambda: len(daemons(site)) == 2, 10, "one is left")


def test_what_is_spoiled_is_refused(site):
    bird = site.upstream("bird", 65001).expect(hold=3).start()
    link = site.node.dir / "spoil"
    basin = established(site, bird, env={**os.environ,
                                         "BASIN_UPGRADE_SPOIL": str(link)})
    before = pid_of(basin)
    with Capture(bird.namespace, bird.interface) as wire:
        for part, how, why in SPOILED:
            link.symlink_to(f"{part} {how}")
            status, said = basin.command("upgrade")
            link.unlink()
            assert status == 1 and why in said and "goes on" in said, \
                f"{part} {how}: {said}\n{basin.log()}"
            wait_until(lambda: len(daemons(site)) == 2, 10, "one is left")
        quiet(wire, bird, 1)
    assert pid_of(basin) == before
    assert basin.peer("bird")["state"] == "Established"


class Client:
    """Asks an echo service every few milliseconds and counts the answers."""

    def __init__(self, namespace, address, port=7):
        self.socket = namespace.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((address, port))
        self.socket.settimeout(5)
        self.sent, self.answered, self.going = 0, set(), True
        self.asking, self.counting = (
            threading.Thread(target=target, daemon=True)
            for target in (self._run, self._count))
        self.asking.start()
        self.counting.start()

    def _ask(self):
        self.sent += 1
        self.socket.send(b"%d" % self.sent)

    def _run(self):
        while self.going:
            self._ask()
            time.sleep(0.003)

    def _count(self):
        with contextlib.suppress(OSError):
            while self.going or len(self.answered) < self.sent:
                self.answered.add(int(self.socket.recv(64)))

    def stop(self):
        self.going = False
        self.asking.join()
        self._ask()  # wakes who counts
        self.counting.join()
        self.socket.close()
        return self.sent - len(self.answered)


def test_clients_and_scrapers_notice_nothing(site, successors):
    UdpService(site.node, SERVICE4)
    bird = site.upstream("bird", 65001, kernel=True).expect(hold=3).start()
    basin = site.basind(bird.peer(FAST), http=True).start()
    bird.wait_routes()
    assert basin.metric("basin_announced") == 2
    wait_until(lambda: PREFIX4 in bird.namespace.ip("-4 route"), 10, "a route")
    client = Client(bird.namespace, SERVICE4)
    for _ in range(2):
        asked = client.sent
        upgrade(basin, successors)
        wait_until(lambda: basin.page("/metrics")[0] == 200, 10, "metrics")
        assert basin.metric("basin_announced") == 2
        wait_until(lambda: client.sent > asked + 5, 10, "it goes on asking")
    assert client.stop() == 0
