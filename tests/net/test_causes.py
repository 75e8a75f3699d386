# SPDX-License-Identifier: ISC
"""What is wrong with a session is named, with the cure."""

import shutil
import signal

import pytest

from lab import Frr, Peer, bgp, wait_until
from lab.site import node_text


def cause(basin, name="transit"):
    return (basin.peer(name).get("diagnosis") or {}).get("cause", "")


def wait_cause(basin, word, timeout=40):
    wait_until(lambda: word in cause(basin), timeout,
               lambda: basin.peer("transit"))
    assert basin.peer("transit")["diagnosis"]["cure"]


def test_another_as_number(site):
    transit = site.upstream(kind=Frr).expect().start()
    basin = site.basind(transit.peer(asn=64999)).start()
    wait_cause(basin, "another AS number than asn says")


def test_nobody_listens(site):
    transit = site.upstream()
    basin = site.basind(transit.peer()).start()
    wait_cause(basin, "nobody listens")


def test_no_route(site):
    basin = site.basind("  transit:\n    address: 203.0.113.9\n"
                        "    asn: 65001\n    connect_retry: 1s\n"
                        "    multihop: true\n").start()
    wait_cause(basin, "no route")


def test_a_source_that_is_not_here(site):
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer("source: 198.51.100.77")).start()
    wait_cause(basin, "source")


def test_it_is_shut_down(site):
    transit = site.upstream().expect().start()
    basin = site.basind(transit.peer()).start()
    transit.wait_routes(timeout=20)
    transit.router.disable(transit.node4)
    wait_cause(basin, "shut down by its operator")


def test_large_segments_disappear(site):
    """An MTU black hole towards the neighbour: keepalives pass."""
    if not shutil.which("nft", path="/usr/sbin:/usr/bin:/sbin:/bin"):
        pytest.skip("nft is not installed")
    transit = site.upstream().expect(families=(4,)).start()
    transit.namespace.run(
        "nft", "-f", "-", stdin="table ip hole { chain in { type filter hook "
        "prerouting priority 0; ip length > 1000 drop; }; }")
    prefixes = "".join(f"  172.{16 + i // 256}.{i % 256}.0/24: "
                       "{services: [web]}\n" for i in range(1000))
    basin = site.basind(transit.peer(families=(4,)),
                        node=node_text() + prefixes).start()
    wait_cause(basin, "MTU black hole")
    assert basin.peer("transit")["state"] == "Established"


def test_a_neighbour_that_vanishes(site):
    transit = site.upstream().expect(hold=3).start()
    basin = site.basind(transit.peer("hold_time: 3s")).start()
    transit.wait_routes(timeout=20)
    site.node.run("ip", "route", "add", "blackhole", transit.address4)
    transit.namespace.run("ip", "route", "add", "blackhole", transit.node4)
    transit.router.process.signal(signal.SIGSTOP)
    wait_until(lambda: "hold timer" in basin.peer_error("transit"), 30,
               lambda: basin.peer("transit"))
    wait_until(lambda: cause(basin), 30, lambda: basin.peer("transit"))
    transit.router.process.signal(signal.SIGCONT)


def test_basind_itself_stood_still(site):
    transit = site.upstream()
    peer = Peer(transit.namespace, transit.address4).listen()
    basin = site.basind(transit.peer("hold_time: 3s")).start()
    peer.accept(timeout=20).establish(hold=3)
    basin.process.signal(signal.SIGSTOP)
    peer.wait_silent(4)  # longer than the hold time
    peer.send(bgp.frame(bgp.NOTIFICATION, b"\4\0"))
    basin.process.signal(signal.SIGCONT)
    wait_cause(basin, "did not run")


def test_the_neighbour_holds_an_older_connection(site):
    """Half-open: it lost nothing, we did. It refuses until its hold time."""
    transit = site.upstream()
    peer = Peer(transit.namespace, transit.address4).listen()
    basin = site.basind(transit.peer()).start()
    peer.accept(timeout=20).establish()
    wait_until(lambda: basin.peer("transit")["established"] == 1, 20,
               lambda: basin.peer("transit"))
    peer.socket.close()
    peer.accept(timeout=30)
    peer.send(bgp.frame(bgp.NOTIFICATION, b"\6\7"))
    peer.close()
    wait_cause(basin, "half-open")


