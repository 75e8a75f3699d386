# SPDX-License-Identifier: ISC
"""Route refresh (RFC 2918, RFC 7313) and extended messages (RFC 8654)."""

import pytest

from lab import Bird, Capture, Frr, Peer, bgp, wait_until
from lab.site import node_text

ROUTERS = pytest.mark.parametrize("kind", [Bird, Frr], ids=["bird", "frr"])


@ROUTERS
def test_a_router_asks_again(site, kind):
    transit = site.upstream(kind=kind).expect().start()
    site.basind(transit.peer()).start()
    transit.wait_routes(timeout=20)
    with Capture(transit.namespace, transit.interface) as wire:
        if kind is Bird:
            transit.router.ask("reload in all")
        else:
            transit.router.ask("clear bgp * soft in")

        def subtypes():
            return [m.body[2] for m in
                    wire.messages(transit.node4, bgp.REFRESH)]
        wait_until(lambda: subtypes().count(1) == 2
                   and subtypes().count(2) == 2, 20, subtypes)
        assert not wire.notifications()
    transit.wait_routes(timeout=20)


def peer_of(site, more=""):
    transit = site.upstream()
    basin = site.basind(f"  transit:\n    address: {transit.address4}\n"
                        f"    asn: 65001\n    passive: true\n"
                        "    families: ipv4\n    import: "
                        "[203.0.113.0/24, 198.51.100.0/24]\n" + more).start()
    peer = Peer(transit.namespace, transit.address4).connect(transit.node4)
    return basin, transit, peer


def announce(peer, transit, *prefixes):
    peer.send(bgp.update(bgp.path_attributes([65001], transit.address4),
                         announced=prefixes))


def refresh(subtype):
    return bgp.frame(bgp.REFRESH, bytes((0, 1, subtype, 1)))


def test_what_does_not_come_again_goes(site):
    basin, transit, peer = peer_of(site)
    peer.establish(families=(bgp.IPV4,), extra=bgp.capability(70))
    announce(peer, transit, "203.0.113.0/24", "198.51.100.0/24")
    wait_until(lambda: basin.peer("transit")["imported"] == 2, 20,
               lambda: basin.peer("transit"))
    peer.send(refresh(1))
    wait_until(lambda: basin.peer("transit")["stale"] == 2, 20,
               lambda: basin.peer("transit"))
    announce(peer, transit, "203.0.113.0/24")
    peer.send(refresh(2))
    wait_until(lambda: basin.peer("transit")["imported"] == 1, 20,
               lambda: basin.peer("transit"))
    assert basin.peer("transit")["stale"] == 0
    # An end without a beginning means nothing.
    peer.send(refresh(2))
    peer.keepalive()
    peer.send(refresh(0))
    assert peer.expect(bgp.REFRESH).body[2] == 1
    assert peer.expect(bgp.REFRESH).body[2] == 2
    assert basin.peer("transit")["imported"] == 1


def test_without_the_capability_there_are_no_markers(site):
    basin, transit, peer = peer_of(site)
    peer.establish(families=(bgp.IPV4,))
    peer.expect_routes()
    peer.send(refresh(1))
    peer.send(refresh(0))
    assert peer.expect_routes()
    assert basin.peer("transit")["messages_out"]["route_refresh"] == 0


def test_a_long_message_is_taken(site):
    """More than 4096 octets, and the other way where both may."""
    basin, transit, peer = peer_of(site, "    extended_messages: true\n")
    theirs = peer.establish(families=(bgp.IPV4,), extra=bgp.capability(6))
    assert 6 in theirs.capabilities
    attributes = bgp.path_attributes([65001], transit.address4)
    attributes += bgp.attribute(250, bytes(9000), flags=0xd0)
    message = bgp.update(attributes, announced=["203.0.113.0/24"])
    assert len(message) > 4096
    peer.send(message)
    wait_until(lambda: basin.peer("transit")["imported"] == 1, 20,
               lambda: basin.peer("transit"))


def test_a_long_message_is_refused_when_it_was_not_offered(site):
    basin, transit, peer = peer_of(site)
    peer.establish(families=(bgp.IPV4,), extra=bgp.capability(6))
    attributes = bgp.path_attributes([65001], transit.address4)
    attributes += bgp.attribute(250, bytes(9000), flags=0xd0)
    peer.send(bgp.update(attributes, announced=["203.0.113.0/24"]))
    assert peer.expect(bgp.NOTIFICATION).code == (1, 2)


def test_bird_gets_long_messages(site):
    """Many prefixes of one path fit into one UPDATE."""
    transit = site.upstream().expect(
        families=(4,), options="enable extended messages yes;").start()
    prefixes = "".join(f"  172.{16 + i // 256}.{i % 256}.0/24: {{services: [web]}}\n"
                       for i in range(2000))
    basin = site.basind(
        transit.peer("extended_messages: true", families=(4,)),
        node=node_text() + prefixes)
    with Capture(transit.namespace, transit.interface) as wire:
        basin.start()
        wait_until(lambda: transit.router.count() > 2000, 30,
                   transit.router.count)
        longest = max(len(m.body) for m in
                      wire.messages(transit.node4, bgp.UPDATE))
        assert longest > 4096
