# SPDX-License-Identifier: ISC
"""How upstreams are reached, and what a change to one of them costs."""

import socket
import time

import pytest

from lab import Bird, Capture, Frr, Peer, bgp, stays, wait_until
from lab.site import PREFIX4, PREFIX6, node_text

ROUTERS = pytest.mark.parametrize("kind", [Bird, Frr],
                                  ids=["bird", "frr"])


def link_local(namespace, interface):
    for line in namespace.ip(f"-6 -o addr show dev {interface}").splitlines():
        address = line.split()[3].split("/")[0]
        if address.startswith("fe80"):
            return address
    return None


def test_a_link_local_neighbour_is_reached_by_its_interface(site):
    transit = site.upstream()
    ours = wait_until(lambda: link_local(site.node, "transit"), 3, "fe80")
    theirs = link_local(transit.namespace, "node")
    transit.router.peer(f"{ours}%node", 65000, families=(6,),
                        options="direct;")
    transit.start()
    site.basind(f"  transit:\n    address: {theirs}%transit\n"
                "    asn: 65001\n    families: [ipv6]\n"
                f"    next_hop: {transit.node6}\n"
                "    connect_retry: 1s\n").start()
    transit.wait_routes(PREFIX6)
    assert transit.router.route(PREFIX6).next_hop == transit.node6


@ROUTERS
def test_an_interior_session_between_loopbacks(site, kind):
    core = site.upstream("core", 65000, kind)
    for space, host in ((site.node, 1), (core.namespace, 2)):
        space.ip(f"addr add 10.200.0.{host}/32 dev lo")
    site.node.ip(f"route add 10.200.0.2/32 via {core.address4}")
    core.namespace.ip(f"route add 10.200.0.1/32 via {core.node4}")
    if kind is Bird:
        core.router.peer("10.200.0.1", 65000, families=(4,),
                         local="10.200.0.2")
    else:
        core.router.peer("10.200.0.1", 65000, families=(4,),
                         options=["update-source 10.200.0.2"])
    core.start()
    site.basind("  core:\n    address: 10.200.0.2\n    asn: 65000\n"
                "    source: 10.200.0.1\n    families: [ipv4]\n"
                "    connect_retry: 1s\n").start()
    wait_until(lambda: core.router.established("10.200.0.1"), 5,
               core.router.log)
    wait_until(lambda: site.basin.peer("core")["announced"] == 1, 3, "sent")


def test_an_exterior_session_over_several_hops(site):
    transit = site.upstream()
    far = site.lab.namespace("far")
    link = site.lab.link(transit.namespace, far)
    site.node.ip(f"route add {link.v4(far)}/32 via {transit.address4}")
    far.ip(f"route add {transit.node4}/32 via {link.v4(transit.namespace)}")
    router = Bird(far, 65009)
    router.peer(transit.node4, 65000, families=(4,), options="multihop 3;")
    router.start()
    site.basind(f"  far:\n    address: {link.v4(far)}\n    asn: 65009\n"
                "    multihop: true\n    families: [ipv4]\n"
                "    connect_retry: 1s\n").start()
    wait_until(lambda: router.established(transit.node4), 5, router.log)


@ROUTERS
def test_a_router_that_asks_again_is_told_again(site, kind):
    """Route refresh, RFC 2918."""
    transit = site.upstream(kind=kind).expect().start()
    site.basind(transit.peer()).start()
    transit.wait_routes()
    with Capture(transit.namespace, transit.interface) as wire:
        if kind is Bird:
            transit.router.ask("reload in all")
        else:
            transit.router.ask("clear bgp * soft in")
        wire.wait(bgp.REFRESH, transit.address4)
        wait_until(lambda: {p for m in wire.updates(transit.node4)
                            for p in m.announced} == {PREFIX4, PREFIX6},
                   3, lambda: [str(m) for m in wire.messages()])
        assert not wire.notifications()
    assert transit.router.has(PREFIX4, PREFIX6)


@pytest.fixture
def pair(site):
    """Two upstreams that are served."""
    one = site.upstream("one", 65001).expect().start()
    two = site.upstream("two", 65002).expect().start()
    site.basind(one.peer(), two.peer()).start()
    one.wait_routes()
    two.wait_routes()
    return site, one, two


def test_a_peer_taken_out_is_told_so(pair):
    site, one, two = pair
    with Capture(one.namespace, one.interface) as wire:
        site.basin.reload(site.config(two.peer()))
        one.wait_gone()
        last = wire.wait(bgp.NOTIFICATION, one.node4)
    assert last.code == (6, 3)  # Peer De-configured


def test_a_peer_can_be_shut_down_and_opened_again(pair):
    site, one, two = pair
    with Capture(two.namespace, two.interface) as steady:
        with Capture(one.namespace, one.interface) as wire:
            site.basin.reload(site.config(one.peer("shutdown: true"),
                                          two.peer()))
            one.wait_gone()
            assert wire.wait(bgp.NOTIFICATION, one.node4).code == (6, 2)
        site.basin.reload(site.config(one.peer(), two.peer()))
        one.wait_routes(timeout=9)
        assert not steady.disturbances()


def test_new_timers_cost_that_session_and_no_other(pair):
    site, one, two = pair
    with Capture(two.namespace, two.interface) as steady:
        site.basin.reload(site.config(one.peer("hold_time: 30s"),
                                      two.peer()))
        wait_until(lambda: site.basin.peer("one")["hold_time"] == 30, 8,
                   lambda: site.basin.peer("one"))
        one.wait_routes(timeout=9)
        assert not steady.disturbances()


def test_a_lost_connection_is_made_again(site):
    """RST without a NOTIFICATION."""
    transit = site.upstream()
    peer = Peer(transit.namespace, transit.address4).listen()
    site.basind(transit.peer()).start()
    peer.accept().establish()
    assert peer.expect_routes()
    peer.hang_up()
    peer.accept().establish()
    assert peer.expect_routes()


@pytest.fixture
def deaf(site):
    """A neighbour whose window is shut, and one that listens."""
    steady = site.upstream("steady", 65002).expect().start()
    upstream = site.upstream("deaf", 65001)
    peer = Peer(upstream.namespace, upstream.address4).listen()
    prefixes = [f"198.{18 + i // 65536}.{i // 256 % 256}.{i % 256}/32"
                for i in range(6000)]
    node = node_text().replace("  linger:", "  stop_timeout: 2s\n  linger:")
    node += "".join(f"  {prefix}: {{services: [web], blackhole: false}}\n"
                    for prefix in prefixes)
    site.basind(upstream.peer(), steady.peer(), node=node).start()
    peer.accept()
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
    peer.establish()
    wait_until(lambda: steady.router.count() == 6002, 9,
               lambda: steady.router.count(), every=0.1)
    for _ in range(2):  # many changes for the one that does not read
        site.fail()
        wait_until(lambda: steady.router.count() == 0, 5, "withdrawn",
                   every=0.05)
        site.recover()
        wait_until(lambda: steady.router.count() == 6002, 5, "announced",
                   every=0.05)
    return site


def test_a_router_that_does_not_read_holds_nobody_up(deaf):
    assert deaf.basin.peer("steady")["pending"] == 0


def test_a_router_that_does_not_read_does_not_hold_the_end_up(deaf):
    since = time.monotonic()
    deaf.basin.terminate()
    assert deaf.basin.process.wait() == 0
    assert time.monotonic() - since < 4
    assert deaf.node.addresses() == {"127.0.0.1", "::1"}
    assert not deaf.node.pids()


def test_a_failover_between_two_nodes(site):
    """Two nodes at one router: the second answers when the first fails."""
    transit = site.upstream().expect()
    other = site.lab.namespace("node2")
    link = site.lab.link(other, transit.namespace)
    transit.router.peer(link.v4(other), 65000)
    transit.start()
    first = site.basind(transit.peer("med: 10")).start()
    second_site = type(site)(site.lab, other).serve()
    second_site.basind(
        f"  transit:\n    address: {link.v4(transit.namespace)}\n"
        f"    asn: 65001\n    med: 20\n    next_hop: {link.v6(other)}\n"
        "    families: [ipv4, ipv6]\n    connect_retry: 1s\n",
        node=node_text().replace("10.255.255.1", "10.255.255.2")).start()
    wait_until(lambda: len(transit.router.routes().get(PREFIX4, [])) == 2,
               5, "both")
    assert transit.router.route(PREFIX4).med == 10
    first.kill()
    wait_until(lambda: transit.router.route(PREFIX4).med == 20, 2,
               "the other node")
    assert transit.router.route(PREFIX6).next_hop == link.v6(other)
    time.sleep(0.1)
    stays(lambda: transit.router.has(PREFIX4, PREFIX6), 0.2, "there")
