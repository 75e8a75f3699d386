# SPDX-License-Identifier: ISC
"""Hot upgrade: another basind takes over and no neighbour notices."""

import os
import signal

import pytest

from lab import Bird, Capture, Frr, bgp, wait_until
from lab.basin import daemon_path
from lab.network import LabError
from lab.site import PREFIX4, SERVICE4

FAST = "hold_time: 3s"


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
    wait_until(lambda: not os.path.exists(f"/proc/{before}")
               or open(f"/proc/{before}/stat").read().split()[2] == "Z",
               10, "the old process has ended")
    return answer["pid"]


def test_neighbours_notice_nothing(site, successors):
    bird = site.upstream("bird", 65001).expect(hold=3).start()
    frr = site.upstream("frr", 65002, kind=Frr).expect(hold=3).start()
    basin = site.basind(bird.peer(FAST), frr.peer(FAST)).start()
    for upstream in (bird, frr):
        upstream.wait_routes()
    wires = [Capture(u.namespace, u.interface) for u in (bird, frr)]
    with wires[0], wires[1]:
        for _ in range(2):
            upgrade(basin, successors)
        for wire, upstream in zip(wires, (bird, frr)):
            now = wire.messages()[-1].time if wire.messages() else 0.0
            wire.wait(bgp.KEEPALIVE, upstream.node4, timeout=10, after=now)
            assert not wire.disturbances()
    assert SERVICE4 in site.node.addresses()
