# SPDX-License-Identifier: ISC
"""Hot upgrades with BFD: no neighbour sees a session down."""

import json
import os

import pytest

from lab import Capture, Frr, wait_until
from lab.network import LabError
from test_bfd import Sieve
from test_md5 import key_file
from test_upgrade import FAST, daemons, pid_of, quiet, successors, upgrade

__all__ = ["successors"]

BIRD_BFD = """\
protocol bfd {{
	interface "*" {{ interval {ms} ms; multiplier 3; {auth} }};
}}
"""
FRR_BFD = """\
bfd
 profile quick
  receive-interval {ms}
  transmit-interval {ms}
 !
!
"""


def bird(site, ms, name="bird", asn=65001, auth=""):
    return site.upstream(
        name, asn, extra=BIRD_BFD.format(ms=ms, auth=auth)).expect(
            hold=3, options="bfd on;").start()


def frr(site, ms):
    return site.upstream("frr", 65002, kind=Frr,
                         bfd=FRR_BFD.format(ms=ms)).expect(
        hold=3, options=["bfd", "bfd profile quick"]).start()


def bfd(ms, more=""):
    return f"{FAST}\nbfd: {{interval: {ms}ms, multiplier: 3{more}}}"


def sessions(basin):
    return {s["session"]: s for s in basin.ask("show bfd")["sessions"]}


def wait_up(basin, ms, n):
    def fast():
        shown = sessions(basin).values()
        return len(shown) == n and all(
            s["status"] == "up" and
            s["detection_seconds"] == pytest.approx(ms * 3 / 1000)
            for s in shown)
    wait_until(fast, 20, lambda: f"{sessions(basin)}\n{basin.log()}")


class Since(float):
    """Seconds of the day; what BIRD prints differs by a ms each time."""

    __hash__ = None

    def __eq__(self, other):
        return abs(self - other) < 0.05


def of_bird(upstream):
    """State and since when, as BIRD has it."""
    rows = [line.split()[2:4] for line in
            upstream.router.ask("show bfd sessions").splitlines()
            if "10." in line]
    return [(state, Since(sum(float(part) * unit for part, unit in
                              zip(since.split(":"), (3600, 60, 1)))))
            for state, since in rows]


def of_frr(upstream):
    return [(p["session-up"], p["session-down"]) for p in json.loads(
        upstream.router.ask("show bfd peers counters json", daemon="bfdd"))]


@pytest.mark.parametrize("ms", [100, 50])
def test_bfd_stays_up(site, successors, ms):
    one, two = bird(site, ms), frr(site, ms)
    basin = site.basind(one.peer(bfd(ms)), two.peer(bfd(ms))).start()
    one.wait_routes()
    two.wait_routes()
    wait_up(basin, ms, 2)
    ours = sessions(basin)
    theirs = of_bird(one), of_frr(two)
    with (Capture(one.namespace, one.interface) as first,
          Capture(two.namespace, two.interface) as second):
        for _ in range(2):
            upgrade(basin, successors)
        quiet(first, one)
        quiet(second, two)
    assert (of_bird(one), of_frr(two)) == theirs
    for name, now in sessions(basin).items():
        before = ours[name]
        assert (now["status"], now["ups"], now["downs"]) == (
            "up", before["ups"], before["downs"])
        assert now["local"]["discriminator"] == \
            before["local"]["discriminator"]
        assert now["packets"]["out"] > before["packets"]["out"]


@pytest.mark.parametrize("kind", ["meticulous-sha1", "md5"])
def test_sequence_numbers_go_on(site, successors, kind):
    key = key_file(site, "bfd", "secret")
    words = kind.replace("meticulous-", "meticulous keyed ")
    words = words if "keyed" in words else "keyed " + words
    one = bird(site, 100, auth=f"authentication {words}; "
                               'password "secret" { id 7; };')
    basin = site.basind(one.peer(bfd(
        100, f", authentication: {{type: {kind}, key_id: 7, "
             f"key_file: {key}}}")))
    basin.start()
    one.wait_routes()
    wait_up(basin, 100, 1)
    theirs = of_bird(one)
    with Capture(one.namespace, one.interface) as wire:
        for _ in range(2):
            upgrade(basin, successors)
        quiet(wire, one)
    assert of_bird(one) == theirs
    now = sessions(basin)["bird"]
    assert (now["status"], now["downs"], now["packets"]["refused"]) == (
        "up", 0, 0)


@pytest.mark.parametrize("point", ["new:received", "new:filled",
                                   "old:written"])
def test_bfd_stays_up_when_one_is_killed(site, successors, point):
    one = bird(site, 100)
    basin = site.basind(one.peer(bfd(100))).start(
        env={**os.environ, "BASIN_UPGRADE_CRASH": point})
    one.wait_routes()
    wait_up(basin, 100, 1)
    before, theirs = pid_of(basin), of_bird(one)
    with Capture(one.namespace, one.interface) as wire:
        try:
            successors.append(basin.ask("upgrade")["pid"])
        except (LabError, OSError, ValueError):
            pass
        wait_until(lambda: len(daemons(site)) == 2, 10, "one is left")
        wait_until(basin.answers, 10, "it answers")
        successors.append(pid_of(basin))
        assert (pid_of(basin) == before) == point.startswith("new")
        quiet(wire, one)
    assert of_bird(one) == theirs
    assert sessions(basin)["bird"]["downs"] == 0


def test_refused_while_a_hold_down_runs(site):
    one = bird(site, 50)
    basin = site.basind(one.peer(bfd(50, ", hold_down: 1h"))).start()
    one.wait_routes()
    wait_up(basin, 50, 1)
    sieve = Sieve(site.node)
    sieve.lose()
    wait_until(lambda: sessions(basin)["bird"]["status"] == "down", 10,
               basin.log)
    sieve.heal()
    wait_until(lambda: sessions(basin)["bird"]["status"] == "up", 10,
               basin.log)
    status, said = basin.command("upgrade")
    assert status == 1 and "a BFD hold-down runs" in said
